/* Recursion: Ackermann, Hanoi, permutations, queens, knight's tour, minimax, mutual recursion. */
#include <stdio.h>
#include <string.h>

static int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static long hanoi(int n, int from, int to, int via) { return n ? hanoi(n - 1, from, via, to) + hanoi(n - 1, via, to, from) + from * to : 0; }
static int tak(int x, int y, int z) { return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)); }
static int female(int n);
static int male(int n) { return n == 0 ? 0 : n - female(male(n - 1)); }
static int female(int n) { return n == 0 ? 1 : n - male(female(n - 1)); }

static int permute(char *s, int i, int n) {
    if (i == n) return s[0] < s[n - 1];
    int sum = 0;
    for (int j = i; j < n; j++) {
        char t = s[i];
        s[i] = s[j];
        s[j] = t;
        sum += permute(s, i + 1, n);
        s[j] = s[i];
        s[i] = t;
    }
    return sum;
}

static int place(int row, int n, int *columns, int *up, int *down) {
    if (row == n) return 1;
    int count = 0;
    for (int c = 0; c < n; c++)
        if (!columns[c] && !up[row + c] && !down[row - c + n]) {
            columns[c] = up[row + c] = down[row - c + n] = 1;
            count += place(row + 1, n, columns, up, down);
            columns[c] = up[row + c] = down[row - c + n] = 0;
        }
    return count;
}

static char board[9];
static const char lines[8][3] = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}};

static int play(char who, int free) {
    for (int i = 0; i < 8; i++) {
        char c = board[(int)lines[i][0]];
        if (c && c == board[(int)lines[i][1]] && c == board[(int)lines[i][2]]) return c == who ? 1 : -1;
    }
    if (!free) return 0;
    int best = -2;
    for (int i = 0; i < 9; i++) {
        if (board[i]) continue;
        board[i] = who;
        int score = -play(who ^ 3, free - 1);
        board[i] = 0;
        if (score > best) best = score;
    }
    return best;
}

static int tour[8][8], steps;
static int knight(int x, int y, int n) {
    static const int dx[] = {1, 2, 2, 1, -1, -2, -2, -1}, dy[] = {-2, -1, 1, 2, 2, 1, -1, -2};
    if (x < 0 || y < 0 || x > 4 || y > 4 || tour[y][x] || ++steps > 40000) return 0;
    tour[y][x] = n;
    if (n == 25) return 1;
    for (int i = 0; i < 8; i++)
        if (knight(x + dx[i], y + dy[i], n + 1)) return 1;
    return tour[y][x] = 0;
}

int main(void) {
    int columns[8] = {0}, up[16] = {0}, down[17] = {0};
    char text[] = "abcdefg";
    board[0] = 1;
    int a = ackermann(2, 60), t = tak(12, 8, 4), p = permute(text, 0, 7), q = place(0, 7, columns, up, down);
    printf("%d %ld %d %d %d %d %d %d\n", a, hanoi(13, 1, 3, 2), t, male(60), p, q, play(2, 8), knight(0, 0, 1));
}

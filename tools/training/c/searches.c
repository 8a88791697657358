/* Searches: texts for words in five ways, tries by bits, shortest paths, queens, knapsacks, distances of words. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static char text[6000];

static int skipping(const char *t, int n, const char *p, int m) {
    int skip[128], found = 0;
    for (int i = 0; i < 128; i++) skip[i] = m;
    for (int i = 0; i < m - 1; i++) skip[(int)p[i]] = m - 1 - i;
    for (int at = 0; at + m <= n; at += skip[(int)t[at + m - 1]]) {
        int i = m - 1;
        while (i >= 0 && t[at + i] == p[i]) i--;
        found += i < 0;
    }
    return found;
}

static int by_borders(const char *t, int n, const char *p, int m) {
    int border[32] = {-1}, found = 0;
    for (int i = 0, j = -1; i < m;) {
        while (j >= 0 && p[i] != p[j]) j = border[j];
        border[++i] = ++j;
    }
    for (int i = 0, j = 0; i < n;) {
        while (j >= 0 && t[i] != p[j]) j = border[j];
        i++, j++;
        if (j == m) found++, j = border[j];
    }
    return found;
}

static int by_bits(const char *t, int n, const char *p, int m) {
    uint32_t mask[128] = {0}, state = 0, found = 0;
    for (int i = 0; i < m; i++) mask[(int)p[i]] |= 1u << i;
    for (int i = 0; i < n; i++) {
        state = (state << 1 | 1) & mask[(int)t[i]];
        found += state >> (m - 1) & 1;
    }
    return found;
}

static int by_hash(const char *t, int n, const char *p, int m) {
    uint32_t wanted = 0, hash = 0, top = 1, found = 0;
    for (int i = 0; i < m; i++) wanted = wanted * 257 + p[i], hash = hash * 257 + t[i], top *= i ? 257 : 1;
    for (int i = m;; i++) {
        if (hash == wanted) found += memcmp(t + i - m, p, m) == 0;
        if (i >= n) return found;
        hash = (hash - t[i - m] * top) * 257 + t[i];
    }
}

static int plain(const char *t, const char *p) {
    int found = 0;
    for (; *t; t++) {
        const char *a = t, *b = p;
        while (*b && *a == *b) a++, b++;
        found += !*b;
    }
    return found;
}

struct branch { struct branch *side[2]; uint32_t key; int bit; };
static struct branch pool[2000];
static int used;

static struct branch *descend(struct branch *root, uint32_t key) {
    struct branch *at = root->side[0];
    int before = -1;
    while (at->bit > before) before = at->bit, at = at->side[key >> (31 - at->bit) & 1];
    return at;
}

static void insert(struct branch *root, uint32_t key) {
    struct branch *near = descend(root, key);
    if (near->key == key || used == 2000) return;
    int bit = __builtin_clz(near->key ^ key), before = -1;
    struct branch **link = &root->side[0];
    while ((*link)->bit > before && (*link)->bit < bit) before = (*link)->bit, link = &(*link)->side[key >> (31 - before) & 1];
    struct branch *made = &pool[used++];
    int to = key >> (31 - bit) & 1;
    *made = (struct branch){{0}, key, bit};
    made->side[to] = made;
    made->side[!to] = *link;
    *link = made;
}

#define PLACES 40
static uint16_t road[PLACES][PLACES];

static int shortest(int start) {
    int cost[PLACES], done[PLACES] = {0}, sum = 0;
    for (int i = 0; i < PLACES; i++) cost[i] = i == start ? 0 : 1 << 20;
    for (;;) {
        int best = -1;
        for (int i = 0; i < PLACES; i++)
            if (!done[i] && (best < 0 || cost[i] < cost[best])) best = i;
        if (best < 0 || cost[best] == 1 << 20) break;
        done[best] = 1;
        sum += cost[best];
        for (int i = 0; i < PLACES; i++)
            if (road[best][i] && cost[best] + road[best][i] < cost[i]) cost[i] = cost[best] + road[best][i];
    }
    return sum;
}

static int queens(unsigned all, unsigned columns, unsigned left, unsigned right) {
    if (columns == all) return 1;
    int count = 0;
    for (unsigned free_ = all & ~(columns | left | right); free_;) {
        unsigned bit = free_ & -free_;
        free_ ^= bit;
        count += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    return count;
}

static int distance(const char *a, int n, const char *b, int m) {
    uint8_t row[64];
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int here = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            if (here + 1 < best) best = here + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
            diagonal = here;
        }
    }
    return row[m];
}

static int knapsack(const uint8_t *weights, int n, int room) {
    static uint16_t best[600];
    memset(best, 0, sizeof best);
    for (int i = 0; i < n; i++)
        for (int w = room; w >= weights[i]; w--) {
            int with = best[w - weights[i]] + (weights[i] * 7 + i) % 50;
            if (with > best[w]) best[w] = with;
        }
    return best[room];
}

static int bisect(const uint32_t *sorted, int n, uint32_t key) {
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (sorted[middle] < key) low = middle + 1;
        else high = middle;
    }
    return low;
}

int main(void) {
    uint32_t seed = 11, sum = 0, sorted[500];
    uint8_t weights[30];
    struct branch root = {{0}, 0, -1};
    root.side[0] = &pool[used++];
    pool[0] = (struct branch){{&pool[0], &pool[0]}, 0x12345678, 0};
    for (int i = 0; i < 5999; i++) text[i] = "abracadabra tic"[(seed = seed * 69069 + 1) >> 28];
    for (int i = 0; i < PLACES; i++)
        for (int j = 0; j < PLACES; j++) road[i][j] = (seed = seed * 69069 + 1) >> 30 ? 0 : 1 + (seed >> 16 & 63);
    for (int i = 0; i < 30; i++) weights[i] = 3 + (seed = seed * 69069 + 1) / 50000000;
    for (int i = 0; i < 500; i++) sorted[i] = i ? sorted[i - 1] + ((seed = seed * 69069 + 1) >> 24) : 0;
    static const char *words[] = {"abra", "cad", "ic tic", "racad", "aaaaab"};
    for (int round = 0; round < 5; round++) {
        const char *p = words[round];
        int m = strlen(p);
        sum += skipping(text, 5999, p, m) + by_borders(text, 5999, p, m) + by_bits(text, 5999, p, m);
        sum += by_hash(text, 5999, p, m) + plain(text, p);
        for (int i = 0; i < 300; i++) insert(&root, (seed = seed * 69069 + 1) & 0x00FFF0FF);
        for (int i = 0; i < 900; i++) sum += descend(&root, seed + i * 4096)->key & 7;
        for (int i = 0; i < 8; i++) sum += shortest(i * 5);
        sum += queens(0x7F, 0, 0, 0) + knapsack(weights, 30, 400 + round);
        for (int i = 0; i < 60; i++) sum += distance(text + i * 37, 24, text + i * 53, 30);
        for (int i = 0; i < 2000; i++) sum += bisect(sorted, 500, i * 31);
    }
    printf("%u %d\n", sum, used);
    return 0;
}

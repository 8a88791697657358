/* Two-dimensional arrays: life, flood by queue, wave equation, paths in a maze, image filters. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define W 80
#define H 60
static uint8_t cells[2][H][W];
static float wave[3][H][W];
static int distance[H][W], queue[H * W];
static double field[H][W];

static int alive(int side, int y, int x) {
    int n = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if (dx || dy) n += cells[side][(y + dy + H) % H][(x + dx + W) % W];
    return n;
}

static void blur(const uint8_t *src, uint8_t *dst, int w, int h, int stride) {
    static const int kernel[3][3] = {{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};
    for (int y = 1; y < h - 1; y++)
        for (int x = 1; x < w - 1; x++) {
            int sum = 0;
            for (int j = 0; j < 3; j++)
                for (int i = 0; i < 3; i++) sum += kernel[j][i] * src[(y + j - 1) * stride + x + i - 1];
            dst[y * stride + x] = sum >> 4;
        }
}

int main(void) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) cells[0][y][x] = (x * 7 + y * 13 + x * y) % 5 < 2;
    int side = 0;
    for (int step = 0; step < 15; step++, side ^= 1)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int n = alive(side, y, x);
                cells[side ^ 1][y][x] = n == 3 || (n == 2 && cells[side][y][x]);
            }
    memset(distance, -1, sizeof distance);
    int head = 0, tail = 0;
    queue[tail++] = 0;
    distance[0][0] = 0;
    while (head < tail) {
        int at = queue[head++], y = at / W, x = at % W;
        static const int dx[] = {1, -1, 0, 0}, dy[] = {0, 0, 1, -1};
        for (int d = 0; d < 4; d++) {
            int ny = y + dy[d], nx = x + dx[d];
            if (ny < 0 || nx < 0 || ny >= H || nx >= W || cells[side][ny][nx] || distance[ny][nx] >= 0) continue;
            distance[ny][nx] = distance[y][x] + 1;
            queue[tail++] = ny * W + nx;
        }
    }
    wave[0][H / 2][W / 2] = 1;
    for (int step = 0; step < 30; step++) {
        float(*old)[W] = wave[step % 3], (*now)[W] = wave[(step + 1) % 3], (*next)[W] = wave[(step + 2) % 3];
        for (int y = 1; y < H - 1; y++)
            for (int x = 1; x < W - 1; x++)
                next[y][x] = 2 * now[y][x] - old[y][x] +
                             0.2f * (now[y - 1][x] + now[y + 1][x] + now[y][x - 1] + now[y][x + 1] - 4 * now[y][x]);
        next[3][3] += 0.01f;
    }
    double change;
    int rounds = 0;
    for (int x = 0; x < W; x++) field[0][x] = 100;
    do {
        change = 0;
        for (int y = 1; y < H - 1; y++)
            for (int x = 1; x < W - 1; x++) {
                double v = (field[y - 1][x] + field[y + 1][x] + field[y][x - 1] + field[y][x + 1]) / 4;
                change = fmax(change, fabs(v - field[y][x]));
                field[y][x] = v;
            }
    } while (change > 0.5 && ++rounds < 60);
    for (int i = 0; i < 6; i++) blur(&cells[i & 1][0][0], &cells[~i & 1][0][0], W, H, W);
    float energy = 0;
    for (int i = 0; i < H * W; i++) energy += wave[1][0][i] * wave[1][0][i];
    printf("%d %d %f %f %d\n", tail, rounds, energy, field[5][40], cells[0][20][20]);
}

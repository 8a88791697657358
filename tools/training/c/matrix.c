/* Products of matrices of several types, transposing, blocks, and 3-D transformations of points. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define N 40
static int32_t ai[N][N], bi[N][N], ci[N][N];
static int64_t al[N][N], bl[N][N], cl[N][N];
static float af[N][N], bf[N][N], cf[N][N];
static double ad[N * N], bd[N * N], cd[N * N];
static int8_t a8[N][N], b8[N][N];
static uint16_t c16[N][N];

#define PRODUCT(a, b, c, type)                                        \
    for (int i = 0; i < N; i++)                                       \
        for (int j = 0; j < N; j++) {                                 \
            type sum = 0;                                             \
            for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];     \
            c[i][j] = sum;                                            \
        }

static void blocked(const double *restrict a, const double *restrict b, double *restrict c, int n) {
    for (int ii = 0; ii < n; ii += 8)
        for (int kk = 0; kk < n; kk += 8)
            for (int i = ii; i < ii + 8; i++)
                for (int k = kk; k < kk + 8; k++)
                    for (int j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

typedef struct { float x, y, z; } vec3;
typedef struct { float m[4][4]; } mat4;

static mat4 multiply(const mat4 *a, const mat4 *b) {
    mat4 c;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            c.m[i][j] = a->m[i][0] * b->m[0][j] + a->m[i][1] * b->m[1][j] + a->m[i][2] * b->m[2][j] + a->m[i][3] * b->m[3][j];
    return c;
}

static vec3 apply(const mat4 *m, vec3 v) {
    float w = m->m[3][0] * v.x + m->m[3][1] * v.y + m->m[3][2] * v.z + m->m[3][3];
    return (vec3){(m->m[0][0] * v.x + m->m[0][1] * v.y + m->m[0][2] * v.z + m->m[0][3]) / w,
                  (m->m[1][0] * v.x + m->m[1][1] * v.y + m->m[1][2] * v.z + m->m[1][3]) / w,
                  (m->m[2][0] * v.x + m->m[2][1] * v.y + m->m[2][2] * v.z + m->m[2][3]) / w};
}

int main(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            ai[i][j] = bl[j][i] = i * 3 + j, bi[i][j] = al[j][i] = i ^ j;
            af[i][j] = i * 0.5f + j, bf[i][j] = i - j * 0.25f;
            ad[i * N + j] = i / (j + 1.0), bd[i * N + j] = j / (i + 1.0);
            a8[i][j] = i - j, b8[i][j] = i + j;
        }
    PRODUCT(ai, bi, ci, int32_t)
    PRODUCT(al, bl, cl, int64_t)
    PRODUCT(af, bf, cf, float)
    PRODUCT(a8, b8, c16, int)
    blocked(ad, bd, cd, N);
    int32_t **rows = malloc(N * sizeof *rows);
    for (int i = 0; i < N; i++) {
        rows[i] = malloc(N * sizeof **rows);
        for (int j = 0; j < N; j++) rows[i][j] = ci[j][i] >> 2;
    }
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < i; j++) {
                int32_t t = rows[i][j];
                rows[i][j] = rows[j][i];
                rows[j][i] = t;
            }
    mat4 m = {{{1, 0.1f, 0, 0}, {-0.1f, 1, 0, 0}, {0, 0, 1, 0.5f}, {0, 0, 0.01f, 1}}}, all = m;
    vec3 v = {1, 2, 3};
    for (int i = 0; i < 3000; i++) {
        all = multiply(&all, &m);
        if (i % 8 == 0) all = m;
        v = apply(&all, v);
    }
    printf("%d %lld %f %f %d %d %f\n", ci[3][4], (long long)cl[4][5], cf[5][6], cd[77], c16[9][9], rows[7][2], v.x);
}

/* Matrices of four by four, boxes, particles, double precision, sorting networks, packed columns. */
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

typedef struct { v128_t c[4]; } matrix;
enum { N = 1024 };
static v128_t points[N], speeds[N];
static double x[N], y[N];
static int32_t numbers[N];

static matrix multiply(const matrix *a, const matrix *b) {
    matrix r;
    for (int i = 0; i < 4; i++) {
        v128_t c = b->c[i];
        v128_t s = wasm_f32x4_mul(a->c[0], wasm_i32x4_shuffle(c, c, 0, 0, 0, 0));
        s = wasm_f32x4_add(s, wasm_f32x4_mul(a->c[1], wasm_i32x4_shuffle(c, c, 1, 1, 1, 1)));
        s = wasm_f32x4_add(s, wasm_f32x4_mul(a->c[2], wasm_i32x4_shuffle(c, c, 2, 2, 2, 2)));
        r.c[i] = wasm_f32x4_add(s, wasm_f32x4_mul(a->c[3], wasm_i32x4_shuffle(c, c, 3, 3, 3, 3)));
    }
    return r;
}

static void transform(const matrix *m) {
    for (int i = 0; i < N; i++) {
        v128_t p = points[i];
        v128_t s = wasm_f32x4_mul(m->c[0], wasm_f32x4_splat(wasm_f32x4_extract_lane(p, 0)));
        s = wasm_f32x4_add(s, wasm_f32x4_mul(m->c[1], wasm_f32x4_splat(wasm_f32x4_extract_lane(p, 1))));
        s = wasm_f32x4_add(s, wasm_f32x4_mul(m->c[2], wasm_f32x4_splat(wasm_f32x4_extract_lane(p, 2))));
        points[i] = wasm_f32x4_add(s, m->c[3]);
    }
}

static float dot(v128_t a, v128_t b) {
    v128_t p = wasm_f32x4_mul(a, b);
    p = wasm_f32x4_add(p, wasm_i32x4_shuffle(p, p, 2, 3, 0, 1));
    p = wasm_f32x4_add(p, wasm_i32x4_shuffle(p, p, 1, 0, 3, 2));
    return wasm_f32x4_extract_lane(p, 0);
}

static void normalize(void) {
    for (int i = 0; i < N; i++) {
        float length = dot(points[i], points[i]);
        points[i] = wasm_f32x4_div(points[i], wasm_f32x4_sqrt(wasm_f32x4_splat(length + 1e-6f)));
    }
}

static void move(float dt) {
    v128_t t = wasm_f32x4_splat(dt), limit = wasm_f32x4_splat(1);
    for (int i = 0; i < N; i++) {
        v128_t p = wasm_f32x4_add(points[i], wasm_f32x4_mul(speeds[i], t));
        v128_t out = wasm_f32x4_gt(wasm_f32x4_abs(p), limit);
        speeds[i] = wasm_v128_bitselect(wasm_f32x4_neg(speeds[i]), speeds[i], out);
        points[i] = wasm_f32x4_max(wasm_f32x4_min(p, limit), wasm_f32x4_neg(limit));
    }
}

static int inside(v128_t low, v128_t high) {
    int n = 0;
    for (int i = 0; i < N; i++)
        n += wasm_i32x4_all_true(wasm_v128_and(wasm_f32x4_ge(points[i], low), wasm_f32x4_le(points[i], high))) ? 1 : 0;
    return n;
}

static double dots(void) {
    v128_t s = wasm_f64x2_splat(0), t = wasm_f64x2_splat(0);
    for (int i = 0; i < N; i += 4) {
        s = wasm_f64x2_add(s, wasm_f64x2_mul(wasm_v128_load(x + i), wasm_v128_load(y + i)));
        t = wasm_f64x2_add(t, wasm_f64x2_mul(wasm_v128_load(x + i + 2), wasm_v128_load(y + i + 2)));
    }
    s = wasm_f64x2_add(s, t);
    return wasm_f64x2_extract_lane(s, 0) + wasm_f64x2_extract_lane(s, 1);
}

static void plus(double k) {
    v128_t f = wasm_f64x2_splat(k);
    for (int i = 0; i < N; i += 2) wasm_v128_store(y + i, wasm_f64x2_add(wasm_v128_load(y + i), wasm_f64x2_mul(wasm_v128_load(x + i), f)));
}

static void network(int32_t *p) {
    v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + 4), c = wasm_v128_load(p + 8), d = wasm_v128_load(p + 12), t;
#define ORDER(u, v) t = wasm_i32x4_min(u, v), v = wasm_i32x4_max(u, v), u = t
    ORDER(a, c), ORDER(b, d), ORDER(a, b), ORDER(c, d), ORDER(b, c);
    v128_t e = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), f = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7), g = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), h = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    wasm_v128_store(p, wasm_i64x2_shuffle(e, g, 0, 2)), wasm_v128_store(p + 4, wasm_i64x2_shuffle(e, g, 1, 3));
    wasm_v128_store(p + 8, wasm_i64x2_shuffle(f, h, 0, 2)), wasm_v128_store(p + 12, wasm_i64x2_shuffle(f, h, 1, 3));
}

static int32_t differences(void) {
    v128_t last = wasm_i32x4_splat(0), sum = wasm_i32x4_splat(0);
    for (int i = 0; i < N; i += 4) {
        v128_t v = wasm_v128_load(numbers + i), before = wasm_i32x4_shuffle(last, v, 3, 4, 5, 6), d = wasm_i32x4_sub(v, before);
        sum = wasm_i32x4_add(sum, wasm_v128_xor(wasm_i32x4_shl(d, 1), wasm_i32x4_shr(d, 31)));
        last = v;
    }
    return wasm_i32x4_extract_lane(sum, 0) ^ wasm_i32x4_extract_lane(sum, 1) ^ wasm_i32x4_extract_lane(sum, 2) ^ wasm_i32x4_extract_lane(sum, 3);
}

int main(void) {
    matrix m = {{wasm_f32x4_make(.9f, .1f, 0, 0), wasm_f32x4_make(-.1f, .9f, 0, 0), wasm_f32x4_make(0, .1f, .95f, 0), wasm_f32x4_make(.1f, 0, .1f, 1)}}, k = m;
    uint32_t seed = 5;
    for (int i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        points[i] = wasm_f32x4_make(seed / 4294967296.0f, i / 1024.0f, (seed >> 8) / 16777216.0f, 1);
        speeds[i] = wasm_f32x4_make(.1f, -.2f, (seed & 255) / 255.0f, 0);
        x[i] = i * .5, y[i] = 1.0 / (i + 1), numbers[i] = seed >> 4;
    }
    double sum = 0;
    int64_t count = 0;
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 60; i++) k = multiply(&k, &m);
        transform(&m), normalize(), move(.3f), plus(1e-3);
        sum += dots() + wasm_f32x4_extract_lane(k.c[0], 0);
        count += inside(wasm_f32x4_splat(-.7f), wasm_f32x4_splat(.7f)) + differences();
        for (int i = 0; i < N; i += 16) network(numbers + i);
    }
    printf("%.9g %lld %d\n", sum, (long long)count, numbers[77]);
    return 0;
}

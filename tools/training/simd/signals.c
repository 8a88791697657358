/* Signals: filters, mixing of sound, complex numbers, sums, all on vectors of floats or 16-bit samples. */
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

enum { N = 4096, TAPS = 32 };
static float in[N + TAPS], out[N], taps[TAPS], re[N], im[N];
static int16_t pcm[2 * N], mixed[N];

static void filter(void) {
    for (int i = 0; i < N; i += 4) {
        v128_t sum = wasm_f32x4_splat(0);
        for (int t = 0; t < TAPS; t++)
            sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(in + i + t), wasm_v128_load32_splat(taps + t)));
        wasm_v128_store(out + i, sum);
    }
}

static void rotate(float c, float s) {
    v128_t vc = wasm_f32x4_splat(c), vs = wasm_f32x4_splat(s);
    for (int i = 0; i < N; i += 4) {
        v128_t a = wasm_v128_load(re + i), b = wasm_v128_load(im + i);
        wasm_v128_store(re + i, wasm_f32x4_sub(wasm_f32x4_mul(a, vc), wasm_f32x4_mul(b, vs)));
        wasm_v128_store(im + i, wasm_f32x4_add(wasm_f32x4_mul(a, vs), wasm_f32x4_mul(b, vc)));
    }
}

/* Interleaved complex numbers, as FFTs have them. */
static void products(float *x, const float *y, int n) {
    v128_t sign = wasm_f32x4_make(-0.0f, 0.0f, -0.0f, 0.0f);
    for (int i = 0; i < n; i += 4) {
        v128_t a = wasm_v128_load(x + i), b = wasm_v128_load(y + i);
        v128_t real = wasm_i32x4_shuffle(b, b, 0, 0, 2, 2), imaginary = wasm_i32x4_shuffle(b, b, 1, 1, 3, 3);
        v128_t swapped = wasm_i32x4_shuffle(a, a, 1, 0, 3, 2);
        v128_t crossed = wasm_v128_xor(wasm_f32x4_mul(swapped, imaginary), sign);
        wasm_v128_store(x + i, wasm_f32x4_add(wasm_f32x4_mul(a, real), crossed));
    }
}

static float peak(void) {
    v128_t best = wasm_f32x4_splat(0);
    for (int i = 0; i < N; i += 4) best = wasm_f32x4_pmax(best, wasm_f32x4_abs(wasm_v128_load(out + i)));
    float m = wasm_f32x4_extract_lane(best, 0);
    if (wasm_f32x4_extract_lane(best, 1) > m) m = wasm_f32x4_extract_lane(best, 1);
    if (wasm_f32x4_extract_lane(best, 2) > m) m = wasm_f32x4_extract_lane(best, 2);
    if (wasm_f32x4_extract_lane(best, 3) > m) m = wasm_f32x4_extract_lane(best, 3);
    return m;
}

static void to_samples(float gain) {
    v128_t g = wasm_f32x4_splat(gain), low = wasm_f32x4_splat(-32768), high = wasm_f32x4_splat(32767);
    for (int i = 0; i < N; i += 8) {
        v128_t a = wasm_f32x4_min(wasm_f32x4_max(wasm_f32x4_mul(wasm_v128_load(out + i), g), low), high);
        v128_t b = wasm_f32x4_min(wasm_f32x4_max(wasm_f32x4_mul(wasm_v128_load(out + i + 4), g), low), high);
        wasm_v128_store(pcm + i, wasm_i16x8_narrow_i32x4(wasm_i32x4_trunc_sat_f32x4(a), wasm_i32x4_trunc_sat_f32x4(b)));
    }
}

static void from_samples(void) {
    v128_t scale = wasm_f32x4_splat(1.0f / 32768);
    for (int i = 0; i < N; i += 8) {
        v128_t v = wasm_v128_load(pcm + i);
        wasm_v128_store(in + i, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(v)), scale));
        wasm_v128_store(in + i + 4, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(v)), scale));
    }
}

static int64_t mix(int16_t left, int16_t right) {
    v128_t l = wasm_i16x8_splat(left), r = wasm_i16x8_splat(right), sum = wasm_i32x4_splat(0);
    for (int i = 0; i < N; i += 8) {
        v128_t a = wasm_v128_load(pcm + i), b = wasm_v128_load(pcm + N + i);
        v128_t m = wasm_i16x8_add_sat(wasm_i16x8_q15mulr_sat(a, l), wasm_i16x8_q15mulr_sat(b, r));
        wasm_v128_store(mixed + i, m);
        sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(m, a));
    }
    return (int64_t)wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) + wasm_i32x4_extract_lane(sum, 2)
        + wasm_i32x4_extract_lane(sum, 3);
}

int main(void) {
    uint32_t seed = 1;
    for (int i = 0; i < N + TAPS; i++) in[i] = (int)(seed = seed * 1664525 + 1013904223) / 2147483648.0f;
    for (int i = 0; i < TAPS; i++) taps[i] = 1.0f / (i + 1);
    for (int i = 0; i < N; i++) re[i] = in[i], im[i] = in[N - 1 - i];
    int64_t sum = 0;
    float top = 0;
    for (int round = 0; round < 12; round++) {
        filter();
        for (int i = 0; i < 6; i++) rotate(0.8f, 0.6f);
        for (int i = 0; i < 4; i++) products(re, in, N);
        top += peak();
        to_samples(9000);
        from_samples();
        for (int i = 0; i < 8; i++) sum += mix(12000, -9000 + round);
    }
    printf("%lld %g %g\n", (long long)sum, top, re[17]);
    return 0;
}

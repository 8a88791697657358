/* Hashes and ciphers on vectors: ChaCha in four lanes and by rows, a sponge, multiplications of 64 bits, Adler sums. */
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

#define ROTATE(x, n) wasm_v128_or(wasm_i32x4_shl(x, n), wasm_u32x4_shr(x, 32 - n))
#define BYTES16(x) wasm_i8x16_shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define BYTES8(x) wasm_i8x16_shuffle(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)

static void rows(uint32_t state[16], uint32_t out[16]) {
    v128_t a = wasm_v128_load(state), b = wasm_v128_load(state + 4), c = wasm_v128_load(state + 8), d = wasm_v128_load(state + 12);
    v128_t a0 = a, b0 = b, c0 = c, d0 = d;
    for (int i = 0; i < 20; i++) {
        a = wasm_i32x4_add(a, b), d = BYTES16(wasm_v128_xor(d, a));
        c = wasm_i32x4_add(c, d), b = ROTATE(wasm_v128_xor(b, c), 12);
        a = wasm_i32x4_add(a, b), d = BYTES8(wasm_v128_xor(d, a));
        c = wasm_i32x4_add(c, d), b = ROTATE(wasm_v128_xor(b, c), 7);
        if (i & 1) b = wasm_i32x4_shuffle(b, b, 3, 0, 1, 2), c = wasm_i32x4_shuffle(c, c, 2, 3, 0, 1), d = wasm_i32x4_shuffle(d, d, 1, 2, 3, 0);
        else b = wasm_i32x4_shuffle(b, b, 1, 2, 3, 0), c = wasm_i32x4_shuffle(c, c, 2, 3, 0, 1), d = wasm_i32x4_shuffle(d, d, 3, 0, 1, 2);
    }
    wasm_v128_store(out, wasm_i32x4_add(a, a0)), wasm_v128_store(out + 4, wasm_i32x4_add(b, b0));
    wasm_v128_store(out + 8, wasm_i32x4_add(c, c0)), wasm_v128_store(out + 12, wasm_i32x4_add(d, d0));
}

#define STEP(a, b, c, d)                                                                                     \
    x[a] = wasm_i32x4_add(x[a], x[b]), x[d] = ROTATE(wasm_v128_xor(x[d], x[a]), 16), x[c] = wasm_i32x4_add(x[c], x[d]), \
    x[b] = ROTATE(wasm_v128_xor(x[b], x[c]), 12), x[a] = wasm_i32x4_add(x[a], x[b]),                          \
    x[d] = ROTATE(wasm_v128_xor(x[d], x[a]), 8), x[c] = wasm_i32x4_add(x[c], x[d]), x[b] = ROTATE(wasm_v128_xor(x[b], x[c]), 7)

static void lanes(const uint32_t state[16], uint32_t out[64]) {
    v128_t x[16];
    for (int i = 0; i < 16; i++) x[i] = wasm_v128_load32_splat(state + i);
    x[12] = wasm_i32x4_add(x[12], wasm_i32x4_make(0, 1, 2, 3));
    for (int i = 0; i < 10; i++) {
        STEP(0, 4, 8, 12), STEP(1, 5, 9, 13), STEP(2, 6, 10, 14), STEP(3, 7, 11, 15);
        STEP(0, 5, 10, 15), STEP(1, 6, 11, 12), STEP(2, 7, 8, 13), STEP(3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i += 4) {
        v128_t p = wasm_i32x4_shuffle(x[i], x[i + 1], 0, 4, 1, 5), q = wasm_i32x4_shuffle(x[i + 2], x[i + 3], 0, 4, 1, 5);
        v128_t r = wasm_i32x4_shuffle(x[i], x[i + 1], 2, 6, 3, 7), s = wasm_i32x4_shuffle(x[i + 2], x[i + 3], 2, 6, 3, 7);
        wasm_v128_store(out + i, wasm_i64x2_shuffle(p, q, 0, 2)), wasm_v128_store(out + 16 + i, wasm_i64x2_shuffle(p, q, 1, 3));
        wasm_v128_store(out + 32 + i, wasm_i64x2_shuffle(r, s, 0, 2)), wasm_v128_store(out + 48 + i, wasm_i64x2_shuffle(r, s, 1, 3));
    }
}

static void sponge(uint64_t s[8]) {
    v128_t a = wasm_v128_load(s), b = wasm_v128_load(s + 2), c = wasm_v128_load(s + 4), d = wasm_v128_load(s + 6);
    for (int i = 0; i < 24; i++) {
        v128_t t = wasm_v128_xor(wasm_v128_xor(a, b), wasm_v128_xor(c, d));
        t = wasm_v128_xor(t, wasm_v128_or(wasm_i64x2_shl(t, 13), wasm_u64x2_shr(t, 51)));
        a = wasm_v128_xor(a, wasm_v128_andnot(c, b)), b = wasm_v128_xor(b, wasm_v128_andnot(d, c));
        c = wasm_i64x2_add(wasm_i64x2_shuffle(c, t, 1, 2), d), d = wasm_v128_xor(wasm_i64x2_shuffle(d, a, 1, 2), t);
    }
    wasm_v128_store(s, a), wasm_v128_store(s + 2, b), wasm_v128_store(s + 4, c), wasm_v128_store(s + 6, d);
}

static uint64_t accumulate(const uint8_t *p, int n, const uint64_t *key) {
    v128_t acc = wasm_i64x2_make(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F);
    for (int i = 0; i < n; i += 16) {
        v128_t data = wasm_v128_load(p + i), mixed = wasm_v128_xor(data, wasm_v128_load((const uint8_t *)key + i % 64));
        v128_t low = wasm_v128_and(mixed, wasm_i64x2_splat(0xFFFFFFFF)), high = wasm_u64x2_shr(mixed, 32);
        acc = wasm_i64x2_add(acc, wasm_i64x2_add(wasm_i64x2_mul(low, high), wasm_i64x2_shuffle(data, data, 1, 0)));
    }
    return wasm_i64x2_extract_lane(acc, 0) ^ wasm_i64x2_extract_lane(acc, 1);
}

static uint32_t adler(const uint8_t *p, int n) {
    v128_t a = wasm_i32x4_splat(0), b = wasm_i32x4_splat(0), weights = wasm_i16x8_make(16, 15, 14, 13, 12, 11, 10, 9), more = wasm_i16x8_make(8, 7, 6, 5, 4, 3, 2, 1);
    for (int i = 0; i < n; i += 16) {
        v128_t x = wasm_v128_load(p + i);
        b = wasm_i32x4_add(b, wasm_i32x4_shl(a, 4));
        a = wasm_i32x4_add(a, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(x)));
        b = wasm_i32x4_add(b, wasm_i32x4_add(wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(x), weights), wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(x), more)));
    }
    v128_t s = wasm_i32x4_add(a, wasm_i32x4_mul(b, wasm_i32x4_splat(3)));
    return wasm_i32x4_extract_lane(s, 0) + wasm_i32x4_extract_lane(s, 1) + wasm_i32x4_extract_lane(s, 2) + wasm_i32x4_extract_lane(s, 3);
}

int main(void) {
    static uint32_t state[16], out[64];
    static uint8_t data[4096];
    uint64_t s[8] = {1, 2, 3, 4, 5, 6, 7, 8}, sum = 0;
    for (int i = 0; i < 16; i++) state[i] = i * 0x9E3779B9u;
    for (int i = 0; i < 4096; i++) data[i] = i * i >> 3;
    for (int round = 0; round < 150; round++) {
        state[12] = round;
        rows(state, out), sum += out[3] ^ out[9];
        rows(state, out + 16), sum += out[17];
        lanes(state, out), sum = sum * 31 + out[5] + out[60];
        sponge(s), sum += s[2];
        sum += accumulate(data, 4096, s) + adler(data, 4096);
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}

/* Pictures of 8-bit samples: blending, grey, thresholds, blur, scaling, colour spaces. */
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

enum { W = 256, H = 128 };
static uint8_t a[W * H * 4], b[W * H * 4], c[W * H * 4], grey[W * H], blurred[W * H];

static void blend(uint8_t alpha) {
    v128_t wa = wasm_i16x8_splat(alpha), wb = wasm_i16x8_splat(255 - alpha), half = wasm_i16x8_splat(128);
    for (int i = 0; i < W * H * 4; i += 16) {
        v128_t x = wasm_v128_load(a + i), y = wasm_v128_load(b + i);
        v128_t low = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(x), wa), wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(y), wb));
        v128_t high = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(x), wa), wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(y), wb));
        low = wasm_u16x8_shr(wasm_i16x8_add(low, half), 8);
        high = wasm_u16x8_shr(wasm_i16x8_add(high, half), 8);
        wasm_v128_store(c + i, wasm_u8x16_narrow_i16x8(low, high));
    }
}

static void to_grey(const uint8_t *p) {
    v128_t mask = wasm_i32x4_splat(255), wr = wasm_i32x4_splat(77), wg = wasm_i32x4_splat(150), wb = wasm_i32x4_splat(29);
    for (int i = 0; i < W * H; i += 16) {
        v128_t four[4];
        for (int j = 0; j < 4; j++) {
            v128_t x = wasm_v128_load(p + 4 * (i + 4 * j));
            v128_t r = wasm_v128_and(x, mask), g = wasm_v128_and(wasm_u32x4_shr(x, 8), mask), bl = wasm_v128_and(wasm_u32x4_shr(x, 16), mask);
            four[j] = wasm_u32x4_shr(wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_mul(r, wr), wasm_i32x4_mul(g, wg)), wasm_i32x4_mul(bl, wb)), 8);
        }
        wasm_v128_store(grey + i, wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(four[0], four[1]), wasm_i16x8_narrow_i32x4(four[2], four[3])));
    }
}

static void blur(void) {
    for (int y = 1; y < H - 1; y++)
        for (int x = 0; x + 18 <= W; x += 16) {
            const uint8_t *p = grey + y * W + x + 1;
            v128_t row = wasm_u8x16_avgr(wasm_v128_load(p - 1), wasm_v128_load(p + 1));
            v128_t column = wasm_u8x16_avgr(wasm_v128_load(p - W), wasm_v128_load(p + W));
            wasm_v128_store(blurred + y * W + x + 1, wasm_u8x16_avgr(wasm_u8x16_avgr(row, column), wasm_v128_load(p)));
        }
}

static int edges(uint8_t threshold) {
    v128_t t = wasm_i8x16_splat(threshold), one = wasm_i8x16_splat(1);
    int count = 0;
    for (int i = 0; i + 16 <= W * H; i += 16) {
        v128_t x = wasm_v128_load(grey + i), y = wasm_v128_load(blurred + i);
        v128_t difference = wasm_v128_or(wasm_u8x16_sub_sat(x, y), wasm_u8x16_sub_sat(y, x));
        v128_t over = wasm_u8x16_gt(difference, t);
        count += __builtin_popcount(wasm_i8x16_bitmask(over));
        wasm_v128_store(blurred + i, wasm_v128_bitselect(x, wasm_i8x16_add(y, one), over));
    }
    return count;
}

static void swap_channels(uint8_t *p) {
    for (int i = 0; i < W * H * 4; i += 16) {
        v128_t x = wasm_v128_load(p + i);
        wasm_v128_store(p + i, wasm_i8x16_shuffle(x, x, 2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15));
    }
}

static void halve(void) {
    for (int y = 0; y < H / 2; y++)
        for (int x = 0; x < W; x += 16) {
            v128_t p = wasm_v128_load(grey + 2 * y * W + x), q = wasm_v128_load(grey + (2 * y + 1) * W + x);
            v128_t sums = wasm_i16x8_add(wasm_u16x8_extadd_pairwise_u8x16(p), wasm_u16x8_extadd_pairwise_u8x16(q));
            v128_t means = wasm_u16x8_shr(wasm_i16x8_add(sums, wasm_i16x8_splat(2)), 2);
            wasm_v128_store64_lane(blurred + y * (W / 2) + x / 2, wasm_u8x16_narrow_i16x8(means, means), 0);
        }
}

/* Eight-point butterflies on columns, as of a discrete cosine transform. */
static void butterflies(int16_t *block) {
    v128_t r[8];
    for (int i = 0; i < 8; i++) r[i] = wasm_v128_load(block + 8 * i);
    for (int i = 0; i < 4; i++) {
        v128_t s = wasm_i16x8_add(r[i], r[7 - i]), d = wasm_i16x8_sub(r[i], r[7 - i]);
        r[i] = s, r[7 - i] = wasm_i16x8_q15mulr_sat(d, wasm_i16x8_splat(23170 - 1000 * i));
    }
    v128_t t0 = wasm_i16x8_shuffle(r[0], r[4], 0, 8, 1, 9, 2, 10, 3, 11), t1 = wasm_i16x8_shuffle(r[0], r[4], 4, 12, 5, 13, 6, 14, 7, 15);
    v128_t t2 = wasm_i16x8_shuffle(r[2], r[6], 0, 8, 1, 9, 2, 10, 3, 11), t3 = wasm_i16x8_shuffle(r[2], r[6], 4, 12, 5, 13, 6, 14, 7, 15);
    r[0] = wasm_i32x4_shuffle(t0, t2, 0, 4, 1, 5), r[2] = wasm_i32x4_shuffle(t0, t2, 2, 6, 3, 7);
    r[4] = wasm_i32x4_shuffle(t1, t3, 0, 4, 1, 5), r[6] = wasm_i32x4_shuffle(t1, t3, 2, 6, 3, 7);
    for (int i = 0; i < 8; i++) wasm_v128_store(block + 8 * i, wasm_i16x8_shr(r[i], 1));
}

int main(void) {
    uint32_t seed = 7;
    for (int i = 0; i < W * H * 4; i++) a[i] = (seed = seed * 1664525 + 1013904223) >> 24, b[i] = seed >> 16;
    int count = 0;
    for (int round = 0; round < 4; round++) {
        blend(40 * round + 3);
        to_grey(c);
        blur();
        count += edges(9);
        swap_channels(a);
        halve();
        for (int i = 0; i + 64 <= W * H / 2; i += 64) butterflies((int16_t *)blurred + i / 2);
    }
    uint32_t sum = 0;
    for (int i = 0; i < W * H; i++) sum = sum * 31 + blurred[i] + grey[i];
    printf("%d %u\n", count, sum);
    return 0;
}

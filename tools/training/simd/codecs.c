// What coders of pictures, sound and video do: colours, filters of 16 bits, transforms, differences of blocks,
// prediction, interleaving, quantised products, histograms of bits.
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

#define WIDTH 128
#define HEIGHT 48

static uint8_t rgba[HEIGHT][WIDTH * 4], luma[HEIGHT][WIDTH], other[HEIGHT][WIDTH];
static int16_t samples[2048], left[1024], right[1024];
static int8_t weights[64][64], inputs[64];
static int32_t outputs[64];

static void fill(void) {
    uint32_t state = 2463534242u;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH * 4; x++) {
            state = state * 1664525 + 1013904223;
            rgba[y][x] = (uint8_t)(state >> 24);
            other[y][x % WIDTH] = (uint8_t)(state >> 16);
        }
    for (int i = 0; i < 2048; i++) {
        state = state * 1664525 + 1013904223;
        samples[i] = (int16_t)(state >> 17);
    }
    for (int i = 0; i < 64 * 64; i++) {
        state = state * 1664525 + 1013904223;
        weights[i / 64][i % 64] = (int8_t)(state >> 25);
        inputs[i % 64] = (int8_t)(state >> 20);
    }
}

static void to_luma(void) {
    v128_t factor = wasm_i16x8_const(77, 150, 29, 0, 77, 150, 29, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x += 4) {
            v128_t pixels = wasm_v128_load(&rgba[y][4 * x]);
            v128_t a = wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(pixels), factor);
            v128_t b = wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(pixels), factor);
            v128_t even = wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), odd = wasm_i32x4_shuffle(a, b, 1, 3, 5, 7);
            v128_t sum = wasm_u32x4_shr(wasm_i32x4_add(even, odd), 8);
            v128_t narrow = wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(sum, sum), sum);
            wasm_v128_store32_lane(&luma[y][x], narrow, 0);
        }
}

static uint32_t differences(int dx) {
    v128_t total = wasm_i32x4_const_splat(0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x + 16 + dx <= WIDTH; x += 16) {
            v128_t a = wasm_v128_load(&luma[y][x]), b = wasm_v128_load(&other[y][x + dx]);
            v128_t apart = wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
            total = wasm_i32x4_add(total, wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(apart)));
        }
    return wasm_u32x4_extract_lane(total, 0) + wasm_u32x4_extract_lane(total, 1) + wasm_u32x4_extract_lane(total, 2) +
           wasm_u32x4_extract_lane(total, 3);
}

static void predict(void) {
    for (int y = 1; y < HEIGHT; y++)
        for (int x = 16; x + 16 <= WIDTH; x += 16) {
            v128_t above = wasm_v128_load(&other[y - 1][x]), before = wasm_v128_load(&other[y][x - 1]);
            v128_t guess = wasm_u8x16_avgr(above, before);
            v128_t most = wasm_u8x16_max(above, before), least = wasm_u8x16_min(above, before);
            v128_t own = wasm_v128_load(&luma[y][x]);
            guess = wasm_v128_bitselect(most, guess, wasm_u8x16_gt(own, most));
            guess = wasm_v128_bitselect(least, guess, wasm_u8x16_lt(own, least));
            wasm_v128_store(&luma[y][x], wasm_i8x16_sub(own, guess));
        }
}

static void split(int gain) {
    v128_t factor = wasm_i16x8_splat((int16_t)gain);
    for (int i = 0; i < 1024; i += 8) {
        v128_t a = wasm_v128_load(samples + 2 * i), b = wasm_v128_load(samples + 2 * i + 8);
        v128_t l = wasm_i16x8_shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14), r = wasm_i16x8_shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
        wasm_v128_store(left + i, wasm_i16x8_add_sat(wasm_i16x8_q15mulr_sat(l, factor), wasm_i16x8_shr(r, 2)));
        wasm_v128_store(right + i, wasm_i16x8_sub_sat(wasm_i16x8_q15mulr_sat(r, factor), wasm_i16x8_shr(l, 2)));
    }
    for (int i = 0; i < 1024; i += 8) {
        v128_t l = wasm_v128_load(left + i), r = wasm_v128_load(right + i);
        wasm_v128_store(samples + 2 * i, wasm_i16x8_shuffle(l, r, 0, 8, 1, 9, 2, 10, 3, 11));
        wasm_v128_store(samples + 2 * i + 8, wasm_i16x8_shuffle(l, r, 4, 12, 5, 13, 6, 14, 7, 15));
    }
}

static int32_t filter(void) {
    static const int16_t taps[8] = {-120, 410, -900, 4200, 4200, -900, 410, -120};
    v128_t factors = wasm_v128_load(taps);
    int32_t sum = 0;
    for (int i = 0; i + 8 <= 1024; i++) {
        v128_t products = wasm_i32x4_dot_i16x8(wasm_v128_load(left + i), factors);
        products = wasm_i32x4_add(products, wasm_i32x4_shuffle(products, products, 2, 3, 0, 1));
        int32_t value = (wasm_i32x4_extract_lane(products, 0) + wasm_i32x4_extract_lane(products, 1)) >> 13;
        right[i] = (int16_t)value;
        sum += value;
    }
    return sum;
}

static void hadamard(int16_t *at) {
    v128_t row[8];
    for (int i = 0; i < 8; i++)
        row[i] = wasm_v128_load(at + 8 * i);
    for (int step = 1; step < 8; step *= 2)
        for (int i = 0; i < 8; i++)
            if (!(i & step)) {
                v128_t a = row[i], b = row[i + step];
                row[i] = wasm_i16x8_shr(wasm_i16x8_add(a, b), 1);
                row[i + step] = wasm_i16x8_shr(wasm_i16x8_sub(a, b), 1);
            }
    for (int i = 0; i < 8; i++) {
        v128_t size = wasm_i16x8_abs(row[i]);
        v128_t small = wasm_i16x8_lt(size, wasm_i16x8_const_splat(40));
        wasm_v128_store(at + 8 * i, wasm_v128_andnot(row[i], small));
    }
}

static void layer(void) {
    for (int i = 0; i < 64; i++) {
        v128_t sum = wasm_i32x4_const_splat(0);
        for (int j = 0; j < 64; j += 16) {
            v128_t a = wasm_v128_load(&weights[i][j]), b = wasm_v128_load(inputs + j);
            sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(a), wasm_i16x8_extend_low_i8x16(b)));
            sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(a), wasm_i16x8_extend_high_i8x16(b)));
        }
        sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 1, 0, 3, 2));
        outputs[i] = wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 2);
    }
    for (int i = 0; i < 64; i += 16) {
        v128_t part[4];
        for (int k = 0; k < 4; k++) {
            v128_t value = wasm_i32x4_max(wasm_v128_load(outputs + i + 4 * k), wasm_i32x4_const_splat(-3000));
            value = wasm_i32x4_mul(wasm_i32x4_min(value, wasm_i32x4_const_splat(100000)), wasm_i32x4_const_splat(37));
            v128_t scaled = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(value), wasm_f32x4_const_splat(1.0f / 4096.0f));
            part[k] = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(scaled));
        }
        v128_t a = wasm_i16x8_narrow_i32x4(part[0], part[1]), b = wasm_i16x8_narrow_i32x4(part[2], part[3]);
        wasm_v128_store(inputs + i, wasm_i8x16_narrow_i16x8(a, b));
    }
}

static int bits(void) {
    v128_t total = wasm_i16x8_const_splat(0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x += 16) {
            v128_t value = wasm_v128_xor(wasm_v128_load(&luma[y][x]), wasm_v128_load(&other[y][x]));
            total = wasm_i16x8_add(total, wasm_u16x8_extadd_pairwise_u8x16(wasm_i8x16_popcnt(value)));
        }
    return wasm_u16x8_extract_lane(total, 0) + wasm_u16x8_extract_lane(total, 5);
}

int main(void) {
    fill();
    uint32_t total = 0;
    for (int round = 0; round < 10; round++) {
        to_luma();
        for (int dx = 0; dx < 4; dx++)
            total = total * 31 + differences(dx);
        predict();
        split(20000 + 500 * round);
        total += (uint32_t)filter();
        for (int i = 0; i < 2048; i += 64)
            hadamard(samples + i);
        layer();
        total += (uint32_t)bits() + (uint32_t)inputs[round];
    }
    printf("%u\n", total);
}

/* Bytes: counting, searching, classes of characters, hexadecimal, base 64, case, numbers. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasm_simd128.h>

enum { N = 1 << 15 };
static char text[N + 64], out[2 * N + 64];

static int count(char byte, int n) {
    v128_t b = wasm_i8x16_splat(byte);
    int total = 0;
    for (int i = 0; i < n;) {
        v128_t sums = wasm_i8x16_splat(0);
        int end = i + 255 * 16 < n ? i + 255 * 16 : n;
        for (; i < end; i += 16) sums = wasm_i8x16_sub(sums, wasm_i8x16_eq(wasm_v128_load(text + i), b));
        v128_t wide = wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(sums));
        total += wasm_i32x4_extract_lane(wide, 0) + wasm_i32x4_extract_lane(wide, 1) + wasm_i32x4_extract_lane(wide, 2) + wasm_i32x4_extract_lane(wide, 3);
    }
    return total;
}

static const char *find(const char *p, char byte) {
    v128_t b = wasm_i8x16_splat(byte);
    for (;; p += 16) {
        uint32_t mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(p), b));
        if (mask) return p + __builtin_ctz(mask);
    }
}

static size_t length(const char *p) {
    const char *start = p;
    while (wasm_i8x16_all_true(wasm_v128_load(p))) p += 16;
    while (*p) p++;
    return p - start;
}

static int is_ascii(int n) {
    v128_t all = wasm_i8x16_splat(0);
    for (int i = 0; i < n; i += 64) {
        v128_t a = wasm_v128_or(wasm_v128_load(text + i), wasm_v128_load(text + i + 16));
        v128_t b = wasm_v128_or(wasm_v128_load(text + i + 32), wasm_v128_load(text + i + 48));
        all = wasm_v128_or(all, wasm_v128_or(a, b));
    }
    return !wasm_i8x16_bitmask(all);
}

static void upper(int n) {
    for (int i = 0; i < n; i += 16) {
        v128_t x = wasm_v128_load(text + i);
        v128_t is_lower = wasm_v128_and(wasm_i8x16_ge(x, wasm_i8x16_splat('a')), wasm_i8x16_le(x, wasm_i8x16_splat('z')));
        wasm_v128_store(text + i, wasm_v128_xor(x, wasm_v128_and(is_lower, wasm_i8x16_splat(0x20))));
    }
}

static void hexadecimal(int n) {
    v128_t digits = wasm_i8x16_make('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'), nibble = wasm_i8x16_splat(15);
    for (int i = 0; i < n; i += 16) {
        v128_t x = wasm_v128_load(text + i);
        v128_t high = wasm_i8x16_swizzle(digits, wasm_u8x16_shr(x, 4)), low = wasm_i8x16_swizzle(digits, wasm_v128_and(x, nibble));
        wasm_v128_store(out + 2 * i, wasm_i8x16_shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
        wasm_v128_store(out + 2 * i + 16, wasm_i8x16_shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
    }
}

static void base64(int n) {
    for (int i = 0, o = 0; i + 16 <= n; i += 12, o += 16) {
        v128_t x = wasm_v128_load(text + i);
        x = wasm_i8x16_swizzle(x, wasm_i8x16_make(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
        v128_t a = wasm_v128_and(wasm_u32x4_shr(x, 10), wasm_i32x4_splat(0x3F)), b = wasm_v128_and(wasm_i32x4_shl(x, 4), wasm_i32x4_splat(0x3F00));
        v128_t c = wasm_v128_and(wasm_u32x4_shr(x, 6), wasm_i32x4_splat(0x3F0000)), d = wasm_v128_and(wasm_i32x4_shl(x, 8), wasm_i32x4_splat(0x3F000000));
        v128_t six = wasm_v128_or(wasm_v128_or(a, b), wasm_v128_or(c, d));
        v128_t class = wasm_u8x16_sub_sat(six, wasm_i8x16_splat(51));
        class = wasm_i8x16_sub(class, wasm_i8x16_gt(six, wasm_i8x16_splat(25)));
        v128_t offset = wasm_i8x16_swizzle(wasm_i8x16_make(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0), class);
        wasm_v128_store(out + o, wasm_i8x16_add(six, offset));
    }
}

/* Classes of bytes by two tables, as parsers of JSON do. */
static int structure(int n) {
    v128_t high_table = wasm_i8x16_make(8, 0, 18, 4, 0, 1, 0, 1, 0, 0, 0, 3, 2, 1, 0, 0), low_table = wasm_i8x16_make(8, 0, 18, 4, 1, 1, 2, 1, 16, 9, 0, 3, 2, 1, 0, 0);
    int found = 0;
    for (int i = 0; i < n; i += 64) {
        uint64_t bits = 0;
        for (int j = 0; j < 64; j += 16) {
            v128_t x = wasm_v128_load(text + i + j);
            v128_t hit = wasm_v128_and(wasm_i8x16_swizzle(low_table, wasm_v128_and(x, wasm_i8x16_splat(15))), wasm_i8x16_swizzle(high_table, wasm_u8x16_shr(x, 4)));
            bits |= (uint64_t)(uint16_t)wasm_i8x16_bitmask(wasm_i8x16_ne(hit, wasm_i8x16_splat(0))) << j;
        }
        for (; bits; bits &= bits - 1) found += __builtin_ctzll(bits) + 1;
    }
    return found;
}

static uint32_t number(const char *p) {
    v128_t digits = wasm_i8x16_sub(wasm_v128_load(p), wasm_i8x16_splat('0'));
    v128_t pairs = wasm_u16x8_extmul_low_u8x16(digits, wasm_i8x16_make(10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    v128_t hundreds = wasm_u32x4_extadd_pairwise_u16x8(pairs);
    v128_t fours = wasm_i32x4_dot_i16x8(wasm_i16x8_narrow_i32x4(hundreds, hundreds), wasm_i16x8_make(100, 1, 100, 1, 0, 0, 0, 0));
    return wasm_i32x4_extract_lane(fours, 0) * 10000 + wasm_i32x4_extract_lane(fours, 1);
}

int main(void) {
    uint32_t seed = 3, sum = 0;
    for (int i = 0; i < N; i++) text[i] = " etaoin,shrdlu{}:\"0123456789abcXYZ\n"[(seed = seed * 1664525 + 1013904223) % 35u];
    for (int round = 0; round < 6; round++) {
        sum += count('e', N) + count('\n', N) + is_ascii(N) + structure(N);
        int lines = 0;
        for (const char *p = text; lines < 700; lines++) p = find(p, '\n') + 1;
        hexadecimal(N);
        sum += length(out) + out[99];
        base64(N);
        for (int i = 0; i < 2000; i++) sum += number(&"2147483699999999"[i % 8]);
        upper(N);
        sum = sum * 31 + text[round] + out[round];
    }
    printf("%u\n", sum);
    return 0;
}

/* Bit tricks: counting, reversing, Gray codes, Hamming codes, shift registers, Morton order, bit sets. */
#include <stdint.h>
#include <stdio.h>

static unsigned popcount(uint32_t x) {
    x -= x >> 1 & 0x55555555;
    x = (x & 0x33333333) + (x >> 2 & 0x33333333);
    return ((x + (x >> 4) & 0x0F0F0F0F) * 0x01010101) >> 24;
}

static uint32_t reverse(uint32_t x) {
    x = x >> 1 & 0x55555555 | (x & 0x55555555) << 1;
    x = x >> 2 & 0x33333333 | (x & 0x33333333) << 2;
    x = x >> 4 & 0x0F0F0F0F | (x & 0x0F0F0F0F) << 4;
    return x >> 24 | x >> 8 & 0xFF00 | x << 8 & 0xFF0000 | x << 24;
}

static uint64_t spread(uint32_t v) {
    uint64_t x = v;
    x = (x | x << 16) & 0x0000FFFF0000FFFF;
    x = (x | x << 8) & 0x00FF00FF00FF00FF;
    x = (x | x << 4) & 0x0F0F0F0F0F0F0F0F;
    x = (x | x << 2) & 0x3333333333333333;
    return (x | x << 1) & 0x5555555555555555;
}

static uint8_t hamming(uint8_t data) {
    uint8_t d1 = data & 1, d2 = data >> 1 & 1, d3 = data >> 2 & 1, d4 = data >> 3 & 1;
    return (d1 ^ d2 ^ d4) | (d1 ^ d3 ^ d4) << 1 | d1 << 2 | (d2 ^ d3 ^ d4) << 3 | d2 << 4 | d3 << 5 | d4 << 6;
}

int main(void) {
    uint32_t lfsr = 0xACE1u, set[64] = {0};
    uint64_t sum = 0;
    for (uint32_t i = 0; i < 150000; i++) {
        lfsr = lfsr >> 1 ^ (-(lfsr & 1u) & 0xB4BCD35C);
        sum += popcount(lfsr) + (reverse(lfsr) >> 28) + hamming(i & 15);
        sum ^= spread(lfsr & 0xFFFF) | spread(i) << 1;
        sum += i ^ i >> 1;
        set[lfsr >> 5 & 63] ^= 1u << (lfsr & 31);
        int lowest = lfsr & -lfsr ? __builtin_ctz(lfsr) : 0;
        sum += lowest + __builtin_clz(lfsr | 1);
        int x = (int)lfsr, mask = x >> 31;
        sum += (x ^ mask) - mask;
        sum = sum << 7 | sum >> 57;
    }
    for (int i = 0; i < 64; i++) sum += popcount(set[i]);
    printf("%llx\n", (unsigned long long)sum);
}

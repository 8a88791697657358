/* 64-bit integers: large numbers, dates, random numbers, rational arithmetic, primes, modular powers. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LIMBS 24
static void add_mul(uint32_t *a, const uint32_t *b, uint32_t k) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += a[i] + (uint64_t)b[i] * k;
        a[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static uint32_t div_small(uint32_t *a, uint32_t d) {
    uint64_t rest = 0;
    for (int i = LIMBS; i-- > 0;) {
        rest = rest << 32 | a[i];
        a[i] = (uint32_t)(rest / d);
        rest %= d;
    }
    return (uint32_t)rest;
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m) {
    uint64_t r = 0;
    for (; b; b >>= 1) {
        if (b & 1) r = (r + a) % m;
        a = (a << 1) % m;
    }
    return r;
}

static int64_t days(int64_t y, int m, int d) {
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1, doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int64_t gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t t = a % b;
        a = b;
        b = t;
    }
    return a < 0 ? -a : a;
}

int main(void) {
    uint32_t big[LIMBS] = {1}, copy[LIMBS];
    char digits[300];
    int n = 0;
    for (uint32_t i = 2; i < 120; i++) {
        memcpy(copy, big, sizeof big);
        add_mul(big, copy, i * 3 - 1);
    }
    for (int i = 0; i < 200; i++) digits[n++] = '0' + div_small(big, 10);
    uint64_t s[2] = {1, 2}, sum = 0;
    for (int i = 0; i < 60000; i++) {
        uint64_t a = s[0], b = s[1];
        s[0] = b;
        a ^= a << 23;
        s[1] = a ^ b ^ a >> 17 ^ b >> 26;
        sum += s[1] + b;
        sum = (sum ^ sum >> 33) * 0xFF51AFD7ED558CCDull;
    }
    int64_t num = 0, den = 1;
    for (int i = 1; i < 3000; i++) {
        int64_t d = i % 40 + 1;
        num = num * d + den * (i % 7);
        den *= d;
        int64_t g = gcd(num, den);
        num /= g;
        den /= g;
        if (den > 1000000) num = i, den = 7;
    }
    int64_t total = 0;
    for (int i = 0; i < 8000; i++) total += days(1600 + i % 800, 1 + i % 12, 1 + i % 28) % 7;
    int primes = 0;
    for (uint64_t p = 1000001; p < 1000401; p += 2) {
        int is = 1;
        for (uint64_t d = 3; d * d <= p && is; d += 2) is = p % d != 0;
        primes += is;
    }
    uint64_t power = 3;
    for (int i = 0; i < 60; i++) power = mul_mod(power, power + i, 1000000000000037ull);
    digits[n] = 0;
    printf("%.20s %llx %lld %lld %d %llu\n", digits, (unsigned long long)sum, (long long)num, (long long)total, primes, (unsigned long long)power);
}

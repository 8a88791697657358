/* Checksums a bit at a time: cyclic ones of several widths in both directions, shift registers, sums, digits. */
#include <stdint.h>
#include <stdio.h>

static uint8_t data[1500];

static uint8_t crc8(uint8_t crc, uint8_t byte) {
    crc ^= byte;
    for (int i = 0; i < 8; i++) crc = crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1;
    return crc;
}

static uint16_t crc16_up(uint16_t crc, uint8_t byte) {
    crc ^= (uint16_t)byte << 8;
    for (int i = 0; i < 8; i++) {
        if (crc & 0x8000) crc = crc << 1 ^ 0x1021;
        else crc <<= 1;
    }
    return crc;
}

static uint16_t crc16_down(uint16_t crc, uint8_t byte) {
    for (int i = 0; i < 8; i++) {
        unsigned bit = (crc ^ byte) & 1;
        crc >>= 1;
        byte >>= 1;
        if (bit) crc ^= 0x8408;
    }
    return crc;
}

static uint32_t crc32(uint32_t crc, uint8_t byte) {
    crc ^= byte;
    for (int i = 0; i < 8; i++) crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
    return crc;
}

static uint64_t crc64(uint64_t crc, uint8_t byte) {
    crc ^= (uint64_t)byte << 56;
    for (int i = 0; i < 8; i++) crc = crc << 1 ^ ((int64_t)crc < 0 ? 0x42F0E1EBA9EA3693 : 0);
    return crc;
}

static uint8_t crc5(uint8_t crc, unsigned value, int bits) {
    while (bits--) {
        uint8_t feedback = (crc >> 4 ^ value) & 1;
        value >>= 1;
        crc = (crc << 1 & 0x1F) ^ (feedback ? 0x05 : 0);
    }
    return crc;
}

static uint32_t shifted(uint32_t state, int steps) {
    while (steps--) state = state & 1 ? state >> 1 ^ 0xA3000000 : state >> 1;
    return state;
}

static uint16_t tapped(uint16_t state, int steps) {
    while (steps--) {
        unsigned bit = (state ^ state >> 2 ^ state >> 3 ^ state >> 5) & 1;
        state = state >> 1 | bit << 15;
    }
    return state;
}

static uint32_t fletcher(const uint8_t *s, int n) {
    unsigned low = 0, high = 0;
    for (int i = 0; i < n; i++) {
        low = (low + s[i]) % 255;
        high = (high + low) % 255;
    }
    return high << 8 | low;
}

static uint32_t adler(const uint8_t *s, int n) {
    uint32_t a = 1, b = 0;
    for (; n > 0; n--) {
        a += *s++;
        if (a >= 65521) a -= 65521;
        b += a;
        if (b >= 65521) b -= 65521;
    }
    return b << 16 | a;
}

static uint16_t internet(const uint16_t *s, int n) {
    uint32_t sum = 0;
    while (n-- > 0) sum += *s++;
    while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
    return ~sum;
}

static int luhn(const uint8_t *digits, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        int digit = digits[i] % 10;
        if (i & 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10;
}

static int parity(uint8_t byte) {
    int odd = 0;
    while (byte) odd ^= 1, byte &= byte - 1;
    return odd;
}

int main(void) {
    uint32_t seed = 7, total = 0, odd = 0, c32 = ~0u;
    uint64_t c64 = 0;
    uint16_t up = 0xFFFF, down = 0;
    uint8_t c8 = 0, c5 = 0x1F;
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 1500; i++) data[i] = (seed = seed * 1103515245 + 12345) >> 16;
        for (int i = 0; i < 1500; i++) {
            c8 = crc8(c8, data[i]);
            up = crc16_up(up, data[i]);
            down = crc16_down(down, data[i]);
            c32 = crc32(c32, data[i]);
            c64 = crc64(c64, data[i]);
            c5 = crc5(c5, data[i], 11);
            odd += parity(data[i]);
        }
        total += shifted(c32 | 1, 2000) + tapped(up | 1, 2000) + fletcher(data, 1500) + adler(data, 1500);
        total += internet((uint16_t *)data, 750) + luhn(data, 1500);
    }
    printf("%x %x %x %x %llx %x %u %u\n", c8, up, down, c32, (unsigned long long)c64, c5, odd, total);
    return 0;
}

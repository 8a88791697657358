/* Ciphers and sums: TEA, RC4, Salsa quarter rounds, Blowfish-like network, CRC-16, bit-serial DES-like permutation. */
#include <stdint.h>
#include <stdio.h>

static uint32_t rol(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void tea(uint32_t v[2], const uint32_t k[4]) {
    uint32_t y = v[0], z = v[1], sum = 0;
    for (int i = 0; i < 32; i++) {
        sum += 0x9E3779B9;
        y += ((z << 4) + k[0]) ^ (z + sum) ^ ((z >> 5) + k[1]);
        z += ((y << 4) + k[2]) ^ (y + sum) ^ ((y >> 5) + k[3]);
    }
    v[0] = y;
    v[1] = z;
}

#define QUARTER(a, b, c, d) b ^= rol(a + d, 7), c ^= rol(b + a, 9), d ^= rol(c + b, 13), a ^= rol(d + c, 18)

static void salsa(uint32_t x[16]) {
    uint32_t w[16];
    for (int i = 0; i < 16; i++) w[i] = x[i];
    for (int i = 0; i < 10; i++) {
        QUARTER(w[0], w[4], w[8], w[12]);
        QUARTER(w[5], w[9], w[13], w[1]);
        QUARTER(w[10], w[14], w[2], w[6]);
        QUARTER(w[15], w[3], w[7], w[11]);
    }
    for (int i = 0; i < 16; i++) x[i] += w[i];
}

static uint32_t box[4][256];
static uint32_t feistel(uint32_t x) { return ((box[0][x >> 24] + box[1][x >> 16 & 255]) ^ box[2][x >> 8 & 255]) + box[3][x & 255]; }

static uint16_t crc16(const uint8_t *p, int n) {
    uint16_t crc = 0xFFFF;
    while (n--) {
        crc ^= *p++ << 8;
        for (int i = 0; i < 8; i++) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    }
    return crc;
}

static uint64_t permute(uint64_t in, const uint8_t *table) {
    uint64_t out = 0;
    for (int i = 0; i < 64; i++) out = out << 1 | (in >> table[i] & 1);
    return out;
}

int main(void) {
    uint32_t v[2] = {1, 2}, k[4] = {3, 4, 5, 6}, x[16], l = 1, r = 2;
    static uint8_t s[256], stream[4000], table[64];
    for (int i = 0; i < 16; i++) x[i] = i * 0x01010101u;
    for (int i = 0; i < 1024; i++) box[i >> 8][i & 255] = rol(i * 2654435761u, i & 31);
    for (int i = 0; i < 64; i++) table[i] = i * 37 % 64;
    for (int i = 0; i < 256; i++) s[i] = i;
    for (int i = 0, j = 0; i < 256; i++) {
        j = (j + s[i] + i % 7) & 255;
        uint8_t t = s[i];
        s[i] = s[j];
        s[j] = t;
    }
    for (int n = 0, i = 0, j = 0; n < 4000; n++) {
        i = (i + 1) & 255;
        j = (j + s[i]) & 255;
        uint8_t t = s[i];
        s[i] = s[j];
        s[j] = t;
        stream[n] ^= s[(s[i] + s[j]) & 255];
    }
    uint64_t p = 0x0123456789ABCDEF;
    for (int i = 0; i < 600; i++) {
        tea(v, k);
        salsa(x);
        for (int j = 0; j < 16; j++) {
            l ^= k[j & 3];
            r ^= feistel(l);
            uint32_t t = l;
            l = r;
            r = t;
        }
        p = permute(p + i, table);
    }
    uint32_t sum = 1;
    for (int i = 0; i < 4; i++) sum = sum * 31 + crc16(stream + i * 1000, 1000);
    printf("%08x %08x %08x %016llx %u\n", v[0], x[3], l, (unsigned long long)p, sum);
}

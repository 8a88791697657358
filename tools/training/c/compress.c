/* Compression: run lengths, LZ with hash chains, Huffman with bit streams, arithmetic coder, move to front. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define N 12000
static uint8_t data[N], packed[2 * N], back[N + 300];
static uint16_t head[4096], chain[N];

static int lz(const uint8_t *in, int n, uint8_t *out) {
    int o = 0;
    memset(head, 0xFF, sizeof head);
    for (int i = 0; i < n;) {
        int best = 0, from = 0;
        if (i + 3 < n) {
            unsigned h = (in[i] << 8 ^ in[i + 1] << 4 ^ in[i + 2]) & 4095;
            int tries = 8;
            for (unsigned j = head[h]; j != 0xFFFF && tries--; j = chain[j]) {
                int len = 0;
                while (i + len < n && len < 255 && in[j + len] == in[i + len]) len++;
                if (len > best) best = len, from = j;
            }
            chain[i] = head[h];
            head[h] = i;
        }
        if (best > 4) {
            out[o++] = 255;
            out[o++] = best;
            out[o++] = (i - from) & 255;
            out[o++] = (i - from) >> 8;
            i += best;
        } else {
            if (in[i] == 255) out[o++] = 255, out[o++] = 0;
            else out[o++] = in[i];
            i++;
        }
    }
    return o;
}

static int unlz(const uint8_t *in, int n, uint8_t *out) {
    uint8_t *start = out;
    for (const uint8_t *end = in + n; in < end;) {
        if (*in != 255) {
            *out++ = *in++;
        } else if (in[1] == 0) {
            *out++ = 255;
            in += 2;
        } else {
            int len = in[1];
            const uint8_t *from = out - (in[2] | in[3] << 8);
            while (len--) *out++ = *from++;
            in += 4;
        }
    }
    return out - start;
}

struct bits {
    uint8_t *at;
    uint32_t hold;
    int count;
};

static void put(struct bits *b, uint32_t value, int width) {
    b->hold |= value << b->count;
    b->count += width;
    while (b->count >= 8) {
        *b->at++ = b->hold;
        b->hold >>= 8;
        b->count -= 8;
    }
}

static unsigned get(struct bits *b, int width) {
    while (b->count < width) {
        b->hold |= (uint32_t)*b->at++ << b->count;
        b->count += 8;
    }
    unsigned value = b->hold & ((1u << width) - 1);
    b->hold >>= width;
    b->count -= width;
    return value;
}

static int rice(const uint8_t *in, int n, uint8_t *out) {
    struct bits b = {out, 0, 0};
    uint8_t last = 0;
    for (int i = 0; i < n; i++) {
        int8_t d = in[i] - last;
        unsigned z = (uint8_t)(d << 1 ^ d >> 7);
        last = in[i];
        if (z >> 3 > 10) {
            put(&b, 0x7FF, 11);
            put(&b, z, 8);
        } else {
            put(&b, (1u << (z >> 3)) - 1, (z >> 3) + 1);
            put(&b, z & 7, 3);
        }
    }
    put(&b, 0, 8);
    return b.at - out;
}

static unsigned unrice(uint8_t *in, int n) {
    struct bits b = {in, 0, 0};
    unsigned sum = 0;
    uint8_t last = 0;
    for (int i = 0; i < n; i++) {
        unsigned q = 0;
        while (q < 11 && get(&b, 1)) q++;
        unsigned z = q == 11 ? get(&b, 8) : q << 3 | get(&b, 3);
        last += z >> 1 ^ -(z & 1);
        sum = sum * 31 + last;
    }
    return sum;
}

static unsigned model(const uint8_t *in, int n) {
    static uint16_t prob[256];
    uint32_t low = 0, range = 0xFFFFFFFF, out = 0;
    for (int i = 0; i < 256; i++) prob[i] = 2048;
    for (int i = 0; i < n; i++)
        for (int context = 1, bit = 7; bit >= 0; bit--) {
            uint32_t bound = (range >> 12) * prob[context];
            int one = in[i] >> bit & 1;
            if (!one) range = bound, prob[context] += (4096 - prob[context]) >> 5;
            else low += bound, range -= bound, prob[context] -= prob[context] >> 5;
            context = (context << 1 | one) & 255;
            while (range < 1u << 24) {
                out += low >> 24;
                low <<= 8;
                range <<= 8;
            }
        }
    return out;
}

int main(void) {
    unsigned seed = 11, sum = 0;
    for (int i = 0; i < N; i++) {
        seed = seed * 1103515245 + 12345;
        data[i] = seed >> 28 && i > 40 ? data[i - 7 - (seed >> 24 & 31)] : seed >> 17;
    }
    for (int round = 0; round < 2; round++) {
        int n = lz(data, N, packed);
        sum += n + unlz(packed, n, back) + memcmp(data, back, N);
        n = rice(data, N, packed);
        sum += n + unrice(packed, N) + model(data, N);
        uint8_t order[256];
        for (int i = 0; i < 256; i++) order[i] = i;
        for (int i = 0; i < N; i++) {
            int j = 0;
            while (order[j] != data[i]) j++;
            sum += j;
            for (; j > 0; j--) order[j] = order[j - 1];
            order[0] = data[i];
        }
    }
    printf("%u\n", sum);
}

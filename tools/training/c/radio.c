/* Integer signals: saturating arithmetic, filters, tones, convolutional codes and their decoder, codes over GF(256). */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int16_t sat(int32_t x) { return x > 32767 ? 32767 : x < -32768 ? -32768 : x; }
static int16_t add(int16_t a, int16_t b) { return sat((int32_t)a + b); }
static int16_t mul(int16_t a, int16_t b) { return a == -32768 && b == -32768 ? 32767 : (a * b + 0x4000) >> 15; }

static int16_t fir(const int16_t *taps, int16_t *line, int n, int16_t in) {
    int32_t sum = 0;
    for (int i = n - 1; i > 0; i--) line[i] = line[i - 1];
    line[0] = in;
    for (int i = 0; i < n; i++) sum += taps[i] * line[i];
    return sat(sum >> 15);
}

struct biquad { int16_t b0, b1, b2, a1, a2, x1, x2, y1, y2; };

static int16_t iir(struct biquad *q, int16_t x) {
    int32_t y = q->b0 * x + q->b1 * q->x1 + q->b2 * q->x2 - q->a1 * q->y1 - q->a2 * q->y2;
    q->x2 = q->x1, q->x1 = x;
    q->y2 = q->y1, q->y1 = sat(y >> 14);
    return q->y1;
}

static int32_t tone(const int16_t *s, int n, int16_t coefficient) {
    int32_t a = 0, b = 0;
    for (int i = 0; i < n; i++) {
        int32_t c = s[i] / 16 + (int32_t)((int64_t)coefficient * a >> 14) - b;
        b = a, a = c;
    }
    return (int32_t)(((int64_t)a * a + (int64_t)b * b - ((int64_t)a * b >> 14) * coefficient) >> 16);
}

static void lattice(const int16_t *reflection, int16_t *memory, int16_t *s, int n) {
    for (int k = 0; k < n; k++) {
        int16_t d = s[k], u = d;
        for (int i = 0; i < 8; i++) {
            int16_t kept = memory[i];
            memory[i] = u;
            u = add(kept, mul(reflection[i], d));
            d = add(d, mul(reflection[i], kept));
        }
        s[k] = d;
    }
}

static int parity(unsigned x) { x ^= x >> 4; return 0x6996 >> (x & 15) & 1; }

static void encode(const uint8_t *bits, int n, uint8_t *out) {
    unsigned state = 0;
    for (int i = 0; i < n; i++) {
        state = (state << 1 | bits[i]) & 0x7F;
        out[2 * i] = parity(state & 0x6D);
        out[2 * i + 1] = parity(state & 0x4F);
    }
}

static uint16_t cost[2][64];
static uint8_t from[256][64];

static int decode(const uint8_t *in, int n, uint8_t *bits) {
    memset(cost[0], 0x3F, sizeof cost[0]);
    cost[0][0] = 0;
    for (int i = 0; i < n; i++) {
        const uint16_t *old = cost[i & 1];
        uint16_t *new = cost[~i & 1];
        for (unsigned s = 0; s < 64; s++) {
            unsigned low = s >> 1, high = s >> 1 | 32;
            unsigned a = low << 1 | (s & 1), b = high << 1 | (s & 1);
            unsigned by_low = old[low] + (parity(a & 0x6D) ^ in[2 * i]) + (parity(a & 0x4F) ^ in[2 * i + 1]);
            unsigned by_high = old[high] + (parity(b & 0x6D) ^ in[2 * i]) + (parity(b & 0x4F) ^ in[2 * i + 1]);
            new[s] = by_high < by_low ? by_high : by_low;
            from[i][s] = by_high < by_low;
        }
    }
    unsigned best = 0;
    for (unsigned s = 1; s < 64; s++)
        if (cost[n & 1][s] < cost[n & 1][best]) best = s;
    int errors = cost[n & 1][best];
    for (int i = n - 1; i >= 0; i--) {
        bits[i] = best & 1;
        best = best >> 1 | from[i][best] << 5;
    }
    return errors;
}

static uint8_t power[512], log_[256];

static uint8_t times(uint8_t a, uint8_t b) { return a && b ? power[log_[a] + log_[b]] : 0; }

static uint8_t slow_times(uint8_t a, uint8_t b) {
    uint8_t product = 0;
    for (; b; b >>= 1) {
        if (b & 1) product ^= a;
        a = a & 0x80 ? a << 1 ^ 0x1D : a << 1;
    }
    return product;
}

static void check_bytes(const uint8_t *data, int n, const uint8_t *generator, uint8_t *check, int m) {
    memset(check, 0, m);
    for (int i = 0; i < n; i++) {
        uint8_t feedback = data[i] ^ check[m - 1];
        for (int j = m - 1; j > 0; j--) check[j] = check[j - 1] ^ times(generator[j], feedback);
        check[0] = times(generator[0], feedback);
    }
}

static int syndromes(const uint8_t *data, int n, int m) {
    int zero = 0;
    for (int j = 0; j < m; j++) {
        uint8_t s = 0;
        for (int i = 0; i < n; i++) s = times(s, power[j]) ^ data[i];
        zero += s == 0;
    }
    return zero;
}

int main(void) {
    static const int16_t taps[16] = {-120, 340, -800, 1500, -2600, 4300, 9000, 12000, 12000, 9000, 4300, -2600, 1500, -800, 340, -120};
    static const int16_t reflection[8] = {-9000, 7000, -3000, 2500, -1200, 900, -300, 150};
    static int16_t line[16], memory[8], samples[256];
    static uint8_t bits[256], coded[512], decoded[256], generator[8], check[8];
    struct biquad low = {4000, 8000, 4000, -9000, 5000, 0, 0, 0, 0};
    uint32_t seed = 5;
    int32_t level = 0, errors = 0, wrong = 0, zeros = 0;
    for (int i = 0, x = 1; i < 255; i++) power[i] = power[i + 255] = x, log_[x] = i, x = x << 1 ^ (x & 0x80 ? 0x11D : 0);
    generator[0] = 1;
    for (int j = 0; j < 7; j++)
        for (int i = 7; i >= 0; i--) generator[i] = slow_times(generator[i], power[j]) ^ (i ? generator[i - 1] : 0);
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 256; i++) {
            seed = seed * 1103515245 + 12345;
            bits[i] = seed >> 30 & 1;
            int16_t in = ((i * (round + 3) * 700 & 0x7FFF) - 16384) / 2 + (int16_t)(seed >> 20);
            samples[i] = iir(&low, fir(taps, line, 16, in));
        }
        lattice(reflection, memory, samples, 256);
        for (int k = 0; k < 8; k++) level ^= tone(samples, 256, 32000 - 4000 * k);
        encode(bits, 256, coded);
        for (int i = 0; i < 12; i++) coded[(seed >> i) % 512] ^= 1;
        errors += decode(coded, 256, decoded);
        wrong += memcmp(bits, decoded, 250) != 0;
        for (int i = 0; i < 256; i++) bits[i] = samples[i] >> 4;
        check_bytes(bits, 200, generator, check, 8);
        memcpy(bits + 200, check, 8);
        zeros += syndromes(bits, 208, 8) + check[3];
    }
    printf("%d %d %d %d\n", level, errors, wrong, zeros);
    return 0;
}

/* Integer matrices as controllers have them: 16-bit elements, 32-bit results, clipping, bit fields, small filters. */
#include <stdint.h>
#include <stdio.h>

#define SIDE 12
static int16_t a[SIDE * SIDE], b[SIDE * SIDE];
static int32_t c[SIDE * SIDE];
static uint8_t image[40 * 40], filtered[40 * 40];
static uint32_t histogram[256];

static void offset(int n, int16_t *m, int16_t by) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) m[i * n + j] += by;
}

static void scaled(int n, int32_t *to, const int16_t *m, int by) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) to[i * n + j] = m[i * n + j] * by;
}

static void times_vector(int n, int32_t *to, const int16_t *m, const int16_t *v) {
    for (int i = 0; i < n; i++) {
        int32_t sum = 0;
        for (int j = 0; j < n; j++) sum += m[i * n + j] * v[j];
        to[i] = sum;
    }
}

static void product(int n, int32_t *to, const int16_t *x, const int16_t *y) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int32_t sum = 0;
            for (int k = 0; k < n; k++) sum += x[i * n + k] * y[k * n + j];
            to[i * n + j] = sum;
        }
}

static void product_of_fields(int n, uint32_t *to, const uint16_t *x, const uint16_t *y) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            uint32_t sum = 0;
            for (int k = 0; k < n; k++) {
                uint32_t p = x[i * n + k] * y[k * n + j];
                sum += (p >> 3 & 0x1F) * (p >> 7 & 0x3F) ^ (p >> 20);
            }
            to[i * n + j] = sum;
        }
}

static int16_t clipped_sum(int n, const int32_t *m, int32_t limit) {
    int32_t sum = 0, before = 0;
    int16_t score = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int32_t now = m[i * n + j];
            sum += now;
            if (sum > limit) score += 7, sum = 0;
            else score += now > before ? 1 : 0;
            before = now;
        }
    return score;
}

static int saturate(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

static void sharpen(const uint8_t *in, uint8_t *out, int w, int h) {
    for (int y = 1; y < h - 1; y++)
        for (int x = 1; x < w - 1; x++) {
            const uint8_t *p = in + y * w + x;
            out[y * w + x] = saturate(5 * p[0] - p[-1] - p[1] - p[-w] - p[w]);
        }
}

static void median(const uint8_t *in, uint8_t *out, int n) {
    for (int i = 1; i < n - 1; i++) {
        uint8_t x = in[i - 1], y = in[i], z = in[i + 1];
        uint8_t low = x < y ? x : y, high = x < y ? y : x;
        out[i] = z < low ? low : z > high ? high : z;
    }
}

static int threshold(const uint8_t *in, int n) {
    for (int i = 0; i < 256; i++) histogram[i] = 0;
    for (int i = 0; i < n; i++) histogram[in[i]]++;
    uint32_t seen = 0, weighted = 0, all = 0, best = 0;
    int at = 0;
    for (int i = 0; i < 256; i++) all += i * histogram[i];
    for (int i = 0; i < 256; i++) {
        seen += histogram[i];
        if (!seen || seen == (uint32_t)n) continue;
        weighted += i * histogram[i];
        int32_t apart = (int32_t)(weighted / seen) - (int32_t)((all - weighted) / (n - seen));
        uint32_t score = seen / 8 * ((n - seen) / 8) * (uint32_t)(apart * apart) >> 8;
        if (score > best) best = score, at = i;
    }
    return at;
}

static int16_t trace(int n, int32_t *m) {
    int32_t sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            int32_t t = m[i * n + j];
            m[i * n + j] = m[j * n + i];
            m[j * n + i] = t;
        }
    for (int i = 0; i < n; i++) sum += m[i * n + i];
    return sum;
}

int main(void) {
    uint32_t seed = 3, check = 0;
    for (int i = 0; i < 40 * 40; i++) image[i] = (seed = seed * 69069 + 1) >> 24;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < SIDE * SIDE; i++) {
            a[i] = (seed = seed * 69069 + 1) >> 20;
            b[i] = (int16_t)(seed >> 8) % 100;
        }
        offset(SIDE, a, 0x123 + round);
        scaled(SIDE, c, a, round - 30);
        check = check * 33 + clipped_sum(SIDE, c, 10000);
        times_vector(SIDE, c, a, b);
        check += c[round % SIDE];
        product(SIDE, c, a, b);
        check = check * 33 + clipped_sum(SIDE, c, 100000) + trace(SIDE, c);
        product_of_fields(SIDE, (uint32_t *)c, (uint16_t *)a, (uint16_t *)b);
        check = check * 33 + clipped_sum(SIDE, c, 4000);
        offset(SIDE, a, -(0x123 + round));
        sharpen(image, filtered, 40, 40);
        median(filtered, image, 40 * 40);
        check += threshold(image, 40 * 40);
        image[round * 20] += 77;
    }
    printf("%u\n", check);
    return 0;
}

/* Fixed point: sine tables, square roots, a discrete cosine transform, ADPCM sound, colours. */
#include <stdint.h>
#include <stdio.h>

typedef int32_t fixed;
static fixed mul(fixed a, fixed b) { return (int64_t)a * b >> 16; }
static fixed div_(fixed a, fixed b) { return ((int64_t)a << 16) / b; }

static fixed sine(fixed x) {
    fixed x2 = mul(x, x), term = x, sum = x;
    for (int i = 2; i < 10; i += 2) {
        term = -div_(mul(term, x2), (i * (i + 1)) << 16);
        sum += term;
    }
    return sum;
}

static uint32_t root(uint32_t x) {
    uint32_t r = 0, bit = 1u << 30;
    while (bit > x) bit >>= 2;
    for (; bit; bit >>= 2) {
        if (x >= r + bit) {
            x -= r + bit;
            r = (r >> 1) + bit;
        } else {
            r >>= 1;
        }
    }
    return r;
}

static void transform(int16_t *b, int stride) {
    int s0 = b[0] + b[7 * stride], d0 = b[0] - b[7 * stride], s1 = b[stride] + b[6 * stride], d1 = b[stride] - b[6 * stride];
    int s2 = b[2 * stride] + b[5 * stride], d2 = b[2 * stride] - b[5 * stride];
    int s3 = b[3 * stride] + b[4 * stride], d3 = b[3 * stride] - b[4 * stride];
    b[0] = (s0 + s1 + s2 + s3) >> 1;
    b[4 * stride] = (s0 - s1 - s2 + s3) >> 1;
    b[2 * stride] = ((s0 - s3) * 1892 + (s1 - s2) * 784) >> 11;
    b[6 * stride] = ((s0 - s3) * 784 - (s1 - s2) * 1892) >> 11;
    b[stride] = (d0 * 2009 + d1 * 1703 + d2 * 1138 + d3 * 400) >> 11;
    b[3 * stride] = (d0 * 1703 - d1 * 400 - d2 * 2009 - d3 * 1138) >> 11;
    b[5 * stride] = (d0 * 1138 - d1 * 2009 + d2 * 400 + d3 * 1703) >> 11;
    b[7 * stride] = (d0 * 400 - d1 * 1138 + d2 * 1703 - d3 * 2009) >> 11;
}

static const int8_t index_step[16] = {-1, -1, -1, -1, 2, 4, 6, 8, -1, -1, -1, -1, 2, 4, 6, 8};

static uint8_t adpcm(int sample, int *value, int *index) {
    int step = 7 << (*index >> 3), diff = sample - *value;
    uint8_t code = 0;
    if (diff < 0) code = 8, diff = -diff;
    int delta = step >> 3;
    if (diff >= step) code |= 4, diff -= step, delta += step;
    if (diff >= step >> 1) code |= 2, diff -= step >> 1, delta += step >> 1;
    if (diff >= step >> 2) code |= 1, delta += step >> 2;
    *value += code & 8 ? -delta : delta;
    if (*value > 32767) *value = 32767;
    else if (*value < -32768) *value = -32768;
    *index += index_step[code];
    if (*index < 0) *index = 0;
    if (*index > 88) *index = 88;
    return code;
}

int main(void) {
    uint32_t sum = 0;
    int value = 0, index = 0;
    for (int i = 0; i < 25000; i++) {
        fixed s = sine((i % 205) << 10);
        sum = sum * 3 + s + root(i * 977u);
        sum += adpcm(s >> 2, &value, &index);
        int16_t samples[8];
        if (i % 16 == 0) {
            int16_t block[64];
            for (int j = 0; j < 64; j++) block[j] = (s >> 9) + j * 3 % 17;
            for (int j = 0; j < 8; j++) transform(block + 8 * j, 1);
            for (int j = 0; j < 8; j++) transform(block + j, 8);
            for (int j = 0; j < 64; j++) sum += block[j] / (1 + j);
        }
        uint16_t pixel = (uint16_t)(i * 31);
        int r = pixel >> 11, g = pixel >> 5 & 63, b = pixel & 31;
        samples[i & 7] = (r * 19 + g * 37 + b * 7) >> 5;
        sum ^= (uint32_t)samples[i & 7] << (i & 15);
    }
    printf("%u %d\n", sum, value);
}

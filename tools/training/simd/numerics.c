// Numbers of double precision, two at a time: complex products, polynomials, orbits, sums, roots by iteration, a
// linear solver, random numbers of 64 bits.
#include <stdint.h>
#include <stdio.h>
#include <wasm_simd128.h>

#define LEN 512

static double real[LEN], imaginary[LEN], values[LEN], matrix[32][32];

static void fill(void) {
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < LEN; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        real[i] = (double)(state >> 40) / 16777216.0 - 0.5;
        imaginary[i] = (double)(state & 0xffff) / 65536.0;
        values[i] = real[i] * 3.0 + 0.25;
    }
}

static v128_t polynomial(v128_t x) {
    v128_t sum = wasm_f64x2_const_splat(1.0 / 5040.0);
    sum = wasm_f64x2_sub(wasm_f64x2_const_splat(1.0 / 120.0), wasm_f64x2_mul(sum, x));
    sum = wasm_f64x2_sub(wasm_f64x2_const_splat(1.0 / 6.0), wasm_f64x2_mul(sum, x));
    sum = wasm_f64x2_sub(wasm_f64x2_const_splat(1.0), wasm_f64x2_mul(sum, x));
    return sum;
}

static double butterflies(int span) {
    v128_t w_re = wasm_f64x2_const(0.9238, 0.3826), w_im = wasm_f64x2_const(-0.3826, -0.9238);
    for (int start = 0; start < LEN; start += 2 * span) {
        for (int i = start; i < start + span; i += 2) {
            v128_t a_re = wasm_v128_load(real + i), a_im = wasm_v128_load(imaginary + i);
            v128_t b_re = wasm_v128_load(real + i + span), b_im = wasm_v128_load(imaginary + i + span);
            v128_t t_re = wasm_f64x2_sub(wasm_f64x2_mul(b_re, w_re), wasm_f64x2_mul(b_im, w_im));
            v128_t t_im = wasm_f64x2_add(wasm_f64x2_mul(b_re, w_im), wasm_f64x2_mul(b_im, w_re));
            wasm_v128_store(real + i, wasm_f64x2_mul(wasm_f64x2_add(a_re, t_re), wasm_f64x2_const_splat(0.5)));
            wasm_v128_store(imaginary + i, wasm_f64x2_mul(wasm_f64x2_add(a_im, t_im), wasm_f64x2_const_splat(0.5)));
            wasm_v128_store(real + i + span, wasm_f64x2_sub(a_re, t_re));
            wasm_v128_store(imaginary + i + span, wasm_f64x2_sub(a_im, t_im));
        }
    }
    return real[span] + imaginary[1];
}

static double orbit(int steps) {
    v128_t position[2] = {wasm_f64x2_const(1.0, 0.0), wasm_f64x2_const(0.3, 1.4)};
    v128_t velocity[2] = {wasm_f64x2_const(0.0, 0.8), wasm_f64x2_const(-0.7, 0.1)};
    v128_t step = wasm_f64x2_const_splat(0.01);
    for (int i = 0; i < steps; i++) {
        v128_t apart = wasm_f64x2_sub(position[0], position[1]);
        v128_t square = wasm_f64x2_mul(apart, apart);
        double distance = wasm_f64x2_extract_lane(square, 0) + wasm_f64x2_extract_lane(square, 1) + 0.01;
        v128_t pull = wasm_f64x2_splat(1.0 / (distance * __builtin_sqrt(distance)));
        v128_t change = wasm_f64x2_mul(wasm_f64x2_mul(apart, pull), step);
        velocity[0] = wasm_f64x2_sub(velocity[0], change);
        velocity[1] = wasm_f64x2_add(velocity[1], change);
        position[0] = wasm_f64x2_add(position[0], wasm_f64x2_mul(velocity[0], step));
        position[1] = wasm_f64x2_add(position[1], wasm_f64x2_mul(velocity[1], step));
    }
    return wasm_f64x2_extract_lane(position[0], 0) + wasm_f64x2_extract_lane(position[1], 1);
}

// How often each pair of starts is iterated until both are near a cube root.
static long newton(void) {
    long total = 0;
    for (int i = 0; i < LEN; i += 2) {
        v128_t wanted = wasm_f64x2_add(wasm_f64x2_abs(wasm_v128_load(values + i)), wasm_f64x2_const_splat(0.125));
        v128_t root = wasm_f64x2_const_splat(1.0), turns = wasm_i64x2_const_splat(0);
        for (int turn = 0; turn < 40; turn++) {
            v128_t square = wasm_f64x2_mul(root, root);
            v128_t error = wasm_f64x2_sub(wasm_f64x2_mul(square, root), wanted);
            v128_t far = wasm_f64x2_gt(wasm_f64x2_abs(error), wasm_f64x2_const_splat(1e-9));
            if (wasm_i64x2_bitmask(far) == 0)
                break;
            turns = wasm_i64x2_sub(turns, far);
            v128_t next = wasm_f64x2_sub(root, wasm_f64x2_div(error, wasm_f64x2_mul(square, wasm_f64x2_const_splat(3.0))));
            root = wasm_v128_bitselect(next, root, far);
        }
        total += wasm_i64x2_extract_lane(turns, 0) + wasm_i64x2_extract_lane(turns, 1);
        wasm_v128_store(values + i, root);
    }
    return total;
}

static double statistics(void) {
    v128_t sum = wasm_f64x2_const_splat(0), squares = sum;
    v128_t least = wasm_f64x2_const_splat(1e300), most = wasm_f64x2_const_splat(-1e300);
    for (int i = 0; i < LEN; i += 4) {
        v128_t a = wasm_v128_load(real + i), b = wasm_v128_load(real + i + 2);
        sum = wasm_f64x2_add(sum, wasm_f64x2_add(a, b));
        squares = wasm_f64x2_add(squares, wasm_f64x2_add(wasm_f64x2_mul(a, a), wasm_f64x2_mul(b, b)));
        least = wasm_f64x2_pmin(least, wasm_f64x2_min(a, b));
        most = wasm_f64x2_pmax(most, wasm_f64x2_max(a, b));
    }
    v128_t mean = wasm_f64x2_div(sum, wasm_f64x2_const_splat(LEN / 2));
    v128_t spread = wasm_f64x2_sqrt(wasm_f64x2_abs(wasm_f64x2_sub(squares, wasm_f64x2_mul(mean, sum))));
    v128_t all = wasm_f64x2_add(wasm_f64x2_add(mean, spread), wasm_f64x2_sub(most, least));
    return wasm_f64x2_extract_lane(all, 0) + wasm_f64x2_extract_lane(all, 1);
}

static double eliminate(void) {
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < 32; j++)
            matrix[i][j] = real[(i * 32 + j) % LEN] + (i == j ? 8.0 : 0.0);
    for (int pivot = 0; pivot < 31; pivot++) {
        for (int row = pivot + 1; row < 32; row++) {
            v128_t factor = wasm_f64x2_splat(matrix[row][pivot] / matrix[pivot][pivot]);
            for (int j = pivot & ~1; j < 32; j += 2) {
                v128_t own = wasm_v128_load(&matrix[row][j]);
                wasm_v128_store(&matrix[row][j], wasm_f64x2_sub(own, wasm_f64x2_mul(factor, wasm_v128_load(&matrix[pivot][j]))));
            }
        }
    }
    return matrix[31][31];
}

static uint64_t randoms(int count) {
    v128_t a = wasm_u64x2_make(1, 2), b = wasm_u64x2_make(0x9E3779B97F4A7C15u, 7), sum = wasm_i64x2_const_splat(0);
    for (int i = 0; i < count; i++) {
        v128_t t = a, s = b;
        sum = wasm_i64x2_add(sum, wasm_i64x2_add(t, s));
        a = s;
        t = wasm_v128_xor(t, wasm_i64x2_shl(t, 23));
        t = wasm_v128_xor(wasm_v128_xor(t, wasm_u64x2_shr(t, 17)), wasm_v128_xor(s, wasm_u64x2_shr(s, 26)));
        b = t;
    }
    return (uint64_t)wasm_i64x2_extract_lane(sum, 0) ^ (uint64_t)wasm_i64x2_extract_lane(sum, 1);
}

int main(void) {
    fill();
    double total = 0;
    for (int round = 0; round < 12; round++) {
        for (int span = 2; span < LEN; span *= 2)
            total += butterflies(span);
        for (int i = 0; i < LEN; i += 2) {
            v128_t x = wasm_v128_load(real + i);
            v128_t y = wasm_f64x2_mul(x, polynomial(wasm_f64x2_mul(x, x)));
            v128_t whole = wasm_f64x2_floor(wasm_f64x2_mul(y, wasm_f64x2_const_splat(16.0)));
            wasm_v128_store(imaginary + i, wasm_f64x2_sub(y, wasm_f64x2_mul(whole, wasm_f64x2_const_splat(0.0625))));
        }
        total += statistics() + orbit(400) + eliminate() + (double)newton();
    }
    printf("%.6f %llu\n", total, (unsigned long long)randoms(8000));
}

/* Numerical work in double: integration, roots, splines, Runge-Kutta, LU, Gauss, filters. */
#include <math.h>
#include <stdio.h>

#define N 24
static double integrate(double (*f)(double), double a, double b, int n) {
    double h = (b - a) / n, sum = f(a) + f(b);
    for (int i = 1; i < n; i++) sum += f(a + i * h) * (i & 1 ? 4 : 2);
    return sum * h / 3;
}
static double bell(double x) { return exp(-x * x); }
static double curve(double x) { return x * x * x - 2 * x + sin(x) / (1 + x * x); }

static double newton(double x) {
    for (int i = 0; i < 30; i++) {
        double f = x * x * x - x - 2, d = 3 * x * x - 1;
        if (fabs(f) < 1e-12) break;
        x -= f / d;
    }
    return x;
}

struct body {
    double x, y, z, vx, vy, vz, mass;
};

static void orbit(struct body *b, int n, double dt) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            if (i == j) continue;
            double dx = b[j].x - b[i].x, dy = b[j].y - b[i].y, dz = b[j].z - b[i].z;
            double r2 = dx * dx + dy * dy + dz * dz + 0.01, k = b[j].mass / (r2 * sqrt(r2)) * dt;
            b[i].vx += dx * k;
            b[i].vy += dy * k;
            b[i].vz += dz * k;
        }
    for (int i = 0; i < n; i++) {
        b[i].x += b[i].vx * dt;
        b[i].y += b[i].vy * dt;
        b[i].z += b[i].vz * dt;
    }
}

static double solve(double a[N][N + 1]) {
    for (int i = 0; i < N; i++) {
        int pivot = i;
        for (int r = i + 1; r < N; r++)
            if (fabs(a[r][i]) > fabs(a[pivot][i])) pivot = r;
        for (int c = 0; c <= N; c++) {
            double t = a[i][c];
            a[i][c] = a[pivot][c];
            a[pivot][c] = t;
        }
        for (int r = i + 1; r < N; r++) {
            double f = a[r][i] / a[i][i];
            for (int c = i; c <= N; c++) a[r][c] -= f * a[i][c];
        }
    }
    double x[N], sum = 0;
    for (int i = N; i-- > 0;) {
        x[i] = a[i][N];
        for (int c = i + 1; c < N; c++) x[i] -= a[i][c] * x[c];
        x[i] /= a[i][i];
        sum += x[i];
    }
    return sum;
}

int main(void) {
    double total = integrate(bell, -3, 3, 2000) + integrate(curve, 0, 2, 2000) + newton(1.5);
    struct body bodies[6];
    for (int i = 0; i < 6; i++) bodies[i] = (struct body){i, i * i % 5, 1.0 / (i + 1), 0, 0.1 * i, 0, 1 + i % 3};
    for (int i = 0; i < 300; i++) orbit(bodies, 6, 0.01);
    double x = 1, y = 0, z = 20;
    for (int i = 0; i < 5000; i++) {
        double dx = 10 * (y - x), dy = x * (28 - z) - y, dz = x * y - 8.0 / 3 * z;
        x += dx * 0.005, y += dy * 0.005, z += dz * 0.005;
    }
    for (int round = 0; round < 6; round++) {
        double a[N][N + 1];
        for (int i = 0; i < N; i++)
            for (int j = 0; j <= N; j++) a[i][j] = (i * 7 + j * 3 + round) % 11 + (i == j) * 20;
        total += solve(a);
    }
    static float signal[4096], out[4096];
    for (int i = 0; i < 4096; i++) signal[i] = sinf(i * 0.05f) + (i % 50 < 25 ? 0.2f : -0.2f);
    float state[2] = {0, 0};
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 4096; i++) {
            float w = signal[i] - 0.5f * state[0] + 0.2f * state[1];
            out[i] = 0.3f * w + 0.4f * state[0] + 0.3f * state[1];
            state[1] = state[0];
            state[0] = w;
        }
    printf("%.6f %.6f %.6f %f\n", total, bodies[2].x, x, out[99]);
}

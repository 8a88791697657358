/* Sorting in many ways: library, shell, heap, merge, radix, insertion; and records by function pointer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 6000
static int data[N], work[N], other[N];

static int by_value(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void shell(int *a, int n) {
    for (int gap = n / 2; gap; gap /= 2)
        for (int i = gap; i < n; i++) {
            int v = a[i], j = i;
            for (; j >= gap && a[j - gap] > v; j -= gap) a[j] = a[j - gap];
            a[j] = v;
        }
}

static void sift(int *a, int i, int n) {
    for (int child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && a[child + 1] > a[child]) child++;
        if (a[i] >= a[child]) return;
        int t = a[i];
        a[i] = a[child];
        a[child] = t;
    }
}

static void heap(int *a, int n) {
    for (int i = n / 2; i-- > 0;) sift(a, i, n);
    while (--n > 0) {
        int t = a[0];
        a[0] = a[n];
        a[n] = t;
        sift(a, 0, n);
    }
}

static void merge(int *a, int n, int *tmp) {
    if (n < 2) return;
    int m = n / 2, i = 0, j = m, k = 0;
    merge(a, m, tmp);
    merge(a + m, n - m, tmp);
    while (i < m && j < n) tmp[k++] = a[i] <= a[j] ? a[i++] : a[j++];
    while (i < m) tmp[k++] = a[i++];
    while (j < n) tmp[k++] = a[j++];
    memcpy(a, tmp, n * sizeof *a);
}

static void radix(uint32_t *a, int n, uint32_t *tmp) {
    for (int shift = 0; shift < 32; shift += 8) {
        unsigned count[257] = {0};
        for (int i = 0; i < n; i++) count[(a[i] >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++) count[i + 1] += count[i];
        for (int i = 0; i < n; i++) tmp[count[a[i] >> shift & 255]++] = a[i];
        uint32_t *t = a;
        a = tmp;
        tmp = t;
    }
}

static void quick(int *a, int low, int high) {
    while (low < high) {
        int pivot = a[(low + high) >> 1], i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i <= j) {
                int t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        quick(a, low, j);
        low = i;
    }
}

struct person {
    char name[12];
    short age;
    float height;
};

static int by_age(const struct person *a, const struct person *b) { return a->age - b->age; }
static int by_name(const struct person *a, const struct person *b) { return strcmp(a->name, b->name); }
static int by_height(const struct person *a, const struct person *b) { return (a->height > b->height) - (a->height < b->height); }

static void insertion(struct person *p, int n, int (*compare)(const struct person *, const struct person *)) {
    for (int i = 1; i < n; i++) {
        struct person v = p[i];
        int j = i;
        while (j > 0 && compare(&p[j - 1], &v) > 0) {
            p[j] = p[j - 1];
            j--;
        }
        p[j] = v;
    }
}

int main(void) {
    unsigned seed = 3, sum = 0;
    for (int i = 0; i < N; i++) data[i] = (seed = seed * 69069 + 1) >> 4;
    for (int kind = 0; kind < 6; kind++) {
        memcpy(work, data, sizeof data);
        switch (kind) {
        case 0: qsort(work, N, sizeof *work, by_value); break;
        case 1: shell(work, N); break;
        case 2: heap(work, N); break;
        case 3: merge(work, N, other); break;
        case 4: radix((uint32_t *)work, N, (uint32_t *)other); break;
        case 5: quick(work, 0, N - 1); break;
        }
        for (int i = 0; i < N; i += 97) sum = sum * 31 + work[i];
    }
    static struct person people[150];
    int (*orders[])(const struct person *, const struct person *) = {by_age, by_name, by_height};
    for (int i = 0; i < 150; i++) {
        seed = seed * 69069 + 1;
        snprintf(people[i].name, 12, "n%u", seed >> 20);
        people[i].age = seed >> 9 & 127;
        people[i].height = (seed >> 5 & 1023) / 500.0f;
    }
    for (int i = 0; i < 3; i++) insertion(people, 150, orders[i]);
    printf("%u %s %d\n", sum, people[20].name, people[30].age);
}

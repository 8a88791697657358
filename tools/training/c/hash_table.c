/* Hash tables: chains of allocated entries, and open addressing with growth. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    char *key;
    int value;
};

struct table {
    struct entry **buckets;
    size_t size, used;
};

static uint32_t hash(const char *s) {
    uint32_t h = 5381;
    while (*s) h = h * 33 ^ (uint8_t)*s++;
    return h;
}

static int *lookup(struct table *t, const char *key) {
    struct entry **slot = &t->buckets[hash(key) % t->size];
    for (struct entry *e = *slot; e; e = e->next)
        if (strcmp(e->key, key) == 0) return &e->value;
    struct entry *e = malloc(sizeof *e);
    e->key = strdup(key);
    e->value = 0;
    e->next = *slot;
    *slot = e;
    t->used++;
    return &e->value;
}

struct ints {
    uint64_t *keys;
    uint32_t *values, mask, used;
};

static void put(struct ints *m, uint64_t key, uint32_t value) {
    if (m->used * 4 >= m->mask * 3) {
        struct ints old = *m;
        m->mask = m->mask * 2 + 1;
        m->keys = calloc(m->mask + 1, sizeof *m->keys);
        m->values = calloc(m->mask + 1, sizeof *m->values);
        m->used = 0;
        for (uint32_t i = 0; old.keys && i <= old.mask; i++)
            if (old.keys[i]) put(m, old.keys[i], old.values[i]);
        free(old.keys);
        free(old.values);
    }
    uint32_t i = (uint32_t)((key * 0x9E3779B97F4A7C15ull) >> 32) & m->mask;
    while (m->keys[i] && m->keys[i] != key) i = (i + 1) & m->mask;
    if (!m->keys[i]) {
        m->keys[i] = key;
        m->used++;
    }
    m->values[i] += value;
}

int main(void) {
    struct table t = {calloc(1021, sizeof(struct entry *)), 1021, 0};
    struct ints m = {0};
    uint64_t seed = 88172645463325252ull;
    char key[16];
    m.mask = 0;
    for (int i = 0; i < 40000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        int n = seed % 3000, len = 0;
        do key[len++] = 'a' + n % 26;
        while (n /= 26);
        key[len] = 0;
        *lookup(&t, key) += i & 7;
        put(&m, (seed >> 50) + 1, i);
    }
    unsigned long sum = 0;
    for (size_t i = 0; i < t.size; i++)
        for (struct entry *e = t.buckets[i], *next; e; e = next) {
            next = e->next;
            sum = sum * 31 + e->value;
            free(e->key);
            free(e);
        }
    printf("%zu %lu %u\n", t.used, sum, m.used);
}

/* malloc and realloc in all sizes, a pool, a growing buffer, a ring buffer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool {
    char *block;
    size_t used, size;
    struct pool *next;
};

static void *take(struct pool **pool, size_t size) {
    size = (size + 7) & ~(size_t)7;
    if (!*pool || (*pool)->used + size > (*pool)->size) {
        struct pool *p = malloc(sizeof *p);
        p->size = 4096;
        p->block = malloc(p->size);
        p->used = 0;
        p->next = *pool;
        *pool = p;
    }
    void *result = (*pool)->block + (*pool)->used;
    (*pool)->used += size;
    return result;
}

struct buffer {
    unsigned char *data;
    size_t len, cap;
};

static void push(struct buffer *b, unsigned char byte) {
    if (b->len == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 8;
        b->data = realloc(b->data, b->cap);
    }
    b->data[b->len++] = byte;
}

struct ring {
    int slots[64];
    unsigned head, tail;
};

static int offer(struct ring *r, int v) {
    if (r->tail - r->head == 64) return 0;
    r->slots[r->tail++ & 63] = v;
    return 1;
}

static int poll(struct ring *r, int *v) {
    if (r->head == r->tail) return 0;
    *v = r->slots[r->head++ & 63];
    return 1;
}

int main(void) {
    void *live[200] = {0};
    unsigned seed = 5, sum = 0;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned slot = (seed >> 16) % 200, size = (seed >> 8) % 300 + 1;
        if (live[slot] && seed & 4) {
            live[slot] = realloc(live[slot], size);
        } else {
            free(live[slot]);
            live[slot] = malloc(size);
            memset(live[slot], slot, size < 20 ? size : 20);
        }
        sum += *(unsigned char *)live[slot];
    }
    struct pool *pool = NULL;
    struct cell {
        struct cell *next;
        int value[3];
    } *list = NULL;
    for (int i = 0; i < 10000; i++) {
        struct cell *c = take(&pool, sizeof *c);
        c->next = list;
        c->value[i % 3] = i;
        list = c;
    }
    int n = 9999;
    for (struct cell *c = list; c; c = c->next, n--) sum += c->value[n % 3];
    while (pool) {
        struct pool *next = pool->next;
        free(pool->block);
        free(pool);
        pool = next;
    }
    struct buffer b = {0};
    for (int i = 0; i < 30000; i++) push(&b, i ^ i >> 8);
    struct ring ring = {{0}, 0, 0};
    for (int i = 0; i < 30000; i++) {
        int v;
        if (!offer(&ring, b.data[i])) while (poll(&ring, &v) && v & 7) sum += v;
    }
    printf("%u %zu\n", sum, b.len);
}

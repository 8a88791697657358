/* Linked lists out of a pool: sorted by merging with callbacks, reversed, searched, spliced; a cache; polynomials. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NODES 600

struct record { int16_t rank, id; };
struct node { struct node *next; struct record *record; };
struct ring { struct ring *next, *before; int key, uses; };
struct term { struct term *next; int power; int64_t factor; };

static struct node nodes[NODES];
static struct record records[NODES];
static struct ring slots[64], ring;
static struct term terms[4000], *free_terms;
static uint32_t seed = 1;
static unsigned random_(void) { return (seed = seed * 1664525 + 1013904223) >> 16; }

static int by_rank(const struct record *a, const struct record *b) { return a->rank - b->rank; }
static int by_id(const struct record *a, const struct record *b) { return a->id - b->id; }
static int by_digits(const struct record *a, const struct record *b) {
    int x = a->rank % 10 * 100 + a->rank / 10 % 10, y = b->rank % 10 * 100 + b->rank / 10 % 10;
    return x == y ? by_id(a, b) : x - y;
}

static struct node *merge(struct node *a, struct node *b, int (*compare)(const struct record *, const struct record *)) {
    struct node *head = NULL, **end = &head;
    while (a && b) {
        struct node **less = compare(a->record, b->record) <= 0 ? &a : &b;
        *end = *less;
        end = &(*end)->next;
        *less = (*less)->next;
    }
    *end = a ? a : b;
    return head;
}

static struct node *sort(struct node *list, int (*compare)(const struct record *, const struct record *)) {
    if (!list || !list->next) return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) slow = slow->next, fast = fast->next->next;
    struct node *rest = slow->next;
    slow->next = NULL;
    return merge(sort(list, compare), sort(rest, compare), compare);
}

static struct node *reverse(struct node *list) {
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static struct node *find(struct node *list, int id) {
    while (list && list->record->id != id) list = list->next;
    return list;
}

static struct node *find_low_byte(struct node *list, unsigned low) {
    while (list && (list->record->rank & 0xFF) != low) list = list->next;
    return list;
}

static struct node *unlink_odd(struct node *list, struct node **odd) {
    struct node *kept = list;
    struct node **at = &kept;
    *odd = NULL;
    while (*at) {
        if ((*at)->record->id & 1) {
            struct node *gone = *at;
            *at = gone->next;
            gone->next = *odd;
            *odd = gone;
        } else {
            at = &(*at)->next;
        }
    }
    return kept;
}

static int use(int key) {
    struct ring *found = ring.next;
    while (found != &ring && found->key != key) found = found->next;
    int hit = found != &ring;
    if (!hit) found = ring.before, found->key = key, found->uses = 0;
    found->uses++;
    found->before->next = found->next;
    found->next->before = found->before;
    found->next = ring.next;
    found->before = &ring;
    ring.next->before = found;
    ring.next = found;
    return hit;
}

static void add_term(struct term **list, int power, int64_t factor) {
    while (*list && (*list)->power > power) list = &(*list)->next;
    if (*list && (*list)->power == power) {
        (*list)->factor = ((*list)->factor + factor) % 1000003;
        return;
    }
    struct term *made = free_terms;
    if (!made) return;
    free_terms = made->next;
    *made = (struct term){*list, power, factor};
    *list = made;
}

static struct term *product(const struct term *a, const struct term *b) {
    struct term *sum = NULL;
    for (; a; a = a->next)
        for (const struct term *t = b; t; t = t->next) add_term(&sum, a->power + t->power, a->factor * t->factor);
    return sum;
}

int main(void) {
    unsigned found = 0, hits = 0;
    int64_t check = 0;
    ring.next = ring.before = &ring;
    for (int i = 0; i < 64; i++) {
        slots[i] = (struct ring){ring.next, &ring, -1, 0};
        ring.next->before = &slots[i];
        ring.next = &slots[i];
    }
    for (int round = 0; round < 25; round++) {
        struct node *list = NULL, *odd;
        for (int i = 0; i < NODES; i++) {
            records[i] = (struct record){random_() & 0x3FFF, i};
            nodes[i] = (struct node){list, &records[i]};
            list = &nodes[i];
        }
        list = sort(list, by_rank);
        for (int i = 0; i < 60; i++) {
            struct node *at = i & 1 ? find(list, random_() % (NODES + 100)) : find_low_byte(list, random_() & 0xFF);
            if (at) found += at->record->rank & 1;
            list = reverse(list);
        }
        list = unlink_odd(sort(list, by_digits), &odd);
        list = merge(sort(list, by_id), sort(odd, by_id), by_id);
        for (struct node *at = list; at; at = at->next) check = check * 31 + at->record->rank;
        for (int i = 0; i < 400; i++) hits += use(random_() % 80 & random_());
    }
    for (int i = 0; i < 4000; i++) terms[i].next = free_terms, free_terms = &terms[i];
    struct term *a = NULL, *b = NULL;
    for (int i = 0; i < 40; i++) add_term(&a, random_() % 200, i + 1), add_term(&b, random_() % 200, 2 * i + 1);
    for (struct term *t = product(a, product(a, b)); t; t = t->next) check ^= t->factor << (t->power & 31);
    printf("%u %u %lld\n", found, hits, (long long)check);
    return 0;
}

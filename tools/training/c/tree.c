/* Balanced trees of allocated nodes: AVL, with deletion of the least, and a list sorted by merging. */
#include <stdio.h>
#include <stdlib.h>

typedef struct node {
    int key, height;
    struct node *left, *right;
} node;

static int height(node *n) { return n ? n->height : 0; }
static int max(int a, int b) { return a > b ? a : b; }
static void update(node *n) { n->height = 1 + max(height(n->left), height(n->right)); }

static node *rotate_right(node *n) {
    node *l = n->left;
    n->left = l->right;
    l->right = n;
    update(n);
    update(l);
    return l;
}

static node *rotate_left(node *n) {
    node *r = n->right;
    n->right = r->left;
    r->left = n;
    update(n);
    update(r);
    return r;
}

static node *balance(node *n) {
    update(n);
    int d = height(n->left) - height(n->right);
    if (d > 1) {
        if (height(n->left->left) < height(n->left->right)) n->left = rotate_left(n->left);
        return rotate_right(n);
    }
    if (d < -1) {
        if (height(n->right->right) < height(n->right->left)) n->right = rotate_right(n->right);
        return rotate_left(n);
    }
    return n;
}

static node *insert(node *n, int key) {
    if (!n) {
        n = calloc(1, sizeof *n);
        n->key = key;
        n->height = 1;
        return n;
    }
    if (key < n->key) n->left = insert(n->left, key);
    else if (key > n->key) n->right = insert(n->right, key);
    else return n;
    return balance(n);
}

static node *remove_least(node *n, int *key) {
    if (!n->left) {
        node *r = n->right;
        *key = n->key;
        free(n);
        return r;
    }
    n->left = remove_least(n->left, key);
    return balance(n);
}

struct item {
    struct item *next;
    double weight;
};

static struct item *merge_sort(struct item *list) {
    if (!list || !list->next) return list;
    struct item *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct item *b = slow->next, *head, **tail = &head;
    slow->next = NULL;
    struct item *a = merge_sort(list);
    b = merge_sort(b);
    while (a && b) {
        struct item **least = a->weight <= b->weight ? &a : &b;
        *tail = *least;
        tail = &(*least)->next;
        *least = *tail;
    }
    *tail = a ? a : b;
    return head;
}

int main(void) {
    node *root = NULL;
    unsigned seed = 7;
    long sum = 0;
    for (int i = 0; i < 12000; i++) {
        seed = seed * 1664525 + 1013904223;
        root = insert(root, seed >> 8);
        if (i % 3 == 2) {
            int key;
            root = remove_least(root, &key);
            sum = (sum * 7 + key) % 1000003;
        }
    }
    static struct item items[8000];
    for (int i = 0; i < 8000; i++) {
        seed = seed * 1664525 + 1013904223;
        items[i].weight = seed / 4294967296.0;
        items[i].next = i ? &items[i - 1] : NULL;
    }
    struct item *list = merge_sort(&items[7999]);
    printf("%d %ld %.6f\n", height(root), sum, list->next->weight);
}

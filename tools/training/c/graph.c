/* Graphs as adjacency lists in arrays: Dijkstra with a heap, components, topological order, flow, union-find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 1500
#define EDGES 9000
struct edge {
    int to, next, weight;
};
static struct edge edges[EDGES];
static int first[NODES], distance[NODES], parent[NODES], degree[NODES], order[NODES];
static int low[NODES], number[NODES], stack[NODES], depth, counter, components;
static struct { int distance, node; } heap[EDGES];
static int heap_len;

static void push(int d, int node) {
    int i = heap_len++;
    while (i && heap[(i - 1) / 2].distance > d) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i].distance = d;
    heap[i].node = node;
}

static int pop(int *d) {
    int top = heap[0].node, i = 0;
    *d = heap[0].distance;
    int last = --heap_len;
    for (int c; (c = 2 * i + 1) < last; i = c) {
        if (c + 1 < last && heap[c + 1].distance < heap[c].distance) c++;
        if (heap[last].distance <= heap[c].distance) break;
        heap[i] = heap[c];
    }
    heap[i] = heap[last];
    return top;
}

static void dijkstra(int from) {
    for (int i = 0; i < NODES; i++) distance[i] = 1 << 30;
    distance[from] = 0;
    push(0, from);
    while (heap_len) {
        int d, node = pop(&d);
        if (d > distance[node]) continue;
        for (int e = first[node]; e >= 0; e = edges[e].next) {
            int next = d + edges[e].weight;
            if (next < distance[edges[e].to]) push(distance[edges[e].to] = next, edges[e].to);
        }
    }
}

static void visit(int node) {
    low[node] = number[node] = ++counter;
    stack[depth++] = node;
    for (int e = first[node]; e >= 0; e = edges[e].next) {
        int to = edges[e].to;
        if (!number[to]) visit(to);
        if (low[to] < low[node]) low[node] = low[to];
    }
    if (low[node] == number[node]) {
        components++;
        int top;
        do low[top = stack[--depth]] = 1 << 30;
        while (top != node);
    }
}

static int find(int i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

int main(void) {
    unsigned seed = 13;
    long sum = 0;
    memset(first, -1, sizeof first);
    for (int i = 0; i < EDGES; i++) {
        seed = seed * 1664525 + 1013904223;
        int from = (seed >> 8) % NODES;
        seed = seed * 1664525 + 1013904223;
        edges[i] = (struct edge){(seed >> 8) % NODES, first[from], seed >> 25};
        first[from] = i;
    }
    for (int i = 0; i < 5; i++) {
        dijkstra(i * 100);
        for (int j = 0; j < NODES; j++) if (distance[j] < 1 << 30) sum += distance[j];
    }
    for (int i = 0; i < NODES; i++) if (!number[i]) visit(i);
    for (int i = 0; i < NODES; i++) parent[i] = i;
    int joined = 0;
    for (int i = 0; i < NODES; i++)
        for (int e = first[i]; e >= 0; e = edges[e].next) {
            if (edges[e].to > i) degree[edges[e].to]++;
            int a = find(i), b = find(edges[e].to);
            if (a != b) parent[a] = b, joined++;
        }
    int head = 0, tail = 0;
    for (int i = 0; i < NODES; i++) if (!degree[i]) order[tail++] = i;
    while (head < tail)
        for (int i = order[head++], e = first[i]; e >= 0; e = edges[e].next)
            if (edges[e].to > i && --degree[edges[e].to] == 0) order[tail++] = edges[e].to;
    printf("%ld %d %d %d\n", sum, components, joined, tail);
}

// Searches that leave the recursion at the first solution, and choices that are taken back by jumps.
#include <stdio.h>
#include <string.h>
#include "setjmp.h"

static jmp_buf found;
static int columns[12], tried;

static int safe(int row, int column) {
  for (int r = 0; r < row; r++)
    if (columns[r] == column || columns[r] - column == r - row || columns[r] - column == row - r) return 0;
  return 1;
}

static void place(int row, int size, int *skip) {
  if (row == size && (*skip)-- == 0) longjmp(found, row);
  if (row == size) return;
  for (int column = 0; column < size; column++) {
    tried++;
    if (safe(row, column)) {
      columns[row] = column;
      place(row + 1, size, skip);
    }
  }
}

static int queens(int size, int skip) {
  int volatile result = 0;
  if (setjmp(found) == 0) place(0, size, &skip);
  else for (int row = 0; row < size; row++) result = result * 7 + columns[row];
  return result;
}

// A choice that fails jumps to the last one that has alternatives.
#define CHOICES 64
static jmp_buf stack[CHOICES];
static int top, colours[CHOICES];
static unsigned char edges[CHOICES][CHOICES];

_Noreturn static void fail(void) { longjmp(stack[top - 1], 1); }

static int colour(int nodes, int most, int node);

static int attempt(int nodes, int most, int node, int colour_) {
  for (int other = 0; other < node; other++)
    if (edges[node][other] && colours[other] == colour_) fail();
  colours[node] = colour_;
  return colour(nodes, most, node + 1);
}

static int colour(int nodes, int most, int node) {
  if (node == nodes) {
    int code = 0;
    for (int i = 0; i < nodes; i++) code = code * 5 + colours[i];
    return code;
  }
  int volatile next = 0;
  int const mine = top++;
  setjmp(stack[mine]);
  top = mine + 1;
  if (next == most) {
    top = mine;
    if (top == 0) return -1;
    fail();
  }
  return attempt(nodes, most, node, next++);
}

// A sum of a tree that ends early when a limit is passed, from any depth, with a cleanup on the way.
struct guard { jmp_buf jump; struct guard *outer; };
static struct guard *guards;
static int cleanups;

static int leaf(int seed, int limit) {
  if (seed % 97 > limit) {
    struct guard *guard = guards;
    longjmp(guard->jump, seed % 97);
  }
  return seed % 97;
}

static int walk(int depth, int seed, int limit) {
  if (depth == 0) return leaf(seed, limit);
  struct guard guard;
  guard.outer = guards;
  guards = &guard;
  int code = setjmp(guard.jump);
  if (code) {
    guards = guard.outer;
    cleanups++;
    if (guards && depth < 4) longjmp(guards->jump, code);
    return -code;
  }
  int sum = walk(depth - 1, seed * 3 + 1, limit) + walk(depth - 1, seed * 5 + 2, limit);
  guards = guard.outer;
  return sum;
}

int main(void) {
  unsigned total = 0, seed = 3;
  for (int size = 4; size <= 8; size++)
    for (int skip = 0; skip < 6; skip++) total = total * 3 + queens(size, skip);
  for (int round = 0; round < 40; round++) {
    int nodes = 8 + round % 10;
    for (int a = 0; a < nodes; a++)
      for (int b = 0; b < a; b++) {
        seed = seed * 1103515245 + 12345;
        edges[a][b] = (seed >> 16) % 5 < 2;
      }
    top = 0;
    total = total * 3 + colour(nodes, 3 + round % 2, 0);
  }
  for (int round = 0; round < 60; round++) total = total * 3 + walk(9, round, 80 + round % 17);
  printf("%u %d %d\n", total, tried, cleanups);
  return 0;
}

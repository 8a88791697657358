// A calculator whose errors, of syntax and of arithmetic, leave the recursion by `longjmp`.
#include <stdio.h>
#include <string.h>
#include "setjmp.h"

enum { SYNTAX = 1, DIVISION, UNBOUND, DEPTH };

static jmp_buf *handler;
static const char *at;
static int variables[26], bound[26], depth;

static long sum(void);

static void blanks(void) { while (*at == ' ') at++; }

static void expect(char c) {
  blanks();
  if (*at != c) longjmp(*handler, SYNTAX);
  at++;
}

static long primary(void) {
  blanks();
  if (*at >= '0' && *at <= '9') {
    long value = 0;
    while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
    return value;
  }
  if (*at >= 'a' && *at <= 'z') {
    int name = *at++ - 'a';
    if (!bound[name]) longjmp(*handler, UNBOUND);
    return variables[name];
  }
  if (*at == '-') { at++; return -primary(); }
  if (*at == '?') {
    // `? a : b` is a, or b if a fails.
    at++;
    const char *start = at;
    int level = depth;
    jmp_buf here, *outer = handler;
    long value = 0;
    handler = &here;
    if (setjmp(here) == 0) {
      value = primary();
      handler = outer;
      expect(':');
      primary();
    } else {
      handler = outer;
      depth = level;
      at = start;
      int open = 0;
      for (; *at && (open || *at != ':'); at++) open += (*at == '(') - (*at == ')');
      expect(':');
      value = primary();
    }
    return value;
  }
  expect('(');
  if (++depth > 40) longjmp(*handler, DEPTH);
  long value = sum();
  depth--;
  expect(')');
  return value;
}

static long product(void) {
  long value = primary();
  for (;;) {
    blanks();
    if (*at == '*') { at++; value *= primary(); }
    else if (*at == '/') {
      at++;
      long by = primary();
      if (by == 0) longjmp(*handler, DIVISION);
      value /= by;
    } else return value;
  }
}

static long sum(void) {
  long value = product();
  for (;;) {
    blanks();
    if (*at == '+') { at++; value += product(); }
    else if (*at == '-') { at++; value -= product(); }
    else return value;
  }
}

static long statement(const char *text) {
  jmp_buf here;
  at = text;
  depth = 0;
  handler = &here;
  int error = setjmp(here);
  if (error) return -1000 * error - (at - text);
  blanks();
  int name = at[0] >= 'a' && at[1] == '=' ? *at - 'a' : -1;
  if (name >= 0) at += 2;
  long value = sum();
  blanks();
  if (*at) longjmp(here, SYNTAX);
  if (name >= 0) variables[name] = value, bound[name] = 1;
  return value;
}

int main(void) {
  static const char *lines[] = {
    "a=1 + 2 * 3", "b=(a + 4) * (a - 2)", "b / (a - 7)", "1 + * 2", "c + 1", "? (b / (a - 7)) : 5", "((((1))))",
    "? (z) : (? (1 / 0) : (a * b))", "(1 + 2", "-(3 - (4 - (5 - (6 - 7))))", "? (1 + (2 * (3 / 0))) : a + 1", "12 34",
  };
  long total = 0;
  for (int round = 0; round < 600; round++) {
    for (int i = 0; i < (int)(sizeof lines / sizeof *lines); i++) total = total * 3 + statement(lines[i]);
    char deep[128];
    int levels = round % 50;
    memset(deep, '(', levels);
    deep[levels] = '1';
    memset(deep + levels + 1, ')', levels);
    deep[2 * levels + 1] = 0;
    total += statement(deep);
  }
  printf("%ld\n", total);
  return 0;
}

// A small machine whose instructions trap by `longjmp`, with handlers in the guest, and threads of control that yield.
#include <stdio.h>
#include "setjmp.h"

enum { PUSH, ADD, SUB, MUL, DIV, DUP, SWAP, LOAD, STORE, JUMP, JUMPZ, TRY, END, RAISE, CALL, RETURN, HALT };
enum { FUEL = 1, STACK, ZERO, RANGE, RAISED };

struct machine {
  jmp_buf trap;
  const short *code;
  int stack[32], cells[16], returns[16], handlers[8];
  int size, depth, guards, pc, fuel;
};

_Noreturn static void trap(struct machine *m, int why) { longjmp(m->trap, why); }

static void push(struct machine *m, int value) {
  if (m->size == 32) trap(m, STACK);
  m->stack[m->size++] = value;
}

static int pop(struct machine *m) {
  if (m->size == 0) trap(m, STACK);
  return m->stack[--m->size];
}

static int *cell(struct machine *m, int index) {
  if (index < 0 || index >= 16) trap(m, RANGE);
  return &m->cells[index];
}

static void step(struct machine *m) {
  if (m->fuel-- == 0) trap(m, FUEL);
  int a, b;
  switch (m->code[m->pc++]) {
    case PUSH: push(m, m->code[m->pc++]); break;
    case ADD: b = pop(m), a = pop(m), push(m, a + b); break;
    case SUB: b = pop(m), a = pop(m), push(m, a - b); break;
    case MUL: b = pop(m), a = pop(m), push(m, (int)((unsigned)a * b)); break;
    case DIV: b = pop(m), a = pop(m); if (b == 0) trap(m, ZERO); push(m, a / b); break;
    case DUP: a = pop(m), push(m, a), push(m, a); break;
    case SWAP: b = pop(m), a = pop(m), push(m, b), push(m, a); break;
    case LOAD: push(m, *cell(m, pop(m))); break;
    case STORE: b = pop(m), a = pop(m), *cell(m, a) = b; break;
    case JUMP: m->pc = m->code[m->pc]; break;
    case JUMPZ: a = m->code[m->pc++]; if (pop(m) == 0) m->pc = a; break;
    case TRY: if (m->guards == 8) trap(m, STACK); m->handlers[m->guards++] = m->code[m->pc++]; break;
    case END: m->guards--; break;
    case RAISE: trap(m, RAISED + pop(m)); break;
    case CALL: if (m->depth == 16) trap(m, STACK); m->returns[m->depth++] = m->pc + 1, m->pc = m->code[m->pc]; break;
    case RETURN: m->pc = m->returns[--m->depth]; break;
  }
}

// Runs until the code halts or a trap has no handler: the top of the stack, or the negated trap.
static int run(struct machine *m, const short *code, int fuel) {
  m->code = code, m->fuel = fuel;
  m->size = m->depth = m->guards = m->pc = 0;
  int why = setjmp(m->trap);
  if (why) {
    if (m->guards == 0 || why == FUEL) return -why;
    m->pc = m->handlers[--m->guards];
    m->size = m->depth = 0;
    push(m, why);
  }
  while (m->code[m->pc] != HALT) step(m);
  return m->size ? m->stack[m->size - 1] : 0;
}

int main(void) {
  // Sums 1000 / (i - 5) for i from 20 down, and counts the division that fails.
  static const short divide[] = {
    PUSH, 0, PUSH, 20, STORE, PUSH, 1, PUSH, 0, STORE,
    TRY, 50, PUSH, 1, PUSH, 1, LOAD, PUSH, 1000, PUSH, 0, LOAD, PUSH, 5, SUB, DIV, ADD, STORE, END,
    PUSH, 0, PUSH, 0, LOAD, PUSH, 1, SUB, DUP, JUMPZ, 43, STORE, JUMP, 10, SWAP, PUSH, 1, LOAD, HALT, 0, 0,
    PUSH, 2, PUSH, 2, LOAD, PUSH, 1, ADD, STORE, JUMP, 29,
  };
  static const short recurse[] = { TRY, 4, CALL, 2, PUSH, 7, MUL, HALT };
  static const short raise[] = { TRY, 6, TRY, 7, PUSH, 3, HALT, PUSH, 2, RAISE, HALT };
  static const short range[] = { PUSH, 77, LOAD, HALT };
  static const short endless[] = { PUSH, 1, JUMPZ, 0, JUMP, 0 };
  static const short thrown[] = { TRY, 5, PUSH, 9, RAISE, PUSH, 1, ADD, HALT };
  static struct machine machine;
  unsigned total = 0;
  for (int round = 0; round < 250; round++) {
    total = total * 3 + run(&machine, divide, 2000);
    total = total * 3 + run(&machine, recurse, 200);
    total = total * 3 + run(&machine, raise, 200);
    total = total * 3 + run(&machine, range, 200);
    total = total * 3 + run(&machine, endless, round);
    total = total * 3 + run(&machine, thrown, 200);
  }
  printf("%u %d\n", total, machine.cells[2]);
  return 0;
}

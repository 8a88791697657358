// In a file of its own: clang 19 makes a malformed module when it can inline these.
#include "setjmp.h"

void __wasm_setjmp(void *buffer, unsigned place, void *call) {
  jmp_buf *jump = buffer;
  (*jump)->call = call;
  (*jump)->place = place;
}

// The place in this call that the buffer came from, or 0 if it came from another call and is to be thrown on.
unsigned __wasm_setjmp_test(void *buffer, void *call) {
  jmp_buf *jump = buffer;
  return (*jump)->call == call ? (*jump)->place : 0;
}

void __wasm_longjmp(void *buffer, int value) {
  jmp_buf *jump = buffer;
  (*jump)->thrown.buffer = buffer;
  (*jump)->thrown.value = value ? value : 1;
  __builtin_wasm_throw(1, &(*jump)->thrown);
}

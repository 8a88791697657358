// What clang's lowering of `setjmp` to exceptions asks of a library. A function that calls `setjmp` has an
// identity in each of its calls; a buffer remembers it with the number of the place, and `longjmp` throws the buffer.
typedef struct {
  void *call;
  unsigned place;
  struct { void *buffer; int value; } thrown;
} jmp_buf[1];

int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);

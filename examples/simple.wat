;; A module with one of everything that an instance has. Compilers of C programs produce this shape: a table for
;; function pointers, a memory, a stack pointer, and the addresses where data ends and the heap begins. Run it with
;;
;;     wapiti run --invoke main examples/simple.wat 0 0
(module
  (table $functions 1 1 funcref)
  (memory $memory 16)

  (global $stack_pointer (mut i32) (i32.const 1048576))
  (global $data_end i32 (i32.const 1048576))
  (global $heap_base i32 (i32.const 1048576))

  (export "memory" (memory $memory))
  (export "__data_end" (global $data_end))
  (export "__heap_base" (global $heap_base))
  (export "main" (func $main))

  ;; int main(int argc, char **argv) { return 42; }
  (func $main (param $argc i32) (param $argv i32) (result i32)
    i32.const 42))

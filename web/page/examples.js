// What the page can start with. Each has a name, a text, and what to call.
export const examples = [
  { name: '42', call: 'main', args: '0 0', text: `;; The smallest answer. Press Run, then look at the bytes below:
;; every one of them has a meaning.
(module
  (memory (export "memory") 1)
  (func (export "main") (param $argc i32) (param $argv i32) (result i32)
    i32.const 42))
` },
  { name: 'fib', call: 'fib', args: '25', text: `;; Fibonacci, calling itself. Seventeen operators become eight ops:
;; reading a local or a constant costs nothing.
(module
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (i32.lt_u (local.get $n) (i32.const 2))
      (then (return (local.get $n))))
    (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 1)))
      (call $fib (i32.sub (local.get $n) (i32.const 2))))))
` },
  { name: 'Hello, World!', call: '_start', args: '', text: `;; A module can compute but not print. For that it asks the system,
;; here WASI's fd_write, to write what lies in its memory.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00" "\\0e\\00\\00\\00") ;; address and length
  (data (i32.const 16) "Hello, World!\\n")
  (func (export "_start")
    (drop (call $fd_write
      (i32.const 1)       ;; standard output
      (i32.const 0)       ;; the list of buffers ...
      (i32.const 1)       ;; ... has one
      (i32.const 8)))))   ;; where to put the bytes written
` },
  { name: 'A loop', call: 'sum', args: '10', text: `;; Adds the squares up to n and keeps each sum in memory.
;; Step through it and watch the memory change.
(module
  (memory (export "memory") 1)
  (func (export "sum") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum)
        (i32.mul (local.get $i) (local.get $i))))
      (i32.store (i32.mul (local.get $i) (i32.const 4)) (local.get $sum))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))
` },
  { name: 'A trap', call: 'divide', args: '42 0', text: `;; What cannot be done is a trap: execution ends there and then,
;; and the page is told where. Nothing else is harmed.
(module
  (func $checked (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))
  (func (export "divide") (param $a i32) (param $b i32) (result i32)
    (call $checked (local.get $a) (local.get $b))))
` },
  { name: 'A host call', call: 'countdown', args: '3', text: `;; Functions of the page: "log" prints a number, "double" doubles one.
;; Any other import is printed with its arguments and returns 0.
(module
  (import "page" "log" (func $log (param i32)))
  (import "page" "double" (func $double (param i32) (result i32)))
  (func (export "countdown") (param $n i32)
    (loop $next
      (call $log (call $double (local.get $n)))
      (br_if $next
        (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
` },
];

;; Fibonacci numbers by plain recursion: little work and a great many calls. Run it with
;;
;;     wapiti run --invoke fib examples/fib.wat 30
(module
  (func $fib (export "fib") (param $n i32) (result i32)
    ;; fib(0) = 0 and fib(1) = 1
    (if (i32.lt_u (local.get $n) (i32.const 2))
      (then (return (local.get $n))))
    ;; fib(n) = fib(n - 1) + fib(n - 2)
    (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 1)))
      (call $fib (i32.sub (local.get $n) (i32.const 2))))))

;; Arguments are put where the callee's frame begins, and results are found there.
;;
;; fib(10) => 55
;; nested(2) => 26
;; beside_a_pending_local(10, 3) => 17
;; two_results(1) => 4
;; indirect(0, 9) => 10
;; indirect(1, 9) => 81
;; indirect(2, 9) => trap: uninitialized element
;; indirect(3, 9) => trap: undefined element
;; other_type(0) => trap: indirect call type mismatch
(module
  (type $unary (func (param i32) (result i32)))
  (table 3 funcref)
  (elem (i32.const 0) $increment $square)
  (func $fib (export "fib") (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add
      (call $fib (i32.sub (local.get 0) (i32.const 1)))
      (call $fib (i32.sub (local.get 0) (i32.const 2)))))
  (func $increment (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func $both (param i32) (result i32 i32) (local.get 0) (i32.const 3))
  (func $nested (export "nested") (param i32) (result i32)
    (call $increment (call $square (call $increment (call $square (local.get 0))))))
  ;; The local waits in its own cell while the call is made.
  (func $beside_a_pending_local (export "beside_a_pending_local") (param i32 i32) (result i32)
    (i32.add (local.get 0) (i32.sub (call $square (local.get 1)) (i32.const 2))))
  (func $two_results (export "two_results") (param i32) (result i32)
    (call $both (local.get 0))
    i32.add)
  (func $indirect (export "indirect") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func $other_type (export "other_type") (param i32)
    (call_indirect (local.get 0))))

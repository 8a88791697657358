;; A tail call moves the arguments down over the current frame, and the callee returns to the caller's caller.
;;
;; countdown(1000000) => 0
;; is_even(1000001) => 0
;; exchange(1, 2) => 2, 1
;; more_arguments(5) => 15
;; indirect(6, 0) => 720
;; indirect(6, 1) => trap: undefined element
(module
  (type $step (func (param i64 i64) (result i64)))
  (table 1 funcref)
  (elem (i32.const 0) $factorial)
  (func $countdown (export "countdown") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 0))))
    (return_call $countdown (i32.sub (local.get 0) (i32.const 1))))
  (func $is_even (export "is_even") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call $is_odd (i32.sub (local.get 0) (i32.const 1))))
  (func $is_odd (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call $is_even (i32.sub (local.get 0) (i32.const 1))))
  (func $pair (param i32 i32) (result i32 i32) (local.get 0) (local.get 1))
  (func $exchange (export "exchange") (param i32 i32) (result i32 i32)
    (return_call $pair (local.get 1) (local.get 0)))
  (func $sum (param i32 i32 i32 i32 i32) (result i32)
    (i32.add (local.get 0) (i32.add (local.get 1) (i32.add (local.get 2)
      (i32.add (local.get 3) (local.get 4))))))
  (func $more_arguments (export "more_arguments") (param i32) (result i32)
    (return_call $sum (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (local.get 0)))
  (func $factorial (type $step)
    (if (i64.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call_indirect (type $step)
      (i64.sub (local.get 0) (i64.const 1))
      (i64.mul (local.get 0) (local.get 1))
      (i32.const 0)))
  (func $indirect (export "indirect") (param i64 i32) (result i64)
    (return_call_indirect (type $step) (local.get 0) (i64.const 1) (local.get 1))))

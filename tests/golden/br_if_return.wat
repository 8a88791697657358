;; A conditional branch to the function's label is a return that is jumped over; what it returns stays on the stack
;; for the code behind it.
;;
;; none(1) => ()
;; one(5, 1) => 5
;; one(5, 0) => 10
;; two(5, 6, 0) => 5, 6
;; two(7, 8, 1) => 7, 8
;; two_constants(0) => 1, 2
;; two_constants(1) => 1, 2
;; two_then_added(9, 10, 0) => 19, 0
;; two_then_added(11, 12, 1) => 11, 12
;; never(5) => 6
;; always(5) => 5
(module
  (func $none (export "none") (param i32)
    (br_if 0 (local.get 0)))
  (func $one (export "one") (param i32 i32) (result i32)
    (br_if 0 (local.get 0) (local.get 1))
    local.get 0
    i32.add)
  (func $two (export "two") (param i32 i32 i32) (result i32 i32)
    (local.get 0) (local.get 1)
    (br_if 0 (local.get 2)))
  (func $two_constants (export "two_constants") (param i32) (result i32 i32)
    (i32.const 1) (i32.const 2)
    (br_if 0 (local.get 0)))
  (func $two_then_added (export "two_then_added") (param i32 i32 i32) (result i32 i32)
    (local.get 0) (local.get 1)
    (br_if 0 (local.get 2))
    i32.add
    i32.const 0)
  (func $never (export "never") (param i32) (result i32)
    (br_if 0 (local.get 0) (i32.const 0))
    i32.const 1
    i32.add)
  (func $always (export "always") (param i32) (result i32)
    (br_if 0 (local.get 0) (i32.const 1))
    i32.const 1
    i32.add))

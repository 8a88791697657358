;; `select` names two cells and a condition; with a constant for a condition it is no op at all. Values may
;; be constants of 32 bits.
;;
;; plain(1, 2, 1) => 1
;; plain(1, 2, 0) => 2
;; plain(1, 2, -1) => 1
;; of_constants(1) => 10
;; of_constants(0) => 20
;; of_comparison(3, 4) => 3
;; of_comparison(4, 3) => 3
;; constant_condition(5) => 5
;; second_of_two(5) => 25
;; or_constant(7, 1) => 7
;; or_constant(7, 0) => 4294967295
;; constant_or(7, 1) => 0
;; constant_or(7, 0) => 7
;; two_constants(1) => -1
;; two_constants(0) => 1
;; wide_constant(7, 0) => -1
(module
  (func $plain (export "plain") (param i64 i64 i32) (result i64)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func $of_constants (export "of_constants") (param i32) (result f64)
    (select (f64.const 10) (f64.const 20) (local.get 0)))
  (func $of_comparison (export "of_comparison") (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1))))
  (func $constant_condition (export "constant_condition") (param i32) (result i32)
    (select (local.get 0) (i32.const 1) (i32.const 1)))
  ;; The value that is chosen was computed in a cell further up.
  (func $second_of_two (export "second_of_two") (param i32) (result i32)
    (select
      (i32.add (local.get 0) (i32.const 1))
      (i32.mul (local.get 0) (local.get 0))
      (i32.const 0)))
  (func $or_constant (export "or_constant") (param i64 i32) (result i64)
    (select (local.get 0) (i64.const 0xffff_ffff) (local.get 1)))
  (func $constant_or (export "constant_or") (param i64 i32) (result i64)
    (select (i64.const 0) (local.get 0) (local.get 1)))
  (func $two_constants (export "two_constants") (param i32) (result i32)
    (select (i32.const -1) (i32.const 1) (local.get 0)))
  (func $wide_constant (export "wide_constant") (param i64 i32) (result i64)
    (select (local.get 0) (i64.const -1) (local.get 1))))

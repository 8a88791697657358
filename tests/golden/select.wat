;; `select` names two cells and a condition; with a constant for a condition it is no op at all.
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
      (i32.const 0))))

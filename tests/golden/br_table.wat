;; A branch table's targets are the labels themselves where the values are in place; where they must be moved, or the
;; label is the function's, a target leads to code behind the table that does so.
;;
;; plain(0) => 10
;; plain(1) => 20
;; plain(2) => 30
;; plain(-1) => 30
;; with_value(0) => 111
;; with_value(1) => 101
;; with_value(7) => 100
;; loops(10) => 0
;; with_two_values(0) => 5, 3
;; with_two_values(1) => 5, -1
;; with_two_values(2) => 1, 2
;; only_default(5) => 3
(module
  (func $plain (export "plain") (param i32) (result i32)
    (block
      (block
        (block (br_table 0 1 2 (local.get 0)))
        (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  ;; The same value goes to the cell of the inner block's result, of the outer block's, of the function's.
  (func $with_value (export "with_value") (param i32) (result i32)
    i32.const 1
    (block $outer (result i32)
      i32.const 10
      (block $inner (result i32)
        (br_table $inner $outer 2 (i32.const 100) (local.get 0)))
      i32.add)
    i32.add)
  (func $loops (export "loops") (param i32) (result i32)
    (loop
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (block (br_table 0 1 1 1 1 1 1 1 1 1 (local.get 0))))
    (local.get 0))
  (func $with_two_values (export "with_two_values") (param i32) (result i32 i32)
    i32.const 5
    (block $outer (result i32 i32)
      i32.const 6
      (block $inner (result i32 i32)
        (br_table $inner $outer 2 (i32.const 1) (i32.const 2) (local.get 0)))
      i32.add)
    i32.sub)
  (func $only_default (export "only_default") (param i32) (result i32)
    (block (result i32) (br_table 0 (i32.const 3) (local.get 0)))))

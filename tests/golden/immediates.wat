;; An operand that is a constant becomes part of the op, on whichever side it stands: operands change places where
;; the operator allows it, subtraction becomes addition, and a comparison takes the constant's successor. Where there
;; is no such form, the constant goes to a cell first.
;;
;; add(40) => 42
;; add_on_the_left(40) => 42
;; subtract(44) => 42
;; subtract_from(8) => 42
;; less(4) => 0
;; less(5) => 0
;; less(6) => 1
;; not_less(4) => 1
;; not_less(5) => 1
;; not_less(6) => 0
;; less_than_nothing(-1) => 0
;; large(1) => 1234567890123456790
;; no_such_form(2.5) => 1.5
(module
  (func $add (export "add") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 2)))
  (func $add_on_the_left (export "add_on_the_left") (param i32) (result i32)
    (i32.add (i32.const 2) (local.get 0)))
  (func $subtract (export "subtract") (param i64) (result i64)
    (i64.sub (local.get 0) (i64.const 2)))
  (func $subtract_from (export "subtract_from") (param i32) (result i32)
    (i32.sub (i32.const 50) (local.get 0)))
  (func $less (export "less") (param i32) (result i32)
    (i32.lt_s (i32.const 5) (local.get 0)))
  (func $not_less (export "not_less") (param i64) (result i32)
    (i64.ge_u (i64.const 5) (local.get 0)))
  ;; -1 is the largest unsigned number: it has no successor.
  (func $less_than_nothing (export "less_than_nothing") (param i32) (result i32)
    (i32.lt_u (i32.const -1) (local.get 0)))
  (func $large (export "large") (param i64) (result i64)
    (i64.add (local.get 0) (i64.const 1234567890123456789)))
  (func $no_such_form (export "no_such_form") (param f64) (result f64)
    (f64.min (local.get 0) (f64.const 1.5))))

;; The opposite of "less" is not "greater or equal" for floats: a NaN is neither. Branches and `i32.eqz` that need the
;; opposite use comparisons that hold for NaNs.
;;
;; if_less(1, 2) => 1
;; if_less(2, 1) => 0
;; if_less(nan, 1) => 0
;; if_less(1, nan) => 0
;; unless_less(1, 2) => 0
;; unless_less(2, 1) => 1
;; unless_less(nan, 1) => 1
;; not_le(1, 1) => 0
;; not_le(nan, nan) => 1
;; not_not_le(nan, nan) => 0
;; greater(2, 1) => 1
;; greater(1, 1) => 0
;; greater(nan, 1) => 0
;; unless_equal(nan, nan) => 1
;; unless_equal(-0.0, 0) => 0
(module
  ;; The branch is over the arm, so it is taken if the comparison does not hold.
  (func $if_less (export "if_less") (param f64 f64) (result i32)
    (if (f64.lt (local.get 0) (local.get 1)) (then (return (i32.const 1))))
    (i32.const 0))
  (func $unless_less (export "unless_less") (param f32 f32) (result i32)
    (if (i32.eqz (f32.lt (local.get 0) (local.get 1))) (then (return (i32.const 1))))
    (i32.const 0))
  (func $not_le (export "not_le") (param f64 f64) (result i32)
    (i32.eqz (f64.le (local.get 0) (local.get 1))))
  (func $not_not_le (export "not_not_le") (param f64 f64) (result i32)
    (i32.eqz (i32.eqz (f64.le (local.get 0) (local.get 1)))))
  (func $greater (export "greater") (param f32 f32) (result i32)
    (f32.gt (local.get 0) (local.get 1)))
  (func $unless_equal (export "unless_equal") (param f64 f64) (result i32)
    (block (br_if 0 (f64.eq (local.get 0) (local.get 1))) (return (i32.const 1)))
    (i32.const 0)))

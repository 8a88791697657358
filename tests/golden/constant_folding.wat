;; Operators on constants are computed while lowering, by the functions that handlers use; what would trap is left
;; to be executed.
;;
;; nested() => 14
;; comparison() => 1
;; float() => -0.0
;; wraps() => -2147483648
;; converts() => 4294967295
;; divides(1) => 1
;; divides(0) => trap: integer divide by zero
(module
  (func $nested (export "nested") (result i32)
    (i32.add (i32.const 2) (i32.mul (i32.const 3) (i32.const 4))))
  (func $comparison (export "comparison") (result i32)
    (i32.eqz (i64.lt_u (i64.const -1) (i64.const 1))))
  (func $float (export "float") (result f64)
    (f64.mul (f64.const -1.5) (f64.const 0)))
  (func $wraps (export "wraps") (result i32)
    (i32.add (i32.const 0x7fffffff) (i32.const 1)))
  (func $converts (export "converts") (result i64)
    (i64.extend_i32_u (i32.wrap_i64 (i64.const -1))))
  (func $divides (export "divides") (param i32) (result i32)
    (if (i32.eqz (local.get 0))
      (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    (local.get 0)))

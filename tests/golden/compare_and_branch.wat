;; A comparison that only a branch looks at becomes part of the branch. A constant on its right comes along if it fits
;; 32 bits.
;;
;; max(3, 9) => 9
;; max(-3, -9) => -3
;; count(5) => 5
;; unsigned(-1) => 1
;; unsigned(1) => 0
;; far_constant(4294967296) => 1
;; far_constant(0) => 0
;; near_constant(-2) => 1
;; near_constant(4294967294) => 0
;; stored(1, 1) => 1
;; stored(1, 2) => 0
(module
  (func $max (export "max") (param i32 i32) (result i32)
    (if (i32.lt_s (local.get 0) (local.get 1)) (then (return (local.get 1))))
    (local.get 0))
  (func $count (export "count") (param $n i64) (result i64)
    (local $i i64)
    (loop
      (br_if 0 (i64.ne (local.tee $i (i64.add (local.get $i) (i64.const 1))) (local.get $n))))
    (local.get $i))
  (func $unsigned (export "unsigned") (param i32) (result i32)
    (if (result i32) (i32.gt_u (local.get 0) (i32.const 10)) (then (i32.const 1)) (else (i32.const 0))))
  (func $far_constant (export "far_constant") (param i64) (result i32)
    (block (br_if 0 (i64.ne (local.get 0) (i64.const 0x100000000))) (return (i32.const 1)))
    (i32.const 0))
  (func $near_constant (export "near_constant") (param i64) (result i32)
    (block (br_if 0 (i64.ne (local.get 0) (i64.const -2))) (return (i32.const 1)))
    (i32.const 0))
  ;; Somebody else looks at this one.
  (func $stored (export "stored") (param i32 i32) (result i32)
    (local $same i32)
    (block (br_if 0 (local.tee $same (i32.eq (local.get 0) (local.get 1)))))
    (local.get $same)))

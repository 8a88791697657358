;; References to functions are numbers: null is 0, so that a branch on null is a comparison with 0, and a function of the
;; same instance is called through its reference without a look at its type.
;;
;; apply(7) => 49
;; apply_null(7) => trap: null reference
;; or_else(1, 7) => 49
;; or_else(0, 7) => -1
;; chosen(1, 7) => 49
;; chosen(0, 7) => 8
;; down(1000000) => 0
;; checked(0) => trap: null reference
;; checked(1) => 9
;; in_local(3) => 9
(module
  (type $unary (func (param i32) (result i32)))
  (type $step (func (param i32 (ref null $unary)) (result i32)))
  (elem declare func $square $next $step)
  (table $table 2 (ref null $unary))
  (elem (table $table) (i32.const 1) (ref null $unary) (ref.func $square))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $apply (export "apply") (param i32) (result i32)
    (call_ref $unary (local.get 0) (ref.func $square)))
  (func $apply_null (export "apply_null") (param i32) (result i32)
    (call_ref $unary (local.get 0) (ref.null $unary)))
  (func $or_else (export "or_else") (param i32 i32) (result i32)
    (block $none
      (return (call_ref $unary (local.get 1) (br_on_null $none (table.get $table (local.get 0))))))
    (i32.const -1))
  (func $chosen (export "chosen") (param i32 i32) (result i32)
    (local.get 1)
    (block $some (param i32) (result i32 (ref $unary))
      (br_on_non_null $some (table.get $table (local.get 0)))
      (ref.func $next))
    (call_ref $unary))
  (func $step (type $step)
    (if (result i32) (local.get 0)
      (then (return_call_ref $step (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (ref.func $step)))
      (else (i32.const 0))))
  (func $down (export "down") (param i32) (result i32)
    (return_call_ref $step (local.get 0) (ref.null $unary) (ref.func $step)))
  (func $checked (export "checked") (param i32) (result i32)
    (call_ref $unary (i32.const 3) (ref.as_non_null (table.get $table (local.get 0)))))
  (func $in_local (export "in_local") (param i32) (result i32) (local (ref $unary))
    (local.set 1 (ref.func $square))
    (call_ref $unary (local.get 0) (local.get 1))))

;; Without an `else`, the parameters of an `if` are its results; they lie in the same cells.
;;
;; plain(0) => 1
;; plain(5) => 5
;; parameter(7, 1) => 8
;; parameter(7, 0) => 7
;; two_parameters(7, 1) => 7, 9
;; two_parameters(7, 0) => 7, 3
;; constant_condition() => 3
(module
  (func $plain (export "plain") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (local.set 0 (i32.const 1))))
    (local.get 0))
  (func $parameter (export "parameter") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    (if (param i32) (result i32) (then (i32.add (i32.const 1)))))
  (func $two_parameters (export "two_parameters") (param i32 i32) (result i32 i32)
    local.get 0
    i32.const 3
    local.get 1
    (if (param i32 i32) (result i32 i32) (then (i32.mul (i32.const 3)))))
  (func $constant_condition (export "constant_condition") (result i32)
    (local i32)
    (if (i32.const 1) (then (local.set 0 (i32.const 3))))
    (if (i32.const 0) (then (local.set 0 (i32.const 4))))
    (local.get 0)))

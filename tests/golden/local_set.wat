;; The op that computes what a `local.set` or `local.tee` stores writes to the local itself.
;;
;; set(5) => 36
;; tee(5) => 12
;; constant() => 7
;; copy(9) => 9
;; itself(3) => 3
;; not_the_last(5) => 11
(module
  (func $set (export "set") (param i32) (result i32)
    (local $sum i32)
    (local.set $sum (i32.add (local.get 0) (i32.const 1)))
    (i32.mul (local.get $sum) (local.get $sum)))
  (func $tee (export "tee") (param i32) (result i32)
    (local $sum i32)
    (i32.add (local.tee $sum (i32.add (local.get 0) (i32.const 1))) (local.get $sum)))
  (func $constant (export "constant") (result i32)
    (local $x i32)
    (local.set $x (i32.const 7))
    (local.get $x))
  (func $copy (export "copy") (param i32) (result i32)
    (local $x i32)
    (local.set $x (local.get 0))
    (local.get $x))
  (func $itself (export "itself") (param i32) (result i32)
    (local.set 0 (local.get 0))
    (local.get 0))
  ;; The value stored is below another one: its op was not the last, and stays as it is.
  (func $not_the_last (export "not_the_last") (param $x i32) (result i32)
    (local $y i32)
    (i32.add (local.get $x) (i32.const 1))
    (i32.mul (local.get $x) (i32.const 2))
    drop
    local.set $y
    (i32.add (local.get $x) (local.get $y))))

;; An operand that stands for a local is copied before the local is written, and before a block in which it might be.
;; Operands that stand for other locals stay where they are.
;;
;; swap(1, 2) => 2, 1
;; increment(41) => 41, 42
;; through_tee(5) => 50
;; twice(3) => 3, 3, 4
;; before_a_block(7, 1) => 7, 100
;; before_a_block(7, 0) => 7, 7
;; before_a_loop(5) => 5, 0
(module
  (func $swap (export "swap") (param i32 i32) (result i32 i32)
    local.get 0
    (local.set 0 (local.get 1))
    local.set 1
    (local.get 0) (local.get 1))
  (func $increment (export "increment") (param i32) (result i32 i32)
    local.get 0
    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    local.get 0)
  (func $through_tee (export "through_tee") (param i32) (result i32)
    (i32.mul (local.get 0) (local.tee 0 (i32.add (local.get 0) (i32.const 5)))))
  (func $twice (export "twice") (param i32) (result i32 i32 i32)
    local.get 0
    local.get 0
    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    local.get 0)
  (func $before_a_block (export "before_a_block") (param i32 i32) (result i32 i32)
    local.get 0
    (if (local.get 1) (then (local.set 0 (i32.const 100))))
    local.get 0)
  (func $before_a_loop (export "before_a_loop") (param i32) (result i32 i32)
    local.get 0
    (loop
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0)))
    local.get 0))

;; Parameters of blocks and loops are cells of the operand stack; a branch back to a loop puts its next parameters
;; there.
;;
;; block(5) => 11
;; factorial(5) => 120
;; fibonacci(10) => 55
;; rotate_twice(1, 2, 3) => 3, 1, 2
;; parameter_is_a_local(5) => 5, 6
(module
  (func $block (export "block") (param i32) (result i32)
    i32.const 1
    (i32.mul (local.get 0) (i32.const 2))
    (block (param i32 i32) (result i32) i32.add))
  (func $factorial (export "factorial") (param $n i64) (result i64)
    (i64.const 1)
    (loop $again (param i64) (result i64)
      (i64.mul (local.get $n))
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (br_if $again (i64.ne (local.get $n) (i64.const 0)))))
  (func $fibonacci (export "fibonacci") (param $n i32) (result i32)
    (local $b i32) (local $sum i32)
    (i32.const 0) (i32.const 1)
    (loop $again (param i32 i32) (result i32)
      local.tee $b
      i32.add
      local.set $sum
      (local.get $b) (local.get $sum)
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n))
      drop))
  (func $rotate_twice (export "rotate_twice") (param i32 i32 i32) (result i32 i32 i32)
    (local $again i32)
    (local.get 0) (local.get 1) (local.get 2)
    (loop (param i32 i32 i32) (result i32 i32 i32)
      local.set 2
      local.set 1
      local.set 0
      (local.get 1) (local.get 2) (local.get 0)
      (br_if 0 (local.tee $again (i32.eqz (local.get $again))))))
  (func $parameter_is_a_local (export "parameter_is_a_local") (param i32) (result i32 i32)
    local.get 0
    (block (param i32) (result i32 i32)
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (local.get 0))))

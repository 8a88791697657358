;; A block that catches emits no ops: what is thrown is looked up by position in the list behind the code. The payload
;; is put where the label's values are. A throw that is certainly caught in its own function is a branch.
;;
;; branch(5) => 6
;; called(0) => 10
;; called(1) => 21
;; called(2) => 7
;; called(3) => uncaught exception: tag 3
;; kept(1) => 1106
;; kept(0) => 1104
;; returned(1) => 11, 2
;; returned(2) => 7, 7
;; again(4) => uncaught exception: tag `one` (i32 5)
;; nested(1) => 101
;; nested(2) => 202
;; nested(3) => 33
;; loops(10) => 55
;; first_of_two(0) => 0
;; first_of_two(1) => 9
;; tail_call_leaves(1) => uncaught exception: tag `one` (i32 11)
;; trap_passes(0) => trap: unreachable
;; null() => trap: null reference
(module
  (tag $one (export "one") (param i32))
  (tag $two (param i32 i32))
  (tag $none)
  (tag $other)
  (func $branch (export "branch") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $one $caught)
        (throw $one (i32.add (local.get 0) (i32.const 1))))))
  (func $throws (param i32) (result i32)
    (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 (local.get 0)))
      (return (i32.const 10)))
      (throw $one (i32.const 11)))
      (throw $two (i32.const 7) (i32.const 7)))
    (throw $other))
  (func $called (export "called") (param i32) (result i32)
    (local $sum i32)
    (block $all
      (block $two (result i32 i32)
        (block $one (result i32)
          (try_table (result i32) (catch $one $one) (catch $two $two)
            (local.set $sum (i32.const 10))
            (call $throws (local.get 0)))
          (return))
        (return (i32.add (local.get $sum))))
      (drop) (return))
    (unreachable))
  ;; What lies below the block is there afterwards: a constant, a local that has changed, a value.
  (func $kept (export "kept") (param i32) (result i32)
    (i32.const 1000)
    (local.get 0)
    (i32.add (local.get 0) (i32.const 90))
    (block $one (result i32)
      (try_table (catch $one $one)
        (local.set 0 (i32.const 3))
        (drop (call $throws (i32.const 1))))
      (unreachable))
    (i32.add) (i32.add) (i32.add)
    (i32.add (local.get 0)))
  (func $returned (export "returned") (param i32) (result i32 i32)
    (try_table (result i32 i32) (catch $two 0)
      (block $one (result i32)
        (try_table (result i32) (catch $one $one) (call $throws (local.get 0))))
      (i32.const 2)))
  (func $again (export "again") (param i32)
    (block $caught (result i32 exnref)
      (try_table (catch_ref $one $caught)
        (throw $one (i32.add (local.get 0) (i32.const 1))))
      (unreachable))
    (throw_ref))
  (func $nested (export "nested") (param i32) (result i32)
    (block $outer (result i32)
      (try_table (result i32) (catch $one $outer)
        (block $inner
          (try_table (catch_all $inner)
            (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $none)))
            (if (i32.eq (local.get 0) (i32.const 2)) (then (return (i32.const 202)))))
          (throw $one (i32.const 101)))
        (i32.const 33))))
  (func $loops (export "loops") (param i32) (result i32)
    (local $sum i32)
    (local.get 0)
    (loop $again (param i32)
      (local.set 0)
      (local.set $sum (i32.add (local.get $sum) (local.get 0)))
      (try_table (catch $one $again)
        (if (local.get 0) (then (call $throw_one (i32.sub (local.get 0) (i32.const 1)))))))
    (local.get $sum))
  (func $throw_one (param i32) (throw $one (local.get 0)))
  ;; The local is zero if it has not been set before something was thrown.
  (func $first_of_two (export "first_of_two") (param i32) (result i32)
    (local $set i32)
    (block $out
      (try_table (catch_all $out)
        (if (i32.eqz (local.get 0)) (then (call $throw_one (i32.const 0))))
        (local.set $set (i32.const 9))
        (call $throw_one (i32.const 0))))
    (local.get $set))
  (func $tail_call_leaves (export "tail_call_leaves") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $one $caught) (return_call $throws (local.get 0)))
      (unreachable)))
  (func $trap_passes (export "trap_passes") (param i32)
    (block $out (try_table (catch_all $out) (unreachable))))
  (func $null (export "null") (throw_ref (ref.null exn))))

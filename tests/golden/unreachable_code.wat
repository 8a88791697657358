;; Code that cannot be reached leaves nothing behind; only its blocks are counted.
;;
;; after_return(5) => 5
;; after_branch(5) => 5
;; after_trap(5) => trap: unreachable
;; one_arm(0) => 2
;; one_arm(1) => trap: unreachable
(module
  (func $after_return (export "after_return") (param i32) (result i32)
    (return (local.get 0))
    (block (loop (br 0)) (drop (i32.add (i32.const 1) (i32.const 2))))
    (call $after_return))
  (func $after_branch (export "after_branch") (param i32) (result i32)
    (block (result i32)
      (br 0 (local.get 0))
      (if (result i32) (then (i32.const 1)) (else (i32.const 2)))
      (i32.mul)))
  (func $after_trap (export "after_trap") (param i32) (result i32)
    (unreachable)
    (i32.add (local.get 0)))
  (func $one_arm (export "one_arm") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (unreachable))
      (else (i32.const 2)))))

;; The values of a conditional branch stay on the stack if it is not taken, and go to the label's cells if it is. If
;; that takes moves, the branch is turned round to jump over them.
;;
;; in_place(5, 1) => 5
;; in_place(5, 0) => 12
;; moved(5, 1) => 5
;; moved(5, 0) => 8
;; two_in_place(5, 6, 1) => 11, 5
;; two_in_place(5, 6, 0) => 16, 1
;; two_moved(5, 6, 1) => 11, 5
;; two_moved(5, 6, 0) => 7, 16
;; two_moved_behind_a_local(5, 6, 1) => 5, 11
;; two_moved_behind_a_local(5, 6, 0) => 7, 16
;; three_moved(1, 2, 1) => 1, 3, 9
;; three_moved(1, 2, 0) => 7, 1, 12
(module
  (func $in_place (export "in_place") (param i32 i32) (result i32)
    (block (result i32)
      (br_if 0 (local.get 0) (local.get 1))
      i32.const 7
      i32.add))
  (func $moved (export "moved") (param i32 i32) (result i32)
    (block (result i32)
      i32.const 3
      (br_if 0 (local.get 0) (local.get 1))
      i32.add))
  (func $two_in_place (export "two_in_place") (param i32 i32 i32) (result i32 i32)
    (block (result i32 i32)
      (i32.add (local.get 0) (local.get 1)) (local.get 0)
      (br_if 0 (local.get 2))
      i32.add
      i32.const 1))
  ;; One value has been computed, the other is a local still.
  (func $two_moved (export "two_moved") (param i32 i32 i32) (result i32 i32)
    (block (result i32 i32)
      i32.const 7
      (i32.add (local.get 0) (local.get 1)) (local.get 0)
      (br_if 0 (local.get 2))
      i32.add))
  (func $two_moved_behind_a_local (export "two_moved_behind_a_local") (param i32 i32 i32) (result i32 i32)
    (block (result i32 i32)
      i32.const 7
      (local.get 0) (i32.add (local.get 0) (local.get 1))
      (br_if 0 (local.get 2))
      i32.add))
  (func $three_moved (export "three_moved") (param i32 i32 i32) (result i32 i32 i32)
    (block (result i32 i32 i32)
      i32.const 7
      (local.get 0) (i32.add (local.get 0) (local.get 1)) (i32.const 9)
      (br_if 0 (local.get 2))
      i32.add)))

;; A load's address is a cell, the sum of two cells (which wraps, before the offset is added, which does not), or a
;; constant.
;;
;; plain(8) => 50462976
;; with_offset(4) => 50462976
;; indexed(4, 4) => 50462976
;; indexed(-8, 16) => 50462976
;; indexed_with_offset(2, 2) => 50462976
;; indexed_with_offset(-4, 0) => trap: out of bounds memory access
;; at_constant() => 50462976
;; stored_sum(4, 4) => 50462984
;; signed(15) => -1
;; float(8) => 3.820471434542632e-37
(module
  (memory 1)
  (data (i32.const 8) "\00\01\02\03\04\05\06\ff")
  (func $plain (export "plain") (param i32) (result i32)
    (i32.load (local.get 0)))
  (func $with_offset (export "with_offset") (param i32) (result i32)
    (i32.load offset=4 (local.get 0)))
  (func $indexed (export "indexed") (param i32 i32) (result i32)
    (i32.load (i32.add (local.get 0) (local.get 1))))
  (func $indexed_with_offset (export "indexed_with_offset") (param i32 i32) (result i32)
    (i32.load offset=4 (i32.add (local.get 0) (local.get 1))))
  (func $at_constant (export "at_constant") (result i32)
    (i32.load offset=4 (i32.const 4)))
  ;; The sum is needed once more.
  (func $stored_sum (export "stored_sum") (param i32 i32) (result i32)
    (local $sum i32)
    (i32.add (i32.load (local.tee $sum (i32.add (local.get 0) (local.get 1)))) (local.get $sum)))
  (func $signed (export "signed") (param i32) (result i64)
    (i64.load8_s (local.get 0)))
  (func $float (export "float") (param i32) (result f32)
    (f32.load (local.get 0))))

;; Operators on the whole memory. The common ones are executed by the loop, the rest are left to the driver; a result
;; can go to a local all the same.
;;
;; size() => 1
;; fill(10, 171, 3) => 11250603
;; fill(65534, 1, 3) => trap: out of bounds memory access
;; copy(20, 10, 2) => 43947
;; copy(65535, 0, 2) => trap: out of bounds memory access
;; init(30, 1, 2) => 25442
;; init(30, 3, 2) => trap: out of bounds memory access
;; grow(1) => 1, 2
;; grow(2) => -1, 2
;; grow_to_local(0) => 4
;; drop_and_init(0) => 0
;; drop_and_init(1) => trap: out of bounds memory access
(module
  (memory 1 3)
  (data $bytes "abcd")
  (func $size (export "size") (result i32)
    (memory.size))
  (func $fill (export "fill") (param i32 i32 i32) (result i32)
    (memory.fill (local.get 0) (local.get 1) (local.get 2))
    (i32.load (local.get 0)))
  (func $copy (export "copy") (param i32 i32 i32) (result i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2))
    (i32.load (local.get 0)))
  (func $init (export "init") (param i32 i32 i32) (result i32)
    (memory.init $bytes (local.get 0) (local.get 1) (local.get 2))
    (i32.load (local.get 0)))
  (func $grow (export "grow") (param i32) (result i32 i32)
    (memory.grow (local.get 0)) (memory.size))
  (func $grow_to_local (export "grow_to_local") (param i32) (result i32)
    (local $before i32)
    (local.set $before (memory.grow (local.get 0)))
    (i32.mul (local.get $before) (i32.const 2)))
  (func $drop_and_init (export "drop_and_init") (param i32) (result i32)
    (data.drop $bytes)
    (memory.init $bytes (i32.const 0) (i32.const 0) (local.get 0))
    (i32.load (i32.const 0))))

;; Operators on tables and references are left to the driver.
;;
;; size() => 4
;; is_null(0) => 0
;; is_null(3) => 1
;; is_null(4) => trap: out of bounds table access
;; call(0) => 10
;; set(3) => 10
;; copy(2, 0, 2) => 20
;; copy(3, 0, 2) => trap: out of bounds table access
;; init(2, 0, 2) => 20
;; init(2, 1, 2) => trap: out of bounds table access
;; grow(2) => 4, 6, 20
;; grow(100) => -1, 6, 20
;; fill(1, 3) => 0
;; fill(4, 3) => trap: out of bounds table access
;; drop_and_init(0) => 0
;; drop_and_init(1) => trap: out of bounds table access
(module
  (type $number (func (result i32)))
  (table $t 4 8 funcref)
  (elem (table $t) (i32.const 0) func $ten $twenty)
  (elem $passive func $ten $twenty)
  (func $ten (result i32) (i32.const 10))
  (func $twenty (result i32) (i32.const 20))
  (func $size (export "size") (result i32)
    (table.size $t))
  (func $is_null (export "is_null") (param i32) (result i32)
    (ref.is_null (table.get $t (local.get 0))))
  (func $call (export "call") (param i32) (result i32)
    (call_indirect $t (type $number) (local.get 0)))
  (func $set (export "set") (param i32) (result i32)
    (table.set $t (local.get 0) (ref.func $ten))
    (call $call (local.get 0)))
  (func $copy (export "copy") (param i32 i32 i32) (result i32)
    (table.copy $t $t (local.get 0) (local.get 1) (local.get 2))
    (call $call (i32.add (local.get 0) (i32.const 1))))
  (func $init (export "init") (param i32 i32 i32) (result i32)
    (table.init $t $passive (local.get 0) (local.get 1) (local.get 2))
    (call $call (i32.add (local.get 0) (i32.const 1))))
  (func $grow (export "grow") (param i32) (result i32 i32 i32)
    (table.grow $t (ref.func $twenty) (local.get 0))
    (table.size $t)
    (call $call (i32.sub (table.size $t) (i32.const 1))))
  (func $fill (export "fill") (param i32 i32) (result i32)
    (table.fill $t (local.get 0) (table.get $t (i32.const 0)) (local.get 1))
    (ref.is_null (table.get $t (local.get 0))))
  (func $drop_and_init (export "drop_and_init") (param i32) (result i32)
    (elem.drop $passive)
    (table.init $t $passive (i32.const 0) (i32.const 0) (local.get 0))
    (i32.const 0)))

;; A store's address has the forms of a load's. A constant is stored without passing through a cell, unless it takes
;; more than 32 bits, sign-extended, to name it.
;;
;; plain(16, 305419896) => 305419896
;; constant(16) => -2
;; narrow_constant(1000) => 65279
;; wide_constant(16) => -2
;; widest_constant(16) => 81985529216486895
;; float_constant(16) => 1.5
;; indexed(10, 6, 77) => 77
;; indexed_constant(10, 6) => 77
;; at_constant(78) => 78
;; constant_at_constant() => 79
;; constant(65533) => trap: out of bounds memory access
(module
  (memory 1)
  (func $plain (export "plain") (param i32 i32) (result i32)
    (i32.store (local.get 0) (local.get 1))
    (i32.load (local.get 0)))
  (func $constant (export "constant") (param i32) (result i32)
    (i32.store offset=1 (local.get 0) (i32.const -2))
    (i32.load offset=1 (local.get 0)))
  (func $narrow_constant (export "narrow_constant") (param i32) (result i32)
    (i32.store16 (local.get 0) (i32.const 0x1fefe))
    (i32.store8 (local.get 0) (i32.const 0x1ff))
    (i32.load (local.get 0)))
  (func $wide_constant (export "wide_constant") (param i32) (result i64)
    (i64.store (local.get 0) (i64.const -2))
    (i64.load (local.get 0)))
  (func $widest_constant (export "widest_constant") (param i32) (result i64)
    (i64.store (local.get 0) (i64.const 0x0123456789abcdef))
    (i64.load (local.get 0)))
  (func $float_constant (export "float_constant") (param i32) (result f32)
    (f32.store (local.get 0) (f32.const 1.5))
    (f32.load (local.get 0)))
  (func $indexed (export "indexed") (param i32 i32 i32) (result i32)
    (i32.store (i32.add (local.get 0) (local.get 1)) (local.get 2))
    (i32.load (i32.const 16)))
  (func $indexed_constant (export "indexed_constant") (param i32 i32) (result i32)
    (i32.store (i32.add (local.get 0) (local.get 1)) (i32.const 77))
    (i32.load (i32.const 16)))
  (func $at_constant (export "at_constant") (param i32) (result i32)
    (i32.store offset=8 (i32.const 8) (local.get 0))
    (i32.load (i32.const 16)))
  (func $constant_at_constant (export "constant_at_constant") (result i32)
    (i32.store (i32.const 16) (i32.const 79))
    (i32.load (i32.const 16))))

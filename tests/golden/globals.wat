;; The module's own globals are cells in a row.
;;
;; get() => 7
;; set(9) => 9
;; get() => 9
;; add(3) => 12
;; float() => 1.5
(module
  (global $a (mut i32) (i32.const 7))
  (global $b f32 (f32.const 1.5))
  (func $get (export "get") (result i32) (global.get $a))
  (func $set (export "set") (param i32) (result i32)
    (global.set $a (local.get 0))
    (global.get $a))
  (func $add (export "add") (param i32) (result i32)
    (global.set $a (i32.add (global.get $a) (local.get 0)))
    (global.get $a))
  (func $float (export "float") (result f32) (global.get $b)))

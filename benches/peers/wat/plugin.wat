;; Something of every kind that an instance consists of, and little of each.
(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (global $stack (mut i32) (i32.const 4096))
  (global $calls (mut i64) (i64.const 0))
  (elem (i32.const 1) $add $double $greet)
  (data (i32.const 16) "Hello from a plugin")

  (func $double (param i32) (result i32)
    (call $add (local.get 0) (local.get 0)))

  (func $greet (export "greet") (result i32 i32)
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (i32.const 16) (i32.const 19))

  (func (export "run") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 2))))

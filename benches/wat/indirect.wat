;; Calls by table: n calls of four small functions in turn.
(module
  (type $function (func (param i32 i32) (result i32)))
  (table funcref (elem $add $subtract $xor $rotate))
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $subtract (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.shl (local.get 1) (i32.const 3))))
  (func $xor (param i32 i32) (result i32) (i32.xor (local.get 0) (local.get 1)))
  (func $rotate (param i32 i32) (result i32) (i32.rotl (local.get 0) (local.get 1)))

  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $x i32)
    (loop $calls
      (local.set $x
        (call_indirect (type $function)
          (local.get $x) (local.get $i) (i32.and (local.get $i) (i32.const 3))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $calls (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))

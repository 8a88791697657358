;; A field's place is part of the op, and so is how it is stored. A struct is made by a handler as long as a cell of its
;; size is free, everything longer by the driver. An i31 is a number with a bit, so arithmetic makes it. A cast asks for
;; one supertype; followed by a branch it is one op.
;;
;; area(3, 4) => 12
;; packed(-1) => -1
;; packed_unsigned(-1) => 65535
;; no_point() => trap: null structure reference
;; sum(10) => 45
;; sum(0) => 0
;; outside(3) => trap: out of bounds array access
;; i31(1073741824) => -1073741824
;; kind(0) => 1
;; kind(1) => 2
;; kind(2) => 3
;; kind(3) => 0
;; cast(1) => 7
;; cast(2) => trap: cast failure
(module
  (type $text (array (mut i8)))
  (type $point (sub (struct (field $x (mut i32)) (field $y (mut i32)))))
  (type $named (sub $point (struct (field $x (mut i32)) (field $y (mut i32)) (field $name (ref null $text)))))
  (type $packed (struct (field (mut i16))))
  (type $numbers (array (mut i32)))
  (func $area (export "area") (param i32 i32) (result i32) (local $p (ref null $point))
    (local.set $p (struct.new $point (local.get 0) (i32.const 0)))
    (struct.set $point $y (local.get $p) (local.get 1))
    (i32.mul (struct.get $point $x (local.get $p)) (struct.get $point $y (local.get $p))))
  (func $packed (export "packed") (param i32) (result i32)
    (struct.get_s $packed 0 (struct.new $packed (local.get 0))))
  (func $packed_unsigned (export "packed_unsigned") (param i32) (result i32)
    (struct.get_u $packed 0 (struct.new $packed (local.get 0))))
  (func $no_point (export "no_point") (result i32)
    (struct.get $point $x (ref.null $point)))
  (func $sum (export "sum") (param i32) (result i32) (local $a (ref null $numbers)) (local $i i32) (local $sum i32)
    (local.set $a (array.new_default $numbers (local.get 0)))
    (block $filled (loop $fill
      (br_if $filled (i32.ge_u (local.get $i) (array.len (local.get $a))))
      (array.set $numbers (local.get $a) (local.get $i) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $fill)))
    (block $end (loop $add
      (br_if $end (i32.eqz (local.get $i)))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (array.get $numbers (local.get $a) (local.get $i))))
      (br $add)))
    (local.get $sum))
  (func $outside (export "outside") (param i32) (result i32)
    (array.get_u $text (array.new_fixed $text 3 (i32.const 1) (i32.const 2) (i32.const 3)) (local.get 0)))
  (func $i31 (export "i31") (param i32) (result i32)
    (i31.get_s (ref.i31 (local.get 0))))
  (func $thing (param i32) (result anyref)
    (block $point (block $named (block $number (block $none
      (br_table $number $point $named $none (local.get 0)))
      (return (ref.null any)))
      (return (ref.i31 (i32.const 7))))
      (return (struct.new_default $named)))
    (struct.new $point (i32.const 7) (i32.const 0)))
  (func $kind (export "kind") (param i32) (result i32) (local $thing anyref)
    (local.set $thing (call $thing (local.get 0)))
    (if (ref.test (ref i31) (local.get $thing)) (then (return (i32.const 1))))
    (drop (block $named (result (ref $named))
      (drop (br_on_cast $named anyref (ref $named) (local.get $thing)))
      (return (if (result i32) (ref.test (ref $point) (local.get $thing))
        (then (i32.const 2)) (else (i32.const 0))))))
    (i32.const 3))
  (func $cast (export "cast") (param i32) (result i32) (local $thing anyref)
    (local.set $thing (call $thing (local.get 0)))
    (if (i32.eq (local.get 0) (i32.const 2))
      (then (return (array.len (ref.cast (ref array) (local.get $thing))))))
    (struct.get $point $x (ref.cast (ref $point) (local.get $thing)))))

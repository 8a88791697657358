;; A shift to the left and then to the right by as many bits is one op: an extension of the low bits, or a mask.
;;
;; signed8(511) => -1
;; signed8(383) => 127
;; signed16(98304) => -32768
;; unsigned(1048575) => 65535
;; long8(128) => -128
;; long16(32768) => -32768
;; long32(2147483648) => -2147483648
;; long_unsigned(-1) => 1099511627775
;; other_bits(128) => -4
;; other_way(128) => -128
;; local_between(128) => -1
(module
  (func $signed8 (export "signed8") (param i32) (result i32)
    (i32.shr_s (i32.shl (local.get 0) (i32.const 24)) (i32.const 24)))
  (func $signed16 (export "signed16") (param i32) (result i32)
    (i32.shr_s (i32.shl (i32.add (local.get 0) (i32.const 0)) (i32.const 16)) (i32.const 16)))
  (func $unsigned (export "unsigned") (param i32) (result i32)
    (i32.shr_u (i32.shl (local.get 0) (i32.const 16)) (i32.const 16)))
  (func $long8 (export "long8") (param i64) (result i64)
    (i64.shr_s (i64.shl (local.get 0) (i64.const 56)) (i64.const 56)))
  (func $long16 (export "long16") (param i64) (result i64)
    (i64.shr_s (i64.shl (local.get 0) (i64.const 48)) (i64.const 48)))
  (func $long32 (export "long32") (param i64) (result i64)
    (i64.shr_s (i64.shl (local.get 0) (i64.const 32)) (i64.const 32)))
  (func $long_unsigned (export "long_unsigned") (param i64) (result i64)
    (i64.shr_u (i64.shl (local.get 0) (i64.const 24)) (i64.const 24)))
  ;; As many bits, or it stays two shifts.
  (func $other_bits (export "other_bits") (param i32) (result i32)
    (i32.shr_s (i32.shl (local.get 0) (i32.const 24)) (i32.const 29)))
  ;; 23 bits back leave 9, and no op extends so many.
  (func $other_way (export "other_way") (param i32) (result i32)
    (i32.shr_s (i32.shl (i32.or (local.get 0) (i32.const 0x180)) (i32.const 23)) (i32.const 23)))
  ;; What the first shift yields is asked for again.
  (func $local_between (export "local_between") (param i32) (result i32) (local i32)
    (i32.shr_s (local.tee 1 (i32.shl (local.get 0) (i32.const 24))) (i32.const 24))
    (i32.shr_u (local.get 1) (i32.const 31))
    (i32.div_s)
    (i32.const 128)
    (i32.div_s)))

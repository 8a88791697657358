;; Integer arithmetic with a dependent load: the CRC-32 of n bytes 0, 1, 2 ... 255, 0, 1 ..., by a table of 256 words
;; that is made first.
(module
  (memory 16)

  (func $make_table
    (local $i i32) (local $word i32) (local $bit i32)
    (loop $words
      (local.set $word (local.get $i))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $word
          (i32.xor
            (i32.shr_u (local.get $word) (i32.const 1))
            (i32.and (i32.const 0xEDB88320) (i32.sub (i32.const 0) (i32.and (local.get $word) (i32.const 1))))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $word))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $words (i32.lt_u (local.get $i) (i32.const 256)))))

  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $crc i32)
    (call $make_table)
    (loop $bytes
      (i32.store8 offset=1024 (local.get $i) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $bytes (i32.lt_u (local.get $i) (local.get $n))))
    (local.set $i (i32.const 0))
    (local.set $crc (i32.const -1))
    (loop $bytes
      (local.set $crc
        (i32.xor
          (i32.load
            (i32.shl
              (i32.and (i32.xor (local.get $crc) (i32.load8_u offset=1024 (local.get $i))) (i32.const 255))
              (i32.const 2)))
          (i32.shr_u (local.get $crc) (i32.const 8))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $bytes (i32.lt_u (local.get $i) (local.get $n))))
    (i32.xor (local.get $crc) (i32.const -1))))

;; Bulk memory: n rounds of filling 100 to 355 bytes, copying them within memory, and reading one back.
(module
  (memory 1)
  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $len i32) (local $sum i32)
    (loop $rounds
      (local.set $len (i32.add (i32.and (local.get $i) (i32.const 255)) (i32.const 100)))
      (memory.fill (local.get $i) (local.get $i) (local.get $len))
      (memory.copy (i32.add (local.get $i) (i32.const 50)) (local.get $i) (local.get $len))
      (local.set $sum
        (i32.add (local.get $sum)
          (i32.load8_u (i32.add (local.get $i) (i32.add (local.get $len) (i32.const 49))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $rounds (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))

;; Float loads and a multiply-add: the product of two n by n matrices of f64. The result is the sum of its elements,
;; a whole number, modulo 2^32.
(module
  (memory 16)
  (global $b (mut i32) (i32.const 0))

  ;; a[i][j] = i - j, b[i][j] = i + j.
  (func $fill (param $n i32)
    (local $i i32) (local $j i32) (local $at i32)
    (global.set $b (i32.shl (i32.mul (local.get $n) (local.get $n)) (i32.const 3)))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (f64.store (local.get $at) (f64.convert_i32_s (i32.sub (local.get $i) (local.get $j))))
        (f64.store (i32.add (global.get $b) (local.get $at))
          (f64.convert_i32_s (i32.add (local.get $i) (local.get $j))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $columns (i32.lt_s (local.get $j) (local.get $n))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $rows (i32.lt_s (local.get $i) (local.get $n)))))

  (func (export "run") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $k i32) (local $row i32) (local $a i32) (local $b i32)
    (local $dot f64) (local $sum f64)
    (call $fill (local.get $n))
    (local.set $row (i32.shl (local.get $n) (i32.const 3)))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $a (i32.mul (local.get $i) (local.get $row)))
        (local.set $b (i32.add (global.get $b) (i32.shl (local.get $j) (i32.const 3))))
        (local.set $dot (f64.const 0))
        (local.set $k (local.get $n))
        (loop $products
          (local.set $dot
            (f64.add (local.get $dot) (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (local.get $row)))
          (br_if $products (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (local.set $sum (f64.add (local.get $sum) (local.get $dot)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $columns (i32.lt_s (local.get $j) (local.get $n))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $rows (i32.lt_s (local.get $i) (local.get $n))))
    (i32.wrap_i64 (i64.trunc_f64_s (local.get $sum)))))

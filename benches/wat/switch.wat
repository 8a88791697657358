;; A br_table that is hard to predict: a machine with eight instructions interprets pseudo-random ones, n of them.
(module
  (func (export "run") (param $n i32) (result i32)
    (local $random i32) (local $x i32)
    (local.set $random (i32.const 12345))
    (loop $next
      (local.set $random
        (i32.add (i32.mul (local.get $random) (i32.const 1664525)) (i32.const 1013904223)))
      (block $done
        (block $rotate
          (block $square
            (block $or
              (block $and
                (block $xor
                  (block $shift
                    (block $subtract
                      (block $add
                        (br_table $add $subtract $shift $xor $and $or $square $rotate
                          (i32.shr_u (local.get $random) (i32.const 29))))
                      (local.set $x (i32.add (local.get $x) (local.get $random)))
                      (br $done))
                    (local.set $x (i32.sub (local.get $x) (local.get $random)))
                    (br $done))
                  (local.set $x (i32.shl (local.get $x) (i32.const 1)))
                  (br $done))
                (local.set $x (i32.xor (local.get $x) (local.get $random)))
                (br $done))
              (local.set $x (i32.and (local.get $x) (i32.or (local.get $random) (i32.const 0xFFFF))))
              (br $done))
            (local.set $x (i32.or (local.get $x) (i32.and (local.get $random) (i32.const 0xFF))))
            (br $done))
          (local.set $x (i32.mul (local.get $x) (local.get $x)))
          (br $done))
        (local.set $x (i32.rotl (local.get $x) (i32.const 7))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))

;; Floats in locals: eight bodies on a plane that attract each other, n steps. A body is 40 bytes: x, y, vx, vy, mass.
;; The result is the lower half of the bits of the first body's x.
(module
  (memory 1)

  (func $place
    (local $at i32) (local $i f64)
    (loop $bodies
      (f64.store (local.get $at) (f64.mul (local.get $i) (f64.const 1.5)))
      (f64.store offset=8 (local.get $at) (f64.mul (local.get $i) (local.get $i)))
      (f64.store offset=16 (local.get $at) (f64.const 0))
      (f64.store offset=24 (local.get $at) (f64.mul (local.get $i) (f64.const -0.25)))
      (f64.store offset=32 (local.get $at) (f64.add (local.get $i) (f64.const 1)))
      (local.set $i (f64.add (local.get $i) (f64.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 40)))
      (br_if $bodies (i32.lt_u (local.get $at) (i32.const 320)))))

  (func $step
    (local $a i32) (local $b i32)
    (local $dx f64) (local $dy f64) (local $square f64) (local $pull f64) (local $ax f64) (local $ay f64)
    (loop $bodies
      (local.set $ax (f64.const 0))
      (local.set $ay (f64.const 0))
      (local.set $b (i32.const 0))
      (loop $others
        (local.set $dx (f64.sub (f64.load (local.get $b)) (f64.load (local.get $a))))
        (local.set $dy (f64.sub (f64.load offset=8 (local.get $b)) (f64.load offset=8 (local.get $a))))
        ;; Never zero, so that a body may be among its own others.
        (local.set $square
          (f64.add
            (f64.add (f64.mul (local.get $dx) (local.get $dx)) (f64.mul (local.get $dy) (local.get $dy)))
            (f64.const 0.01)))
        (local.set $pull
          (f64.div (f64.load offset=32 (local.get $b)) (f64.mul (local.get $square) (f64.sqrt (local.get $square)))))
        (local.set $ax (f64.add (local.get $ax) (f64.mul (local.get $dx) (local.get $pull))))
        (local.set $ay (f64.add (local.get $ay) (f64.mul (local.get $dy) (local.get $pull))))
        (local.set $b (i32.add (local.get $b) (i32.const 40)))
        (br_if $others (i32.lt_u (local.get $b) (i32.const 320))))
      (f64.store offset=16 (local.get $a)
        (f64.add (f64.load offset=16 (local.get $a)) (f64.mul (local.get $ax) (f64.const 0.001))))
      (f64.store offset=24 (local.get $a)
        (f64.add (f64.load offset=24 (local.get $a)) (f64.mul (local.get $ay) (f64.const 0.001))))
      (local.set $a (i32.add (local.get $a) (i32.const 40)))
      (br_if $bodies (i32.lt_u (local.get $a) (i32.const 320))))
    (local.set $a (i32.const 0))
    (loop $bodies
      (f64.store (local.get $a)
        (f64.add (f64.load (local.get $a)) (f64.mul (f64.load offset=16 (local.get $a)) (f64.const 0.001))))
      (f64.store offset=8 (local.get $a)
        (f64.add (f64.load offset=8 (local.get $a)) (f64.mul (f64.load offset=24 (local.get $a)) (f64.const 0.001))))
      (local.set $a (i32.add (local.get $a) (i32.const 40)))
      (br_if $bodies (i32.lt_u (local.get $a) (i32.const 320)))))

  (func (export "run") (param $n i32) (result i32)
    (call $place)
    (loop $steps
      (call $step)
      (br_if $steps (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (i32.const 0))))

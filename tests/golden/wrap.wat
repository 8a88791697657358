;; `i32.wrap_i64` takes no op where whoever reads the i32 does not look at the upper half of the cell. Others get a whole
;; cell: copies, results, arguments, extensions.
;;
;; sum(4294967301, 3) => 8
;; sum_of_two(4294967301, 8589934599) => 12
;; of_products(4294967297, 7) => 15
;; less(4294967295, 0) => 1
;; extend_s(4294967295) => -1
;; extend_u(-1) => 4294967295
;; extend_sum(-1, 1) => 4294967296
;; float(4294967301) => 5
;; bits(5360320512) => 3
;; load(-4294967288) => 50462976
;; indexed(4, 4294967300) => 50462976
;; store(4294967312, 8589934594) => 2
;; fill(4294967328, 4294967299) => 771
;; choose(4294967296) => 2
;; choose(4294967297) => 1
;; branch(4294967296) => 2
;; branch(4294967297) => 1
;; table(4294967296) => 10
;; table(4294967297) => 11
;; table(8589934591) => 12
;; kept(4294967301) => 4294967301
;; global(4294967301) => 5
;; pass(4294967301) => 5
;; written_meanwhile(4294967301) => 12
;; out_of_block(4294967301, 1) => 5
;; out_of_block(4294967301, 0) => 7
;; round_and_round(8589934595) => 3
;; returned(4294967301, 1) => 5
;; returned(4294967301, 0) => 6
;; below_a_block(4294967301) => 6
;; lanes(4294967301) => 5
(module
  (memory 1)
  (data (i32.const 8) "\00\01\02\03")
  (global $kept (mut i32) (i32.const 0))
  (func $id (param i32) (result i64) (i64.extend_i32_u (local.get 0)))

  (func $sum (export "sum") (param i64 i32) (result i32)
    (i32.add (i32.wrap_i64 (local.get 0)) (local.get 1)))
  (func $sum_of_two (export "sum_of_two") (param i64 i64) (result i32)
    (i32.add (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1))))
  (func $of_products (export "of_products") (param i64 i64) (result i32)
    (i32.add
      (i32.wrap_i64 (i64.mul (local.get 0) (local.get 1)))
      (i32.wrap_i64 (i64.add (local.get 1) (local.get 0)))))
  (func $less (export "less") (param i64 i32) (result i32)
    (i32.lt_s (i32.wrap_i64 (local.get 0)) (local.get 1)))
  (func $extend_s (export "extend_s") (param i64) (result i64)
    (i64.extend_i32_s (i32.wrap_i64 (local.get 0))))
  (func $extend_u (export "extend_u") (param i64) (result i64)
    (i64.extend_i32_u (i32.wrap_i64 (local.get 0))))
  (func $extend_sum (export "extend_sum") (param i64 i64) (result i64)
    (i64.add
      (i64.extend_i32_u (i32.wrap_i64 (i64.or (local.get 0) (local.get 1))))
      (local.get 1)))
  (func $float (export "float") (param i64) (result f64)
    (f64.convert_i32_u (i32.wrap_i64 (local.get 0))))
  (func $bits (export "bits") (param i64) (result f64)
    (f64.promote_f32 (f32.add (f32.reinterpret_i32 (i32.wrap_i64 (local.get 0))) (f32.const 2))))

  (func $load (export "load") (param i64) (result i32)
    (i32.load (i32.wrap_i64 (local.get 0))))
  (func $indexed (export "indexed") (param i32 i64) (result i32)
    (i32.load (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))))
  (func $store (export "store") (param i64 i64) (result i64)
    (i32.store (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1)))
    (i64.load (i32.wrap_i64 (local.get 0))))
  (func $fill (export "fill") (param i64 i64) (result i32)
    (memory.fill (i32.wrap_i64 (local.get 0)) (i32.wrap_i64 (local.get 1)) (i32.wrap_i64 (i64.const 4294967298)))
    (i32.load (i32.wrap_i64 (local.get 0))))

  (func $choose (export "choose") (param i64) (result i32)
    (select (i32.const 1) (i32.const 2) (i32.wrap_i64 (local.get 0))))
  (func $branch (export "branch") (param i64) (result i32)
    (if (result i32) (i32.wrap_i64 (local.get 0)) (then (i32.const 1)) (else (i32.const 2))))
  (func $table (export "table") (param i64) (result i32)
    (block $c (block $b (block $a
      (br_table $a $b $c (i32.wrap_i64 (local.get 0))))
      (return (i32.const 10)))
      (return (i32.const 11)))
    (i32.const 12))

  (func $kept (export "kept") (param i64) (result i64)
    (local i32)
    (local.set 1 (i32.wrap_i64 (local.get 0)))
    (i64.add (call $id (local.get 1)) (i64.sub (local.get 0) (i64.extend_i32_u (local.get 1)))))
  (func $global (export "global") (param i64) (result i64)
    (global.set $kept (i32.wrap_i64 (local.get 0)))
    (i64.extend_i32_u (global.get $kept)))
  (func $pass (export "pass") (param i64) (result i64)
    (call $id (i32.wrap_i64 (local.get 0))))
  (func $written_meanwhile (export "written_meanwhile") (param i64) (result i32)
    (i32.wrap_i64 (local.get 0))
    (local.set 0 (i64.const 4294967303))
    (i32.wrap_i64 (local.get 0))
    (i32.add))
  (func $out_of_block (export "out_of_block") (param i64 i32) (result i64)
    (i64.extend_i32_u
      (block (result i32)
        (i32.wrap_i64 (local.get 0))
        (br_if 0 (local.get 1))
        (i32.add (i32.const 2)))))
  (func $round_and_round (export "round_and_round") (param i64) (result i32)
    (local $turns i32)
    (i32.wrap_i64 (local.get 0))
    (loop $again (param i32)
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (i64.sub (i64.extend_i32_u) (i64.const 1))
      (i32.wrap_i64)
      (local.set 0 (i64.extend_i32_u))
      (i32.wrap_i64 (local.get 0))
      (br_if $again (i32.wrap_i64 (local.get 0)))
      (drop))
    (local.get $turns))
  (func $returned (export "returned") (param i64 i32) (result i32)
    (i32.wrap_i64 (i64.mul (local.get 0) (i64.const 1)))
    (br_if 0 (local.get 1))
    (i32.add (i32.const 1)))
  (func $below_a_block (export "below_a_block") (param i64) (result i32)
    (i32.wrap_i64 (i64.mul (local.get 0) (i64.const 1)))
    (block (local.set 0 (i64.const 1)))
    (i32.add (i32.wrap_i64 (local.get 0))))
  (func $lanes (export "lanes") (param i64) (result i64)
    (i64x2.extract_lane 1
      (v128.and (i32x4.splat (i32.wrap_i64 (local.get 0))) (v128.const i64x2 -1 4294967295)))))

;; Locals start as zero. Only those that may be read before they are written are cleared, neighbours by one op.
;;
;; written_first(5) => 6
;; read_first() => 0
;; written_on_one_path(1) => 5
;; written_on_one_path(0) => 0
;; written_on_both_paths(1) => 5
;; written_on_both_paths(0) => 6
;; written_before_a_branch(0) => 7
;; written_in_a_loop(3) => 3
;; neighbours() => 0
;; many() => 0
;; dirty() => 0
(module
  (func $written_first (export "written_first") (param i32) (result i32)
    (local i32)
    (local.set 1 (i32.add (local.get 0) (i32.const 1)))
    (local.get 1))
  (func $read_first (export "read_first") (result i64)
    (local i64)
    (local.get 0))
  (func $written_on_one_path (export "written_on_one_path") (param i32) (result i32)
    (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 5))))
    (local.get 1))
  ;; One pass forward does not see that it makes no difference.
  (func $written_on_both_paths (export "written_on_both_paths") (param i32) (result i32)
    (local i32)
    (if (local.get 0) (then (local.set 1 (i32.const 5))) (else (local.set 1 (i32.const 6))))
    (local.get 1))
  (func $written_before_a_branch (export "written_before_a_branch") (param i32) (result i32)
    (local i32)
    (block
      (local.set 1 (i32.const 7))
      (br_if 0 (local.get 0)))
    (local.get 1))
  (func $written_in_a_loop (export "written_in_a_loop") (param i32) (result i32)
    (local i32 i32)
    (loop
      (local.set 2 (local.get 1))
      (local.set 1 (i32.add (local.get 2) (i32.const 1)))
      (br_if 0 (i32.ne (local.get 1) (local.get 0))))
    (local.get 1))
  (func $neighbours (export "neighbours") (result i32)
    (local i32 i32 i32 i32 i32 i32)
    (local.set 3 (i32.const 9))
    (i32.add (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 4) (local.get 5))))
  (func $many (export "many") (result i64)
    (local i64 i64 i64 i64 i64)
    (i64.or (i64.or (local.get 0) (local.get 1))
      (i64.or (i64.or (local.get 2) (local.get 3)) (local.get 4))))
  (func $soil (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (i64.or (i64.or (local.get 4) (local.get 5)) (i64.or (local.get 6) (local.get 7))))
  ;; The cells have been somebody else's before.
  (func $dirty (export "dirty") (result i64)
    (drop (call $soil
      (i64.const -1) (i64.const -1) (i64.const -1) (i64.const -1)
      (i64.const -1) (i64.const -1) (i64.const -1) (i64.const -1)))
    (i64.or (call $many) (i64.extend_i32_u (call $written_on_one_path (i32.const 0))))))

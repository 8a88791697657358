;; `eqz` of a comparison is the opposite comparison; of anything else it is a comparison with zero. Before a branch it
;; only turns the branch round.
;;
;; of_comparison(1, 2) => 0
;; of_comparison(2, 1) => 1
;; of_value(0) => 1
;; of_value(5) => 0
;; of_wide_value(4294967296) => 0
;; of_wide_value(0) => 1
;; before_branch(0) => 10
;; before_branch(3) => 20
;; twice_before_branch(0) => 20
;; twice_before_branch(3) => 10
;; of_local_comparison(1, 2) => 0, 1
(module
  (func $of_comparison (export "of_comparison") (param i32 i32) (result i32)
    (i32.eqz (i32.lt_s (local.get 0) (local.get 1))))
  (func $of_value (export "of_value") (param i32) (result i32)
    (i32.eqz (local.get 0)))
  (func $of_wide_value (export "of_wide_value") (param i64) (result i32)
    (i64.eqz (local.get 0)))
  (func $before_branch (export "before_branch") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 10))))
    (i32.const 20))
  (func $twice_before_branch (export "twice_before_branch") (param i32) (result i32)
    (if (i32.eqz (i32.eqz (local.get 0))) (then (return (i32.const 10))))
    (i32.const 20))
  ;; The local keeps what the comparison said.
  (func $of_local_comparison (export "of_local_comparison") (param i32 i32) (result i32 i32)
    (local $less i32)
    (i32.eqz (local.tee $less (i32.lt_u (local.get 0) (local.get 1))))
    (local.get $less)))

;; Several results go to the cells that parameters are read from, so they are put side by side before.
;;
;; swap(1, 2) => 2, 1
;; rotate(1, 2, 3) => 3, 1, 2
;; more_than_parameters(7) => 7, 7, 7
;; mixed(1, 2) => 2.5, 3, 1
;; early(1, 2) => 2, 1
;; early(0, 2) => 0, 2
(module
  (func $swap (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func $rotate (export "rotate") (param i32 i32 i32) (result i32 i32 i32)
    (local.get 2) (local.get 0) (local.get 1))
  (func $more_than_parameters (export "more_than_parameters") (param i32) (result i32 i32 i32)
    (local.get 0) (local.get 0) (local.get 0))
  (func $mixed (export "mixed") (param i32 i32) (result f32 i32 i32)
    (f32.const 2.5) (i32.add (local.get 0) (local.get 1)) (local.get 0))
  (func $early (export "early") (param i32 i32) (result i32 i32)
    (if (local.get 0) (then (return (local.get 1) (local.get 0))))
    (local.get 0) (local.get 1)))

;; second_unlikely(5) => 25
;; second_unlikely(-5) => 0
;; first_unlikely(5) => 25
;; first_unlikely(0) => 7
;; no_else(5) => 6
;; no_else(0) => 2
;; out_of_a_loop(5) => 15
;; out_of_a_loop(-1) => -1
;; nested(0) => 1
;; nested(1) => 12
;; nested(2) => 13
;; nested(3) => 24
;; early(0) => 9
;; early(4) => 5
;; in_vain(3) => 4
;;
;; What is unlikely lies behind everything else, and the likely path goes straight on.
(module
  (func $second_unlikely (export "second_unlikely") (param i32) (result i32)
    local.get 0
    i32.const 0
    i32.ge_s
    (@metadata.code.branch_hint "\01")
    if (result i32)
      local.get 0
      local.get 0
      i32.mul
    else
      i32.const 0
    end)
  (func $first_unlikely (export "first_unlikely") (param i32) (result i32)
    local.get 0
    i32.eqz
    (@metadata.code.branch_hint "\00")
    if (result i32)
      i32.const 7
    else
      local.get 0
      local.get 0
      i32.mul
    end)
  (func $no_else (export "no_else") (param i32) (result i32)
    local.get 0
    i32.eqz
    (@metadata.code.branch_hint "\00")
    if
      i32.const 1
      local.set 0
    end
    local.get 0
    i32.const 1
    i32.add)
  (func $out_of_a_loop (export "out_of_a_loop") (param i32) (result i32) (local i32)
    loop (result i32)
      local.get 0
      local.get 0
      i32.const 0
      i32.lt_s
      (@metadata.code.branch_hint "\00")
      br_if 1
      local.get 1
      i32.add
      local.set 1
      local.get 0
      i32.const 1
      i32.sub
      local.tee 0
      (@metadata.code.branch_hint "\01")
      br_if 0
      local.get 1
    end)
  (func $nested (export "nested") (param i32) (result i32)
    local.get 0
    i32.const 1
    i32.and
    (@metadata.code.branch_hint "\00")
    if
      local.get 0
      i32.const 2
      i32.and
      (@metadata.code.branch_hint "\01")
      if
        local.get 0
        i32.const 20
        i32.add
        local.set 0
      else
        local.get 0
        i32.const 10
        i32.add
        local.set 0
      end
    else
      local.get 0
      (@metadata.code.branch_hint "\00")
      if
        local.get 0
        i32.const 10
        i32.add
        local.set 0
      end
    end
    local.get 0
    i32.const 1
    i32.add)
  (func $early (export "early") (param i32) (result i32)
    i32.const 9
    local.get 0
    i32.eqz
    (@metadata.code.branch_hint "\00")
    br_if 0
    drop
    local.get 0
    i32.const 1
    i32.add)
  ;; The first arm does not come back, so what follows belongs to the second, unlikely or not.
  (func $in_vain (export "in_vain") (param i32) (result i32)
    local.get 0
    (@metadata.code.branch_hint "\01")
    if
      local.get 0
      i32.const 1
      i32.add
      return
    else
    end
    i32.const 0))

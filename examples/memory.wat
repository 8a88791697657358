;; One page of memory, and a load just beyond it. Run it with
;;
;;     wapiti run --invoke first_beyond examples/memory.wat
(module
  (memory 1)
  (func $first_beyond (export "first_beyond") (result i32)
    (i32.load8_u (i32.const 65536))))

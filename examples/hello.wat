;; The smallest program that says hello. Run it with
;;
;;     wapiti run examples/hello.wat
;;
;; A WebAssembly module can compute, but cannot print: whatever touches the outside world is a function that the
;; host gives it. This one asks for `fd_write` of WASI, the system interface that C and Rust programs use as well.
(module
  ;; fd_write(fd, iovs, iovs_len, written) -> error code (0 is success)
  ;;   fd        where to write to: 1 is standard output
  ;;   iovs      address of an array of buffers; each is an address and a length, 4 bytes each
  ;;   iovs_len  how many buffers there are
  ;;   written   address where the host puts the number of bytes it wrote
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $iovs_len i32) (param $written i32) (result i32)))

  ;; One page (64 KiB) of memory. WASI reads and writes it through the export "memory".
  (memory (export "memory") 1)

  ;; Memory as it is at the start:
  ;;   0   the array of buffers: one buffer, 14 bytes at address 16
  ;;   8   room for the number of bytes written
  ;;   16  the text
  (data (i32.const 0) "\10\00\00\00" "\0e\00\00\00")
  (data (i32.const 16) "Hello, World!\n")

  ;; WASI begins a program at the export "_start".
  (func (export "_start")
    (call $fd_write
      (i32.const 1)    ;; standard output
      (i32.const 0)    ;; the array of buffers ...
      (i32.const 1)    ;; ... has one element
      (i32.const 8))   ;; where to put the number of bytes written
    ;; The error code is of no use to us: there is nowhere to complain.
    drop))

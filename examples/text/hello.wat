;; A WASI program written by hand: swoop run hello.wat, no other tool is needed.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $vectors i32) (param $count i32) (param $written i32)
      (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param $code i32)))

  ;; WASI reads and writes the memory of this name.
  (memory (export "memory") 1)
  (data (i32.const 32) "Hello from text!\n")

  (func (export "_start")
    ;; One vector at 0: the bytes at 32, 17 of them.
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 17))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then (call $proc_exit (i32.const 1)))))

  ;; swoop run --invoke gcd hello.wat 12 18
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (if (result i32) (i32.eqz (local.get $b))
      (then (local.get $a))
      (else
        (call $gcd
          (local.get $b)
          (i32.rem_u (local.get $a) (local.get $b)))))))

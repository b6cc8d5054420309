(module
  (func $by_8 (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 8)))
  (func $by_3 (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 3)))
  (func $by_9 (param $x i64) (result i64) (i64.mul (local.get $x) (i64.const 9)))
  (func $by_100 (param $x i32) (result i32) (i32.mul (i32.const 100) (local.get $x)))
  (func $by_1 (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 1))))

;; x64: function 0 "by_8", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        shl eax, 0x3
;;        leave
;;        ret

;; x64: function 1 "by_3", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea eax, [rax+rax*2]
;;        leave
;;        ret

;; x64: function 2 "by_9", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        lea rax, [rax+rax*8]
;;        leave
;;        ret

;; x64: function 3 "by_100", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        imul eax, eax, 0x64
;;        leave
;;        ret

;; x64: function 4 "by_1", 16 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "by_8", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        lsl w0, w0, #3
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "by_3", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        add w0, w0, w0, lsl #1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "by_9", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        add x0, x0, x0, lsl #3
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "by_100", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w16, #0x64
;;        mul w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "by_1", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        lsr w0, w0, #0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

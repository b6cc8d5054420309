;; Constants are immediates where the machine has room, and vanish where they do nothing.
(module
  (memory 1)
  (func $byte (param $x i32) (result i32) (i32.add (i32.and (local.get $x) (i32.const -8)) (i32.const 100)))
  (func $word (param $x i32) (result i32) (i32.xor (i32.or (local.get $x) (i32.const 4096)) (i32.const 0x12345678)))
  (func $wide (param $x i64) (result i64) (i64.add (local.get $x) (i64.const 0x123456789abc)))
  (func $left (param $x i32) (result i32) (i32.sub (i32.const 7) (local.get $x)))
  (func $nothing (param $x i32) (result i32)
    (i32.shl (i32.or (i32.add (i32.const 0) (local.get $x)) (i32.const 0)) (i32.const 32)))
  (func $folded (result i64) (i64.mul (i64.add (i64.const 5) (i64.const 6)) (i64.const -3)))
  (func $stores (param $at i32)
    (i32.store (local.get $at) (i32.const 1000))
    (i32.store8 offset=4 (local.get $at) (i32.const 7))
    (i64.store offset=8 (local.get $at) (i64.const -1))
    (i64.store offset=16 (local.get $at) (i64.const 0x123456789abc))
    (f32.store offset=24 (local.get $at) (f32.const 1))
    (f64.store offset=32 (local.get $at) (f64.const 0))
    (i32.store (i32.const 64) (i32.const 1))))

;; x64: function 0 "byte", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        and eax, -0x8
;;        add eax, 0x64
;;        leave
;;        ret

;; x64: function 1 "word", 26 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        or eax, 0x1000
;;        xor eax, 0x12345678
;;        leave
;;        ret

;; x64: function 2 "wide", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, 0x123456789abc
;;        add rax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 3 "left", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, 0x7
;;        sub eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 4 "nothing", 16 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 5 "folded", 17 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rax, -0x21
;;        leave
;;        ret

;; x64: function 6 "stores", 76 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        mov dword ptr [r14+rdi*1], 0x3e8
;;        mov byte ptr [r14+rdi*1+0x4], 0x7
;;        mov qword ptr [r14+rdi*1+0x8], -0x1
;;        mov rax, 0x123456789abc
;;        mov [r14+rdi*1+0x10], rax
;;        mov dword ptr [r14+rdi*1+0x18], 0x3f800000
;;        mov qword ptr [r14+rdi*1+0x20], 0x0
;;        mov dword ptr [r14+0x40], 0x1
;;        leave
;;        ret

;; a64: function 0 "byte", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        and w0, w0, #0xfffffff8
;;        add w0, w0, #0x64
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "word", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        orr w0, w0, #0x1000
;;        movz w16, #0x5678
;;        movk w16, #0x1234, lsl #16
;;        eor w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "wide", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        movz x0, #0x9abc
;;        movk x0, #0x5678, lsl #16
;;        movk x0, #0x1234, lsl #32
;;        ldur x16, [x29, #-8]
;;        add x0, x0, x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "left", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        movz w0, #0x7
;;        ldur w16, [x29, #-8]
;;        sub w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "nothing", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "folded", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        movn x0, #0x20
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 6 "stores", 92 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        movz w16, #0x3e8
;;        str w16, [x27, w14, uxtw]
;;        add x30, x27, w14, uxtw
;;        movz w16, #0x7
;;        strb w16, [x30, #4]
;;        movn x16, #0, lsl #48
;;        str x16, [x30, #8]
;;        movz x0, #0x9abc
;;        movk x0, #0x5678, lsl #16
;;        movk x0, #0x1234, lsl #32
;;        str x0, [x30, #0x10]
;;        movz w16, #0x3f80, lsl #16
;;        str w16, [x30, #0x18]
;;        str xzr, [x30, #0x20]
;;        movz w16, #0x1
;;        str w16, [x27, #0x40]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

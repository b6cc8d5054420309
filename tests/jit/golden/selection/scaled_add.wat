;; A shift by up to 3 before an addition is the scale of an address.
(module
  (func $index (param $base i32) (param $i i32) (result i32)
    (i32.add (local.get $base) (i32.shl (local.get $i) (i32.const 3))))
  (func $wide (param $base i64) (param $i i64) (result i64)
    (i64.add (local.get $base) (i64.shl (local.get $i) (i64.const 2))))
  (func $left (param $base i32) (param $i i32) (result i32)
    (i32.add (i32.shl (local.get $i) (i32.const 1)) (local.get $base)))
  (func $too_far (param $base i32) (param $i i32) (result i32)
    (i32.add (local.get $base) (i32.shl (local.get $i) (i32.const 4)))))

;; x64: function 0 "index", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea ecx, [rcx+rax*8]
;;        mov eax, ecx
;;        leave
;;        ret

;; x64: function 1 "wide", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], rax
;;        mov [rbp-0x10], rcx
;;        mov rax, [rbp-0x10]
;;        mov rcx, [rbp-0x8]
;;        lea rcx, [rcx+rax*4]
;;        mov rax, rcx
;;        leave
;;        ret

;; x64: function 2 "left", 24 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        shl eax, 0x1
;;        add eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 3 "too_far", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        shl eax, 0x4
;;        add eax, [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "index", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add w0, w1, w0, lsl #3
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "wide", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur x0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur x0, [x29, #-0x10]
;;        ldur x1, [x29, #-8]
;;        add x0, x1, x0, lsl #2
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "left", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add w0, w1, w0, lsl #1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "too_far", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add w0, w1, w0, lsl #4
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

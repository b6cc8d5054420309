;; What finds no register lies on the stack.
(module
  (func $callee (param i32 i32 i32 i32 i32 i32 i64 f32) (result i64) (local.get 6))
  (func $caller (param $x i64) (result i64)
    (call $callee (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
      (local.get $x) (f32.const 8)))
  (func $results (result i32 i32 i32 i32 i32 i32)
    (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6))
  (func $last (result i32) (local $x i32)
    (call $results) (local.set $x) (drop) (drop) (drop) (drop) (drop) (local.get $x)))

;; x64: function 0 "callee", 34 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x40
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov [rbp-0x18], edx
;;        mov [rbp-0x20], esi
;;        mov [rbp-0x28], edi
;;        vmovss [rbp-0x30], xmm0
;;        mov rax, [rbp+0x18]
;;        leave
;;        ret

;; x64: function 1 "caller", 96 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x60
;;        cmp rsp, [r15]
;;        jbe 0x4d
;;        mov [rbp-0x8], rax
;;        mov dword ptr [rsp], 0x6
;;        mov r10, [rbp-0x8]
;;        mov [rsp+0x8], r10
;;        mov eax, 0x1
;;        mov ecx, 0x2
;;        mov edx, 0x3
;;        mov esi, 0x4
;;        mov edi, 0x5
;;        vmovss xmm0, dword ptr [0x50]
;;        call 0xffffffffffffffd0
;;        leave
;;        ret
;; 0x4d   ud2
;;        nop
;; 0x50   .dword 0x41000000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 2 "results", 75 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov dword ptr [rbp-0x8], 0x1
;;        mov dword ptr [rbp-0x10], 0x2
;;        mov dword ptr [rbp-0x18], 0x3
;;        mov dword ptr [rbp-0x20], 0x4
;;        mov dword ptr [rbp-0x28], 0x5
;;        mov dword ptr [rbp-0x30], 0x6
;;        mov eax, [rbp-0x8]
;;        mov ecx, [rbp-0x10]
;;        mov edx, [rbp-0x18]
;;        mov esi, [rbp-0x20]
;;        mov edi, [rbp-0x28]
;;        mov r10, [rbp-0x30]
;;        mov [rbp+0x10], r10
;;        leave
;;        ret

;; x64: function 3 "last", 54 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x50
;;        cmp rsp, [r15]
;;        jbe 0x34
;;        mov qword ptr [rbp-0x8], 0x0
;;        call 0xffffffffffffffb0
;;        mov r10, [rsp]
;;        mov [rbp-0x38], r10
;;        mov [rbp-0x10], eax
;;        mov eax, [rbp-0x38]
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret
;; 0x34   ud2

;; a64: function 0 "callee", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x50
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        stur w2, [x29, #-0x18]
;;        stur w3, [x29, #-0x20]
;;        stur w4, [x29, #-0x28]
;;        stur w5, [x29, #-0x30]
;;        stur x6, [x29, #-0x38]
;;        stur s0, [x29, #-0x40]
;;        ldur x0, [x29, #-0x38]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "caller", 80 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x50
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x4c
;;        stur x0, [x29, #-8]
;;        movz w0, #0x1
;;        movz w1, #0x2
;;        movz w2, #0x3
;;        movz w3, #0x4
;;        movz w4, #0x5
;;        movz w5, #0x6
;;        ldur x6, [x29, #-8]
;;        fmov s0, #8.00000000
;;        bl #0xffffffffffffffc0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0xf

;; a64: function 2 "results", 96 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        movz w16, #0x1
;;        stur w16, [x29, #-8]
;;        movz w16, #0x2
;;        stur w16, [x29, #-0x10]
;;        movz w16, #0x3
;;        stur w16, [x29, #-0x18]
;;        movz w16, #0x4
;;        stur w16, [x29, #-0x20]
;;        movz w16, #0x5
;;        stur w16, [x29, #-0x28]
;;        movz w16, #0x6
;;        stur w16, [x29, #-0x30]
;;        ldur w0, [x29, #-8]
;;        ldur w1, [x29, #-0x10]
;;        ldur w2, [x29, #-0x18]
;;        ldur w3, [x29, #-0x20]
;;        ldur w4, [x29, #-0x28]
;;        ldur w5, [x29, #-0x30]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "last", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x40
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x34
;;        stur xzr, [x29, #-8]
;;        bl #0xffffffffffffffa0
;;        stur w5, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0xf

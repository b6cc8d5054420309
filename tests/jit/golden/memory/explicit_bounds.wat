;; options: explicit
(module
  (memory 1)
  (func $load (param $at i32) (result i32) (i32.load offset=16 (local.get $at)))
  (func $far (param $at i32) (result i32) (i32.load8_u offset=0xfffffff0 (local.get $at)))
  (func $constant (result i64) (i64.load offset=4 (i32.const 16)))
  (func $store (param $at i32) (i32.store (local.get $at) (i32.const 5)))
  (func $operand (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load (local.get $at))))
  (func $grow (param $pages i32) (result i32) (memory.grow (local.get $pages))))

;; x64: function 0 "load", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x14]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x23
;;        mov eax, [r14+rax*1+0x10]
;;        leave
;;        ret
;; 0x23   ud2

;; x64: function 1 "far", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0xf
;;        add r10, rax
;;        cmp r10, [r15+0x10]
;;        jnbe 0x29
;;        movzx eax, byte ptr [r14+r10*1-0x1]
;;        leave
;;        ret
;; 0x29   ud2

;; x64: function 2 "constant", 14 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rax, [r14+0x14]
;;        leave
;;        ret

;; x64: function 3 "store", 40 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x26
;;        mov dword ptr [r14+rax*1], 0x5
;;        leave
;;        ret
;; 0x26   ud2

;; x64: function 4 "operand", 44 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x2a
;;        add ecx, [r14+rax*1]
;;        mov eax, ecx
;;        leave
;;        ret
;; 0x2a   ud2

;; x64: function 5 "grow", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x29
;;        mov [rbp-0x8], eax
;;        mov eax, 0x0
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x30]
;;        call [r10]
;;        mov r14, [r15+0x8]
;;        leave
;;        ret
;; 0x29   ud2

;; a64: function 0 "load", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        add x17, x0, #0x14
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x38
;;        add x17, x17, x27
;;        ldur w0, [x17, #-4]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   udf #0x5

;; a64: function 1 "far", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz x17, #0xfff1
;;        movk x17, #0xffff, lsl #16
;;        add x17, x17, x0
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x40
;;        add x17, x17, x27
;;        ldurb w0, [x17, #-1]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x40   udf #0x5

;; a64: function 2 "constant", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldur x0, [x27, #0x14]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "store", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w16, #0x5
;;        add x17, x0, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x38
;;        str w16, [x27, w0, uxtw]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   udf #0x5

;; a64: function 4 "operand", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x0, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x44
;;        ldr w16, [x27, w0, uxtw]
;;        add w1, w1, w16
;;        mov w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0x5

;; a64: function 5 "grow", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x40
;;        stur w0, [x29, #-8]
;;        movz w0, #0
;;        ldur w1, [x29, #-8]
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16]
;;        blr x16
;;        ldr x27, [x28, #8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x40   udf #0xf

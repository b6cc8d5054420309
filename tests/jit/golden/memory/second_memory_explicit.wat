;; options: explicit
(module
  (memory 1) (memory $second 1)
  (func $load (param $at i32) (result i32) (i32.load $second offset=16 (local.get $at)))
  (func $constant (result i64) (i64.load $second offset=4 (i32.const 16)))
  (func $far (param $at i32) (result i32) (i32.load8_u $second offset=0xfffffff0 (local.get $at)))
  (func $store (param $at i32) (i32.store $second (local.get $at) (i32.const 5)))
  (func $operand (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load $second (local.get $at))))
  (func $size (result i32) (memory.size $second)))

;; x64: function 0 "load", 40 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x14]
;;        cmp r10, [r15+0x58]
;;        jnbe 0x26
;;        add r10, [r15+0x50]
;;        mov eax, [r10-0x4]
;;        leave
;;        ret
;; 0x26   ud2

;; x64: function 1 "constant", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov r10, [r15+0x50]
;;        mov rax, [r10+0x14]
;;        leave
;;        ret

;; x64: function 2 "far", 46 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0xf
;;        add r10, rax
;;        cmp r10, [r15+0x58]
;;        jnbe 0x2c
;;        add r10, [r15+0x50]
;;        movzx eax, byte ptr [r10-0x1]
;;        leave
;;        ret
;; 0x2c   ud2

;; x64: function 3 "store", 44 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x58]
;;        jnbe 0x2a
;;        add r10, [r15+0x50]
;;        mov dword ptr [r10-0x4], 0x5
;;        leave
;;        ret
;; 0x2a   ud2

;; x64: function 4 "operand", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x58]
;;        jnbe 0x2e
;;        add r10, [r15+0x50]
;;        add ecx, [r10-0x4]
;;        mov eax, ecx
;;        leave
;;        ret
;; 0x2e   ud2

;; x64: function 5 "size", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rax, [r15+0x58]
;;        shr rax, 0x10
;;        leave
;;        ret

;; a64: function 0 "load", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        add x17, x0, #0x14
;;        ldr x30, [x28, #0x58]
;;        cmp x17, x30
;;        b.hi #0x3c
;;        ldr x30, [x28, #0x50]
;;        add x17, x17, x30
;;        ldur w0, [x17, #-4]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x3c   udf #0x5

;; a64: function 1 "constant", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x17, [x28, #0x50]
;;        ldur x0, [x17, #0x14]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "far", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz x17, #0xfff1
;;        movk x17, #0xffff, lsl #16
;;        add x17, x17, x0
;;        ldr x30, [x28, #0x58]
;;        cmp x17, x30
;;        b.hi #0x44
;;        ldr x30, [x28, #0x50]
;;        add x17, x17, x30
;;        ldurb w0, [x17, #-1]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0x5

;; a64: function 3 "store", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w16, #0x5
;;        add x17, x0, #4
;;        ldr x30, [x28, #0x58]
;;        cmp x17, x30
;;        b.hi #0x40
;;        ldr x30, [x28, #0x50]
;;        add x17, x17, x30
;;        stur w16, [x17, #-4]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x40   udf #0x5

;; a64: function 4 "operand", 80 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x0, #4
;;        ldr x30, [x28, #0x58]
;;        cmp x17, x30
;;        b.hi #0x4c
;;        ldr x30, [x28, #0x50]
;;        add x17, x17, x30
;;        ldur w16, [x17, #-4]
;;        add w1, w1, w16
;;        mov w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0x5

;; a64: function 5 "size", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x0, [x28, #0x58]
;;        lsr x0, x0, #0x10
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

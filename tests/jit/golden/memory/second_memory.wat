(module
  (memory 1) (memory $second 1)
  (func $load (param $at i32) (result i32) (i32.load $second offset=16 (local.get $at)))
  (func $constant (result i64) (i64.load $second offset=4 (i32.const 16)))
  (func $far (param $at i32) (result i32) (i32.load8_u $second offset=0xfffffff0 (local.get $at)))
  (func $store (param $at i32) (i32.store $second (local.get $at) (i32.const 5)))
  (func $operand (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load $second (local.get $at))))
  (func $move (param $at i32)
    (i64.store $second (local.get $at) (i64.load (local.get $at))))
  (func $size (result i32) (memory.size $second))
  (func $grow (param $pages i32) (result i32) (memory.grow $second (local.get $pages)))
  (func $copy (param $to i32) (param $from i32) (param $size i32)
    (memory.copy $second 0 (local.get $to) (local.get $from) (local.get $size))))

;; x64: function 0 "load", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        mov eax, [r10+rax*1+0x10]
;;        leave
;;        ret

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

;; x64: function 3 "store", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        mov dword ptr [r10+rax*1], 0x5
;;        leave
;;        ret

;; x64: function 4 "operand", 32 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        add ecx, [r10+rax*1]
;;        mov eax, ecx
;;        leave
;;        ret

;; x64: function 5 "move", 24 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        mov rax, [r14+rdi*1]
;;        mov r10, [r15+0x50]
;;        mov [r10+rdi*1], rax
;;        leave
;;        ret

;; x64: function 6 "size", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rax, [r15+0x58]
;;        shr rax, 0x10
;;        leave
;;        ret

;; x64: function 7 "grow", 39 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x25
;;        mov [rbp-0x8], eax
;;        mov eax, 0x1
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x30]
;;        call [r10]
;;        leave
;;        ret
;; 0x25   ud2

;; x64: function 8 "copy", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov [rbp-0x18], edx
;;        mov eax, [rbp-0x8]
;;        mov ecx, [rbp-0x10]
;;        mov edx, [rbp-0x18]
;;        mov esi, 0x1
;;        mov edi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x8]
;;        leave
;;        ret
;; 0x37   ud2

;; a64: function 0 "load", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldr x17, [x28, #0x50]
;;        add x17, x17, w0, uxtw
;;        ldr w0, [x17, #0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

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

;; a64: function 3 "store", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w16, #0x5
;;        ldr x17, [x28, #0x50]
;;        add x17, x17, w0, uxtw
;;        str w16, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "operand", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        ldr x17, [x28, #0x50]
;;        add x17, x17, w0, uxtw
;;        ldr w16, [x17]
;;        add w1, w1, w16
;;        mov w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "move", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        ldr x0, [x27, w14, uxtw]
;;        ldr x17, [x28, #0x50]
;;        add x17, x17, w14, uxtw
;;        str x0, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 6 "size", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x0, [x28, #0x58]
;;        lsr x0, x0, #0x10
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 7 "grow", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x3c
;;        stur w0, [x29, #-8]
;;        movz w0, #0x1
;;        ldur w1, [x29, #-8]
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x3c   udf #0xf

;; a64: function 8 "copy", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x50
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        stur w2, [x29, #-0x18]
;;        ldur w0, [x29, #-8]
;;        ldur w1, [x29, #-0x10]
;;        ldur w2, [x29, #-0x18]
;;        movz w3, #0x1
;;        movz w4, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #8]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   udf #0xf

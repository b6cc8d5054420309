;; options: explicit
(module
  (memory 1)
  (memory $other 1)
  (func $copy (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 40)))
  (func $between_memories (param $to i32) (param $from i32)
    (memory.copy $other 0 (local.get $to) (local.get $from) (i32.const 32)))
  (func $zeros (param $to i32) (memory.fill (local.get $to) (i32.const 0) (i32.const 24))))

;; x64: function 0 "copy", 105 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x63
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x28]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x65
;;        vmovups xmm15, [r14+rax*1+0x18]
;;        vmovups xmm1, [r14+rax*1+0x10]
;;        vmovups xmm0, [r14+rax*1]
;;        lea r10, [rcx+0x28]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x67
;;        vmovups [r14+rcx*1+0x18], xmm15
;;        vmovups [r14+rcx*1+0x10], xmm1
;;        vmovups [r14+rcx*1], xmm0
;;        leave
;;        ret
;; 0x63   ud2
;; 0x65   ud2
;; 0x67   ud2

;; x64: function 1 "between_memories", 94 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x58
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x20]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x5a
;;        vmovups xmm15, [r14+rax*1+0x10]
;;        vmovups xmm0, [r14+rax*1]
;;        lea r10, [rcx+0x20]
;;        cmp r10, [r15+0x58]
;;        jnbe 0x5c
;;        add r10, [r15+0x50]
;;        vmovups [r10-0x10], xmm15
;;        vmovups [r10-0x20], xmm0
;;        leave
;;        ret
;; 0x58   ud2
;; 0x5a   ud2
;; 0x5c   ud2

;; x64: function 2 "zeros", 61 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x39
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        vxorps xmm15, xmm15, xmm15
;;        lea r10, [rax+0x18]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x3b
;;        vmovups [r14+rax*1+0x8], xmm15
;;        vmovups [r14+rax*1], xmm15
;;        leave
;;        ret
;; 0x39   ud2
;; 0x3b   ud2

;; a64: function 0 "copy", 128 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x74
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x0, #0x28
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x78
;;        add x17, x17, x27
;;        ldur q31, [x17, #-0x10]
;;        ldur q1, [x17, #-0x18]
;;        ldur q0, [x17, #-0x28]
;;        add x17, x1, #0x28
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x7c
;;        add x17, x17, x27
;;        stur q31, [x17, #-0x10]
;;        stur q1, [x17, #-0x18]
;;        stur q0, [x17, #-0x28]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x74   udf #0xf
;; 0x78   udf #0x5
;; 0x7c   udf #0x5

;; a64: function 1 "between_memories", 124 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x70
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x0, #0x20
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x74
;;        add x17, x17, x27
;;        ldur q31, [x17, #-0x10]
;;        ldur q0, [x17, #-0x20]
;;        add x17, x1, #0x20
;;        ldr x30, [x28, #0x58]
;;        cmp x17, x30
;;        b.hi #0x78
;;        ldr x30, [x28, #0x50]
;;        add x17, x17, x30
;;        stur q31, [x17, #-0x10]
;;        stur q0, [x17, #-0x20]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x70   udf #0xf
;; 0x74   udf #0x5
;; 0x78   udf #0x5

;; a64: function 2 "zeros", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x4c
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movi v31.2d, #0000000000000000
;;        add x17, x0, #0x18
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x50
;;        add x17, x17, x27
;;        stur q31, [x17, #-0x10]
;;        stur q31, [x17, #-0x18]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0xf
;; 0x50   udf #0x5

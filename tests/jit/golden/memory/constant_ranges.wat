;; memory.copy and memory.fill of a few bytes: all loads before all stores, and the first of each
;; lies highest, so that a fault comes before any write. A store of 16 bytes could write its first
;; part before it faults: the last bytes of its range are read before.
(module
  (memory 1)
  (memory $other 1)
  (func $copy4 (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 4)))
  (func $copy12 (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 12)))
  (func $copy40 (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 40)))
  (func $between_memories (param $to i32) (param $from i32)
    (memory.copy $other 0 (local.get $to) (local.get $from) (i32.const 32)))
  (func $at_constants (memory.copy (i32.const 1024) (i32.const 2048) (i32.const 16)))
  (func $at_far_constants
    (memory.fill (i32.const 8000) (i32.const 5) (i32.const 8))
    (memory.copy (i32.const 4090) (i32.const 70001) (i32.const 4)))
  (func $zeros (param $to i32) (memory.fill (local.get $to) (i32.const 0) (i32.const 40)))
  (func $few_bytes (param $to i32) (memory.fill (local.get $to) (i32.const 255) (i32.const 6)))
  (func $bytes (param $to i32) (memory.fill (local.get $to) (i32.const 255) (i32.const 24)))
  ;; These are done in C++.
  (func $none (param $to i32) (memory.fill (local.get $to) (i32.const 0) (i32.const 0)))
  (func $many (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 145))))

;; x64: function 0 "copy4", 45 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x2b
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        vmovss xmm15, dword ptr [r14+rax*1]
;;        vmovss [r14+rcx*1], xmm15
;;        leave
;;        ret
;; 0x2b   ud2

;; x64: function 1 "copy12", 59 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x39
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        vmovsd xmm15, qword ptr [r14+rax*1+0x4]
;;        vmovsd xmm0, qword ptr [r14+rax*1]
;;        vmovsd [r14+rcx*1+0x4], xmm15
;;        vmovsd [r14+rcx*1], xmm0
;;        leave
;;        ret
;; 0x39   ud2

;; x64: function 2 "copy40", 78 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x4c
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        vmovups xmm15, [r14+rax*1+0x18]
;;        vmovups xmm1, [r14+rax*1+0x10]
;;        vmovups xmm0, [r14+rax*1]
;;        cmp r14d, [r14+rcx*1+0x24]
;;        vmovups [r14+rcx*1+0x18], xmm15
;;        vmovups [r14+rcx*1+0x10], xmm1
;;        vmovups [r14+rcx*1], xmm0
;;        leave
;;        ret
;; 0x4c   ud2

;; x64: function 3 "between_memories", 68 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x42
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        vmovups xmm15, [r14+rax*1+0x10]
;;        vmovups xmm0, [r14+rax*1]
;;        mov r10, [r15+0x50]
;;        cmp r14d, [r10+rcx*1+0x1c]
;;        vmovups [r10+rcx*1+0x10], xmm15
;;        vmovups [r10+rcx*1], xmm0
;;        leave
;;        ret
;; 0x42   ud2

;; x64: function 4 "at_constants", 46 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x2c
;;        vmovups xmm15, [r14+0x800]
;;        cmp r14d, [r14+0x40c]
;;        vmovups [r14+0x400], xmm15
;;        leave
;;        ret
;; 0x2c   ud2

;; x64: function 5 "at_far_constants", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x36
;;        vmovsd xmm15, qword ptr [0x40]
;;        vmovsd [r14+0x1f40], xmm15
;;        vmovss xmm15, dword ptr [r14+0x11171]
;;        vmovss [r14+0xffa], xmm15
;;        leave
;;        ret
;; 0x36   ud2
;;        nop [rax+rax*1], eax
;; 0x40   .dword 0x05050505
;;        .dword 0x05050505
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 6 "zeros", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        vxorps xmm15, xmm15, xmm15
;;        cmp r14d, [r14+rax*1+0x24]
;;        vmovups [r14+rax*1+0x18], xmm15
;;        vmovups [r14+rax*1+0x10], xmm15
;;        vmovups [r14+rax*1], xmm15
;;        leave
;;        ret
;; 0x37   ud2

;; x64: function 7 "few_bytes", 44 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x2a
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov dword ptr [r14+rax*1+0x2], -0x1
;;        mov dword ptr [r14+rax*1], -0x1
;;        leave
;;        ret
;; 0x2a   ud2

;; x64: function 8 "bytes", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x35
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        vmovsd xmm15, qword ptr [0x40]
;;        vmovsd [r14+rax*1+0x10], xmm15
;;        vmovsd [r14+rax*1+0x8], xmm15
;;        vmovsd [r14+rax*1], xmm15
;;        leave
;;        ret
;; 0x35   ud2
;;        nop [rax+rax*1], ax
;; 0x40   .dword 0xffffffff
;;        .dword 0xffffffff
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 9 "none", 50 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x30
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov ecx, 0x0
;;        mov edx, 0x0
;;        mov esi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x10]
;;        leave
;;        ret
;; 0x30   ud2

;; x64: function 10 "many", 56 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x36
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x8]
;;        mov ecx, [rbp-0x10]
;;        mov edx, 0x91
;;        mov esi, 0x0
;;        mov edi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x8]
;;        leave
;;        ret
;; 0x36   ud2

;; a64: function 0 "copy4", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x27, w0, uxtw
;;        ldr s31, [x17]
;;        add x17, x27, w1, uxtw
;;        ldrb wzr, [x17, #3]
;;        str s31, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf

;; a64: function 1 "copy12", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x50
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x27, w0, uxtw
;;        ldur d31, [x17, #4]
;;        ldr d0, [x17]
;;        add x17, x27, w1, uxtw
;;        ldrb wzr, [x17, #0xb]
;;        stur d31, [x17, #4]
;;        str d0, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   udf #0xf

;; a64: function 2 "copy40", 92 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x58
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x27, w0, uxtw
;;        ldur q31, [x17, #0x18]
;;        ldr q1, [x17, #0x10]
;;        ldr q0, [x17]
;;        add x17, x27, w1, uxtw
;;        ldrb wzr, [x17, #0x27]
;;        stur q31, [x17, #0x18]
;;        str q1, [x17, #0x10]
;;        str q0, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x58   udf #0xf

;; a64: function 3 "between_memories", 88 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x54
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        add x17, x27, w0, uxtw
;;        ldr q31, [x17, #0x10]
;;        ldr q0, [x17]
;;        ldr x17, [x28, #0x50]
;;        add x17, x17, w1, uxtw
;;        ldrb wzr, [x17, #0x1f]
;;        str q31, [x17, #0x10]
;;        str q0, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x54   udf #0xf

;; a64: function 4 "at_constants", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x38
;;        add x17, x27, #0x800
;;        ldr q31, [x17]
;;        add x17, x27, #0x400
;;        ldrb wzr, [x17, #0xf]
;;        str q31, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   udf #0xf

;; a64: function 5 "at_far_constants", 96 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x5c
;;        movz x16, #0x505
;;        movk x16, #0x505, lsl #16
;;        movk x16, #0x505, lsl #32
;;        movk x16, #0x505, lsl #48
;;        add x17, x27, #1, lsl #12
;;        add x17, x17, #0xf40
;;        ldrb wzr, [x17, #7]
;;        str x16, [x17]
;;        add x17, x27, #0x11, lsl #12
;;        add x17, x17, #0x171
;;        ldr s31, [x17]
;;        add x17, x27, #0xffa
;;        ldrb wzr, [x17, #3]
;;        str s31, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x5c   udf #0xf

;; a64: function 6 "zeros", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movi v31.2d, #0000000000000000
;;        add x17, x27, w0, uxtw
;;        ldrb wzr, [x17, #0x27]
;;        stur q31, [x17, #0x18]
;;        str q31, [x17, #0x10]
;;        str q31, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0xf

;; a64: function 7 "few_bytes", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x40
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movn x16, #0, lsl #48
;;        add x17, x27, w0, uxtw
;;        ldrb wzr, [x17, #5]
;;        stur w16, [x17, #2]
;;        str w16, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x40   udf #0xf

;; a64: function 8 "bytes", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movn x16, #0, lsl #48
;;        add x17, x27, w0, uxtw
;;        ldrb wzr, [x17, #0x17]
;;        str x16, [x17, #0x10]
;;        str x16, [x17, #8]
;;        str x16, [x17]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0xf

;; a64: function 9 "none", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w1, #0
;;        movz w2, #0
;;        movz w3, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x10]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0xf

;; a64: function 10 "many", 80 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x4c
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        ldur w1, [x29, #-0x10]
;;        movz w2, #0x91
;;        movz w3, #0
;;        movz w4, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #8]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0xf

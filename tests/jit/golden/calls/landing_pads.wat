;; options: bti
(module
  (table 1 funcref)
  (elem (i32.const 0) $in_table)
  (func $alone (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $in_table (param i32) (result i32) (call $alone (local.get 0)))
  (func $exported (export "exported") (param $x i32) (result i32)
    (block (block (block (br_table 0 1 2 1 0 2 (local.get $x))) (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func $start (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0))))
  (start $start))

;; x64: function 0 "alone", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        add eax, 0x1
;;        leave
;;        ret

;; x64: function 1 "in_table", 32 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x1e
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        call 0xffffffffffffffe0
;;        leave
;;        ret
;; 0x1e   ud2

;; x64: function 2 "exported", 88 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        cmp eax, 0x5
;;        jnb 0x3b
;;        lea r10, [0x44]
;;        movsxd rax, dword ptr [r10+rax*4]
;;        add rax, r10
;;        jmp rax
;; 0x27   mov eax, 0xa
;;        jmp 0x40
;; 0x31   mov eax, 0x14
;;        jmp 0x40
;; 0x3b   mov eax, 0x1e
;; 0x40   leave
;;        ret
;;        nop
;; 0x44   .entry 0x27
;;        .entry 0x31
;;        .entry 0x3b
;;        .entry 0x31
;;        .entry 0x27

;; x64: function 3 "start", 117 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push r15
;;        sub rsp, 0x18
;;        cmp rsp, [r15]
;;        jbe 0x4d
;;        mov r10d, 0x0
;;        mov eax, 0x1
;;        cmp r10d, [r15+0x20]
;;        jnb 0x4f
;;        shl r10, 0x5
;;        add r10, [r15+0x18]
;;        cmp dword ptr [r10+0x10], 0x7fffffff
;;        jnz 0x51
;;        cmp [r10+0x8], r15
;;        jnz 0x60
;;        call [r10]
;; 0x4b   leave
;;        ret
;; 0x4d   ud2
;; 0x4f   ud2
;; 0x51   cmp qword ptr [r10+0x18], 0x0
;;        jnz 0x5e
;;        ud2
;; 0x5e   ud2
;; 0x60   mov r15, [r10+0x8]
;;        mov r14, [r15+0x8]
;;        call [r10]
;;        mov r15, [rbp-0x8]
;;        mov r14, [r15+0x8]
;;        jmp 0x4b

;; a64: function 0 "alone", 40 bytes
;;        bti c
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        add w0, w0, #1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "in_table", 56 bytes
;;        bti c
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x34
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        bl #0xffffffffffffffd0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0xf

;; a64: function 2 "exported", 124 bytes
;;        bti c
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        cmp w0, #5
;;        b.hs #0x40
;;        adr x16, #0x68
;;        ldrsw x17, [x16, w0, uxtw #2]
;;        add x16, x16, x17
;;        br x16
;; 0x30   movz w0, #0xa
;;        b #0x44
;; 0x38   movz w0, #0x14
;;        b #0x44
;; 0x40   movz w0, #0x1e
;; 0x44   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   bti j
;;        b #0x30
;; 0x58   bti j
;;        b #0x38
;; 0x60   bti j
;;        b #0x40
;; 0x68   .entry 0x50
;;        .entry 0x58
;;        .entry 0x60
;;        .entry 0x58
;;        .entry 0x50

;; a64: function 3 "start", 160 bytes
;;        bti c
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x68
;;        stur x28, [x29, #-8]
;;        movz w16, #0
;;        movz w0, #0x1
;;        ldr w17, [x28, #0x20]
;;        cmp w16, w17
;;        b.hs #0x6c
;;        ldr x17, [x28, #0x18]
;;        add x17, x17, x16, lsl #5
;;        ldr w16, [x17, #0x10]
;;        ldr w30, #0x98
;;        cmp w16, w30
;;        b.ne #0x70
;;        ldp x16, x30, [x17]
;;        cmp x30, x28
;;        b.ne #0x80
;;        blr x16
;; 0x5c   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x68   udf #0xf
;; 0x6c   udf #0x7
;; 0x70   ldr x16, [x17, #0x18]
;;        cbnz x16, #0x7c
;;        udf #0x8
;; 0x7c   udf #0x9
;; 0x80   mov x28, x30
;;        ldr x27, [x28, #8]
;;        blr x16
;;        ldur x28, [x29, #-8]
;;        ldr x27, [x28, #8]
;;        b #0x5c
;; 0x98   .dword 0x00000000
;;        .dword 0x00000000

(module
  (func $chain (param $x i32) (result i32)
    (block (block (block (br_table 0 1 2 (local.get $x))) (return (i32.const 10))) (return (i32.const 20)))
    (i32.const 30))
  (func $table (param $x i32) (result i32)
    (block (block (block (br_table 0 1 2 1 0 2 (local.get $x))) (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func $with_operand (param $x i32) (result i32)
    (block (result i32)
      (block (result i32) (br_table 0 1 0 1 0 (i32.const 5) (local.get $x)))
      (i32.add (i32.const 1))))
  (func $with_operands (param $x i32) (result i32)
    (block (result i32 i32)
      (i32.const 7)
      (block (result i32 i32) (br_table 0 1 0 1 0 (i32.const 5) (i32.const 6) (local.get $x)))
      (drop))
    (i32.sub)))

;; x64: function 0 "chain", 63 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        test eax, eax
;;        jz 0x24
;;        cmp eax, 0x1
;;        jz 0x2e
;;        jmp 0x38
;; 0x24   mov eax, 0xa
;;        jmp 0x3d
;; 0x2e   mov eax, 0x14
;;        jmp 0x3d
;; 0x38   mov eax, 0x1e
;; 0x3d   leave
;;        ret

;; x64: function 1 "table", 88 bytes
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

;; x64: function 2 "with_operand", 68 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov ecx, eax
;;        mov eax, 0x5
;;        cmp ecx, 0x4
;;        jnb 0x2e
;;        lea r10, [0x34]
;;        movsxd rcx, dword ptr [r10+rcx*4]
;;        add rcx, r10
;;        jmp rcx
;; 0x2e   add eax, 0x1
;; 0x31   leave
;;        ret
;;        nop
;; 0x34   .entry 0x2e
;;        .entry 0x31
;;        .entry 0x2e
;;        .entry 0x31

;; x64: function 3 "with_operands", 128 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        cmp eax, 0x4
;;        jb 0x2a
;;        mov dword ptr [rbp-0x18], 0x5
;;        mov dword ptr [rbp-0x20], 0x6
;;        jmp 0x60
;; 0x2a   lea r10, [0x70]
;;        movsxd rax, dword ptr [r10+rax*4]
;;        add rax, r10
;;        jmp rax
;; 0x3a   mov dword ptr [rbp-0x18], 0x5
;;        mov dword ptr [rbp-0x20], 0x6
;;        jmp 0x60
;; 0x4d   mov dword ptr [rbp-0x10], 0x5
;;        mov dword ptr [rbp-0x18], 0x6
;;        jmp 0x67
;; 0x60   mov dword ptr [rbp-0x10], 0x7
;; 0x67   mov eax, [rbp-0x10]
;;        sub eax, [rbp-0x18]
;;        leave
;;        ret
;;        nop
;; 0x70   .entry 0x3a
;;        .entry 0x4d
;;        .entry 0x3a
;;        .entry 0x4d

;; a64: function 0 "chain", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        cbz w0, #0x24
;;        cmp w0, #1
;;        b.eq #0x2c
;;        b #0x34
;; 0x24   movz w0, #0xa
;;        b #0x38
;; 0x2c   movz w0, #0x14
;;        b #0x38
;; 0x34   movz w0, #0x1e
;; 0x38   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "table", 96 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        cmp w0, #5
;;        b.hs #0x3c
;;        adr x16, #0x4c
;;        ldrsw x17, [x16, w0, uxtw #2]
;;        add x16, x16, x17
;;        br x16
;; 0x2c   movz w0, #0xa
;;        b #0x40
;; 0x34   movz w0, #0x14
;;        b #0x40
;; 0x3c   movz w0, #0x1e
;; 0x40   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   .entry 0x2c
;;        .entry 0x34
;;        .entry 0x3c
;;        .entry 0x34
;;        .entry 0x2c

;; a64: function 2 "with_operand", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        mov w1, w0
;;        movz w0, #0x5
;;        cmp w1, #4
;;        b.hs #0x34
;;        adr x16, #0x44
;;        ldrsw x17, [x16, w1, uxtw #2]
;;        add x16, x16, x17
;;        br x16
;; 0x34   add w0, w0, #1
;; 0x38   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   .entry 0x34
;;        .entry 0x38
;;        .entry 0x34
;;        .entry 0x38

;; a64: function 3 "with_operands", 152 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        cmp w0, #4
;;        b.lo #0x30
;;        movz w16, #0x5
;;        stur w16, [x29, #-0x18]
;;        movz w16, #0x6
;;        stur w16, [x29, #-0x20]
;;        b #0x68
;; 0x30   adr x16, #0x88
;;        ldrsw x17, [x16, w0, uxtw #2]
;;        add x16, x16, x17
;;        br x16
;; 0x40   movz w16, #0x5
;;        stur w16, [x29, #-0x18]
;;        movz w16, #0x6
;;        stur w16, [x29, #-0x20]
;;        b #0x68
;; 0x54   movz w16, #0x5
;;        stur w16, [x29, #-0x10]
;;        movz w16, #0x6
;;        stur w16, [x29, #-0x18]
;;        b #0x70
;; 0x68   movz w16, #0x7
;;        stur w16, [x29, #-0x10]
;; 0x70   ldur w0, [x29, #-0x10]
;;        ldur w16, [x29, #-0x18]
;;        sub w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x88   .entry 0x40
;;        .entry 0x54
;;        .entry 0x40
;;        .entry 0x54

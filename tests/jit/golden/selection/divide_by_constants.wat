;; Shifts and masks for powers of two, multiplications by the reciprocal for others. Division by -1
;; can overflow, so it stays one.
(module
  (func $quotient (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 16)))
  (func $remainder (param $x i64) (result i64) (i64.rem_u (local.get $x) (i64.const 64)))
  (func $by_one (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 1)))
  (func $by_minus_one (param $x i32) (result i32) (i32.div_s (local.get $x) (i32.const -1)))
  (func $signed (param $x i32) (result i32) (i32.div_s (local.get $x) (i32.const 16)))
  (func $signed_remainder (param $x i32) (result i32) (i32.rem_s (local.get $x) (i32.const 16)))
  (func $by_10 (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 10)))
  (func $by_7 (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 7)))
  (func $modulo_10 (param $x i32) (result i32) (i32.rem_u (local.get $x) (i32.const 10)))
  (func $signed_by_10 (param $x i32) (result i32) (i32.div_s (local.get $x) (i32.const 10)))
  (func $signed_modulo_7 (param $x i32) (result i32) (i32.rem_s (local.get $x) (i32.const -7)))
  (func $wide_by_10 (param $x i64) (result i64) (i64.div_u (local.get $x) (i64.const 10)))
  (func $wide_by_7 (param $x i64) (result i64) (i64.div_u (local.get $x) (i64.const 7)))
  (func $wide_by_100 (param $x i64) (result i64) (i64.div_u (local.get $x) (i64.const 100)))
  (func $wide_modulo_10 (param $x i64) (result i64) (i64.rem_u (local.get $x) (i64.const 10)))
  (func $wide_signed_by_10 (param $x i64) (result i64) (i64.div_s (local.get $x) (i64.const 10))))

;; x64: function 0 "quotient", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        shr eax, 0x4
;;        leave
;;        ret

;; x64: function 1 "remainder", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        and rax, 0x3f
;;        leave
;;        ret

;; x64: function 2 "by_one", 16 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 3 "by_minus_one", 26 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0x1
;;        cdq
;;        idiv r10d
;;        leave
;;        ret

;; x64: function 4 "signed", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10d, [rax+0xf]
;;        test eax, eax
;;        cmovns r10d, eax
;;        sar r10d, 0x4
;;        mov eax, r10d
;;        leave
;;        ret

;; x64: function 5 "signed_remainder", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10d, [rax+0xf]
;;        test eax, eax
;;        cmovns r10d, eax
;;        and r10d, -0x10
;;        sub eax, r10d
;;        leave
;;        ret

;; x64: function 6 "by_10", 30 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0x33333333
;;        imul rax, r10
;;        shr rax, 0x23
;;        leave
;;        ret

;; x64: function 7 "by_7", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        imul r10, rax, 0x24924925
;;        shr r10, 0x20
;;        add r10, rax
;;        shr r10, 0x3
;;        mov eax, r10d
;;        leave
;;        ret

;; x64: function 8 "modulo_10", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0x33333333
;;        imul r10, rax
;;        shr r10, 0x23
;;        imul r10d, r10d, 0xa
;;        sub eax, r10d
;;        leave
;;        ret

;; x64: function 9 "signed_by_10", 42 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movsxd r10, eax
;;        imul r10, r10, 0x66666667
;;        sar r10, 0x22
;;        cmp eax, -0x80000000
;;        sbb r10d, -0x1
;;        mov eax, r10d
;;        leave
;;        ret

;; x64: function 10 "signed_modulo_7", 53 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movsxd r10, eax
;;        imul r10, r10, -0x6db6db6d
;;        shr r10, 0x20
;;        add r10d, eax
;;        sar r10d, 0x2
;;        cmp eax, -0x80000000
;;        sbb r10d, -0x1
;;        imul r10d, r10d, 0x7
;;        sub eax, r10d
;;        leave
;;        ret

;; x64: function 11 "wide_by_10", 38 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rcx, [rbp-0x8]
;;        mov rax, -0x3333333333333333
;;        mul rcx
;;        shr rdx, 0x3
;;        mov rax, rdx
;;        leave
;;        ret

;; x64: function 12 "wide_by_7", 50 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rcx, [rbp-0x8]
;;        mov rax, 0x2492492492492493
;;        mul rcx
;;        mov rax, rcx
;;        sub rax, rdx
;;        shr rax, 0x1
;;        add rdx, rax
;;        shr rdx, 0x2
;;        mov rax, rdx
;;        leave
;;        ret

;; x64: function 13 "wide_by_100", 45 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rcx, [rbp-0x8]
;;        mov rax, rcx
;;        shr rax, 0x2
;;        mov rdx, -0x5c28f5c28f5c28f5
;;        mul rdx
;;        shr rdx, 0x4
;;        mov rax, rdx
;;        leave
;;        ret

;; x64: function 14 "wide_modulo_10", 45 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rcx, [rbp-0x8]
;;        mov rax, -0x3333333333333333
;;        mul rcx
;;        shr rdx, 0x3
;;        imul rdx, rdx, 0xa
;;        mov rax, rcx
;;        sub rax, rdx
;;        leave
;;        ret

;; x64: function 15 "wide_signed_by_10", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rcx, [rbp-0x8]
;;        mov rax, 0x6666666666666667
;;        imul rcx
;;        sar rdx, 0x2
;;        mov rax, rcx
;;        shr rax, 0x3f
;;        add rdx, rax
;;        mov rax, rdx
;;        leave
;;        ret

;; a64: function 0 "quotient", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        lsr w0, w0, #4
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "remainder", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        and x0, x0, #0x3f
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "by_one", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "by_minus_one", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movn w16, #0, lsl #16
;;        cmn w16, #1
;;        ccmp w0, #1, #0, eq
;;        b.vs #0x34
;;        sdiv w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0x3

;; a64: function 4 "signed", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        asr w16, w0, #0x1f
;;        add w16, w0, w16, lsr #28
;;        asr w0, w16, #4
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "signed_remainder", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        asr w16, w0, #0x1f
;;        add w16, w0, w16, lsr #28
;;        and w16, w16, #0xfffffff0
;;        sub w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 6 "by_10", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w17, #0xcccd
;;        movk w17, #0xcccc, lsl #16
;;        umull x17, w0, w17
;;        lsr x17, x17, #0x23
;;        mov w0, w17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 7 "by_7", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w17, #0x4925
;;        movk w17, #0x2492, lsl #16
;;        umull x17, w0, w17
;;        add x17, x0, x17, lsr #32
;;        lsr x17, x17, #3
;;        mov w0, w17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 8 "modulo_10", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w17, #0xcccd
;;        movk w17, #0xcccc, lsl #16
;;        umull x17, w0, w17
;;        lsr x17, x17, #0x23
;;        movz w16, #0xa
;;        msub w0, w17, w16, w0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 9 "signed_by_10", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w17, #0x6667
;;        movk w17, #0x6666, lsl #16
;;        smull x17, w0, w17
;;        asr x17, x17, #0x22
;;        add w17, w17, w0, lsr #31
;;        mov w0, w17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 10 "signed_modulo_7", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w17, #0x2493
;;        movk w17, #0x9249, lsl #16
;;        smull x17, w0, w17
;;        asr x17, x17, #0x20
;;        add w17, w17, w0
;;        asr w17, w17, #2
;;        add w17, w17, w0, lsr #31
;;        movz w16, #0x7
;;        msub w0, w17, w16, w0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 11 "wide_by_10", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        orr x17, xzr, #0xcccccccccccccccc
;;        movk x17, #0xcccd
;;        umulh x17, x0, x17
;;        lsr x17, x17, #3
;;        mov x0, x17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 12 "wide_by_7", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        movz x17, #0x2493
;;        movk x17, #0x9249, lsl #16
;;        movk x17, #0x4924, lsl #32
;;        movk x17, #0x2492, lsl #48
;;        umulh x17, x0, x17
;;        sub x16, x0, x17
;;        add x17, x17, x16, lsr #1
;;        lsr x17, x17, #2
;;        mov x0, x17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 13 "wide_by_100", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        movz x17, #0xd70b
;;        movk x17, #0x70a3, lsl #16
;;        movk x17, #0xa3d, lsl #32
;;        movk x17, #0xa3d7, lsl #48
;;        lsr x16, x0, #2
;;        umulh x17, x16, x17
;;        lsr x17, x17, #4
;;        mov x0, x17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 14 "wide_modulo_10", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        orr x17, xzr, #0xcccccccccccccccc
;;        movk x17, #0xcccd
;;        umulh x17, x0, x17
;;        lsr x17, x17, #3
;;        movz x16, #0xa
;;        msub x0, x17, x16, x0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 15 "wide_signed_by_10", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        orr x17, xzr, #0x6666666666666666
;;        movk x17, #0x6667
;;        smulh x17, x0, x17
;;        asr x17, x17, #2
;;        add x17, x17, x0, lsr #63
;;        mov x0, x17
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; options: baseline
(module
  (func $bits (param $x i32) (result i32)
    (i32.add (i32.add (i32.clz (local.get $x)) (i32.ctz (local.get $x))) (i32.popcnt (local.get $x))))
  (func $shifts (param $x i64) (param $n i64) (result i64)
    (loop (result i64)
      (i64.rotr (i64.shr_u (i64.shl (local.get $x) (local.get $n)) (i64.const 5)) (local.get $n))))
  (func $extend (param $x i64) (result i64)
    (i64.extend_i32_u (i32.extend8_s (i32.wrap_i64 (i64.extend16_s (local.get $x))))))
  (func $divide (param $x i32) (param $y i32) (result i32)
    (i32.xor (i32.div_u (local.get $x) (local.get $y)) (i32.rem_u (local.get $x) (i32.const 10)))))

;; x64: function 0 "bits", 56 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        bsr r10d, edi
;;        mov eax, 0x3f
;;        cmovz r10d, eax
;;        xor r10d, 0x1f
;;        mov eax, r10d
;;        bsf r10d, edi
;;        mov ecx, 0x20
;;        cmovz r10d, ecx
;;        mov ecx, r10d
;;        add eax, ecx
;;        popcnt ecx, edi
;;        add eax, ecx
;;        leave
;;        ret

;; x64: function 1 "shifts", 47 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rsi, rax
;;        mov rdi, rcx
;;        nop
;;        mov r10, rcx
;;        mov ecx, edi
;;        mov rax, rsi
;;        shl rax, cl
;;        mov rcx, r10
;;        shr rax, 0x5
;;        mov r10, rcx
;;        mov ecx, edi
;;        ror rax, cl
;;        mov rcx, r10
;;        leave
;;        ret

;; x64: function 2 "extend", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        movsx rax, ax
;;        movsx eax, al
;;        leave
;;        ret

;; x64: function 3 "divide", 51 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], ecx
;;        mov edi, eax
;;        mov r10d, [rbp-0x8]
;;        mov eax, edi
;;        xor edx, edx
;;        div r10d
;;        mov r10d, -0x33333333
;;        imul r10, rdi
;;        shr r10, 0x23
;;        imul r10d, r10d, 0xa
;;        mov ecx, edi
;;        sub ecx, r10d
;;        xor eax, ecx
;;        leave
;;        ret

;; a64: function 0 "bits", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        clz w0, w14
;;        rbit w1, w14
;;        clz w1, w1
;;        add w0, w0, w1
;;        fmov s31, w14
;;        cnt v31.8b, v31.8b
;;        addv b31, v31.8b
;;        fmov w1, s31
;;        add w0, w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "shifts", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov x13, x0
;;        mov x14, x1
;;        lsl x0, x13, x14
;;        lsr x0, x0, #5
;;        ror x0, x0, x14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "extend", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        sxth x0, w0
;;        sxtb w0, w0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "divide", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w1, [x29, #-8]
;;        mov w14, w0
;;        ldur w16, [x29, #-8]
;;        cbz w16, #0x48
;;        udiv w0, w14, w16
;;        movz w17, #0xcccd
;;        movk w17, #0xcccc, lsl #16
;;        umull x17, w14, w17
;;        lsr x17, x17, #0x23
;;        movz w16, #0xa
;;        msub w1, w17, w16, w14
;;        eor w0, w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0x2

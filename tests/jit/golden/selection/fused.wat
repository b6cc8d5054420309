;; Operators that AArch64 does with one instruction: a product and a sum, a shift and what takes its
;; result, two shifts or a shift and a mask that leave a field of bits.
(module
  (func $products (param $x i32) (param $y i32) (param $z i32) (result i32)
    (loop
      (local.set $x (i32.add (i32.mul (local.get $x) (local.get $y)) (local.get $z)))
      (local.set $x (i32.add (local.get $z) (i32.mul (local.get $x) (local.get $y))))
      (local.set $x (i32.sub (local.get $z) (i32.mul (local.get $x) (i32.const 10))))
      (local.set $x (i32.sub (i32.mul (local.get $x) (local.get $y)) (local.get $z)))
      (local.set $x (i32.add (local.get $z) (i32.mul (local.get $x) (i32.const 8)))))
    (local.get $x))
  (func $shifts (param $x i64) (param $y i64) (result i64)
    (loop
      (local.set $x (i64.xor (local.get $y) (i64.rotl (local.get $x) (i64.const 13))))
      (local.set $x (i64.add (i64.shl (local.get $x) (i64.const 9)) (local.get $y)))
      (local.set $x (i64.sub (local.get $y) (i64.shr_s (local.get $x) (i64.const 9))))
      (local.set $x
        (i64.or (i64.shl (local.get $x) (i64.const 9)) (i64.shr_u (local.get $x) (i64.const 55)))))
    (local.get $x))
  (func $fields (param $x i32) (result i32)
    (loop
      (local.set $x (i32.and (i32.shr_u (local.get $x) (i32.const 3)) (i32.const 255)))
      (local.set $x (i32.shr_s (i32.shl (local.get $x) (i32.const 16)) (i32.const 20)))
      (br_if 0 (i32.and (i32.shr_u (local.get $x) (i32.const 3)) (i32.const 1)))
      (br_if 0 (i32.and (local.get $x) (i32.const 0x4000)))
      (br_if 0 (i32.ge_s (local.get $x) (i32.const 0))))
    (local.get $x)))

;; x64: function 0 "products", 64 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        mov edi, eax
;;        mov esi, edx
;;        mov ebx, ecx
;;        nop
;;        mov eax, edi
;;        imul eax, ebx
;;        lea edi, [rax+rsi*1]
;;        mov eax, edi
;;        imul eax, ebx
;;        lea edi, [rsi+rax*1]
;;        imul eax, edi, 0xa
;;        mov edi, esi
;;        sub edi, eax
;;        mov eax, edi
;;        imul eax, ebx
;;        mov edi, eax
;;        sub edi, esi
;;        mov eax, edi
;;        shl eax, 0x3
;;        lea edi, [rsi+rax*1]
;;        mov eax, edi
;;        mov rbx, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 1 "shifts", 77 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov rdi, rax
;;        mov rsi, rcx
;;        nop
;;        rorx rax, rdi, 0x33
;;        mov rdi, rsi
;;        xor rdi, rax
;;        mov rax, rdi
;;        shl rax, 0x9
;;        lea rdi, [rax+rsi*1]
;;        mov rax, rdi
;;        sar rax, 0x9
;;        mov rdi, rsi
;;        sub rdi, rax
;;        mov rax, rdi
;;        shl rax, 0x9
;;        mov rcx, rdi
;;        shr rcx, 0x37
;;        mov rdi, rax
;;        or rdi, rcx
;;        mov rax, rdi
;;        leave
;;        ret

;; x64: function 2 "fields", 59 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        nop [rax+rax*1], ax
;; 0x10   mov eax, edi
;;        shr eax, 0x3
;;        movzx edi, al
;;        mov eax, edi
;;        shl eax, 0x10
;;        mov edi, eax
;;        sar edi, 0x14
;;        mov eax, edi
;;        shr eax, 0x3
;;        test al, 0x1
;;        jnz 0x10
;;        test edi, 0x4000
;;        jnz 0x10
;;        test edi, edi
;;        jnl 0x10
;;        mov eax, edi
;;        leave
;;        ret

;; a64: function 0 "products", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        mov w13, w2
;;        mov w12, w1
;;        madd w14, w14, w12, w13
;;        madd w14, w14, w12, w13
;;        movz w0, #0xa
;;        msub w14, w14, w0, w13
;;        mul w0, w14, w12
;;        sub w14, w0, w13
;;        lsl w0, w14, #3
;;        add w14, w13, w0
;;        mov w0, w14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "shifts", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov x14, x0
;;        mov x13, x1
;;        eor x14, x13, x14, ror #51
;;        add x14, x13, x14, lsl #9
;;        sub x14, x13, x14, asr #9
;;        lsl x0, x14, #9
;;        orr x14, x0, x14, lsr #55
;;        mov x0, x14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "fields", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;; 0x10   ubfx w14, w14, #3, #8
;;        sbfx w14, w14, #4, #0xc
;;        tbnz w14, #3, #0x10
;;        tbnz w14, #0xe, #0x10
;;        tbz w14, #0x1f, #0x10
;;        mov w0, w14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

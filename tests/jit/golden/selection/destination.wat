;; The register of the local that is set next is the destination.
(module
  (func $two_operands (param $x i32) (param $y i32) (result i32) (local $z i32)
    (loop
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (local.set $x (i32.sub (local.get $x) (local.get $y)))
      (local.set $y (i32.sub (local.get $x) (local.get $y)))
      (br_if 0 (local.tee $z (i32.xor (local.get $x) (local.get $y)))))
    (local.get $z))
  (func $three_operands (param $x i64) (param $y i64) (param $n i64) (result i64)
    (loop
      (local.set $x (i64.add (local.get $y) (local.get $n)))
      (local.set $y (i64.shl (local.get $x) (local.get $n)))
      (local.set $n (i64.sub (local.get $x) (i64.const 16)))
      (br_if 0 (i64.eqz (local.tee $x (i64.rotl (local.get $y) (i64.const 13))))))
    (local.get $x))
  (func $floats (param $x f64) (param $y f64) (param $n i32) (result f64)
    (loop
      (local.set $x (f64.mul (local.get $x) (local.get $y)))
      (local.set $y (f64.sub (local.get $x) (local.get $y)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))

;; x64: function 0 "two_operands", 39 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        mov edi, eax
;;        mov esi, ecx
;;        xor ebx, ebx
;;        nop
;; 0x10   add edi, 0x4
;;        sub edi, esi
;;        neg esi
;;        add esi, edi
;;        mov ebx, edi
;;        xor ebx, esi
;;        jnz 0x10
;;        mov eax, ebx
;;        mov rbx, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 1 "three_operands", 65 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        mov rdi, rax
;;        mov rbx, rdx
;;        mov rsi, rcx
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], eax
;; 0x20   lea rdi, [rsi+rbx*1]
;;        shlx rsi, rdi, rbx
;;        lea rbx, [rdi-0x10]
;;        rorx rdi, rsi, 0x33
;;        test rdi, rdi
;;        jz 0x20
;;        mov rax, rdi
;;        mov rbx, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 2 "floats", 64 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm8
;;        vmovsd [rbp-0x10], xmm9
;;        vmovaps xmm8, xmm0
;;        mov edi, eax
;;        vmovaps xmm9, xmm1
;;        nop [rax], eax
;; 0x20   vmulsd xmm8, xmm8, xmm9
;;        vsubsd xmm9, xmm8, xmm9
;;        sub edi, 0x1
;;        jnz 0x20
;;        vmovaps xmm0, xmm8
;;        vmovsd xmm8, qword ptr [rbp-0x8]
;;        vmovsd xmm9, qword ptr [rbp-0x10]
;;        leave
;;        ret

;; a64: function 0 "two_operands", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        mov w13, w1
;;        movz w12, #0
;; 0x18   add w14, w14, #4
;;        sub w14, w14, w13
;;        sub w13, w14, w13
;;        eor w12, w14, w13
;;        cbnz w12, #0x18
;;        mov w0, w12
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "three_operands", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov x14, x0
;;        mov x12, x2
;;        mov x13, x1
;; 0x18   add x14, x13, x12
;;        lsl x13, x14, x12
;;        sub x12, x14, #0x10
;;        ror x14, x13, #0x33
;;        cbz x14, #0x18
;;        mov x0, x14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "floats", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        fmov d30, d0
;;        mov w14, w0
;;        fmov d29, d1
;; 0x18   fmul d30, d30, d29
;;        fsub d29, d30, d29
;;        sub w14, w14, #1
;;        cbnz w14, #0x18
;;        fmov d0, d30
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; The inner loop of a matrix product: sum += a[i * n + k] * b[k * n + j].
(module
  (memory 1)
  (func $dot (param $a i32) (param $b i32) (param $n i32) (param $i i32) (param $j i32) (result f64)
    (local $k i32) (local $sum f64)
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (f64.mul
        (f64.load (i32.add (local.get $a)
          (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $k)) (i32.const 3))))
        (f64.load (i32.add (local.get $b)
          (i32.shl (i32.add (i32.mul (local.get $k) (local.get $n)) (local.get $j)) (i32.const 3)))))))
      (br_if $next
        (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (local.get $sum)))

;; x64: function 0 "dot", 122 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r11
;;        push r12
;;        push r13
;;        sub rsp, 0x30
;;        vmovsd [rbp-0x28], xmm8
;;        mov ebx, eax
;;        mov r11d, edi
;;        mov r13d, esi
;;        mov esi, edx
;;        mov r12d, ecx
;;        xor edi, edi
;;        vxorps xmm8, xmm8, xmm8
;;        nop [rax+rax*1], eax
;; 0x30   mov eax, r13d
;;        imul eax, esi
;;        add eax, edi
;;        lea eax, [rbx+rax*8]
;;        vmovsd xmm0, qword ptr [r14+rax*1]
;;        mov eax, edi
;;        imul eax, esi
;;        add eax, r11d
;;        lea eax, [r12+rax*8]
;;        vmulsd xmm0, xmm0, qword ptr [r14+rax*1]
;;        vaddsd xmm8, xmm8, xmm0
;;        add edi, 0x1
;;        cmp edi, esi
;;        jb 0x30
;;        vmovaps xmm0, xmm8
;;        mov rbx, [rbp-0x8]
;;        mov r11, [rbp-0x10]
;;        mov r12, [rbp-0x18]
;;        mov r13, [rbp-0x20]
;;        vmovsd xmm8, qword ptr [rbp-0x28]
;;        leave
;;        ret

;; a64: function 0 "dot", 100 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        mov w12, w0
;;        mov w9, w4
;;        mov w10, w3
;;        mov w13, w2
;;        mov w11, w1
;;        movz w14, #0
;;        movi v30.2d, #0000000000000000
;; 0x28   madd w0, w10, w13, w14
;;        add w0, w12, w0, lsl #3
;;        ldr d0, [x27, w0, uxtw]
;;        madd w0, w14, w13, w9
;;        add w0, w11, w0, lsl #3
;;        ldr d31, [x27, w0, uxtw]
;;        fmul d0, d0, d31
;;        fadd d30, d30, d0
;;        add w14, w14, #1
;;        cmp w14, w13
;;        b.lo #0x28
;;        fmov d0, d30
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

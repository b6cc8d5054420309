;; y[i] += a * x[i]: load-op folding of doubles.
(module
  (memory 1)
  (func $axpy (param $y i32) (param $x i32) (param $count i32) (param $a f64) (local $i i32)
    (loop $next
      (f64.store (local.get $y)
        (f64.add (f64.load (local.get $y)) (f64.mul (local.get $a) (f64.load (local.get $x)))))
      (local.set $y (i32.add (local.get $y) (i32.const 8)))
      (local.set $x (i32.add (local.get $x) (i32.const 8)))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $count))))))

;; x64: function 0 "axpy", 83 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r12
;;        sub rsp, 0x30
;;        vmovsd [rbp-0x18], xmm8
;;        mov edi, eax
;;        vmovaps xmm8, xmm0
;;        mov r12d, edx
;;        mov esi, ecx
;;        xor ebx, ebx
;;        nop [rax], eax
;; 0x20   vmovsd xmm0, qword ptr [r14+rdi*1]
;;        vmulsd xmm1, xmm8, qword ptr [r14+rsi*1]
;;        vaddsd xmm0, xmm0, xmm1
;;        vmovsd [r14+rdi*1], xmm0
;;        add edi, 0x8
;;        add esi, 0x8
;;        add ebx, 0x1
;;        cmp ebx, r12d
;;        jb 0x20
;;        mov rbx, [rbp-0x8]
;;        mov r12, [rbp-0x10]
;;        vmovsd xmm8, qword ptr [rbp-0x18]
;;        leave
;;        ret

;; a64: function 0 "axpy", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        fmov d30, d0
;;        mov w11, w2
;;        mov w13, w1
;;        movz w12, #0
;; 0x20   ldr d0, [x27, w14, uxtw]
;;        ldr d31, [x27, w13, uxtw]
;;        fmul d1, d30, d31
;;        fadd d0, d0, d1
;;        str d0, [x27, w14, uxtw]
;;        add w14, w14, #8
;;        add w13, w13, #8
;;        add w12, w12, #1
;;        cmp w12, w11
;;        b.lo #0x20
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; options: baseline
(module
  (func $polynomial (param $x f64) (result f64)
    (f64.add (f64.mul (f64.sub (local.get $x) (f64.const 1.5)) (local.get $x)) (f64.const -0.25)))
  (func $signs (param $x f32) (param $y f32) (result f32)
    (f32.copysign (f32.neg (f32.abs (local.get $x))) (local.get $y)))
  (func $round (param $x f64) (result f64)
    (f64.sqrt (f64.nearest (f64.trunc (f64.floor (f64.ceil (local.get $x))))))))

;; x64: function 0 "polynomial", 96 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        movsd [rbp-0x8], xmm8
;;        movaps xmm8, xmm0
;;        movaps xmm0, xmm8
;;        subsd xmm0, [0x40]
;;        mulsd xmm0, xmm8
;;        addsd xmm0, [0x50]
;;        movsd xmm8, qword ptr [rbp-0x8]
;;        leave
;;        ret
;;        nop [rax+rax*1], ax
;;        nop [rax], eax
;; 0x40   .dword 0x00000000
;;        .dword 0x3ff80000
;;        .dword 0x00000000
;;        .dword 0x00000000
;; 0x50   .dword 0x00000000
;;        .dword 0xbfd00000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 1 "signs", 112 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        movss [rbp-0x8], xmm0
;;        movss [rbp-0x10], xmm1
;;        movss xmm0, dword ptr [rbp-0x8]
;;        andps xmm0, [0x50]
;;        xorps xmm0, [0x60]
;;        movss xmm1, dword ptr [rbp-0x10]
;;        movaps xmm15, xmm1
;;        andps xmm15, [0x60]
;;        andps xmm0, [0x50]
;;        orps xmm0, xmm15
;;        leave
;;        ret
;;        nop [rax+rax*1], ax
;;        nop [rax], eax
;; 0x50   .dword 0x7fffffff
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000
;; 0x60   .dword 0x80000000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 2 "round", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        movsd [rbp-0x8], xmm0
;;        movsd xmm0, qword ptr [rbp-0x8]
;;        roundsd xmm0, xmm0, 0xa
;;        roundsd xmm0, xmm0, 0x9
;;        roundsd xmm0, xmm0, 0xb
;;        roundsd xmm0, xmm0, 0x8
;;        sqrtsd xmm0, xmm0
;;        leave
;;        ret

;; a64: function 0 "polynomial", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        fmov d30, d0
;;        fmov d31, #1.50000000
;;        fsub d0, d30, d31
;;        fmul d0, d0, d30
;;        fmov d31, #-0.25000000
;;        fadd d0, d0, d31
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "signs", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur s0, [x29, #-8]
;;        stur s1, [x29, #-0x10]
;;        ldur s0, [x29, #-8]
;;        fabs s0, s0
;;        fneg s0, s0
;;        ldur s1, [x29, #-0x10]
;;        movi v31.2d, #0000000000000000
;;        fneg s31, s31
;;        bit v0.8b, v1.8b, v31.8b
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "round", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur d0, [x29, #-8]
;;        ldur d0, [x29, #-8]
;;        frintp d0, d0
;;        frintm d0, d0
;;        frintz d0, d0
;;        frintn d0, d0
;;        fsqrt d0, d0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

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

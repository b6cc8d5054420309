;; NaN and zeros of both signs go the long way, out of line.
(module
  (func $minimum (param $x f32) (param $y f32) (result f32) (f32.min (local.get $x) (local.get $y)))
  (func $clamp (param $x f64) (result f64)
    (f64.max (f64.min (local.get $x) (f64.const 1)) (f64.const 0))))

;; x64: function 0 "minimum", 66 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovss [rbp-0x8], xmm0
;;        vmovss [rbp-0x10], xmm1
;;        vmovss xmm0, dword ptr [rbp-0x10]
;;        vmovss xmm1, dword ptr [rbp-0x8]
;;        vucomiss xmm1, xmm0
;;        jz 0x30
;;        vminss xmm1, xmm1, xmm0
;; 0x2a   vmovaps xmm0, xmm1
;;        leave
;;        ret
;; 0x30   jp 0x3c
;;        vorps xmm1, xmm1, xmm0
;;        jmp 0x2a
;; 0x3c   vaddss xmm1, xmm1, xmm0
;;        jmp 0x2a

;; x64: function 1 "clamp", 128 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [0x70]
;;        vmovsd xmm1, qword ptr [rbp-0x8]
;;        vucomisd xmm1, xmm0
;;        jz 0x40
;;        vminsd xmm1, xmm1, xmm0
;; 0x28   vxorps xmm0, xmm0, xmm0
;;        vucomisd xmm1, xmm0
;;        jz 0x52
;;        vmaxsd xmm1, xmm1, xmm0
;; 0x3a   vmovaps xmm0, xmm1
;;        leave
;;        ret
;; 0x40   jp 0x4c
;;        vorps xmm1, xmm1, xmm0
;;        jmp 0x28
;; 0x4c   vaddsd xmm1, xmm1, xmm0
;;        jmp 0x28
;; 0x52   jp 0x5e
;;        vandps xmm1, xmm1, xmm0
;;        jmp 0x3a
;; 0x5e   vaddsd xmm1, xmm1, xmm0
;;        jmp 0x3a
;;        nop [rax+rax*1], ax
;;        nop [rax], eax
;; 0x70   .dword 0x00000000
;;        .dword 0x3ff00000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; a64: function 0 "minimum", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur s0, [x29, #-8]
;;        stur s1, [x29, #-0x10]
;;        ldur s0, [x29, #-0x10]
;;        ldur s1, [x29, #-8]
;;        fmin s1, s1, s0
;;        fmov d0, d1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "clamp", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur d0, [x29, #-8]
;;        fmov d0, #1.00000000
;;        ldur d1, [x29, #-8]
;;        fmin d1, d1, d0
;;        movi v0.2d, #0000000000000000
;;        fmax d1, d1, d0
;;        fmov d0, d1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

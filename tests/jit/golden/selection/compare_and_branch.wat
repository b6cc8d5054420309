;; A compare right before br_if, if or select sets flags only.
(module
  (func $integers (param $x i32) (param $y i64)
    (block
      (br_if 0 (i32.lt_s (local.get $x) (i32.const 10)))
      (br_if 0 (i64.gt_u (local.get $y) (i64.const 100)))
      (br_if 0 (i32.eq (i32.const 3) (local.get $x)))
      (loop (br_if 0 (i32.ge_u (local.get $x) (local.get $x))))))
  (func $floats (param $x f64) (param $y f64)
    (block
      (br_if 0 (f64.lt (local.get $x) (local.get $y)))
      (br_if 0 (f64.eq (local.get $x) (local.get $y)))
      (br_if 0 (f64.ne (local.get $x) (local.get $y)))
      (br_if 0 (i32.eqz (f64.ge (local.get $x) (f64.const 0))))))
  (func $value (param $x i32) (result i32) (i32.lt_s (local.get $x) (i32.const 10)))
  (func $float_value (param $x f32) (result i32) (f32.eq (local.get $x) (f32.const 1))))

;; x64: function 0 "integers", 54 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rcx
;;        mov edi, eax
;;        cmp edi, 0xa
;;        jl 0x34
;;        cmp qword ptr [rbp-0x8], 0x64
;;        jnbe 0x34
;;        cmp edi, 0x3
;;        jz 0x34
;;        nop [rax+rax*1], eax
;; 0x30   cmp edi, edi
;;        jnb 0x30
;; 0x34   leave
;;        ret

;; x64: function 1 "floats", 99 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm8
;;        vmovsd [rbp-0x10], xmm9
;;        vmovaps xmm8, xmm0
;;        vmovaps xmm9, xmm1
;;        vucomisd xmm9, xmm8
;;        jnbe 0x57
;;        vucomisd xmm8, xmm9
;;        jp 0x36
;;        jz 0x57
;; 0x36   vucomisd xmm8, xmm9
;;        jp 0x57
;;        jnz 0x57
;;        vxorps xmm15, xmm15, xmm15
;;        vucomisd xmm8, xmm15
;;        jb 0x57
;; 0x57   vmovsd xmm8, qword ptr [rbp-0x8]
;;        vmovsd xmm9, qword ptr [rbp-0x10]
;;        leave
;;        ret

;; x64: function 2 "value", 23 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0xa
;;        setl al
;;        movzx eax, al
;;        leave
;;        ret

;; x64: function 3 "float_value", 64 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovss [rbp-0x8], xmm0
;;        vmovss xmm0, dword ptr [rbp-0x8]
;;        vmovss xmm15, dword ptr [0x30]
;;        vucomiss xmm0, xmm15
;;        setz al
;;        setnp r10b
;;        and eax, r10d
;;        movzx eax, al
;;        leave
;;        ret
;;        nop
;; 0x30   .dword 0x3f800000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; a64: function 0 "integers", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x1, [x29, #-8]
;;        mov w14, w0
;;        cmp w14, #0xa
;;        b.lt #0x38
;;        ldur x17, [x29, #-8]
;;        cmp x17, #0x64
;;        b.hi #0x38
;;        cmp w14, #3
;;        b.eq #0x38
;; 0x30   cmp w14, w14
;;        b.hs #0x30
;; 0x38   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "floats", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        fmov d30, d0
;;        fmov d29, d1
;;        fcmp d30, d29
;;        b.mi #0x34
;;        fcmp d30, d29
;;        b.eq #0x34
;;        fcmp d30, d29
;;        b.ne #0x34
;;        fcmp d30, #0.0
;;        b.lt #0x34
;; 0x34   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "value", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cmp w17, #0xa
;;        cset w0, lt
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "float_value", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur s0, [x29, #-8]
;;        ldur s0, [x29, #-8]
;;        fmov s31, #1.00000000
;;        fcmp s0, s31
;;        cset w0, eq
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

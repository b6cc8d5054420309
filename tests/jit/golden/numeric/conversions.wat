(module
  (func $from_i32 (param $x i32) (result f64)
    (f64.add (f64.convert_i32_s (local.get $x)) (f64.convert_i32_u (local.get $x))))
  (func $from_u64 (param $x i64) (result f32) (f32.convert_i64_u (local.get $x)))
  (func $to_u32 (param $x f32) (result i32) (i32.trunc_f32_u (local.get $x)))
  (func $to_u64 (param $x f64) (result i64) (i64.trunc_f64_u (local.get $x)))
  (func $between (param $x f32) (result f32) (f32.demote_f64 (f64.promote_f32 (local.get $x))))
  (func $bits (param $x i64) (result f64) (f64.reinterpret_i64 (i64.xor (local.get $x) (i64.const 1)))))

;; x64: function 0 "from_i32", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        vxorps xmm0, xmm0, xmm0
;;        vcvtsi2sd xmm0, xmm0, edi
;;        vxorps xmm1, xmm1, xmm1
;;        vcvtsi2sd xmm1, xmm1, rdi
;;        vaddsd xmm0, xmm0, xmm1
;;        leave
;;        ret

;; x64: function 1 "from_u64", 67 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        test rax, rax
;;        js 0x24
;;        vxorps xmm0, xmm0, xmm0
;;        vcvtsi2ss xmm0, xmm0, rax
;; 0x22   leave
;;        ret
;; 0x24   mov r10, rax
;;        shr r10, 0x1
;;        jnb 0x34
;;        or r10, 0x1
;; 0x34   vxorps xmm0, xmm0, xmm0
;;        vcvtsi2ss xmm0, xmm0, r10
;;        vaddss xmm0, xmm0, xmm0
;;        jmp 0x22

;; x64: function 2 "to_u32", 51 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovss [rbp-0x8], xmm0
;;        vmovss xmm0, dword ptr [rbp-0x8]
;;        vcvttss2si rax, xmm0
;;        mov r10d, eax
;;        cmp r10, rax
;;        jnz 0x25
;;        leave
;;        ret
;; 0x25   vucomiss xmm0, xmm0
;;        jp 0x31
;;        ud2
;; 0x31   ud2

;; x64: function 3 "to_u64", 112 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vcvttsd2si rax, xmm0
;;        test rax, rax
;;        js 0x22
;; 0x20   leave
;;        ret
;; 0x22   vucomisd xmm0, xmm0
;;        jp 0x57
;;        vmovsd xmm15, qword ptr [0x60]
;;        vaddsd xmm15, xmm15, xmm0
;;        vcvttsd2si rax, xmm15
;;        test rax, rax
;;        js 0x55
;;        mov r10, -0x8000000000000000
;;        xor rax, r10
;;        jmp 0x20
;; 0x55   ud2
;; 0x57   ud2
;;        nop [rax], eax
;; 0x60   .dword 0x00000000
;;        .dword 0xc3e00000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 4 "between", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovss [rbp-0x8], xmm0
;;        vmovss xmm0, dword ptr [rbp-0x8]
;;        vcvtss2sd xmm0, xmm0, xmm0
;;        vcvtsd2ss xmm0, xmm0, xmm0
;;        leave
;;        ret

;; x64: function 5 "bits", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        xor rax, 0x1
;;        vmovq xmm0, rax
;;        leave
;;        ret

;; a64: function 0 "from_i32", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        scvtf d0, w14
;;        ucvtf d1, w14
;;        fadd d0, d0, d1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "from_u64", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        ucvtf s0, x0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "to_u32", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur s0, [x29, #-8]
;;        ldur s0, [x29, #-8]
;;        fcmp s0, s0
;;        b.vs #0x38
;;        fcvtzs x16, s0
;;        cmp x16, w16, uxtw
;;        b.ne #0x38
;;        mov w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   fcmp s0, s0
;;        b.vs #0x44
;;        udf #0x3
;; 0x44   udf #0x4

;; a64: function 3 "to_u64", 88 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur d0, [x29, #-8]
;;        ldur d0, [x29, #-8]
;;        fmov d31, #-1.00000000
;;        fcmp d0, d31
;;        b.le #0x3c
;;        ldr d31, #0x50
;;        fcmp d0, d31
;;        b.ge #0x3c
;;        fcvtzu x0, d0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x3c   fcmp d0, d0
;;        b.vs #0x48
;;        udf #0x3
;; 0x48   udf #0x4
;;        nop
;; 0x50   .dword 0x00000000
;;        .dword 0x43f00000

;; a64: function 4 "between", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur s0, [x29, #-8]
;;        ldur s0, [x29, #-8]
;;        fcvt d0, s0
;;        fcvt s0, d0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "bits", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        eor x0, x0, #1
;;        fmov d0, x0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

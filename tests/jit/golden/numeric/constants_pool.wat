;; Constants of floats lie behind the function, each once.
(module
  (func $f64 (param $x f64) (result f64)
    (f64.add (f64.mul (local.get $x) (f64.const 3.5)) (f64.add (f64.const 2.5) (f64.const 3.5))))
  (func $f32 (result f32) (f32.const 1.25))
  (func $zero (result f64) (f64.const 0))
  (func $i64 (param $x i64) (result i64) (i64.xor (local.get $x) (i64.const 0x0123456789abcdef))))

;; x64: function 0 "f64", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vmulsd xmm0, xmm0, qword ptr [0x30]
;;        vmovsd xmm1, qword ptr [0x40]
;;        vaddsd xmm1, xmm1, qword ptr [0x30]
;;        vaddsd xmm0, xmm0, xmm1
;;        leave
;;        ret
;; 0x30   .dword 0x00000000
;;        .dword 0x400c0000
;;        .dword 0x00000000
;;        .dword 0x00000000
;; 0x40   .dword 0x00000000
;;        .dword 0x40040000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 1 "f32", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovss xmm0, dword ptr [0x20]
;;        leave
;;        ret
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], eax
;; 0x20   .dword 0x3fa00000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 2 "zero", 14 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vxorps xmm0, xmm0, xmm0
;;        leave
;;        ret

;; x64: function 3 "i64", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, 0x123456789abcdef
;;        xor rax, [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "f64", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur d0, [x29, #-8]
;;        ldur d0, [x29, #-8]
;;        fmov d31, #3.50000000
;;        fmul d0, d0, d31
;;        fmov d1, #2.50000000
;;        fmov d31, #3.50000000
;;        fadd d1, d1, d31
;;        fadd d0, d0, d1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "f32", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        fmov s0, #1.25000000
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "zero", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        movi v0.2d, #0000000000000000
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "i64", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        movz x0, #0xcdef
;;        movk x0, #0x89ab, lsl #16
;;        movk x0, #0x4567, lsl #32
;;        movk x0, #0x123, lsl #48
;;        ldur x16, [x29, #-8]
;;        eor x0, x0, x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

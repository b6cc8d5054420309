;; The way to a trap lies behind the function.
(module
  (func $unreachable (unreachable))
  (func $after (param $x i32) (if (local.get $x) (then (unreachable))) (drop (i32.clz (local.get $x))))
  (func $convert (param $x f64) (result i32) (i32.trunc_f64_s (local.get $x)))
  (func $convert_saturating (param $x f32) (result i64) (i64.trunc_sat_f32_u (local.get $x)))
  (func $divide (param $x i32) (param $y i32) (result i32) (i32.div_s (local.get $x) (local.get $y)))
  (func $remainder (param $x i64) (param $y i64) (result i64) (i64.rem_s (local.get $x) (local.get $y))))

;; x64: function 0 "unreachable", 6 bytes
;;        push rbp
;;        mov rbp, rsp
;;        ud2

;; x64: function 1 "after", 26 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        test edi, edi
;;        jz 0x14
;;        ud2
;; 0x14   lzcnt eax, edi
;;        leave
;;        ret

;; x64: function 2 "convert", 96 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vcvttsd2si eax, xmm0
;;        cmp eax, 0x1
;;        jo 0x21
;; 0x1f   leave
;;        ret
;; 0x21   vucomisd xmm0, xmm0
;;        jp 0x4c
;;        vmovsd xmm15, qword ptr [0x50]
;;        vucomisd xmm0, xmm15
;;        jbe 0x4a
;;        vxorps xmm15, xmm15, xmm15
;;        vucomisd xmm0, xmm15
;;        jb 0x1f
;; 0x4a   ud2
;; 0x4c   ud2
;;        nop
;; 0x50   .dword 0x00200000
;;        .dword 0xc1e00000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 3 "convert_saturating", 144 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovss [rbp-0x8], xmm0
;;        vmovss xmm0, dword ptr [rbp-0x8]
;;        vcvttss2si rax, xmm0
;;        test rax, rax
;;        js 0x22
;; 0x20   leave
;;        ret
;; 0x22   vucomiss xmm0, xmm0
;;        jp 0x6e
;;        vmovss xmm15, dword ptr [0x80]
;;        vaddss xmm15, xmm15, xmm0
;;        vcvttss2si rax, xmm15
;;        test rax, rax
;;        js 0x55
;;        mov r10, -0x8000000000000000
;;        xor rax, r10
;;        jmp 0x20
;; 0x55   vxorps xmm15, xmm15, xmm15
;;        vucomiss xmm0, xmm15
;;        jb 0x6e
;;        mov rax, -0x1
;;        jmp 0x20
;; 0x6e   xor eax, eax
;;        jmp 0x20
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], eax
;; 0x80   .dword 0xdf000000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 4 "divide", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x8]
;;        mov r10d, [rbp-0x10]
;;        cdq
;;        idiv r10d
;;        leave
;;        ret

;; x64: function 5 "remainder", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov [rbp-0x10], rcx
;;        mov rax, [rbp-0x8]
;;        mov r10, [rbp-0x10]
;;        cmp r10, -0x1
;;        jz 0x2c
;;        cqo
;;        idiv r10
;; 0x27   mov rax, rdx
;;        leave
;;        ret
;; 0x2c   xor edx, edx
;;        jmp 0x27

;; a64: function 0 "unreachable", 12 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        udf #0x1

;; a64: function 1 "after", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        cbz w14, #0x18
;;        udf #0x1
;; 0x18   clz w0, w14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "convert", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur d0, [x29, #-8]
;;        ldur d0, [x29, #-8]
;;        fcmp d0, d0
;;        b.vs #0x38
;;        fcvtzs x16, d0
;;        cmp x16, w16, sxtw
;;        b.ne #0x38
;;        mov w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   fcmp d0, d0
;;        b.vs #0x44
;;        udf #0x3
;; 0x44   udf #0x4

;; a64: function 3 "convert_saturating", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur s0, [x29, #-8]
;;        ldur s0, [x29, #-8]
;;        fcvtzu x0, s0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "divide", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        ldur w16, [x29, #-0x10]
;;        cbz w16, #0x3c
;;        cmn w16, #1
;;        ccmp w0, #1, #0, eq
;;        b.vs #0x40
;;        sdiv w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x3c   udf #0x2
;; 0x40   udf #0x3

;; a64: function 5 "remainder", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur x0, [x29, #-8]
;;        ldur x16, [x29, #-0x10]
;;        cbz x16, #0x34
;;        sdiv x17, x0, x16
;;        msub x0, x17, x16, x0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0x2

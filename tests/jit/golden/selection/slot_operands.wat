;; Locals used too rarely for a register are memory operands.
(module
  (func $add (param $x i32) (param $y i32) (result i32) (i32.add (local.get $x) (local.get $y)))
  (func $compare (param $x i32) (param $y i64)
    (if (i32.lt_u (local.get $x) (i32.const 5)) (then (unreachable)))
    (if (i64.eqz (local.get $y)) (then (unreachable))))
  (func $multiply (param $x i64) (param $y i64) (result i64) (i64.mul (local.get $x) (local.get $y)))
  (func $shift (param $x i32) (param $n i32) (result i32) (i32.shr_s (local.get $x) (local.get $n)))
  (func $float (param $x f32) (param $y f32) (result f32) (f32.div (local.get $x) (local.get $y)))
  (func $bits (param $x f64) (result i64) (i64.reinterpret_f64 (local.get $x))))

;; x64: function 0 "add", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x8]
;;        add eax, [rbp-0x10]
;;        leave
;;        ret

;; x64: function 1 "compare", 42 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], rcx
;;        cmp dword ptr [rbp-0x8], 0x5
;;        jnb 0x1b
;;        ud2
;; 0x1b   cmp qword ptr [rbp-0x10], 0x0
;;        jnz 0x28
;;        ud2
;; 0x28   leave
;;        ret

;; x64: function 2 "multiply", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov [rbp-0x10], rcx
;;        mov rax, [rbp-0x8]
;;        imul rax, [rbp-0x10]
;;        leave
;;        ret

;; x64: function 3 "shift", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x8]
;;        mov r10d, [rbp-0x10]
;;        sarx eax, eax, r10d
;;        leave
;;        ret

;; x64: function 4 "float", 30 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovss [rbp-0x8], xmm0
;;        vmovss [rbp-0x10], xmm1
;;        vmovss xmm0, dword ptr [rbp-0x8]
;;        vdivss xmm0, xmm0, dword ptr [rbp-0x10]
;;        leave
;;        ret

;; x64: function 5 "bits", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovsd [rbp-0x8], xmm0
;;        mov rax, [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "add", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        ldur w16, [x29, #-0x10]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "compare", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur w17, [x29, #-8]
;;        cmp w17, #5
;;        b.hs #0x24
;;        udf #0x1
;; 0x24   ldur x17, [x29, #-0x10]
;;        cbnz x17, #0x30
;;        udf #0x1
;; 0x30   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "multiply", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur x0, [x29, #-8]
;;        ldur x16, [x29, #-0x10]
;;        mul x0, x0, x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "shift", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        ldur w16, [x29, #-0x10]
;;        asr w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "float", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur s0, [x29, #-8]
;;        stur s1, [x29, #-0x10]
;;        ldur s0, [x29, #-8]
;;        ldur s31, [x29, #-0x10]
;;        fdiv s0, s0, s31
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "bits", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur d0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

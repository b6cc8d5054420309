;; A load that is the right operand of the next operator becomes its memory operand.
(module
  (memory 1)
  (func $add (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load offset=8 (local.get $at))))
  (func $compare (param $x i64) (param $at i32)
    (if (i64.lt_u (local.get $x) (i64.load (local.get $at))) (then (unreachable))))
  (func $multiply (param $x i32) (result i32) (i32.mul (local.get $x) (i32.load (i32.const 1024))))
  (func $float (param $x f64) (param $at i32) (result f64)
    (f64.sub (local.get $x) (f64.load (local.get $at))))
  (func $not_folded (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load8_u (local.get $at)))))

;; x64: function 0 "add", 29 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        add ecx, [r14+rax*1+0x8]
;;        mov eax, ecx
;;        leave
;;        ret

;; x64: function 1 "compare", 36 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov rcx, [rbp-0x8]
;;        cmp rcx, [r14+rax*1]
;;        jnb 0x22
;;        ud2
;; 0x22   leave
;;        ret

;; x64: function 2 "multiply", 24 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        imul eax, [r14+0x400]
;;        leave
;;        ret

;; x64: function 3 "float", 32 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm0
;;        mov [rbp-0x10], eax
;;        mov eax, [rbp-0x10]
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vsubsd xmm0, xmm0, qword ptr [r14+rax*1]
;;        leave
;;        ret

;; x64: function 4 "not_folded", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        movzx eax, byte ptr [r14+rax*1]
;;        add eax, [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "add", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        add x30, x27, w0, uxtw
;;        ldur w0, [x29, #-8]
;;        ldr w16, [x30, #8]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "compare", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur x1, [x29, #-8]
;;        ldr x16, [x27, w0, uxtw]
;;        cmp x1, x16
;;        b.hs #0x2c
;;        udf #0x1
;; 0x2c   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "multiply", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldr w16, [x27, #0x400]
;;        mul w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "float", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur d0, [x29, #-8]
;;        stur w0, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur d0, [x29, #-8]
;;        ldr d31, [x27, w0, uxtw]
;;        fsub d0, d0, d31
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "not_folded", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldrb w0, [x27, w0, uxtw]
;;        ldur w16, [x29, #-8]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

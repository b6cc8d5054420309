(module
  (func $of_compare (param $x i32) (param $y i32) (result i32)
    (select (local.get $x) (local.get $y) (i32.lt_s (local.get $x) (local.get $y))))
  (func $of_value (param $x i64) (param $y i64) (param $c i32) (result i64)
    (select (local.get $x) (local.get $y) (local.get $c)))
  (func $floats (param $x f64) (param $y f64) (param $c i32) (result f64)
    (select (local.get $x) (local.get $y) (local.get $c)))
  (func $unordered (param $x f64) (result i32)
    (select (i32.const 1) (i32.const 2) (f64.eq (local.get $x) (local.get $x)))))

;; x64: function 0 "of_compare", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov edi, eax
;;        mov esi, ecx
;;        cmp edi, esi
;;        mov eax, esi
;;        cmovl eax, edi
;;        leave
;;        ret

;; x64: function 1 "of_value", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], rax
;;        mov [rbp-0x10], rcx
;;        mov [rbp-0x18], edx
;;        cmp dword ptr [rbp-0x18], 0x0
;;        mov rax, [rbp-0x8]
;;        mov rcx, [rbp-0x10]
;;        cmovz rax, rcx
;;        leave
;;        ret

;; x64: function 2 "floats", 47 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd [rbp-0x10], xmm1
;;        mov [rbp-0x18], eax
;;        cmp dword ptr [rbp-0x18], 0x0
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vmovsd xmm1, qword ptr [rbp-0x10]
;;        jnz 0x2d
;;        vmovaps xmm0, xmm1
;; 0x2d   leave
;;        ret

;; x64: function 3 "unordered", 45 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        vmovsd [rbp-0x8], xmm8
;;        vmovaps xmm8, xmm0
;;        vucomisd xmm8, xmm8
;;        mov eax, 0x1
;;        mov ecx, 0x2
;;        cmovnz eax, ecx
;;        cmovp eax, ecx
;;        vmovsd xmm8, qword ptr [rbp-0x8]
;;        leave
;;        ret

;; a64: function 0 "of_compare", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        mov w13, w1
;;        cmp w14, w13
;;        csel w0, w14, w13, lt
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "of_value", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur x0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        stur w2, [x29, #-0x18]
;;        ldur w17, [x29, #-0x18]
;;        cmp w17, #0
;;        ldur x0, [x29, #-8]
;;        ldur x1, [x29, #-0x10]
;;        csel x0, x0, x1, ne
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "floats", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur d0, [x29, #-8]
;;        stur d1, [x29, #-0x10]
;;        stur w0, [x29, #-0x18]
;;        ldur w17, [x29, #-0x18]
;;        cmp w17, #0
;;        ldur d0, [x29, #-8]
;;        ldur d1, [x29, #-0x10]
;;        fcsel d0, d0, d1, ne
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "unordered", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        fmov d30, d0
;;        fcmp d30, d30
;;        movz w0, #0x1
;;        movz w1, #0x2
;;        csel w0, w0, w1, eq
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

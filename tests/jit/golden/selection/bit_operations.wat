;; Negation, inversion, `and` with an inverted operand, zero extensions, and zero tests of what has
;; just set the flags.
(module
  (func $negate (param $x i32) (result i32) (i32.sub (i32.const 0) (local.get $x)))
  (func $invert (param $x i64) (result i64) (i64.xor (local.get $x) (i64.const -1)))
  (func $and_not (param $x i32) (param $y i32) (result i32)
    (i32.and (local.get $x) (i32.xor (local.get $y) (i32.const -1))))
  (func $low_byte (param $x i32) (result i32) (i32.and (local.get $x) (i32.const 255)))
  (func $low_half (param $x i64) (result i64) (i64.and (local.get $x) (i64.const 0xffffffff)))
  (func $count_down (param $n i32)
    (loop (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $any_bits (param $x i32) (param $y i32) (result i32)
    (i32.eqz (i32.or (local.get $x) (local.get $y))))
  (func $label_between (param $n i32)
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (loop (br_if 0 (local.get $n)))))

;; x64: function 0 "negate", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        neg eax
;;        leave
;;        ret

;; x64: function 1 "invert", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        not rax
;;        leave
;;        ret

;; x64: function 2 "and_not", 29 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        andn ecx, eax, ecx
;;        mov eax, ecx
;;        leave
;;        ret

;; x64: function 3 "low_byte", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movzx eax, al
;;        leave
;;        ret

;; x64: function 4 "low_half", 20 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        mov eax, eax
;;        leave
;;        ret

;; x64: function 5 "count_down", 23 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        nop [rax+rax*1], ax
;; 0x10   sub edi, 0x1
;;        jnz 0x10
;;        leave
;;        ret

;; x64: function 6 "any_bits", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x8]
;;        or eax, [rbp-0x10]
;;        setz al
;;        movzx eax, al
;;        leave
;;        ret

;; x64: function 7 "label_between", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        sub edi, 0x1
;;        nop [rax], eax
;; 0x10   test edi, edi
;;        jnz 0x10
;;        leave
;;        ret

;; a64: function 0 "negate", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        neg w0, w0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "invert", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        mvn x0, x0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "and_not", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        bic w1, w1, w0
;;        mov w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "low_byte", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        and w0, w0, #0xff
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "low_half", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        mov w0, w0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "count_down", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;; 0x10   sub w14, w14, #1
;;        cbnz w14, #0x10
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 6 "any_bits", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        ldur w16, [x29, #-0x10]
;;        orr w0, w0, w16
;;        cmp w0, #0
;;        cset w0, eq
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 7 "label_between", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        sub w14, w14, #1
;; 0x14   cbnz w14, #0x14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; Every i32.eqz of a condition turns it around, at no cost.
(module
  (func $once (param $x i32) (if (i32.eqz (local.get $x)) (then (unreachable))))
  (func $twice (param $x i32) (if (i32.eqz (i32.eqz (local.get $x))) (then (unreachable))))
  (func $of_compare (param $x i64)
    (if (i32.eqz (i32.eqz (i32.eqz (i64.lt_s (local.get $x) (i64.const 5))))) (then (unreachable))))
  (func $of_mask (param $x i32) (if (i32.eqz (i32.and (local.get $x) (i32.const 7))) (then (unreachable))))
  (func $of_wide_mask (param $x i64)
    (if (i64.eqz (i64.and (local.get $x) (i64.const 7))) (then (unreachable))))
  (func $value (param $x i32) (result i32) (i32.eqz (i32.eqz (local.get $x)))))

;; x64: function 0 "once", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0x0
;;        jnz 0x17
;;        ud2
;; 0x17   leave
;;        ret

;; x64: function 1 "twice", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0x0
;;        jz 0x17
;;        ud2
;; 0x17   leave
;;        ret

;; x64: function 2 "of_compare", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        cmp qword ptr [rbp-0x8], 0x5
;;        jl 0x19
;;        ud2
;; 0x19   leave
;;        ret

;; x64: function 3 "of_mask", 26 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        test al, 0x7
;;        jnz 0x18
;;        ud2
;; 0x18   leave
;;        ret

;; x64: function 4 "of_wide_mask", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        test al, 0x7
;;        jnz 0x1a
;;        ud2
;; 0x1a   leave
;;        ret

;; x64: function 5 "value", 23 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0x0
;;        setnz al
;;        movzx eax, al
;;        leave
;;        ret

;; a64: function 0 "once", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cbnz w17, #0x1c
;;        udf #0x1
;; 0x1c   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "twice", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cbz w17, #0x1c
;;        udf #0x1
;; 0x1c   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "of_compare", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x17, [x29, #-8]
;;        cmp x17, #5
;;        b.lt #0x20
;;        udf #0x1
;; 0x20   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "of_mask", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        tst w0, #7
;;        b.ne #0x20
;;        udf #0x1
;; 0x20   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "of_wide_mask", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur x0, [x29, #-8]
;;        ldur x0, [x29, #-8]
;;        tst x0, #7
;;        b.ne #0x20
;;        udf #0x1
;; 0x20   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "value", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cmp w17, #0
;;        cset w0, ne
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

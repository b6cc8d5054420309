(module
  (table $functions 10 funcref)
  (table $externs 10 externref)
  (elem declare func $size)
  (func $get (param $i i32) (result externref) (table.get $externs (local.get $i)))
  (func $get_function (param $i i32) (result funcref) (table.get $functions (local.get $i)))
  (func $set (param $i i32) (param $x externref) (table.set $externs (local.get $i) (local.get $x)))
  (func $set_function (param $i i32) (table.set $functions (local.get $i) (ref.func $size)))
  (func $is_null (param $x externref) (result i32) (ref.is_null (local.get $x)))
  (func $size (result i32) (table.size $externs)))

;; x64: function 0 "get", 36 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        cmp eax, [r15+0x58]
;;        jnb 0x22
;;        mov r10, [r15+0x50]
;;        mov rax, [r10+rax*8]
;;        leave
;;        ret
;; 0x22   ud2

;; x64: function 1 "get_function", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        cmp eax, [r15+0x20]
;;        jnb 0x29
;;        mov r10d, eax
;;        shl r10, 0x5
;;        add r10, [r15+0x18]
;;        mov rax, [r10+0x18]
;;        leave
;;        ret
;; 0x29   ud2

;; x64: function 2 "set", 55 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x33
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], rcx
;;        mov rax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        cmp ecx, [r15+0x58]
;;        jnb 0x35
;;        mov r10, [r15+0x50]
;;        mov [r10+rcx*8], rax
;;        leave
;;        ret
;; 0x33   ud2
;; 0x35   ud2

;; x64: function 3 "set_function", 53 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x33
;;        mov [rbp-0x8], eax
;;        mov rax, [r15+0x40]
;;        add rax, 0xa0
;;        mov rcx, rax
;;        mov eax, [rbp-0x8]
;;        mov edx, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x50]
;;        leave
;;        ret
;; 0x33   ud2

;; x64: function 4 "is_null", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], rax
;;        cmp qword ptr [rbp-0x8], 0x0
;;        setz al
;;        movzx eax, al
;;        leave
;;        ret

;; x64: function 5 "size", 14 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov eax, [r15+0x58]
;;        leave
;;        ret

;; a64: function 0 "get", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldr w17, [x28, #0x58]
;;        cmp w0, w17
;;        b.hs #0x34
;;        ldr x17, [x28, #0x50]
;;        ldr x0, [x17, w0, uxtw #3]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0x6

;; a64: function 1 "get_function", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldr w17, [x28, #0x20]
;;        cmp w0, w17
;;        b.hs #0x38
;;        ldr x17, [x28, #0x18]
;;        add x17, x17, x0, lsl #5
;;        ldr x0, [x17, #0x18]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x38   udf #0x6

;; a64: function 2 "set", 80 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur x0, [x29, #-0x10]
;;        ldur w1, [x29, #-8]
;;        ldr w17, [x28, #0x58]
;;        cmp w1, w17
;;        b.hs #0x4c
;;        ldr x17, [x28, #0x50]
;;        str x0, [x17, w1, uxtw #3]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf
;; 0x4c   udf #0x6

;; a64: function 3 "set_function", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        ldr x0, [x28, #0x40]
;;        add x0, x0, #0xa0
;;        mov x1, x0
;;        ldur w0, [x29, #-8]
;;        movz w2, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x50]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf

;; a64: function 4 "is_null", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur x0, [x29, #-8]
;;        ldur x17, [x29, #-8]
;;        cmp x17, #0
;;        cset w0, eq
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "size", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr w0, [x28, #0x58]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

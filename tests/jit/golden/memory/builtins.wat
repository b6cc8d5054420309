;; What is done in C++ is called through the instance.
(module
  (memory 1)
  (data $bytes "abc")
  (func $copy (param $to i32) (param $from i32) (param $size i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $size)))
  (func $fill (param $to i32) (memory.fill (local.get $to) (i32.const 255) (i32.const 1000)))
  (func $init (param $to i32) (memory.init $bytes (local.get $to) (i32.const 0) (i32.const 3)))
  (func $drop (data.drop $bytes)))

;; x64: function 0 "copy", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov [rbp-0x18], edx
;;        mov eax, [rbp-0x8]
;;        mov ecx, [rbp-0x10]
;;        mov edx, [rbp-0x18]
;;        mov esi, 0x0
;;        mov edi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x8]
;;        leave
;;        ret
;; 0x37   ud2

;; x64: function 1 "fill", 50 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x30
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov ecx, 0xff
;;        mov edx, 0x3e8
;;        mov esi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x10]
;;        leave
;;        ret
;; 0x30   ud2

;; x64: function 2 "init", 55 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x35
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov ecx, 0x0
;;        mov edx, 0x3
;;        mov esi, 0x0
;;        mov edi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x18]
;;        leave
;;        ret
;; 0x35   ud2

;; x64: function 3 "drop", 30 bytes
;;        push rbp
;;        mov rbp, rsp
;;        cmp rsp, [r15]
;;        jbe 0x1c
;;        mov eax, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x20]
;;        pop rbp
;;        ret
;; 0x1c   ud2

;; a64: function 0 "copy", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x50
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        stur w2, [x29, #-0x18]
;;        ldur w0, [x29, #-8]
;;        ldur w1, [x29, #-0x10]
;;        ldur w2, [x29, #-0x18]
;;        movz w3, #0
;;        movz w4, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #8]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   udf #0xf

;; a64: function 1 "fill", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w1, #0xff
;;        movz w2, #0x3e8
;;        movz w3, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x10]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0xf

;; a64: function 2 "init", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz w1, #0
;;        movz w2, #0x3
;;        movz w3, #0
;;        movz w4, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x18]
;;        blr x16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf

;; a64: function 3 "drop", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x2c
;;        movz w0, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x20]
;;        blr x16
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x2c   udf #0xf

;; options: signed
(module
  (func $leaf (export "leaf") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $caller (param i32) (result i32)
    (call $leaf (call $leaf (i32.mul (local.get 0) (local.get 0))))))

;; x64: function 0 "leaf", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        add eax, 0x1
;;        leave
;;        ret

;; x64: function 1 "caller", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        cmp rsp, [r15]
;;        jbe 0x29
;;        mov ebx, eax
;;        mov eax, ebx
;;        imul eax, ebx
;;        call 0xffffffffffffffe0
;;        call 0xffffffffffffffe0
;;        mov rbx, [rbp-0x8]
;;        leave
;;        ret
;; 0x29   ud2

;; a64: function 0 "leaf", 44 bytes
;;        paciasp
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        add w0, w0, #1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        autiasp
;;        ret

;; a64: function 1 "caller", 72 bytes
;;        paciasp
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stur x19, [x29, #-8]
;;        mov w19, w0
;;        mul w0, w19, w19
;;        bl #0xffffffffffffffd0
;;        bl #0xffffffffffffffd0
;;        ldur x19, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        autiasp
;;        ret
;; 0x44   udf #0xf

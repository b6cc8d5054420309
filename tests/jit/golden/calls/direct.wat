(module
  (func $callee (param i32 f64) (result i32) (local.get 0))
  (func $swapped (param $x i32) (param $y i32) (result i32)
    (loop (result i32)
      (call $two (local.get $y) (local.get $x))
      (br_if 1 (local.get $x))))
  (func $two (param i32 i32) (result i32) (local.get 1))
  (func $around (param $x i32) (result i32)
    (i32.add (i32.clz (local.get $x)) (call $callee (i32.const 1) (f64.const 2)))))

;; x64: function 0 "callee", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        vmovsd [rbp-0x10], xmm0
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 1 "swapped", 62 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r12
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x3c
;;        mov ebx, eax
;;        mov r12d, ecx
;;        nop [rax], eax
;;        mov eax, r12d
;;        mov ecx, ebx
;;        call 0x40
;;        test ebx, ebx
;;        jnz 0x32
;; 0x32   mov rbx, [rbp-0x8]
;;        mov r12, [rbp-0x10]
;;        leave
;;        ret
;; 0x3c   ud2

;; x64: function 2 "two", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        leave
;;        ret

;; x64: function 3 "around", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x35
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lzcnt eax, eax
;;        mov [rbp-0x10], eax
;;        mov eax, 0x1
;;        vmovsd xmm0, qword ptr [0x40]
;;        call 0xffffffffffffff80
;;        add eax, [rbp-0x10]
;;        leave
;;        ret
;; 0x35   ud2
;;        nop [rax+rax*1], ax
;; 0x40   .dword 0x00000000
;;        .dword 0x40000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; a64: function 0 "callee", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur d0, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "swapped", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x44
;;        stp x20, x19, [x29, #-0x10]
;;        mov w19, w0
;;        mov w20, w1
;;        mov w0, w20
;;        mov w1, w19
;;        bl #0x50
;;        cbnz w19, #0x34
;; 0x34   ldp x20, x19, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0xf

;; a64: function 2 "two", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        ldur w0, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "around", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        clz w0, w0
;;        stur w0, [x29, #-0x10]
;;        movz w0, #0x1
;;        fmov d0, #2.00000000
;;        bl #0xffffffffffffff50
;;        ldur w16, [x29, #-0x10]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf

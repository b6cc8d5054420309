;; A function of another instance: its context and memory base come with it.
(module
  (import "env" "log" (func $log (param i32) (result i32)))
  (func $call (param $x i32) (result i32)
    (i32.add (call $log (local.get $x)) (local.get $x))))

;; x64: function 1 "call", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push r15
;;        push rbx
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov ebx, eax
;;        mov eax, ebx
;;        mov r10, [r15+0x50]
;;        mov r15, [r15+0x58]
;;        mov r14, [r15+0x8]
;;        call r10
;;        mov r15, [rbp-0x8]
;;        mov r14, [r15+0x8]
;;        add eax, ebx
;;        mov rbx, [rbp-0x10]
;;        leave
;;        ret
;; 0x37   ud2

;; a64: function 1 "call", 88 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x54
;;        stur x28, [x29, #-8]
;;        stur x19, [x29, #-0x10]
;;        mov w19, w0
;;        mov w0, w19
;;        ldr x16, [x28, #0x50]
;;        ldr x28, [x28, #0x58]
;;        ldr x27, [x28, #8]
;;        blr x16
;;        ldur x28, [x29, #-8]
;;        ldr x27, [x28, #8]
;;        add w0, w0, w19
;;        ldur x19, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x54   udf #0xf

;; Each basic block begins by paying for its operators. What nothing can reach costs nothing, and
;; blocks without work are not even looked at.
;; options: fuel
(module
  (func $leaf (param i32) (result i32) (local.get 0))
  (func (export "shapes") (param i32) (result i32)
    (if (local.get 0)
      (then (return (i32.const 7)))
      (else (local.set 0 (call $leaf (i32.const 3)))))
    (block (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (local.get 0)
    (br 0)
    (drop (i32.const 9))))

;; x64: function 0 "leaf", 29 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        sub qword ptr [r13], 0x1
;;        jb 0x1b
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret
;; 0x1b   ud2

;; x64: function 1 "shapes", 150 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        cmp rsp, [r15]
;;        jbe 0x88
;;        mov ebx, eax
;;        sub qword ptr [r13], 0x2
;;        jb 0x8a
;;        test ebx, ebx
;;        jz 0x3c
;;        sub qword ptr [r13], 0x1
;;        jb 0x8c
;;        mov eax, 0x7
;;        jmp 0x82
;; 0x3c   sub qword ptr [r13], 0x2
;;        jb 0x8e
;;        mov eax, 0x3
;;        call 0xffffffffffffffe0
;;        sub qword ptr [r13], 0x1
;;        jb 0x90
;;        mov ebx, eax
;;        nop
;; 0x60   sub qword ptr [r13], 0x5
;;        jb 0x92
;;        sub ebx, 0x1
;;        jnz 0x60
;;        sub qword ptr [r13], 0x2
;;        jb 0x94
;;        mov eax, ebx
;;        jmp 0x82
;; 0x82   mov rbx, [rbp-0x8]
;;        leave
;;        ret
;; 0x88   ud2
;; 0x8a   ud2
;; 0x8c   ud2
;; 0x8e   ud2
;; 0x90   ud2
;; 0x92   ud2
;; 0x94   ud2

;; a64: function 0 "leaf", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldr x16, [x26]
;;        subs x16, x16, #1
;;        str x16, [x26]
;;        b.lo #0x30
;;        ldur w0, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x30   udf #0x11

;; a64: function 1 "shapes", 212 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0xb8
;;        stur x19, [x29, #-8]
;;        mov w19, w0
;;        ldr x16, [x26]
;;        subs x16, x16, #2
;;        str x16, [x26]
;;        b.lo #0xbc
;;        cbz w19, #0x4c
;;        ldr x16, [x26]
;;        subs x16, x16, #1
;;        str x16, [x26]
;;        b.lo #0xc0
;;        movz w0, #0x7
;;        b #0xa8
;; 0x4c   ldr x16, [x26]
;;        subs x16, x16, #2
;;        str x16, [x26]
;;        b.lo #0xc4
;;        movz w0, #0x3
;;        bl #0xffffffffffffffc0
;;        ldr x16, [x26]
;;        subs x16, x16, #1
;;        str x16, [x26]
;;        b.lo #0xc8
;;        mov w19, w0
;; 0x78   ldr x16, [x26]
;;        subs x16, x16, #5
;;        str x16, [x26]
;;        b.lo #0xcc
;;        sub w19, w19, #1
;;        cbnz w19, #0x78
;;        ldr x16, [x26]
;;        subs x16, x16, #2
;;        str x16, [x26]
;;        b.lo #0xd0
;;        mov w0, w19
;;        b #0xa8
;; 0xa8   ldur x19, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0xb8   udf #0xf
;; 0xbc   udf #0x11
;; 0xc0   udf #0x11
;; 0xc4   udf #0x11
;; 0xc8   udf #0x11
;; 0xcc   udf #0x11
;; 0xd0   udf #0x11

;; Recursion: what a call and a frame cost.
(module
  (func $fibonacci (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
          (call $fibonacci (i32.sub (local.get $n) (i32.const 2))))))))

;; x64: function 0 "fibonacci", 68 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        sub rsp, 0x18
;;        cmp rsp, [r15]
;;        jbe 0x42
;;        mov ebx, eax
;;        cmp ebx, 0x2
;;        jnl 0x24
;;        mov eax, ebx
;;        jmp 0x3c
;; 0x24   lea eax, [rbx-0x1]
;;        call 0x0
;;        lea ecx, [rbx-0x2]
;;        mov [rbp-0x10], eax
;;        mov eax, ecx
;;        call 0x0
;;        add eax, [rbp-0x10]
;; 0x3c   mov rbx, [rbp-0x8]
;;        leave
;;        ret
;; 0x42   ud2

;; a64: function 0 "fibonacci", 100 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x60
;;        stur x19, [x29, #-8]
;;        mov w19, w0
;;        cmp w19, #2
;;        b.ge #0x30
;;        mov w0, w19
;;        b #0x50
;; 0x30   sub w0, w19, #1
;;        bl #0
;;        sub w1, w19, #2
;;        stur w0, [x29, #-0x10]
;;        mov w0, w1
;;        bl #0
;;        ldur w16, [x29, #-0x10]
;;        add w0, w0, w16
;; 0x50   ldur x19, [x29, #-8]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x60   udf #0xf

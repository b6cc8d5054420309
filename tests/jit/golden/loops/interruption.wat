;; A loop looks at its header whether it shall end, with the limit of the stack that prologues look
;; at. Branches back lead there.
;; options: interruption
(module
  (func (export "count") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))

;; x64: function 0 "count", 38 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        xor esi, esi
;;        nop [rax], eax
;; 0x10   cmp rsp, [r15]
;;        jbe 0x24
;;        add esi, edi
;;        sub edi, 0x1
;;        jnz 0x10
;;        mov eax, esi
;;        leave
;;        ret
;; 0x24   ud2

;; a64: function 0 "count", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        movz w13, #0
;; 0x14   ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x3c
;;        add w13, w13, w14
;;        sub w14, w14, #1
;;        cbnz w14, #0x14
;;        mov w0, w13
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x3c   udf #0x10

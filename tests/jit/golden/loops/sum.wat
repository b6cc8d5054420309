;; The sum of an array of i32.
(module
  (memory 1)
  (func $sum (param $from i32) (param $count i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (br_if $done (i32.eqz (local.get $count)))
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $from))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br_if $next (i32.ne (local.get $from) (local.get $end)))))
    (local.get $sum)))

;; x64: function 0 "sum", 71 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r12
;;        sub rsp, 0x20
;;        mov edi, eax
;;        mov r12d, ecx
;;        xor esi, esi
;;        xor ebx, ebx
;;        lea ebx, [rdi+r12*4]
;;        test r12d, r12d
;;        jz 0x3b
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], ax
;; 0x30   add esi, [r14+rdi*1]
;;        add edi, 0x4
;;        cmp edi, ebx
;;        jnz 0x30
;; 0x3b   mov eax, esi
;;        mov rbx, [rbp-0x8]
;;        mov r12, [rbp-0x10]
;;        leave
;;        ret

;; a64: function 0 "sum", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        mov w11, w1
;;        movz w13, #0
;;        movz w12, #0
;;        add w12, w14, w11, lsl #2
;;        cbz w11, #0x38
;; 0x24   ldr w16, [x27, w14, uxtw]
;;        add w13, w13, w16
;;        add w14, w14, #4
;;        cmp w14, w12
;;        b.ne #0x24
;; 0x38   mov w0, w13
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

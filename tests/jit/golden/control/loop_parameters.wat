;; The parameters of a loop are in home slots each time it begins.
(module
  (func $factorial (param $n i64) (result i64)
    (i64.const 1)
    (loop (param i64) (result i64)
      (i64.mul (local.get $n))
      (br_if 0 (i32.eqz (i64.eqz (local.tee $n (i64.sub (local.get $n) (i64.const 1)))))))))

;; x64: function 0 "factorial", 58 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov rdi, rax
;;        mov qword ptr [rbp-0x8], 0x1
;;        nop [rax+rax*1], ax
;;        nop [rax], eax
;; 0x20   mov rax, [rbp-0x8]
;;        imul rax, rdi
;;        sub rdi, 0x1
;;        jz 0x38
;;        mov [rbp-0x8], rax
;;        jmp 0x20
;; 0x38   leave
;;        ret

;; a64: function 0 "factorial", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov x14, x0
;;        movz x16, #0x1
;;        stur x16, [x29, #-8]
;; 0x18   ldur x0, [x29, #-8]
;;        mul x0, x0, x14
;;        sub x14, x14, #1
;;        cbz x14, #0x30
;;        stur x0, [x29, #-8]
;;        b #0x18
;; 0x30   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; Many locals: the most used in registers, the others up to the last one used zeroed in slots.
(module
  (func $locals (param $n i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32 f64 i64 i64 i64 i64 i64 i64 i64)
    (loop
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (local.set 2 (i32.add (local.get 2) (local.get 1)))
      (local.set 3 (i32.add (local.get 3) (local.get 2)))
      (local.set 4 (i32.add (local.get 4) (local.get 3)))
      (local.set 5 (i32.add (local.get 5) (local.get 4)))
      (local.set 6 (i32.add (local.get 6) (local.get 5)))
      (local.set 7 (i32.add (local.get 7) (local.get 6)))
      (local.set 8 (i32.add (local.get 8) (local.get 7)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (drop (local.get 15))
    (local.get 8)))

;; x64: function 0 "locals", 142 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r8
;;        push r9
;;        push r11
;;        push r12
;;        push r13
;;        sub rsp, 0x50
;;        mov edi, eax
;;        xor esi, esi
;;        xor ebx, ebx
;;        xor r12d, r12d
;;        xor r13d, r13d
;;        xor r11d, r11d
;;        xor r8d, r8d
;;        xor r9d, r9d
;;        vxorps xmm15, xmm15, xmm15
;;        vmovups [rbp-0x70], xmm15
;;        vmovups [rbp-0x60], xmm15
;;        vmovups [rbp-0x50], xmm15
;;        vmovups [rbp-0x40], xmm15
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], ax
;; 0x50   add esi, edi
;;        add ebx, esi
;;        add r12d, ebx
;;        add r13d, r12d
;;        add r11d, r13d
;;        add r8d, r11d
;;        add r9d, r8d
;;        mov eax, [rbp-0x38]
;;        add eax, r9d
;;        mov [rbp-0x38], eax
;;        sub edi, 0x1
;;        jnz 0x50
;;        mov eax, [rbp-0x38]
;;        mov rbx, [rbp-0x8]
;;        mov r8, [rbp-0x10]
;;        mov r9, [rbp-0x18]
;;        mov r11, [rbp-0x20]
;;        mov r12, [rbp-0x28]
;;        mov r13, [rbp-0x30]
;;        leave
;;        ret

;; a64: function 0 "locals", 132 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x60
;;        stp x20, x19, [x29, #-0x10]
;;        mov w14, w0
;;        movz w13, #0
;;        movz w12, #0
;;        movz w11, #0
;;        movz w10, #0
;;        movz w9, #0
;;        movz w8, #0
;;        movz w19, #0
;;        movz w20, #0
;;        sub x17, x29, #0x48
;;        str xzr, [x17], #8
;;        stp xzr, xzr, [x17]
;;        stp xzr, xzr, [x17, #0x10]
;;        stp xzr, xzr, [x17, #0x20]
;; 0x48   add w13, w13, w14
;;        add w12, w12, w13
;;        add w11, w11, w12
;;        add w10, w10, w11
;;        add w9, w9, w10
;;        add w8, w8, w9
;;        add w19, w19, w8
;;        add w20, w20, w19
;;        sub w14, w14, #1
;;        cbnz w14, #0x48
;;        mov w0, w20
;;        ldp x20, x19, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

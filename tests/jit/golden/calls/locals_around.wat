;; The seventh hot local is in a register that calls clobber: saved around the one call,
;; which is outside of the loop. The eighth is in a slot.
(module
  (func $g (param i32 i32 i32 i32 i32))
  (func $f (param i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32)
    (call $g (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 7))
    (loop
      (local.set 1 (i32.add (i32.xor (local.get 1) (local.get 0)) (i32.and (local.get 1) (local.get 0))))
      (local.set 2 (i32.add (i32.xor (local.get 2) (local.get 1)) (i32.and (local.get 2) (local.get 1))))
      (local.set 3 (i32.add (i32.xor (local.get 3) (local.get 2)) (i32.and (local.get 3) (local.get 2))))
      (local.set 4 (i32.add (i32.xor (local.get 4) (local.get 3)) (i32.and (local.get 4) (local.get 3))))
      (local.set 5 (i32.add (i32.xor (local.get 5) (local.get 4)) (i32.and (local.get 5) (local.get 4))))
      (local.set 6 (i32.add (i32.xor (local.get 6) (local.get 5)) (i32.and (local.get 6) (local.get 5))))
      (local.set 7 (i32.add (i32.xor (local.get 7) (local.get 6)) (i32.and (local.get 7) (local.get 6))))
      (br_if 0 (local.tee 0 (i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.xor (local.get 0) (local.get 7))))))
    (local.get 7)))

;; x64: function 0 "g", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov [rbp-0x18], edx
;;        mov [rbp-0x20], esi
;;        mov [rbp-0x28], edi
;;        leave
;;        ret

;; x64: function 1 "f", 250 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r8
;;        push r9
;;        push r11
;;        push r12
;;        push r13
;;        sub rsp, 0x40
;;        cmp rsp, [r15]
;;        jbe 0xf8
;;        mov ebx, eax
;;        xor r12d, r12d
;;        xor r13d, r13d
;;        xor r11d, r11d
;;        xor r8d, r8d
;;        xor r9d, r9d
;;        xor edi, edi
;;        mov qword ptr [rbp-0x40], 0x0
;;        mov [rbp-0x38], rdi
;;        mov eax, ebx
;;        mov ecx, r12d
;;        mov edx, r13d
;;        mov esi, r11d
;;        mov edi, [rbp-0x40]
;;        call 0xffffffffffffffe0
;;        mov rdi, [rbp-0x38]
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], eax
;; 0x60   mov eax, r12d
;;        xor eax, ebx
;;        mov ecx, r12d
;;        and ecx, ebx
;;        lea r12d, [rax+rcx*1]
;;        mov eax, r13d
;;        xor eax, r12d
;;        mov ecx, r13d
;;        and ecx, r12d
;;        lea r13d, [rax+rcx*1]
;;        mov eax, r11d
;;        xor eax, r13d
;;        mov ecx, r11d
;;        and ecx, r13d
;;        lea r11d, [rax+rcx*1]
;;        mov eax, r8d
;;        xor eax, r11d
;;        mov ecx, r8d
;;        and ecx, r11d
;;        lea r8d, [rax+rcx*1]
;;        mov eax, r9d
;;        xor eax, r8d
;;        mov ecx, r9d
;;        and ecx, r8d
;;        lea r9d, [rax+rcx*1]
;;        mov eax, edi
;;        xor eax, r9d
;;        mov ecx, edi
;;        and ecx, r9d
;;        lea edi, [rax+rcx*1]
;;        mov eax, [rbp-0x40]
;;        xor eax, edi
;;        mov ecx, [rbp-0x40]
;;        and ecx, edi
;;        add eax, ecx
;;        mov [rbp-0x40], eax
;;        mov eax, ebx
;;        shl eax, 0x3
;;        mov ecx, ebx
;;        xor ecx, [rbp-0x40]
;;        lea ebx, [rax+rcx*1]
;;        test ebx, ebx
;;        jnz 0x60
;;        mov eax, [rbp-0x40]
;;        mov rbx, [rbp-0x8]
;;        mov r8, [rbp-0x10]
;;        mov r9, [rbp-0x18]
;;        mov r11, [rbp-0x20]
;;        mov r12, [rbp-0x28]
;;        mov r13, [rbp-0x30]
;;        leave
;;        ret
;; 0xf8   ud2

;; a64: function 0 "g", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        stur w1, [x29, #-0x10]
;;        stur w2, [x29, #-0x18]
;;        stur w3, [x29, #-0x20]
;;        stur w4, [x29, #-0x28]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "f", 232 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x70
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0xe4
;;        stp x20, x19, [x29, #-0x10]
;;        stp x22, x21, [x29, #-0x20]
;;        stp x24, x23, [x29, #-0x30]
;;        stp x26, x25, [x29, #-0x40]
;;        mov w19, w0
;;        movz w20, #0
;;        movz w21, #0
;;        movz w22, #0
;;        movz w23, #0
;;        movz w24, #0
;;        movz w25, #0
;;        movz w26, #0
;;        mov w0, w19
;;        mov w1, w20
;;        mov w2, w21
;;        mov w3, w22
;;        mov w4, w26
;;        bl #0xffffffffffffffd0
;; 0x60   eor w0, w20, w19
;;        and w1, w20, w19
;;        add w20, w0, w1
;;        eor w0, w21, w20
;;        and w1, w21, w20
;;        add w21, w0, w1
;;        eor w0, w22, w21
;;        and w1, w22, w21
;;        add w22, w0, w1
;;        eor w0, w23, w22
;;        and w1, w23, w22
;;        add w23, w0, w1
;;        eor w0, w24, w23
;;        and w1, w24, w23
;;        add w24, w0, w1
;;        eor w0, w25, w24
;;        and w1, w25, w24
;;        add w25, w0, w1
;;        eor w0, w26, w25
;;        and w1, w26, w25
;;        add w26, w0, w1
;;        lsl w0, w19, #3
;;        eor w1, w19, w26
;;        add w19, w0, w1
;;        cbnz w19, #0x60
;;        mov w0, w26
;;        ldp x20, x19, [x29, #-0x10]
;;        ldp x22, x21, [x29, #-0x20]
;;        ldp x24, x23, [x29, #-0x30]
;;        ldp x26, x25, [x29, #-0x40]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0xe4   udf #0xf

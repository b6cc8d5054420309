;; One result travels in a register, several in home slots.
(module
  (func $one (param $x i32) (result i32)
    (block (result i32) (br_if 0 (i32.const 1) (local.get $x)) (drop) (i32.const 2)))
  (func $several (param $x i32) (result i32 f64)
    (block (result i32 f64)
      (i32.const 1) (f64.const 2)
      (br_if 0 (local.get $x))
      (drop) (drop)
      (local.get $x) (f64.const 3)))
  (func $many (result i32 i64 f32 i32 i32 i32 i32)
    (i32.const 1) (i64.const 2) (f32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7)))

;; x64: function 0 "one", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0x0
;;        mov eax, 0x1
;;        jnz 0x1f
;;        mov eax, 0x2
;; 0x1f   leave
;;        ret

;; x64: function 1 "several", 71 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov edi, eax
;;        test edi, edi
;;        jz 0x2c
;;        mov dword ptr [rbp-0x8], 0x1
;;        mov r10, 0x4000000000000000
;;        mov [rbp-0x10], r10
;;        jmp 0x3d
;; 0x2c   mov [rbp-0x8], edi
;;        mov r10, 0x4008000000000000
;;        mov [rbp-0x10], r10
;; 0x3d   mov eax, [rbp-0x8]
;;        vmovsd xmm0, qword ptr [rbp-0x10]
;;        leave
;;        ret

;; x64: function 2 "many", 89 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x40
;;        mov dword ptr [rbp-0x8], 0x1
;;        mov qword ptr [rbp-0x10], 0x2
;;        mov dword ptr [rbp-0x18], 0x40400000
;;        mov dword ptr [rbp-0x20], 0x4
;;        mov dword ptr [rbp-0x28], 0x5
;;        mov dword ptr [rbp-0x30], 0x6
;;        mov dword ptr [rbp-0x38], 0x7
;;        mov eax, [rbp-0x8]
;;        mov rcx, [rbp-0x10]
;;        vmovss xmm0, dword ptr [rbp-0x18]
;;        mov edx, [rbp-0x20]
;;        mov esi, [rbp-0x28]
;;        mov edi, [rbp-0x30]
;;        mov r10, [rbp-0x38]
;;        mov [rbp+0x10], r10
;;        leave
;;        ret

;; a64: function 0 "one", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cmp w17, #0
;;        movz w0, #0x1
;;        b.ne #0x24
;;        movz w0, #0x2
;; 0x24   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "several", 72 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        cbz w14, #0x28
;;        movz w16, #0x1
;;        stur w16, [x29, #-8]
;;        movz x16, #0x4000, lsl #48
;;        stur x16, [x29, #-0x10]
;;        b #0x34
;; 0x28   stur w14, [x29, #-8]
;;        movz x16, #0x4008, lsl #48
;;        stur x16, [x29, #-0x10]
;; 0x34   ldur w0, [x29, #-8]
;;        ldur d0, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "many", 108 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x40
;;        movz w16, #0x1
;;        stur w16, [x29, #-8]
;;        movz x16, #0x2
;;        stur x16, [x29, #-0x10]
;;        movz w16, #0x4040, lsl #16
;;        stur w16, [x29, #-0x18]
;;        movz w16, #0x4
;;        stur w16, [x29, #-0x20]
;;        movz w16, #0x5
;;        stur w16, [x29, #-0x28]
;;        movz w16, #0x6
;;        stur w16, [x29, #-0x30]
;;        movz w16, #0x7
;;        stur w16, [x29, #-0x38]
;;        ldur w0, [x29, #-8]
;;        ldur x1, [x29, #-0x10]
;;        ldur s0, [x29, #-0x18]
;;        ldur w2, [x29, #-0x20]
;;        ldur w3, [x29, #-0x28]
;;        ldur w4, [x29, #-0x30]
;;        ldur w5, [x29, #-0x38]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

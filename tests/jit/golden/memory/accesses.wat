(module
  (memory 1)
  (func $loads (param $at i32) (result i64)
    (i64.add (i64.extend_i32_s (i32.load8_s (local.get $at)))
      (i64.add (i64.load16_u offset=2 (local.get $at)) (i64.load32_s offset=0x1000 (local.get $at)))))
  (func $far (param $at i32) (result i32) (i32.load offset=0x80000000 (local.get $at)))
  (func $constant (result i32) (i32.load offset=4 (i32.const 16)))
  (func $stores (param $at i32) (param $value i64)
    (i64.store8 (local.get $at) (local.get $value))
    (i64.store16 offset=2 (local.get $at) (local.get $value))
    (i64.store32 offset=4 (local.get $at) (local.get $value)))
  (func $wrapped (param $at i64) (result i32) (i32.load (i32.wrap_i64 (local.get $at))))
  (func $grow (param $pages i32) (result i32) (i32.add (memory.grow (local.get $pages)) (memory.size))))

;; x64: function 0 "loads", 40 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov edi, eax
;;        movsx eax, byte ptr [r14+rdi*1]
;;        movsxd rax, eax
;;        movzx ecx, word ptr [r14+rdi*1+0x2]
;;        movsxd rdx, dword ptr [r14+rdi*1+0x1000]
;;        add rcx, rdx
;;        add rax, rcx
;;        leave
;;        ret

;; x64: function 1 "far", 42 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0x7ffffffc
;;        add r10, rax
;;        cmp r10, [r15+0x10]
;;        jnbe 0x28
;;        mov eax, [r14+r10*1-0x4]
;;        leave
;;        ret
;; 0x28   ud2

;; x64: function 2 "constant", 14 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov eax, [r14+0x14]
;;        leave
;;        ret

;; x64: function 3 "stores", 30 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        mov rsi, rcx
;;        mov [r14+rdi*1], sil
;;        mov [r14+rdi*1+0x2], si
;;        mov [r14+rdi*1+0x4], esi
;;        leave
;;        ret

;; x64: function 4 "wrapped", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], rax
;;        mov eax, [rbp-0x8]
;;        mov eax, [r14+rax*1]
;;        leave
;;        ret

;; x64: function 5 "grow", 49 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x2f
;;        mov [rbp-0x8], eax
;;        mov eax, 0x0
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x30]
;;        call [r10]
;;        mov rcx, [r15+0x10]
;;        shr rcx, 0x10
;;        add eax, ecx
;;        leave
;;        ret
;; 0x2f   ud2

;; a64: function 0 "loads", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        ldrsb w0, [x27, w14, uxtw]
;;        sxtw x0, w0
;;        add x30, x27, w14, uxtw
;;        ldrh w1, [x30, #2]
;;        ldrsw x2, [x30, #0x1000]
;;        add x1, x1, x2
;;        add x0, x0, x1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "far", 68 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        movz x17, #0x4
;;        movk x17, #0x8000, lsl #16
;;        add x17, x17, x0
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x40
;;        add x17, x17, x27
;;        ldur w0, [x17, #-4]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x40   udf #0x5

;; a64: function 2 "constant", 28 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr w0, [x27, #0x14]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "stores", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        mov x13, x1
;;        strb w13, [x27, w14, uxtw]
;;        add x30, x27, w14, uxtw
;;        strh w13, [x30, #2]
;;        str w13, [x30, #4]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 4 "wrapped", 36 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur x0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldr w0, [x27, w0, uxtw]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "grow", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x48
;;        stur w0, [x29, #-8]
;;        movz w0, #0
;;        ldur w1, [x29, #-8]
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16]
;;        blr x16
;;        ldr x1, [x28, #0x10]
;;        lsr x1, x1, #0x10
;;        add w0, w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x48   udf #0xf

;; options: explicit
;; Comparisons with the size that are left out: an access that went as far from the same local was
;; in bounds, or the memory is never so small.
(module
  (memory 1)
  (func $again (param $at i32) (result i32)
    (i32.store offset=8 (local.get $at) (i32.const 1))
    (i32.add (i32.load offset=4 (local.get $at)) (i32.load8_u offset=11 (local.get $at))))
  (func $farther (param $at i32) (result i32)
    (i32.add (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))))
  (func $changed (param $at i32) (result i32)
    (i32.load (local.tee $at (i32.load (local.get $at)))))
  (func $joined (param $at i32)
    (block (br_if 0 (local.get $at)) (i32.store (local.get $at) (i32.const 1)))
    (i32.store (local.get $at) (i32.const 2)))
  (func $constants (result i32) (i32.load offset=65528 (i32.const 4)))
  (func $table (param $i i32) (result i32)
    (i32.load offset=1024 (i32.shl (i32.and (local.get $i) (i32.const 255)) (i32.const 2)))))

;; x64: function 0 "again", 50 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        lea r10, [rdi+0xc]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x30
;;        mov dword ptr [r14+rdi*1+0x8], 0x1
;;        mov eax, [r14+rdi*1+0x4]
;;        movzx ecx, byte ptr [r14+rdi*1+0xb]
;;        add eax, ecx
;;        leave
;;        ret
;; 0x30   ud2

;; x64: function 1 "farther", 53 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        lea r10, [rdi+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x31
;;        mov eax, [r14+rdi*1]
;;        lea r10, [rdi+0x8]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x33
;;        add eax, [r14+rdi*1+0x4]
;;        leave
;;        ret
;; 0x31   ud2
;; 0x33   ud2

;; x64: function 2 "changed", 52 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        lea r10, [rdi+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x30
;;        mov edi, [r14+rdi*1]
;;        lea r10, [rdi+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x32
;;        mov eax, [r14+rdi*1]
;;        leave
;;        ret
;; 0x30   ud2
;; 0x32   ud2

;; x64: function 3 "joined", 68 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        test edi, edi
;;        jnz 0x28
;;        lea r10, [rdi+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x40
;;        mov dword ptr [r14+rdi*1], 0x1
;; 0x28   lea r10, [rdi+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x42
;;        mov dword ptr [r14+rdi*1], 0x2
;;        leave
;;        ret
;; 0x40   ud2
;; 0x42   ud2

;; x64: function 4 "constants", 17 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov eax, [r14+0xfffc]
;;        leave
;;        ret

;; x64: function 5 "table", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movzx eax, al
;;        mov eax, [r14+rax*4+0x400]
;;        leave
;;        ret

;; a64: function 0 "again", 80 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        movz w16, #0x1
;;        add x17, x14, #0xc
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x4c
;;        add x17, x17, x27
;;        stur w16, [x17, #-4]
;;        add x17, x27, w14, uxtw
;;        ldr w0, [x17, #4]
;;        add x17, x27, w14, uxtw
;;        ldrb w1, [x17, #0xb]
;;        add w0, w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0x5

;; a64: function 1 "farther", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        add x17, x14, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x4c
;;        ldr w0, [x27, w14, uxtw]
;;        add x17, x14, #8
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x50
;;        add x17, x17, x27
;;        ldur w16, [x17, #-4]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x4c   udf #0x5
;; 0x50   udf #0x5

;; a64: function 2 "changed", 76 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        add x17, x14, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x44
;;        ldr w14, [x27, w14, uxtw]
;;        add x17, x14, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x48
;;        ldr w0, [x27, w14, uxtw]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x44   udf #0x5
;; 0x48   udf #0x5

;; a64: function 3 "joined", 88 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        cbnz w14, #0x2c
;;        movz w16, #0x1
;;        add x17, x14, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x50
;;        str w16, [x27, w14, uxtw]
;; 0x2c   movz w16, #0x2
;;        add x17, x14, #4
;;        ldr x30, [x28, #0x10]
;;        cmp x17, x30
;;        b.hi #0x54
;;        str w16, [x27, w14, uxtw]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   udf #0x5
;; 0x54   udf #0x5

;; a64: function 4 "constants", 32 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        add x17, x27, #0xf, lsl #12
;;        ldr w0, [x17, #0xffc]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 5 "table", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        and w0, w0, #0xff
;;        add x17, x27, w0, uxtw #2
;;        ldr w0, [x17, #0x400]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

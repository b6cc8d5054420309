;; On AArch64, which has no form for a base, an index and an offset, the address that a local holds
;; is kept for later accesses: until the local changes, a call, or a place that is jumped to.
(module
  (memory 1)
  (func $move (param $to i32) (param $from i32)
    (i32.store offset=4 (local.get $to) (i32.load offset=8 (local.get $from)))
    (i32.store offset=8 (local.get $to) (i32.load offset=12 (local.get $from)))
    (local.set $to (i32.add (local.get $to) (i32.const 16)))
    (i32.store offset=4 (local.get $to) (i32.load offset=16 (local.get $from)))
    (call $nothing)
    (i32.store offset=8 (local.get $to) (i32.const 1))
    (if (i32.load offset=20 (local.get $from))
      (then (i32.store offset=12 (local.get $to) (i32.load offset=24 (local.get $from)))))
    (i32.store offset=16 (local.get $to) (i32.load offset=28 (local.get $from))))
  (func $nothing)
  (func $far (param $at i32) (result i32)
    (i32.add (i32.load offset=0x12344 (local.get $at)) (i32.load offset=0x12348 (local.get $at)))))

;; x64: function 0 "move", 117 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r12
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x73
;;        mov ebx, eax
;;        mov r12d, ecx
;;        mov eax, [r14+r12*1+0x8]
;;        mov [r14+rbx*1+0x4], eax
;;        mov eax, [r14+r12*1+0xc]
;;        mov [r14+rbx*1+0x8], eax
;;        add ebx, 0x10
;;        mov eax, [r14+r12*1+0x10]
;;        mov [r14+rbx*1+0x4], eax
;;        call 0x80
;;        mov dword ptr [r14+rbx*1+0x8], 0x1
;;        mov eax, [r14+r12*1+0x14]
;;        test eax, eax
;;        jz 0x5f
;;        mov eax, [r14+r12*1+0x18]
;;        mov [r14+rbx*1+0xc], eax
;; 0x5f   mov eax, [r14+r12*1+0x1c]
;;        mov [r14+rbx*1+0x10], eax
;;        mov rbx, [rbp-0x8]
;;        mov r12, [rbp-0x10]
;;        leave
;;        ret
;; 0x73   ud2

;; x64: function 1 "nothing", 6 bytes
;;        push rbp
;;        mov rbp, rsp
;;        pop rbp
;;        ret

;; x64: function 2 "far", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        mov eax, [r14+rdi*1+0x12344]
;;        add eax, [r14+rdi*1+0x12348]
;;        leave
;;        ret

;; a64: function 0 "move", 148 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x90
;;        stp x20, x19, [x29, #-0x10]
;;        mov w19, w0
;;        mov w20, w1
;;        add x30, x27, w20, uxtw
;;        ldr w0, [x30, #8]
;;        add x15, x27, w19, uxtw
;;        str w0, [x15, #4]
;;        ldr w0, [x30, #0xc]
;;        str w0, [x15, #8]
;;        add w19, w19, #0x10
;;        ldr w0, [x30, #0x10]
;;        add x15, x27, w19, uxtw
;;        str w0, [x15, #4]
;;        bl #0xa0
;;        add x30, x27, w19, uxtw
;;        movz w16, #0x1
;;        str w16, [x30, #8]
;;        add x15, x27, w20, uxtw
;;        ldr w0, [x15, #0x14]
;;        cbz w0, #0x70
;;        ldr w0, [x15, #0x18]
;;        str w0, [x30, #0xc]
;; 0x70   add x30, x27, w20, uxtw
;;        ldr w0, [x30, #0x1c]
;;        add x15, x27, w19, uxtw
;;        str w0, [x15, #0x10]
;;        ldp x20, x19, [x29, #-0x10]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x90   udf #0xf

;; a64: function 1 "nothing", 16 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "far", 52 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        add x30, x27, w14, uxtw
;;        add x17, x30, #0x12, lsl #12
;;        ldr w0, [x17, #0x344]
;;        add x17, x30, #0x12, lsl #12
;;        ldr w16, [x17, #0x348]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; A shift and an addition before a load are part of its address if they cannot wrap around.
(module
  (memory 1)
  (func $table (param $x i32) (result i32)
    (i32.load offset=16
      (i32.add (i32.shl (i32.and (local.get $x) (i32.const 255)) (i32.const 2)) (i32.const 4096))))
  (func $bytes (param $x i32) (result i32)
    (i32.load8_u (i32.add (i32.load8_u (local.get $x)) (i32.const 1024))))
  (func $operand (param $x i32) (param $sum i64) (result i64)
    (i64.xor (local.get $sum)
      (i64.load offset=2048 (i32.shl (i32.shr_u (local.get $x) (i32.const 24)) (i32.const 3)))))
  (func $may_wrap (param $x i32) (result i32)
    (i32.load (i32.add (i32.shl (local.get $x) (i32.const 2)) (i32.const 4096)))))

;; x64: function 0 "table", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movzx eax, al
;;        mov eax, [r14+rax*4+0x1010]
;;        leave
;;        ret

;; x64: function 1 "bytes", 30 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        movzx eax, byte ptr [r14+rax*1]
;;        movzx eax, byte ptr [r14+rax*1+0x400]
;;        leave
;;        ret

;; x64: function 2 "operand", 38 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], rcx
;;        mov eax, [rbp-0x8]
;;        shr eax, 0x18
;;        mov rcx, [rbp-0x10]
;;        xor rcx, [r14+rax*8+0x800]
;;        mov rax, rcx
;;        leave
;;        ret

;; x64: function 3 "may_wrap", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        shl eax, 0x2
;;        add eax, 0x1000
;;        mov eax, [r14+rax*1]
;;        leave
;;        ret

;; a64: function 0 "table", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        and w0, w0, #0xff
;;        add x17, x27, w0, uxtw #2
;;        ldr w0, [x17, #0x1010]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "bytes", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        ldrb w0, [x27, w0, uxtw]
;;        add x17, x27, w0, uxtw
;;        ldrb w0, [x17, #0x400]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "operand", 60 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        stur w0, [x29, #-8]
;;        stur x1, [x29, #-0x10]
;;        ldur w0, [x29, #-8]
;;        lsr w0, w0, #0x18
;;        ldur x1, [x29, #-0x10]
;;        add x17, x27, w0, uxtw #3
;;        ldr x16, [x17, #0x800]
;;        eor x1, x1, x16
;;        mov x0, x1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "may_wrap", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        lsl w0, w0, #2
;;        add w0, w0, #1, lsl #12
;;        ldr w0, [x27, w0, uxtw]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

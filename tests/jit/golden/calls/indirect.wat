(module
  (type $binary (func (param i32 i32) (result i32)))
  (table 10 funcref)
  (func $call (param $x i32) (param $index i32) (result i32)
    (call_indirect (type $binary) (local.get $x) (i32.const 5) (local.get $index))))

;; x64: function 0 "call", 124 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push r15
;;        sub rsp, 0x28
;;        cmp rsp, [r15]
;;        jbe 0x54
;;        mov [rbp-0x10], eax
;;        mov [rbp-0x18], ecx
;;        mov r10d, [rbp-0x18]
;;        mov eax, [rbp-0x10]
;;        mov ecx, 0x5
;;        cmp r10d, [r15+0x20]
;;        jnb 0x56
;;        shl r10, 0x5
;;        add r10, [r15+0x18]
;;        cmp dword ptr [r10+0x10], 0x7fffffff
;;        jnz 0x58
;;        cmp [r10+0x8], r15
;;        jnz 0x67
;;        call [r10]
;; 0x52   leave
;;        ret
;; 0x54   ud2
;; 0x56   ud2
;; 0x58   cmp qword ptr [r10+0x18], 0x0
;;        jnz 0x65
;;        ud2
;; 0x65   ud2
;; 0x67   mov r15, [r10+0x8]
;;        mov r14, [r15+0x8]
;;        call [r10]
;;        mov r15, [rbp-0x8]
;;        mov r14, [r15+0x8]
;;        jmp 0x52

;; a64: function 0 "call", 168 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x30
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x70
;;        stur x28, [x29, #-8]
;;        stur w0, [x29, #-0x10]
;;        stur w1, [x29, #-0x18]
;;        ldur w16, [x29, #-0x18]
;;        ldur w0, [x29, #-0x10]
;;        movz w1, #0x5
;;        ldr w17, [x28, #0x20]
;;        cmp w16, w17
;;        b.hs #0x74
;;        ldr x17, [x28, #0x18]
;;        add x17, x17, x16, lsl #5
;;        ldr w16, [x17, #0x10]
;;        ldr w30, #0xa0
;;        cmp w16, w30
;;        b.ne #0x78
;;        ldp x16, x30, [x17]
;;        cmp x30, x28
;;        b.ne #0x88
;;        blr x16
;; 0x64   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x70   udf #0xf
;; 0x74   udf #0x7
;; 0x78   ldr x16, [x17, #0x18]
;;        cbnz x16, #0x84
;;        udf #0x8
;; 0x84   udf #0x9
;; 0x88   mov x28, x30
;;        ldr x27, [x28, #8]
;;        blr x16
;;        ldur x28, [x29, #-8]
;;        ldr x27, [x28, #8]
;;        b #0x64
;; 0xa0   .dword 0x00000000
;;        .dword 0x00000000

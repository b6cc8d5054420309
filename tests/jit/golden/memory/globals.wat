(module
  (import "env" "mutable" (global $imported (mut i64)))
  (global $counter (mut i32) (i32.const 0))
  (global $ratio (mut f64) (f64.const 0))
  (global $limit i32 (i32.const 100))
  (func $count (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (i32.lt_u (global.get $counter) (global.get $limit)))
  (func $scale (param $x f64) (global.set $ratio (f64.mul (global.get $ratio) (local.get $x))))
  (func $import (result i64) (global.set $imported (i64.const 5)) (global.get $imported)))

;; x64: function 0 "count", 34 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov eax, [r15+0x58]
;;        add eax, 0x1
;;        mov [r15+0x58], eax
;;        mov eax, [r15+0x58]
;;        cmp eax, 0x64
;;        setb al
;;        movzx eax, al
;;        leave
;;        ret

;; x64: function 1 "scale", 32 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [r15+0x60]
;;        vmulsd xmm0, xmm0, qword ptr [rbp-0x8]
;;        vmovsd [r15+0x60], xmm0
;;        leave
;;        ret

;; x64: function 2 "import", 29 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov eax, 0x5
;;        mov r10, [r15+0x50]
;;        mov [r10], rax
;;        mov r10, [r15+0x50]
;;        mov rax, [r10]
;;        leave
;;        ret

;; a64: function 0 "count", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr w0, [x28, #0x58]
;;        add w0, w0, #1
;;        str w0, [x28, #0x58]
;;        ldr w0, [x28, #0x58]
;;        cmp w0, #0x64
;;        cset w0, lo
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "scale", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        stur d0, [x29, #-8]
;;        ldr d0, [x28, #0x60]
;;        ldur d31, [x29, #-8]
;;        fmul d0, d0, d31
;;        str d0, [x28, #0x60]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "import", 44 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        movz x0, #0x5
;;        ldr x16, [x28, #0x50]
;;        str x0, [x16]
;;        ldr x16, [x28, #0x50]
;;        ldr x0, [x16]
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

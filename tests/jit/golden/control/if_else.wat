(module
  (func $result (param $x i32) (result i32)
    (if (result i32) (local.get $x) (then (i32.const 1)) (else (i32.const 2))))
  (func $value_below (param $x i32) (result i32)
    (i32.add (i32.clz (local.get $x))
      (if (result i32) (i32.gt_u (local.get $x) (i32.const 9)) (then (i32.const 1)) (else (i32.const 2)))))
  (func $one_arm (param $x i32) (result i32)
    (if (i32.eqz (local.get $x)) (then (local.set $x (i32.const 3))))
    (local.get $x))
  (func $parameter (param $x i32) (result i32)
    (local.get $x) (local.get $x)
    (if (param i32) (result i32) (then (i32.const 1) (i32.add)))))

;; x64: function 0 "result", 38 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        cmp dword ptr [rbp-0x8], 0x0
;;        jz 0x1f
;;        mov eax, 0x1
;;        jmp 0x24
;; 0x1f   mov eax, 0x2
;; 0x24   leave
;;        ret

;; x64: function 1 "value_below", 46 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov edi, eax
;;        lzcnt eax, edi
;;        cmp edi, 0x9
;;        mov [rbp-0x8], eax
;;        jbe 0x24
;;        mov eax, 0x1
;;        jmp 0x29
;; 0x24   mov eax, 0x2
;; 0x29   add eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 2 "one_arm", 27 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        test edi, edi
;;        jnz 0x17
;;        mov edi, 0x3
;; 0x17   mov eax, edi
;;        leave
;;        ret

;; x64: function 3 "parameter", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        test edi, edi
;;        mov [rbp-0x8], edi
;;        jz 0x20
;;        mov eax, [rbp-0x8]
;;        add eax, 0x1
;;        jmp 0x23
;; 0x20   mov eax, [rbp-0x8]
;; 0x23   leave
;;        ret

;; a64: function 0 "result", 48 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        stur w0, [x29, #-8]
;;        ldur w17, [x29, #-8]
;;        cbz w17, #0x20
;;        movz w0, #0x1
;;        b #0x24
;; 0x20   movz w0, #0x2
;; 0x24   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 1 "value_below", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        mov w14, w0
;;        clz w0, w14
;;        cmp w14, #9
;;        stur w0, [x29, #-8]
;;        b.ls #0x28
;;        movz w0, #0x1
;;        b #0x2c
;; 0x28   movz w0, #0x2
;; 0x2c   ldur w16, [x29, #-8]
;;        add w0, w0, w16
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 2 "one_arm", 40 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        cbnz w14, #0x18
;;        movz w14, #0x3
;; 0x18   mov w0, w14
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

;; a64: function 3 "parameter", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        mov w14, w0
;;        cmp w14, #0
;;        stur w14, [x29, #-8]
;;        b.eq #0x28
;;        ldur w0, [x29, #-8]
;;        add w0, w0, #1
;;        b #0x2c
;; 0x28   ldur w0, [x29, #-8]
;; 0x2c   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

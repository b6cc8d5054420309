(module
  (tag $e (param i32))
  ;; As in `plain`, nothing stands around the calls: where exceptions go is noted outside of the code.
  (func $catches (param $x i32) (result i32)
    (block $handler (result i32)
      (try_table (result i32) (catch $e $handler)
        (call $plain (call $plain (local.get $x))))))
  (func $plain (param $x i32) (result i32)
    (block (result i32)
      (call $plain (call $plain (local.get $x)))))
  (func $throws (param $x i32)
    (throw $e (local.get $x)))
  ;; A handler of the legacy kind follows its block; one jump leads over it.
  (func $legacy (param $x i32) (result i32)
    (try (result i32)
      (do (call $plain (local.get $x)))
      (catch $e (i32.clz))
      (catch_all (rethrow 0)))))

;; x64: function 0 "catches", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x23
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        call 0x30
;;        call 0x30
;;        leave
;;        ret
;; 0x23   ud2

;; x64: function 1 "plain", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x23
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        call 0x0
;;        call 0x0
;;        leave
;;        ret
;; 0x23   ud2

;; x64: function 2 "throws", 50 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x30
;;        mov [rbp-0x8], eax
;;        mov r10, [rbp-0x8]
;;        mov [rbp-0x10], r10
;;        lea rax, [rbp-0x10]
;;        mov rcx, rax
;;        mov eax, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x58]
;; 0x30   ud2

;; x64: function 3 "legacy", 61 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x3b
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        call 0xffffffffffffff90
;;        jmp 0x39
;;        mov eax, [rbp-0x18]
;;        lzcnt eax, eax
;;        jmp 0x39
;;        mov rax, [rbp-0x10]
;;        mov r10, [r15+0x30]
;;        call [r10+0x60]
;; 0x39   leave
;;        ret
;; 0x3b   ud2

;; a64: function 0 "catches", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x34
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        bl #0x40
;;        bl #0x40
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0xf

;; a64: function 1 "plain", 56 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x34
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        bl #0
;;        bl #0
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x34   udf #0xf

;; a64: function 2 "throws", 64 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x10
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x3c
;;        stur w0, [x29, #-8]
;;        ldur x16, [x29, #-8]
;;        stur x16, [x29, #-0x10]
;;        sub x0, x29, #0x10
;;        mov x1, x0
;;        movz w0, #0
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x58]
;;        blr x16
;; 0x3c   udf #0xf

;; a64: function 3 "legacy", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x20
;;        ldr x16, [x28]
;;        cmp sp, x16
;;        b.ls #0x50
;;        stur w0, [x29, #-8]
;;        ldur w0, [x29, #-8]
;;        bl #0xffffffffffffff80
;;        b #0x44
;;        ldur w0, [x29, #-0x18]
;;        clz w0, w0
;;        b #0x44
;;        ldur x0, [x29, #-0x10]
;;        ldr x16, [x28, #0x30]
;;        ldr x16, [x16, #0x60]
;;        blr x16
;; 0x44   mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret
;; 0x50   udf #0xf

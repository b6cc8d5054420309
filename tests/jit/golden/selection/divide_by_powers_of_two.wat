(module
  (func $quotient (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 16)))
  (func $remainder (param $x i64) (result i64) (i64.rem_u (local.get $x) (i64.const 64)))
  (func $by_one (param $x i32) (result i32) (i32.div_u (local.get $x) (i32.const 1)))
  (func $signed (param $x i32) (result i32) (i32.div_s (local.get $x) (i32.const 16))))

;; x64: function 0 "quotient", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        shr eax, 0x4
;;        leave
;;        ret

;; x64: function 1 "remainder", 22 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, [rbp-0x8]
;;        and rax, 0x3f
;;        leave
;;        ret

;; x64: function 2 "by_one", 16 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 3 "signed", 26 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, 0x10
;;        cdq
;;        idiv r10d
;;        leave
;;        ret

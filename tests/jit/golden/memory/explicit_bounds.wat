;; options: explicit
(module
  (memory 1)
  (func $load (param $at i32) (result i32) (i32.load offset=16 (local.get $at)))
  (func $far (param $at i32) (result i32) (i32.load8_u offset=0xfffffff0 (local.get $at)))
  (func $constant (result i64) (i64.load offset=4 (i32.const 16)))
  (func $store (param $at i32) (i32.store (local.get $at) (i32.const 5)))
  (func $operand (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load (local.get $at))))
  (func $grow (param $pages i32) (result i32) (memory.grow (local.get $pages))))

;; x64: function 0 "load", 37 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x14]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x23
;;        mov eax, [r14+r10*1-0x4]
;;        leave
;;        ret
;; 0x23   ud2

;; x64: function 1 "far", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0xf
;;        add r10, rax
;;        cmp r10, [r15+0x10]
;;        jnbe 0x29
;;        movzx eax, byte ptr [r14+r10*1-0x1]
;;        leave
;;        ret
;; 0x29   ud2

;; x64: function 2 "constant", 33 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov r10d, 0x1c
;;        cmp r10, [r15+0x10]
;;        jnbe 0x1f
;;        mov rax, [r14+r10*1-0x8]
;;        leave
;;        ret
;; 0x1f   ud2

;; x64: function 3 "store", 41 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x27
;;        mov dword ptr [r14+r10*1-0x4], 0x5
;;        leave
;;        ret
;; 0x27   ud2

;; x64: function 4 "operand", 45 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x4]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x2b
;;        add ecx, [r14+r10*1-0x4]
;;        mov eax, ecx
;;        leave
;;        ret
;; 0x2b   ud2

;; x64: function 5 "grow", 43 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x29
;;        mov [rbp-0x8], eax
;;        mov eax, 0x0
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x30]
;;        call [r10]
;;        mov r14, [r15+0x8]
;;        leave
;;        ret
;; 0x29   ud2

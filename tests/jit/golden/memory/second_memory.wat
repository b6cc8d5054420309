(module
  (memory 1) (memory $second 1)
  (func $load (param $at i32) (result i32) (i32.load $second offset=16 (local.get $at)))
  (func $constant (result i64) (i64.load $second offset=4 (i32.const 16)))
  (func $far (param $at i32) (result i32) (i32.load8_u $second offset=0xfffffff0 (local.get $at)))
  (func $store (param $at i32) (i32.store $second (local.get $at) (i32.const 5)))
  (func $operand (param $x i32) (param $at i32) (result i32)
    (i32.add (local.get $x) (i32.load $second (local.get $at))))
  (func $move (param $at i32)
    (i64.store $second (local.get $at) (i64.load (local.get $at))))
  (func $size (result i32) (memory.size $second))
  (func $grow (param $pages i32) (result i32) (memory.grow $second (local.get $pages)))
  (func $copy (param $to i32) (param $from i32) (param $size i32)
    (memory.copy $second 0 (local.get $to) (local.get $from) (local.get $size))))

;; x64: function 0 "load", 25 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        mov eax, [r10+rax*1+0x10]
;;        leave
;;        ret

;; x64: function 1 "constant", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov r10, [r15+0x50]
;;        mov rax, [r10+0x14]
;;        leave
;;        ret

;; x64: function 2 "far", 46 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10d, -0xf
;;        add r10, rax
;;        cmp r10, [r15+0x58]
;;        jnbe 0x2c
;;        add r10, [r15+0x50]
;;        movzx eax, byte ptr [r10-0x1]
;;        leave
;;        ret
;; 0x2c   ud2

;; x64: function 3 "store", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        mov dword ptr [r10+rax*1], 0x5
;;        leave
;;        ret

;; x64: function 4 "operand", 32 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x50]
;;        add ecx, [r10+rax*1]
;;        mov eax, ecx
;;        leave
;;        ret

;; x64: function 5 "move", 24 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov edi, eax
;;        mov rax, [r14+rdi*1]
;;        mov r10, [r15+0x50]
;;        mov [r10+rdi*1], rax
;;        leave
;;        ret

;; x64: function 6 "size", 18 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        mov rax, [r15+0x58]
;;        shr rax, 0x10
;;        leave
;;        ret

;; x64: function 7 "grow", 39 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x25
;;        mov [rbp-0x8], eax
;;        mov eax, 0x1
;;        mov ecx, [rbp-0x8]
;;        mov r10, [r15+0x30]
;;        call [r10]
;;        leave
;;        ret
;; 0x25   ud2

;; x64: function 8 "copy", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov [rbp-0x18], edx
;;        mov eax, [rbp-0x8]
;;        mov ecx, [rbp-0x10]
;;        mov edx, [rbp-0x18]
;;        mov esi, 0x1
;;        mov edi, 0x0
;;        mov r10, [r15+0x30]
;;        call [r10+0x8]
;;        leave
;;        ret
;; 0x37   ud2

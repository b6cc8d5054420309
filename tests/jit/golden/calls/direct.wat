(module
  (func $callee (param i32 f64) (result i32) (local.get 0))
  (func $swapped (param $x i32) (param $y i32) (result i32)
    (loop (result i32)
      (call $two (local.get $y) (local.get $x))
      (br_if 1 (local.get $x))))
  (func $two (param i32 i32) (result i32) (local.get 1))
  (func $around (param $x i32) (result i32)
    (i32.add (i32.clz (local.get $x)) (call $callee (i32.const 1) (f64.const 2)))))

;; x64: function 0 "callee", 21 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        vmovsd [rbp-0x10], xmm0
;;        mov eax, [rbp-0x8]
;;        leave
;;        ret

;; x64: function 1 "swapped", 62 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push rbx
;;        push r12
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x3c
;;        mov ebx, eax
;;        mov r12d, ecx
;;        nop [rax], eax
;;        mov eax, r12d
;;        mov ecx, ebx
;;        call 0x40
;;        test ebx, ebx
;;        jnz 0x32
;; 0x32   mov rbx, [rbp-0x8]
;;        mov r12, [rbp-0x10]
;;        leave
;;        ret
;; 0x3c   ud2

;; x64: function 2 "two", 19 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        leave
;;        ret

;; x64: function 3 "around", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x35
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        lzcnt eax, eax
;;        mov [rbp-0x10], eax
;;        mov eax, 0x1
;;        vmovsd xmm0, qword ptr [0x40]
;;        call 0xffffffffffffff80
;;        add eax, [rbp-0x10]
;;        leave
;;        ret
;; 0x35   ud2
;;        nop [rax+rax*1], ax
;; 0x40   .dword 0x00000000
;;        .dword 0x40000000
;;        .dword 0x00000000
;;        .dword 0x00000000

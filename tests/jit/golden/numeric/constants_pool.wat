;; Constants of floats lie behind the function, each once.
(module
  (func $f64 (param $x f64) (result f64)
    (f64.add (f64.mul (local.get $x) (f64.const 3.5)) (f64.add (f64.const 2.5) (f64.const 3.5))))
  (func $f32 (result f32) (f32.const 1.25))
  (func $zero (result f64) (f64.const 0))
  (func $i64 (param $x i64) (result i64) (i64.xor (local.get $x) (i64.const 0x0123456789abcdef))))

;; x64: function 0 "f64", 80 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        vmovsd [rbp-0x8], xmm0
;;        vmovsd xmm0, qword ptr [rbp-0x8]
;;        vmulsd xmm0, xmm0, qword ptr [0x30]
;;        vmovsd xmm1, qword ptr [0x40]
;;        vaddsd xmm1, xmm1, qword ptr [0x30]
;;        vaddsd xmm0, xmm0, xmm1
;;        leave
;;        ret
;; 0x30   .dword 0x00000000
;;        .dword 0x400c0000
;;        .dword 0x00000000
;;        .dword 0x00000000
;; 0x40   .dword 0x00000000
;;        .dword 0x40040000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 1 "f32", 48 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vmovss xmm0, dword ptr [0x20]
;;        leave
;;        ret
;;        nop [rax+rax*1], ax
;;        nop [rax+rax*1], eax
;; 0x20   .dword 0x3fa00000
;;        .dword 0x00000000
;;        .dword 0x00000000
;;        .dword 0x00000000

;; x64: function 2 "zero", 14 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x10
;;        vxorps xmm0, xmm0, xmm0
;;        leave
;;        ret

;; x64: function 3 "i64", 28 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        mov [rbp-0x8], rax
;;        mov rax, 0x123456789abcdef
;;        xor rax, [rbp-0x8]
;;        leave
;;        ret

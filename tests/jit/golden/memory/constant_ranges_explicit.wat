;; options: explicit
(module
  (memory 1)
  (memory $other 1)
  (func $copy (param $to i32) (param $from i32)
    (memory.copy (local.get $to) (local.get $from) (i32.const 40)))
  (func $between_memories (param $to i32) (param $from i32)
    (memory.copy $other 0 (local.get $to) (local.get $from) (i32.const 32)))
  (func $zeros (param $to i32) (memory.fill (local.get $to) (i32.const 0) (i32.const 24))))

;; x64: function 0 "copy", 107 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x65
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x28]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x67
;;        vmovups xmm15, [r14+r10*1-0x10]
;;        vmovups xmm1, [r14+r10*1-0x18]
;;        vmovups xmm0, [r14+r10*1-0x28]
;;        lea r10, [rcx+0x28]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x69
;;        vmovups [r14+r10*1-0x10], xmm15
;;        vmovups [r14+r10*1-0x18], xmm1
;;        vmovups [r14+r10*1-0x28], xmm0
;;        leave
;;        ret
;; 0x65   ud2
;; 0x67   ud2
;; 0x69   ud2

;; x64: function 1 "between_memories", 95 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x30
;;        cmp rsp, [r15]
;;        jbe 0x59
;;        mov [rbp-0x8], eax
;;        mov [rbp-0x10], ecx
;;        mov eax, [rbp-0x10]
;;        mov ecx, [rbp-0x8]
;;        lea r10, [rax+0x20]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x5b
;;        vmovups xmm15, [r14+r10*1-0x10]
;;        vmovups xmm0, [r14+r10*1-0x20]
;;        lea r10, [rcx+0x20]
;;        cmp r10, [r15+0x58]
;;        jnbe 0x5d
;;        add r10, [r15+0x50]
;;        vmovups [r10-0x10], xmm15
;;        vmovups [r10-0x20], xmm0
;;        leave
;;        ret
;; 0x59   ud2
;; 0x5b   ud2
;; 0x5d   ud2

;; x64: function 2 "zeros", 62 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x20
;;        cmp rsp, [r15]
;;        jbe 0x3a
;;        mov [rbp-0x8], eax
;;        mov eax, [rbp-0x8]
;;        vxorps xmm15, xmm15, xmm15
;;        lea r10, [rax+0x18]
;;        cmp r10, [r15+0x10]
;;        jnbe 0x3c
;;        vmovups [r14+r10*1-0x10], xmm15
;;        vmovups [r14+r10*1-0x18], xmm15
;;        leave
;;        ret
;; 0x3a   ud2
;; 0x3c   ud2

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

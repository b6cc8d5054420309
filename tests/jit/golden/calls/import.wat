;; A function of another instance: its context and memory base come with it.
(module
  (import "env" "log" (func $log (param i32) (result i32)))
  (func $call (param $x i32) (result i32)
    (i32.add (call $log (local.get $x)) (local.get $x))))

;; x64: function 1 "call", 57 bytes
;;        push rbp
;;        mov rbp, rsp
;;        push r15
;;        push rbx
;;        sub rsp, 0x10
;;        cmp rsp, [r15]
;;        jbe 0x37
;;        mov ebx, eax
;;        mov eax, ebx
;;        mov r10, [r15+0x50]
;;        mov r15, [r15+0x58]
;;        mov r14, [r15+0x8]
;;        call r10
;;        mov r15, [rbp-0x8]
;;        mov r14, [r15+0x8]
;;        add eax, ebx
;;        mov rbx, [rbp-0x10]
;;        leave
;;        ret
;; 0x37   ud2

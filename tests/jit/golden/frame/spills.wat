;; With no register left, the deepest operand goes to its home slot.
(module
  (func $deep (param $x i32) (result i32)
    (i32.clz (local.get $x)) (i32.ctz (local.get $x)) (i32.popcnt (local.get $x))
    (i32.extend8_s (local.get $x)) (i32.extend16_s (local.get $x)) (i32.shl (local.get $x) (i32.const 9))
    i32.sub i32.sub i32.sub i32.sub i32.sub))

;; x64: function 0 "deep", 60 bytes
;;        push rbp
;;        mov rbp, rsp
;;        sub rsp, 0x40
;;        mov edi, eax
;;        lzcnt eax, edi
;;        tzcnt ecx, edi
;;        popcnt edx, edi
;;        movsx esi, dil
;;        mov [rbp-0x8], eax
;;        movsx eax, di
;;        mov [rbp-0x10], ecx
;;        mov ecx, edi
;;        shl ecx, 0x9
;;        sub eax, ecx
;;        sub esi, eax
;;        sub edx, esi
;;        mov eax, [rbp-0x10]
;;        sub eax, edx
;;        mov ecx, [rbp-0x8]
;;        sub ecx, eax
;;        mov eax, ecx
;;        leave
;;        ret

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

;; a64: function 0 "deep", 84 bytes
;;        stp x29, x30, [sp, #-0x10]!
;;        mov x29, sp
;;        sub sp, sp, #0x40
;;        mov w14, w0
;;        clz w0, w14
;;        rbit w1, w14
;;        clz w1, w1
;;        fmov s31, w14
;;        cnt v31.8b, v31.8b
;;        addv b31, v31.8b
;;        fmov w2, s31
;;        sxtb w3, w14
;;        sxth w4, w14
;;        sub w4, w4, w14, lsl #9
;;        sub w3, w3, w4
;;        sub w2, w2, w3
;;        sub w1, w1, w2
;;        sub w0, w0, w1
;;        mov sp, x29
;;        ldp x29, x30, [sp], #0x10
;;        ret

// How wasm functions call each other on x86-64. Our own convention: nothing but thunks
// (jit/x64/thunks.cc) meets C.
//
//   r15        VmContext of the running instance, preserved by every wasm function
//   r14        base of memory 0 of that instance, preserved
//   r13        in code that counts fuel: where the store's is (VmContext::fuel), never changed
//   arguments  rax rcx rdx rsi rdi, xmm0-xmm7; the rest on the stack (jit/call_layout.h)
//   results    the same registers, the rest in the caller's outgoing area
//   preserved  rbx r12 r13 r11 r8 r9, xmm8-xmm14: hold locals of the caller (lower 64 bits of xmm
//   only) scratch    r10, xmm15: never live across an operator frame      rbp chain always kept;
//   [rbp-8] is the frame's place for r15 while another instance runs i32        in a register:
//   zero-extended to 64 bits, arguments and results too alignment  rsp is a multiple of 16 at every
//   call instruction
//
// A caller that may leave its instance (import, indirect call) stores r15 at [rbp-8], loads r15 and
// r14 of the callee's instance, calls, and restores both. A host function's code is a thunk that
// finds its VmHostFunction in r15 and the caller's VmContext at [caller's rbp - 8].
#pragma once

#include "jit/call_layout.h"

#include <array>
#include <cstdint>

namespace swoop::jit::x64 {

inline constexpr std::array<uint8_t, 5> kGpArgs = {0, 1, 2, 6, 7};  // rax rcx rdx rsi rdi
inline constexpr std::array<uint8_t, 8> kFpArgs = {0, 1, 2, 3, 4, 5, 6, 7};

/// How many locals may have general registers.
inline constexpr uint32_t kMaxPinned = 8;

inline CallLayout call_layout(const FuncType& type) {
  return make_call_layout(type, kGpArgs, kFpArgs);
}

}  // namespace swoop::jit::x64

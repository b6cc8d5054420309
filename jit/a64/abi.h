// How wasm functions call each other on AArch64. Our own convention: nothing but thunks meets C.
//
//   x28        VmContext of the running instance, preserved by every wasm function
//   x27        base of memory 0 of that instance, preserved
//   x26        in code that counts fuel: where the store's is (VmContext::fuel), never changed
//   arguments  x0-x7, v0-v7; the rest on the stack (jit/call_layout.h)
//   results    the same registers, the rest in the caller's outgoing area
//   preserved  x19-x26, v8-v15: hold locals of the caller (lower 64 bits of v only)
//   scratch    x16, x17, v31: never live across an operator
//   addresses  x30 and x15, between calls: addresses that locals hold (MacroAssembler::kKept)
//   frame      x29 chain always kept: [x29] the caller's x29, [x29 + 8] the return address;
//              [x29 - 8] is the frame's place for x28 while another instance runs
//   i32        in a register: zero-extended to 64 bits, arguments and results too
//   alignment  sp is a multiple of 16, always
//   x18        the platform's, not touched
//
// A caller that may leave its instance (import, indirect call) stores x28 at [x29 - 8], loads x28
// and x27 of the callee's instance, calls, and restores both.
#pragma once

#include "jit/call_layout.h"

#include <array>
#include <cstdint>

namespace swoop::jit::a64 {

inline constexpr std::array<uint8_t, 8> kGpArgs = {0, 1, 2, 3, 4, 5, 6, 7};
inline constexpr std::array<uint8_t, 8> kFpArgs = {0, 1, 2, 3, 4, 5, 6, 7};

/// How many locals may have general registers.
inline constexpr uint32_t kMaxPinned = 16;

inline CallLayout call_layout(const FuncType& type) {
  return make_call_layout(type, kGpArgs, kFpArgs);
}

}  // namespace swoop::jit::a64

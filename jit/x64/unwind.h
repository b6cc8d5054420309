// Leaving frames of wasm on the way to a handler: which registers of its caller a function saved,
// and where (MacroAssembler::prologue).
//
// Safety: what is read lies in frames that the chain of frame pointers leads to, at the places the
// prologue of the same function wrote. Noticed by: tests/jit/exception_test.cc, whose pinned
// locals of all kinds must survive.
#pragma once

#include "jit/code_object.h"
#include "jit/machine.h"
#include "vm/context.h"

#include <cstddef>
#include <cstdint>

namespace swoop::jit::x64 {

/// The registers of a frame, by their number; those that wasm does not preserve mean nothing until
/// a handler's values are put there. Also what the core thunk `raise` enters a handler with.
struct UnwindRegisters {
  uint64_t gp[16];
  uint64_t fp[16];  // the lower halves of xmm0-xmm15
  uint64_t pc;

  VmContext* context() const { return reinterpret_cast<VmContext*>(gp[15]); }
};
static_assert(sizeof(UnwindRegisters) == 33 * 8);
inline constexpr unsigned kStackPointerRegister = 4;
inline constexpr unsigned kFramePointerRegister = 5;

/// Of the frame of `function` at `fp`, once what it called is gone: the context, where it has
/// changed.
inline void enter_frame(UnwindRegisters& registers, const FuncEntry& function, uintptr_t fp) {
  if (function.leaves_instance) registers.gp[15] = *reinterpret_cast<const uint64_t*>(fp - 8);
}

/// To the caller of `function`, whose frame is at `fp`.
inline void leave_frame(UnwindRegisters& registers, const FuncEntry& function, uintptr_t fp) {
  const auto* saved = reinterpret_cast<const uint64_t*>(fp) - (function.leaves_instance ? 1 : 0);
  for (RegSet regs = function.saved; !regs.empty();) {
    const Reg reg = regs.take_first();
    (reg.is_fp() ? registers.fp : registers.gp)[reg.number()] = *--saved;
  }
}

/// Where a value of one of these classes is when it is a label's only operand.
inline void set_result(UnwindRegisters& registers, uint64_t word) {
  registers.gp[0] = word;
  registers.fp[0] = word;
}

}  // namespace swoop::jit::x64

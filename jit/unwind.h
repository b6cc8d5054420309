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

namespace swoop::jit {

/// The registers of a frame, by their number, of machines with as many as that or fewer; those that
/// wasm does not preserve mean nothing until a handler's values are put there. Also what the core
/// thunk `raise` enters a handler with.
struct UnwindRegisters {
  uint64_t gp[32];
  uint64_t fp[32];  // the lower halves
  uint64_t pc;
};
static_assert(sizeof(UnwindRegisters) == 65 * 8);

/// Numbers of general registers with a part in every frame.
struct FrameRegisters {
  unsigned context;
  unsigned stack_pointer;
  unsigned frame_pointer;
};

/// Of the frame of `function` at `fp`, once what it called is gone: the context, where it has
/// changed.
inline void enter_frame(UnwindRegisters& registers, const FrameRegisters& roles,
                        const FuncEntry& function, uintptr_t fp) {
  if (function.leaves_instance)
    registers.gp[roles.context] = *reinterpret_cast<const uint64_t*>(fp - 8);
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

}  // namespace swoop::jit

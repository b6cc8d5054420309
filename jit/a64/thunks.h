// The thunks of jit/thunks.h for AArch64; the calling conventions are in jit/a64/abi.h.
#pragma once

#include "jit/thunks.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit::a64 {

/// Where wasm code keeps its VmContext, and the stack.
inline constexpr FrameRegisters kFrameRegisters = {
    .context = 28, .stack_pointer = 31, .frame_pointer = 29};
/// Where the landing of traps finds the VmStore: x0.
inline constexpr unsigned kLandingArgumentRegister = 0;

/// `builtins` are the C++ functions of vm/builtins.def in order: BuiltinResult f(VmContext*,
/// uint64_t...).
CoreThunks make_core_thunks(const TrapCallbacks& callbacks,
                            std::span<const void* const, kNumBuiltins> builtins,
                            const Target& target = {});

std::vector<uint8_t> make_entry_thunk(const FuncType& type, CallForm form,
                                      const Target& target = {});

/// The code of a host function of this type, to be called with its VmHostFunction as the callee's
/// context. `raise` is the address of the core thunk of that name.
std::vector<uint8_t> make_host_thunk(const FuncType& type, CallForm form, const void* raise,
                                     const Target& target = {});

/// What an entry thunk saved in its frame, for walking the stack: the frame begins at
/// VmStore::entry_sp.
struct EntryFrame {
  const VmFrame* exit;  // of the thunk by which wasm called out to C++ last; undefined before
  EntryFrame* outer;
  uint64_t preserved[19];  // x27 x28, x19-x26, d8-d15, one unused
  VmContext* caller;       // always null: where a host function looks for its caller
  VmFrame frame;           // of C++
};
static_assert(sizeof(EntryFrame) == 192);

}  // namespace swoop::jit::a64

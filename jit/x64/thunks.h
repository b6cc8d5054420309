// The thunks of jit/thunks.h for x86-64; the calling conventions are in jit/x64/abi.h.
#pragma once

#include "jit/thunks.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit::x64 {

/// Where wasm code keeps its VmContext, and the stack.
inline constexpr FrameRegisters kFrameRegisters = {
    .context = 15, .stack_pointer = 4, .frame_pointer = 5};
/// Where the landing of traps finds the VmStore: rdi.
inline constexpr unsigned kLandingArgumentRegister = 7;

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
  uint64_t preserved[5];  // r15 r14 r13 r12 rbx
  VmContext* caller;      // always null: where a host function looks for its caller
  VmFrame frame;          // of C++
};
static_assert(sizeof(EntryFrame) == 80);

}  // namespace swoop::jit::x64

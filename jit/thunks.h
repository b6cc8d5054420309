// The seams between C++ and wasm code: entry thunks (C++ calls wasm), host thunks (wasm calls a
// host function), builtin thunks (wasm calls runtime/builtins.cc), the landing of traps and the way
// into handlers of exceptions. Plain position-independent bytes that a caller copies into code
// memory. Each machine has the same functions in jit/<isa>/thunks.h.
//
// Safety: an entry thunk's frame is what a trap unwinds to, so between it and a fault there must be
// no C++ frame: that is why host functions and builtins report failure by a status, which their
// thunk raises after they have returned. Covered by tests/jit/thunks_test.cc.
#pragma once

#include "jit/unwind.h"
#include "vm/builtins.h"
#include "vm/context.h"
#include "vm/native_result.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace swoop::jit {

/// How a thunk and C++ hand over arguments and results.
enum class CallForm : uint8_t {
  /// In an array of Values, one each: first the arguments, then the results in their place.
  array,
  /// As the C ABI passes them: i32 and i64 as integers, f32 and f64 as such, references as
  /// pointers, and the answer as a NativeResult (vm/native_result.h). Several results lie in an
  /// array of Values.
  native,
};

/// What an entry thunk is called as, to run a function of wasm or of the host. The native form has
/// the arguments after these parameters, and `values` only when there are several results. The
/// status is 0, or 1 after a trap or an exception that nobody caught, which the callbacks have
/// kept.
using ArrayEntryThunk = NativeResult<void> (*)(VmFuncRef* callee, Value* values);

/// What a thunk of a host function calls (VmHostFunction::call); the native form likewise. `caller`
/// is null when C++ called. The status is 0, or 1 when the call failed and the reason is in the
/// store.
using ArrayHostCode = NativeResult<void> (*)(VmHostFunction* self, VmContext* caller,
                                             Value* values);

/// C++ functions that run on the wasm stack once a trap or an exception is certain, while the
/// frames that led to it are still there.
struct TrapCallbacks {
  void (*fault)(VmStore*);  // the signal handler resumed at `trap_landing`
  /// A builtin gave `trap` and `value` (vm/builtins.h), or a host function failed (TrapCode::host).
  /// `registers` are the wasm caller's, of those that wasm preserves. Returns 0 to go back to the
  /// entry thunk; else `registers` are set for a handler, except memory 0's base, and it is
  /// entered.
  uint64_t (*raise)(VmStore*, uint64_t trap, uint64_t value, UnwindRegisters* registers);
};

/// What every signature shares. Offsets are into `code`.
struct CoreThunks {
  std::vector<uint8_t> code;
  uint32_t trap_landing =
      0;  // to be entered with the VmStore in kLandingArgumentRegister and a 16-aligned stack
  uint32_t raise = 0;  // host thunks jump here, their frame still in the frame pointer
  std::array<uint32_t, kNumBuiltins> builtins = {};
};

/// Types with equal shapes have equal thunks.
std::string thunk_shape(const FuncType& type);

}  // namespace swoop::jit

// Debug builds check at run time what the C ABI promises of registers across the seams of
// jit/thunks.h: whoever has called finds its callee-saved registers, its frame and its stack as
// they were. Entry thunks are called by a guard before them, which is their caller as far as they,
// traps and exceptions know; host and builtin thunks look after what they call.
//
// It is the thunks that look, and not the C++ around them: C++ cannot say what its registers hold
// between two statements, and some of it is compiled into the embedder (swoop.hh). Noticed by
// tests/jit/thunks_test.cc.
#pragma once

#include "base/check.h"

namespace swoop::jit {

#ifdef NDEBUG
inline constexpr bool kChecksCrossings = false;
#else
inline constexpr bool kChecksCrossings = true;
#endif

/// What thunks call when registers are lost.
[[noreturn]] inline void lost_by_wasm() {
  check_failed("wasm returns with the callee-saved registers of its C++ caller", __FILE__,
               __LINE__);
}
[[noreturn]] inline void lost_by_cpp() {
  check_failed("C++ returns with the callee-saved registers of its wasm caller", __FILE__,
               __LINE__);
}

}  // namespace swoop::jit

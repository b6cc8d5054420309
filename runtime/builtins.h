// What machine code cannot do inline. Rows: vm/builtins.def.
#pragma once

#include "vm/builtins.h"

#include <span>

namespace swoop {

/// The C++ functions by Builtin, for make_core_thunks.
std::span<const void* const, kNumBuiltins> builtin_functions();

}  // namespace swoop

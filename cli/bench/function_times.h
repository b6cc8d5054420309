// How long the compiler takes for each function of a module, by compiling them one at a time.
#pragma once

#include "base/result.h"
#include "runtime/engine.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::cli::bench {

struct FunctionTime {
  size_t body_bytes = 0;
  size_t code_bytes = 0;
  double compile_us = 0;  // pass B alone; the least of a few times
};

/// In order of the functions. The code is thrown away. Errors: those of decoding and validation;
/// unsupported as a whole, without the place.
Result<std::vector<FunctionTime>> time_functions(swoop::Engine& engine,
                                                 std::span<const uint8_t> wasm);

}  // namespace swoop::cli::bench

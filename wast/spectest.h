// The host modules that scripts of the official suite import: `spectest`, and `wasmtime` with its
// function `gc`, which other engines' scripts expect. Spec: the reference interpreter's
// host/spectest.ml.
#pragma once

#include "runtime/linker.h"

#include <functional>
#include <string_view>

namespace swoop::wast {

/// Called with one line for each call of a print function, such as "print_i32 42".
using PrintSink = std::function<void(std::string_view line)>;

/// Defines fresh host modules in the linker's store. Print functions print nothing without a sink.
/// `shared_memory` is there if the engine has threads. Errors: out_of_memory, limit_exceeded.
Result<> define_spectest(Linker& linker, const PrintSink& print);

}  // namespace swoop::wast

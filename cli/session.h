// What verbs that compile begin with.
#pragma once

#include "cli/options.h"
#include "runtime/engine.h"
#include "runtime/stop_token.h"

namespace swoop::cli {

/// How many threads compile a module of this size.
unsigned choose_jobs(const CompilerOptions& options, size_t wasm_bytes);

/// For what the guest does within this time.
CallOptions call_options(double timeout_s);

Result<std::shared_ptr<Engine>> make_engine(const CompilerOptions& options, size_t wasm_bytes);

}  // namespace swoop::cli

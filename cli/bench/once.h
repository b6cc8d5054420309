// One measurement of one module in this process: what `swoop bench --once` prints.
#pragma once

#include "cli/options.h"

namespace swoop::cli::bench {

/// Prints a line of JSON (cli/bench/sample.h) for `options.files[0]`. Returns the exit code of the
/// process: not 0 when the module could not be started, which was then reported.
int measure_once(const BenchOptions& options);

/// Prints a line of JSON, an array with body bytes, microseconds and machine code bytes of each
/// function of `options.files[0]`.
int measure_functions(const BenchOptions& options);

}  // namespace swoop::cli::bench

// What `swoop run` supplies to a module: WASI, the hooks of benchmarks, and for the rest an
// explanation.
#pragma once

#include "cli/phases.h"
#include "runtime/module.h"
#include "runtime/store.h"
#include "wasi/context.h"
#include "wasi/imports.h"

#include <optional>
#include <string>
#include <vector>

namespace swoop::cli {

/// Measures the time between the calls of bench.start and bench.end.
class BenchClock {
 public:
  void start() { running_.emplace(); }
  void end();
  /// The sum of all regions; nothing when none was ended.
  std::optional<Stopwatch::Elapsed> elapsed() const { return elapsed_; }

 private:
  std::optional<Stopwatch> running_;
  std::optional<Stopwatch::Elapsed> elapsed_;
};

/// All that the imports stand for, kept alive for the calls.
class HostImports {
 public:
  HostImports(Store& store, wasi::Context& context) : store_(store), wasi_(store, context) {}

  /// The imports of the module in order. When some are missing or have another type, prints all of
  /// them with hints and gives nothing. Errors: out_of_memory, limit_exceeded.
  Result<std::optional<std::vector<Extern>>> resolve(const Module& module, const std::string& path);

  const BenchClock& bench() const { return bench_; }

 private:
  Result<std::optional<Extern>> find(const Import& import);

  Store& store_;
  wasi::Imports wasi_;
  BenchClock bench_;
};

}  // namespace swoop::cli

#include "cli/session.h"

#include <algorithm>
#include <thread>

namespace swoop::cli {

unsigned choose_jobs(const CompilerOptions& options, size_t wasm_bytes) {
  if (options.jobs != 0) return options.jobs;
  // Below this a thread costs more time than it saves.
  constexpr size_t kBytesPerThread = size_t{1} << 20;
  const size_t useful = wasm_bytes / kBytesPerThread;
  if (useful <= 1) return 1;  // to ask for the processors means to read a file
  return static_cast<unsigned>(
      std::min<size_t>(useful, std::max(1u, std::thread::hardware_concurrency())));
}

CallOptions call_options(double timeout_s) {
  CallOptions options;
  options.timeout = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(timeout_s));
  return options;
}

Result<std::shared_ptr<Engine>> make_engine(const CompilerOptions& options, size_t wasm_bytes) {
  EngineConfig config;
  config.jobs = choose_jobs(options, wasm_bytes);
  config.target = options.target;
  config.poison_upper_halves = options.poison;
  return Engine::create(config);
}

}  // namespace swoop::cli

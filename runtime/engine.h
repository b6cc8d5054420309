// What modules and stores share: canonical types, configuration, thunks.
#pragma once

#include "base/result.h"
#include "jit/compile.h"
#include "runtime/memory_pool.h"
#include "runtime/thunk_cache.h"
#include "wasm/limits.h"
#include "wasm/type_registry.h"

#include <cstdint>
#include <memory>

namespace swoop {

struct EngineConfig {
  Features features;
  unsigned jobs = 1;                 // threads that compile one module
  bool poison_upper_halves = false;  // debugging: garbage in the upper half of every i32
  /// Modules for another machine than the host's compile, but have no instances. Bounds are checked
  /// explicitly also where there is no address space for guard regions.
  jit::Target target;
  jit::FuelCosts fuel_costs = jit::kDefaultFuelCosts;  // for a target with `fuel`
  uint64_t max_wasm_stack_bytes = 1024 * 1024;         // of one outermost call
  uint64_t max_module_bytes = limits::kMaxModuleSize;
  uint64_t max_table_elements =
      10'000'000;  // of one table; all tables of a store hold at most twice as many
  uint64_t max_memory_bytes = UINT64_MAX;       // of one memory
  uint64_t max_heap_bytes = uint64_t{1} << 30;  // of the structs and arrays of a store
};

/// Immutable but for caches that lock: threads may share it. Outlives its modules and stores, which
/// hold it.
class Engine {
 public:
  /// Installs the process's fault handler and probes the address space.
  /// Errors: unsupported without signal handlers, or by this processor; out_of_memory.
  static Result<std::shared_ptr<Engine>> create(const EngineConfig& config = {});

  const EngineConfig& config() const { return config_; }
  /// Errors: limit_exceeded, at the first byte that is too many.
  Result<> check_module_size(uint64_t size_bytes) const;
  jit::BoundsMode bounds() const { return config_.target.bounds; }
  TypeRegistry& types() { return types_; }
  const TypeRegistry& types() const { return types_; }
  ThunkCache& thunks() { return *thunks_; }
  MemoryPool& memory_pool() { return memory_pool_; }
  const std::shared_ptr<jit::CodePool>& code_pool() const { return code_pool_; }

 private:
  explicit Engine(const EngineConfig& config) : config_(config) {}

  EngineConfig config_;
  TypeRegistry types_;
  std::unique_ptr<ThunkCache> thunks_;
  MemoryPool memory_pool_;
  // Shared with code, which may go to a module of another engine.
  std::shared_ptr<jit::CodePool> code_pool_ = std::make_shared<jit::CodePool>();
};

}  // namespace swoop

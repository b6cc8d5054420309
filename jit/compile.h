// From the bytes of a module to its CodeObject: pass A over each body as it is decoded, pass B in
// batches, on other threads if asked, and linking once the whole module has validated. Entry
// points: compile_module, and ModuleCompiler for bytes that are still to come.
#pragma once

#include "base/result.h"
#include "jit/code_object.h"
#include "jit/code_pool.h"
#include "jit/fuel_costs.h"
#include "jit/target.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <cstdint>
#include <memory>
#include <span>

namespace swoop::jit {

struct CompileOptions {
  Target target;
  unsigned jobs = 1;  // threads for pass B; with 1 it runs on the caller's
  bool poison_upper_halves =
      false;  // for tests: garbage wherever the upper half of an i32 is not defined
  Features features;
  const FuelCosts* fuel_costs = &kDefaultFuelCosts;  // for a target with `fuel`
  std::shared_ptr<CodePool>
      code_pool;  // where memory for the code comes from and goes; may be null
};

/// Time on the wall in milliseconds, summed over threads.
struct PhaseTimes {
  double decode_ms = 0;
  double validate_ms = 0;  // with the pre-scan
  double compile_ms = 0;   // with linking
  double publish_ms = 0;
};

struct CompiledModule {
  ModuleInfo info;
  CodeObject code;
  PhaseTimes times;
};

/// Compiles a module while its bytes arrive. The result does not depend on how they were cut nor on
/// `jobs`, byte for byte, and nothing of it exists unless all of the module is valid.
class ModuleCompiler {
 public:
  /// What happens to the bytes after `push`.
  enum class Bytes : uint8_t {
    go,    // what is still needed is copied
    stay,  // they are the whole module, and stay where they are until `finish`
  };

  /// `types` outlives it.
  ModuleCompiler(TypeRegistry& types, const CompileOptions& options);
  /// Gives up what is not compiled yet, and waits for its threads.
  ~ModuleCompiler();
  ModuleCompiler(ModuleCompiler&& other) noexcept;
  ModuleCompiler& operator=(ModuleCompiler&& other) noexcept;

  /// The next bytes. The first error sticks, and comes with the last byte it takes to know it.
  /// Errors: malformed, invalid, limit_exceeded with the offset of the first bad byte.
  Result<> push(std::span<const uint8_t> bytes, Bytes afterwards = Bytes::go);
  /// No more bytes come; the last call. Errors: as push; unsupported for the first function that
  /// needs something which is not compiled yet; limit_exceeded, out_of_memory for code.
  Result<CompiledModule> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Decodes, validates and compiles a module. Errors: those of ModuleCompiler.
Result<CompiledModule> compile_module(TypeRegistry& types, const CompileOptions& options,
                                      std::span<const uint8_t> wasm);

}  // namespace swoop::jit

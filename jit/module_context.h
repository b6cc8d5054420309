// What compiling any function of a module needs, made once and then shared read-only by all
// workers.
#pragma once

#include "base/index_vector.h"
#include "jit/call_layout.h"
#include "jit/fuel_costs.h"
#include "jit/machine.h"
#include "jit/target.h"
#include "vm/context.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace swoop::jit {

struct ModuleContext {
  const ModuleInfo& module;
  const TypeRegistry& types;
  VmContextLayout layout;
  // Empty entries for types that are no function types.
  IndexVector<TypeIdx, const FuncType*> func_types;
  IndexVector<TypeIdx, CallLayout> call_layouts;
  std::vector<CallLayout> builtin_layouts;  // by Builtin
  uint32_t max_pinned;                      // locals that may have general registers
  BoundsMode bounds = BoundsMode::guard;
  bool poison_upper_halves =
      false;  // makes code that trusts the upper half of an i32 wrongly fail tests
  const FuelCosts* fuel_costs = nullptr;  // where code counts
};

/// All of the above for a module whose types are in `types`; both must outlive it.
std::unique_ptr<ModuleContext> make_module_context(const ModuleInfo& module,
                                                   const TypeRegistry& types, const Target& target,
                                                   bool poison_upper_halves);

}  // namespace swoop::jit

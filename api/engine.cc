#include "api/engine.h"

#include "api/error.h"
#include "api/sized.h"
#include "jit/isa.h"
#include "wasm/limits.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <thread>

namespace swoop::api {
namespace {

Result<jit::Target> target_of(const swoop_config_t& config) {
  jit::Target target;
  if (config.c_target != nullptr) {
    const std::optional<jit::Isa> isa = jit::find_isa(config.c_target);
    if (!isa) {
      return Error(ErrorKind::unsupported,
                   "target \"" + std::string(config.c_target) + "\" is neither x86_64 nor aarch64");
    }
    target = jit::Target::of(*isa);
  }
  if (config.c_cpu != nullptr && config.c_cpu != std::string_view("host")) {
    target.cpu = {};
    std::string_view names = config.c_cpu;
    while (names != "baseline" && !names.empty()) {
      const std::string_view name = names.substr(0, names.find(','));
      if (!target.cpu.add(target.isa, name)) {
        return Error(ErrorKind::unsupported, "cpu: no feature \"" + std::string(name) +
                                                 "\"; there are baseline, host, " +
                                                 jit::CpuFeatures::all_names(target.isa));
      }
      names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
  }
  if (config.explicit_bounds) target.bounds = jit::BoundsMode::explicit_;
  target.interruption = config.interruption;
  target.fuel = config.fuel;
  target.sign_return_addresses = config.sign_return_addresses;
  return target;
}

Result<EngineConfig> config_of(const swoop_config_t& config) {
  EngineConfig result;
  switch (config.features) {
    case SWOOP_FEATURES_WASM1: result.features = Features::wasm1(); break;
    case SWOOP_FEATURES_WASM2: result.features = Features::wasm2(); break;
    case SWOOP_FEATURES_WASM3: result.features = Features::all3(); break;
    case SWOOP_FEATURES_ALL: break;
    default: return Error(ErrorKind::unsupported, "features: no such set");
  }
  result.target = TRY(target_of(config));
  if (config.cost != nullptr) {
    for (const OpInfo& op : kOpcodes)
      result.fuel_costs.set(op.opcode,
                            config.cost(static_cast<uint32_t>(op.opcode), config.cost_environment));
  }
  const auto set = [](uint64_t& value, uint64_t wanted) {
    if (wanted != 0) value = wanted;
  };
  result.jobs = config.compile_threads;
  set(result.max_wasm_stack_bytes, config.stack_bytes);
  set(result.max_module_bytes, config.max_module_bytes);
  set(result.max_memory_bytes, config.max_memory_bytes);
  set(result.max_table_elements, config.max_table_elements);
  set(result.max_heap_bytes, config.max_heap_bytes);
  return result;
}

}  // namespace
}  // namespace swoop::api

using namespace swoop;
using namespace swoop::api;

const char* swoop_version() {
  return SWOOP_VERSION;
}

swoop_error_t* swoop_engine_new(const swoop_config_t* config, swoop_engine_t** engine) {
  swoop_config_t chosen = swoop_config_default();
  if (config != nullptr) {
    if (!read_sized(*config, chosen))
      return misuse("config: its size is none that the library " SWOOP_VERSION " knows");
  }
  const Result<EngineConfig> translated = config_of(chosen);
  if (!translated) return make_error(translated.error());
  Result<std::shared_ptr<Engine>> made = Engine::create(*translated);
  if (!made) return make_error(made.error());
  return give(std::make_unique<EngineObject>(std::move(made).value()), engine);
}

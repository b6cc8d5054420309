#include "runtime/engine.h"

#include "runtime/builtins.h"
#include "runtime/memory.h"
#include "runtime/store.h"
#include "runtime/trap.h"

namespace swoop {

Result<std::shared_ptr<Engine>> Engine::create(const EngineConfig& config) {
  TRY(install_trap_handler());
  std::shared_ptr<Engine> engine(new Engine(config));
  jit::Target& target = engine->config_.target;
  if (target.isa == jit::kHostIsa) {
    if (!jit::CpuFeatures::host_has_baseline())
      return Error(ErrorKind::unsupported, "this CPU lacks SSE4.1 or POPCNT");
    if (!jit::CpuFeatures::host().includes(target.cpu))
      return Error(ErrorKind::unsupported, "this CPU lacks features of the target");
    if (!Memory::can_guard()) target.bounds = jit::BoundsMode::explicit_;
  }
  engine->thunks_ = TRY(ThunkCache::create(Store::trap_callbacks(), builtin_functions(), target));
  return engine;
}

Result<> Engine::check_module_size(uint64_t size_bytes) const {
  const uint64_t most = config_.max_module_bytes;
  if (size_bytes <= most) return {};
  return Error(ErrorKind::limit_exceeded, most,
               "module of more than " + std::to_string(most) + " bytes");
}

}  // namespace swoop

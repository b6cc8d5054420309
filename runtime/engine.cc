#include "runtime/engine.h"

#include "runtime/builtins.h"
#include "runtime/memory.h"
#include "runtime/store.h"
#include "runtime/trap.h"

namespace swoop {

Result<std::shared_ptr<Engine>> Engine::create(const EngineConfig& config) {
  TRY(install_trap_handler());
  std::shared_ptr<Engine> engine(new Engine(config));
  if (config.force_explicit_bounds || !Memory::can_guard()) {
    engine->bounds_ = jit::BoundsMode::explicit_;
  }
  engine->thunks_ = TRY(ThunkCache::create(Store::trap_callbacks(), builtin_functions()));
  return engine;
}

}  // namespace swoop

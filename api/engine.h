// Engines and modules of the C ABI.
#pragma once

#include "api/handle.h"
#include "api/types.h"
#include "runtime/engine.h"
#include "runtime/module.h"

#include <memory>

namespace swoop::api {

class EngineObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::engine;
  explicit EngineObject(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  const std::shared_ptr<Engine>& engine() const { return engine_; }

 private:
  std::shared_ptr<Engine> engine_;
};

class ModuleObject final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::module;
  explicit ModuleObject(std::shared_ptr<const Module> module)
      : module_(std::move(module)), types_(*module_) {}
  const std::shared_ptr<const Module>& module() const { return module_; }
  const LentModuleTypes& types() const { return types_; }

 private:
  std::shared_ptr<const Module> module_;
  LentModuleTypes types_;
};

}  // namespace swoop::api

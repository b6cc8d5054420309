// A module that is compiled while its bytes arrive, from a network for instance.
#pragma once

#include "base/result.h"
#include "jit/compile.h"
#include "runtime/engine.h"
#include "runtime/module.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace swoop {

/// Functions are compiled as they come, on the threads of the engine's configuration and on the one
/// that feeds: soon after the last byte the module is ready. It is the same module, byte for byte,
/// as Module::compile gives. One thread at a time uses a stream; what it has begun ends with it.
class ModuleStream {
 public:
  explicit ModuleStream(std::shared_ptr<Engine> engine);

  /// The next bytes of the module, cut anywhere; they are not kept. Errors: malformed, invalid and
  /// limit_exceeded as of Module::compile, with the last byte it takes to know them. After an error
  /// every call gives the same one.
  Result<> feed(std::span<const uint8_t> bytes);

  /// No more bytes come. Errors: those of Module::compile; unsupported after a module was given.
  Result<std::shared_ptr<const Module>> finish();

 private:
  friend class Module;
  Result<> feed(std::span<const uint8_t> bytes, jit::ModuleCompiler::Bytes afterwards);
  Result<std::shared_ptr<const Module>> finish_once();

  std::shared_ptr<Engine> engine_;
  std::optional<jit::ModuleCompiler> compiler_;
  std::optional<Error> error_;
  uint64_t num_bytes_ = 0;  // that came
};

}  // namespace swoop

// Instances to run compiled code in, in every mode that changes the code.
#pragma once

#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop {

struct Mode {
  const char* name;
  bool explicit_bounds;
  bool poison_upper_halves;
  bool baseline_cpu;  // neither AVX nor BMI; no landing pads
  bool signs_return_addresses = false;

  EngineConfig config() const {
    EngineConfig config;
    if (explicit_bounds) config.target.bounds = jit::BoundsMode::explicit_;
    config.poison_upper_halves = poison_upper_halves;
    if (baseline_cpu) config.target.cpu = {};
    config.target.sign_return_addresses = signs_return_addresses;
    return config;
  }
};

inline constexpr Mode kAllModes[] = {{"Default", false, false, false},
                                     {"Explicit", true, false, false},
                                     {"Poisoned", false, true, false},
                                     {"Baseline", false, false, true},
                                     {"BaselineExplicitPoisoned", true, true, true},
                                     {"Signed", false, false, false, true}};
/// Of this machine: only AArch64 signs.
inline constexpr auto kModes =
    std::span(kAllModes).first(std::size(kAllModes) - (jit::kHostIsa == jit::Isa::a64 ? 0 : 1));

/// An engine with one store.
class Machine {
 public:
  explicit Machine(const EngineConfig& config) : Machine(Engine::create(config).value()) {}
  /// With the engine that all machines of this mode have: reservations of address space are reused.
  explicit Machine(const Mode& mode) : Machine(engine_of(mode)) {}

  const std::shared_ptr<Engine>& engine() const { return engine_; }
  Store& store() { return store_; }
  Linker& linker() { return linker_; }
  Instance& instantiate(std::string_view text) { return instantiate_binary(wat(text)); }
  Instance& instantiate_binary(std::span<const uint8_t> wasm) {
    Result<std::shared_ptr<const Module>> module = Module::compile(engine_, wasm);
    if (!module.ok()) ADD_FAILURE() << module.error().message << " at " << module.error().offset;
    const Instantiation outcome = linker_.instantiate(module.value());
    if (outcome.error) ADD_FAILURE() << outcome.error->message;
    CHECK(outcome.instance != nullptr);
    return *outcome.instance;
  }

 private:
  explicit Machine(std::shared_ptr<Engine> engine)
      : engine_(std::move(engine)), store_(engine_), linker_(store_) {}

  static const std::shared_ptr<Engine>& engine_of(const Mode& mode) {
    static std::map<std::string_view, std::shared_ptr<Engine>> engines;
    std::shared_ptr<Engine>& engine = engines[mode.name];
    if (engine == nullptr) engine = Engine::create(mode.config()).value();
    return engine;
  }

  std::shared_ptr<Engine> engine_;
  Store store_;
  Linker linker_;
};

/// What the call ended in; none when it returned.
inline TrapCode trap_of(const Completion& completion) {
  return completion.trap() == nullptr ? TrapCode::none : completion.trap()->code;
}

/// `text` with every `{key}` replaced by its value.
inline std::string fill(std::string text,
                        std::initializer_list<std::pair<std::string_view, std::string>> values) {
  for (const auto& [key, value] : values) {
    const std::string pattern = "{" + std::string(key) + "}";
    for (size_t at = text.find(pattern); at != std::string::npos;
         at = text.find(pattern, at + value.size())) {
      text.replace(at, pattern.size(), value);
    }
  }
  return text;
}

/// `part` `times` over.
inline std::string repeated(size_t times, std::string_view part) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace swoop

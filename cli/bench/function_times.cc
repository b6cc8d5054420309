#include "cli/bench/function_times.h"

#include "decoder/module_decoder.h"
#include "jit/compiler.h"
#include "jit/module_context.h"
#include "jit/prescan.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace swoop::cli::bench {
namespace {

// What jit/compile.cc does for a whole module, one function at a time.
class Listener final : public ModuleDecoder::Listener {
 public:
  explicit Listener(swoop::Engine& engine) : engine_(engine) {}

  std::vector<FunctionTime> times;

  Result<> on_code_start(const ModuleInfo& module, uint32_t) override {
    context_ = jit::make_module_context(module, engine_.types(), engine_.config().target, false);
    prescan_.emplace(*context_);
    compiler_ = jit::make_compiler(engine_.config().target);
    return {};
  }

  Result<> on_body(const ModuleInfo& module, uint32_t defined_index, std::span<const uint8_t> body,
                   size_t body_offset) override {
    const jit::FuncInfo info = TRY(prescan_->scan(
        engine_.config().features, module.defined_func(defined_index), body, body_offset));
    if (prescan_->unsupported()) {
      return Error(ErrorKind::unsupported, prescan_->unsupported()->offset,
                   prescan_->unsupported()->what);
    }
    const jit::FuncJob job{defined_index, body, body_offset, info};
    FunctionTime& time = times.emplace_back();
    time.body_bytes = body.size();
    for (int round = 0; round < 3; ++round) {
      const auto start = std::chrono::steady_clock::now();
      const jit::CodeChunkView code = compiler_->compile(*context_, {&job, 1});
      const std::chrono::duration<double, std::micro> spent =
          std::chrono::steady_clock::now() - start;
      time.code_bytes = code.text.size();
      time.compile_us = round == 0 ? spent.count() : std::min(time.compile_us, spent.count());
    }
    return {};
  }

 private:
  swoop::Engine& engine_;
  std::unique_ptr<jit::ModuleContext> context_;
  std::optional<jit::Prescan> prescan_;
  std::unique_ptr<jit::Compiler> compiler_;
};

}  // namespace

Result<std::vector<FunctionTime>> time_functions(swoop::Engine& engine,
                                                 std::span<const uint8_t> wasm) {
  Listener listener(engine);
  TRY(decode_module(engine.types(), engine.config().features, wasm, listener));
  return std::move(listener.times);
}

}  // namespace swoop::cli::bench

// `swoop compile`.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/options.h"
#include "cli/phases.h"
#include "cli/session.h"
#include "runtime/module.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace swoop::cli {
namespace {

struct Times {
  jit::PhaseTimes phases;
  double total_ms = 0;  // CPU time of all threads
};

struct Compiled {
  std::shared_ptr<const Module> module;
  Times times;
};

/// Of each time on its own.
Times medians(const std::vector<Times>& rounds) {
  const auto median_of = [&](auto get) {
    std::vector<double> values;
    for (const Times& times : rounds) values.push_back(get(times));
    return median(std::move(values));
  };
  return {.phases = {.decode_ms = median_of([](const Times& t) { return t.phases.decode_ms; }),
                     .validate_ms = median_of([](const Times& t) { return t.phases.validate_ms; }),
                     .compile_ms = median_of([](const Times& t) { return t.phases.compile_ms; }),
                     .publish_ms = median_of([](const Times& t) { return t.phases.publish_ms; })},
          .total_ms = median_of([](const Times& t) { return t.total_ms; })};
}

/// One module lives at a time, as if each round had the process for itself.
Result<Compiled> compile_rounds(const std::shared_ptr<Engine>& engine,
                                std::span<const uint8_t> wasm, unsigned rounds) {
  const unsigned warm_ups = rounds > 1 ? 1 : 0;
  Compiled compiled;
  std::vector<Times> measured;
  for (unsigned round = 0; round < rounds + warm_ups; ++round) {
    compiled.module.reset();
    const double start_ms = cpu_time_ms();
    compiled.module = TRY(Module::compile(engine, wasm));
    const double total_ms = cpu_time_ms() - start_ms;
    if (round >= warm_ups) measured.push_back({compiled.module->times(), total_ms});
  }
  compiled.times = medians(measured);
  return compiled;
}

void print_json(const Module& module, const Times& times, const std::string& file) {
  const ModuleInfo& info = module.info();
  const nlohmann::ordered_json json = {
      {"file", file},
      {"target", to_string(module.code().target.isa)},
      {"wasm_bytes", info.module_size},
      {"code_bytes", info.code_section_size},
      {"functions", info.num_defined_funcs()},
      {"machine_code_bytes", module.code().text.size()},
      {"decode_ms", sensible(times.phases.decode_ms)},
      {"validate_ms", sensible(times.phases.validate_ms)},
      {"compile_ms", sensible(times.phases.compile_ms)},
      {"publish_ms", sensible(times.phases.publish_ms)},
      {"total_ms", sensible(times.total_ms)},
      {"peak_rss_bytes", peak_rss_bytes()},
  };
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_text(const Module& module, const Times& times, const std::string& file,
                bool time_passes) {
  const jit::PhaseTimes& phases = times.phases;
  const ModuleInfo& info = module.info();
  const uint64_t machine_code = module.code().text.size();
  const double ratio =
      info.code_section_size == 0
          ? 0
          : static_cast<double>(machine_code) / static_cast<double>(info.code_section_size);
  fmt::print("{}: {} bytes, {} function{}, {} bytes of code\n", printable(file), info.module_size,
             info.num_defined_funcs(), info.num_defined_funcs() == 1 ? "" : "s",
             info.code_section_size);
  if (time_passes) {
    fmt::print("{}", phase_table({{"decode", phases.decode_ms, info.module_size},
                                  {"validate", phases.validate_ms, info.code_section_size},
                                  {"compile", phases.compile_ms, info.code_section_size},
                                  {"publish", phases.publish_ms, machine_code}},
                                 times.total_ms));
  }
  fmt::print("machine code for {}: {} bytes, {:.2f} per byte of wasm code; peak RSS {:.1f} MB\n",
             to_string(module.code().target.isa), machine_code, ratio,
             static_cast<double>(peak_rss_bytes()) / 1e6);
}

}  // namespace

int compile(const CompileOptions& options) {
  ModuleFile file;
  if (const Result<> read = read_module(options.file, file); !read) {
    return report(read.error(), file);
  }
  CompilerOptions compiler = options.compiler;
  if (compiler.jobs == 0) compiler.jobs = 1;  // what is measured should not depend on the machine
  const Result<std::shared_ptr<Engine>> engine = make_engine(compiler, file.wasm.size());
  if (!engine) return report(engine.error(), options.file, {});

  const Result<Compiled> compiled = compile_rounds(*engine, file.wasm, options.rounds);
  if (!compiled) return report(compiled.error(), file);

  const auto& [module, times] = *compiled;
  if (options.json) {
    print_json(*module, times, options.file);
  } else {
    print_text(*module, times, options.file, options.time_passes);
  }
  return kOk;
}

}  // namespace swoop::cli

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

#include <ctime>

namespace swoop::cli {
namespace {

// Of all threads.
double cpu_time_ms() {
  return static_cast<double>(std::clock()) * 1000.0 / CLOCKS_PER_SEC;
}

void print_json(const Module& module, const std::string& file, double total_ms) {
  const ModuleInfo& info = module.info();
  const jit::PhaseTimes& times = module.times();
  const nlohmann::ordered_json json = {
      {"file", file},
      {"wasm_bytes", info.module_size},
      {"code_bytes", info.code_section_size},
      {"functions", info.num_defined_funcs()},
      {"machine_code_bytes", module.code().text.size()},
      {"decode_ms", times.decode_ms},
      {"validate_ms", times.validate_ms},
      {"compile_ms", times.compile_ms},
      {"publish_ms", times.publish_ms},
      {"total_ms", total_ms},
      {"peak_rss_bytes", peak_rss_bytes()},
  };
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_text(const Module& module, const std::string& file, bool time_passes) {
  const ModuleInfo& info = module.info();
  const uint64_t machine_code = module.code().text.size();
  const double ratio =
      info.code_section_size == 0
          ? 0
          : static_cast<double>(machine_code) / static_cast<double>(info.code_section_size);
  fmt::print("{}: {} bytes, {} functions, {} bytes of code\n", printable(file), info.module_size,
             info.num_defined_funcs(), info.code_section_size);
  if (time_passes) {
    const jit::PhaseTimes& times = module.times();
    fmt::print("{}", phase_table({{"decode", times.decode_ms, info.module_size},
                                  {"validate", times.validate_ms, info.code_section_size},
                                  {"compile", times.compile_ms, info.code_section_size},
                                  {"publish", times.publish_ms, machine_code}}));
  }
  fmt::print("machine code {} bytes, {:.2f} per byte of wasm code; peak RSS {:.1f} MB\n",
             machine_code, ratio, static_cast<double>(peak_rss_bytes()) / 1e6);
}

}  // namespace

int compile(const CompileOptions& options) {
  const Result<std::vector<uint8_t>> wasm = read_file(options.file);
  if (!wasm) return report(wasm.error(), options.file, {});
  CompilerOptions compiler = options.compiler;
  if (compiler.jobs == 0) compiler.jobs = 1;  // what is measured should not depend on the machine
  const Result<std::shared_ptr<Engine>> engine = make_engine(compiler, wasm->size());
  if (!engine) return report(engine.error(), options.file, {});

  const double start_ms = cpu_time_ms();
  const Result<std::shared_ptr<const Module>> module = Module::compile(*engine, *wasm);
  const double total_ms = cpu_time_ms() - start_ms;
  if (!module) return report(module.error(), options.file, *wasm);

  if (options.json) {
    print_json(**module, options.file, total_ms);
  } else {
    print_text(**module, options.file, options.time_passes);
  }
  return kOk;
}

}  // namespace swoop::cli

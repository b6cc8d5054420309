#include "cli/bench/once.h"

#include "cli/bench/function_times.h"
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/imports.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/phases.h"
#include "cli/session.h"
#include "runtime/store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace swoop::cli::bench {
namespace {

using Json = nlohmann::ordered_json;

/// After one compilation that does not count: five, and more of a module that takes little, but
/// only one where it takes seconds.
class CompileRounds {
 public:
  bool goes_on() const {
    if (totals_.empty()) return true;
    if (cold_ms_ > kLongMs) return false;
    return totals_.size() < 5 || (spent_ms_ < kEnoughMs && totals_.size() < 100);
  }
  void add(const jit::PhaseTimes& times, double total_ms) {
    if (!has_cold_) {
      has_cold_ = true;
      cold_ms_ = total_ms;
      return;
    }
    spent_ms_ += total_ms;
    totals_.push_back(total_ms);
    decode_.push_back(times.decode_ms);
    validate_.push_back(times.validate_ms);
    generate_.push_back(times.compile_ms);
    publish_.push_back(times.publish_ms);
  }
  void write(Json& json) const {
    json["compile_ms"] = median(totals_);
    json["compile_cold_ms"] = cold_ms_;
    json["decode_ms"] = median(decode_);
    json["validate_ms"] = median(validate_);
    json["generate_ms"] = median(generate_);
    json["publish_ms"] = median(publish_);
  }

 private:
  static constexpr double kLongMs = 2000;
  static constexpr double kEnoughMs = 100;
  bool has_cold_ = false;
  double cold_ms_ = 0;
  double spent_ms_ = 0;
  std::vector<double> totals_, decode_, validate_, generate_, publish_;
};

/// Of what programs say, so that there is room for the rest of the message.
std::string shortened(std::string_view line) {
  constexpr size_t kMost = 160;
  return line.size() <= kMost ? std::string(line) : std::string(line.substr(0, kMost)) + "...";
}

/// The last one that is not empty.
std::string last_line(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return "";
  text = text.substr(0, end + 1);
  return shortened(text.substr(text.rfind('\n') + 1));
}

/// The module with all that has to live while it runs.
class Session {
 public:
  explicit Session(const BenchOptions& options) : options_(options), file_(options.files[0]) {}

  /// Nothing if all is well, else the exit code after the reason was printed.
  std::optional<int> compile(Json& json) {
    if (const Result<> read = read_module(file_, module_file_); !read) {
      return report(read.error(), module_file_);
    }
    CompilerOptions compiler = options_.compiler;
    if (compiler.jobs == 0) compiler.jobs = 1;  // what is measured should not depend on the machine
    Result<std::shared_ptr<swoop::Engine>> engine =
        cli::make_engine(compiler, module_file_.wasm.size());
    if (!engine) return report(engine.error(), file_, {});
    engine_ = std::move(*engine);
    CompileRounds rounds;
    while (rounds.goes_on()) {
      module_.reset();
      const double start_ms = cpu_time_ms();
      Result<std::shared_ptr<const Module>> module = Module::compile(engine_, module_file_.wasm);
      const double total_ms = cpu_time_ms() - start_ms;
      if (!module) return report(module.error(), module_file_);
      module_ = std::move(*module);
      rounds.add(module_->times(), total_ms);
    }
    const ModuleInfo& info = module_->info();
    json["file"] = file_;
    json["engine"] = "swoop " SWOOP_VERSION;
    json["wasm_bytes"] = info.module_size;
    json["code_bytes"] = info.code_section_size;
    json["functions"] = info.num_defined_funcs();
    json["machine_code_bytes"] = module_->code().text.size();
    rounds.write(json);
    return std::nullopt;
  }

  std::optional<int> instantiate(Json& json) {
    constexpr size_t kTimes = 21;
    std::vector<double> times_us;
    for (size_t i = 0; i < kTimes; ++i) {
      const Result<std::unique_ptr<wasi::Context>> context = make_context();
      if (!context) return report_context(context.error());
      Store store(engine_);
      HostImports imports(store, **context);
      const Result<std::optional<std::vector<Extern>>> externs = imports.resolve(*module_, file_);
      if (!externs) return report(externs.error(), file_, {});
      if (!*externs) return kUnresolvedImport;
      const double start_ms = cpu_time_ms();
      const Instantiation instantiation = store.instantiate(module_, **externs);
      const double end_ms = cpu_time_ms();
      if (instantiation.error) return report(*instantiation.error, file_, {});
      if (i != 0) times_us.push_back((end_ms - start_ms) * 1000);
      if (instantiation.instance == nullptr) break;  // run() says why
    }
    if (!times_us.empty()) json["instantiate_us"] = median(times_us);
    return std::nullopt;
  }

  std::optional<int> run(Json& json) {
    const Result<std::unique_ptr<wasi::Context>> context = make_context();
    if (!context) return report_context(context.error());
    Store store(engine_);
    HostImports imports(store, **context);
    const Result<std::optional<std::vector<Extern>>> externs = imports.resolve(*module_, file_);
    if (!externs) return report(externs.error(), file_, {});
    if (!*externs) return kUnresolvedImport;
    Instantiation instantiation = store.instantiate(module_, **externs);
    if (instantiation.error) return report(*instantiation.error, file_, {});

    Completion completion = std::move(instantiation.completion);
    if (instantiation.instance != nullptr) {
      const Func start = instantiation.instance->func("_start");
      if (!start) {
        json["stdout"] = "";
        json["note"] = "no _start: nothing was run";
        return std::nullopt;
      }
      if (!start.type().params.empty() || !start.type().results.empty()) {
        print_error("invalid: _start is not a function without parameters and results");
        return kBadModule;
      }
      const double start_ms = cpu_time_ms();
      completion = start.invoke({});
      json["run_ms"] = cpu_time_ms() - start_ms;
    }
    if (const std::optional<Stopwatch::Elapsed> region = imports.bench().elapsed()) {
      json["run_ms"] = region->cpu_ms;
    }
    const Exit* const exit = completion.exit();
    json["exit"] = completion.returned() ? 0 : exit != nullptr ? exit->code : int{kTrap};
    if (const Trap* const trap = completion.trap()) {
      const std::string complaint(last_line((*context)->captured_stderr()->take()));
      json["run_error"] = fmt::format("trap: {}{}{}{}", trap->message,
                                      complaint.empty() ? "" : ": ", complaint, directory_hint());
    } else if (!completion.returned() && exit == nullptr) {
      json["run_error"] = "uncaught exception";
    }
    if (exit != nullptr && exit->code != 0) {
      const std::string complaint = (*context)->captured_stderr()->take();
      json["run_error"] =
          fmt::format("exit code {}{}{}{}", exit->code, complaint.empty() ? "" : ": ",
                      shortened(complaint.substr(0, complaint.find('\n'))), directory_hint());
    }
    json["stdout"] = (*context)->captured_stdout()->take();
    return std::nullopt;
  }

 private:
  Result<std::unique_ptr<wasi::Context>> make_context() const {
    wasi::Context::Builder builder;
    builder.argv0("prog").capture_stdout().capture_stderr();
    for (const std::string& argument : options_.arguments) builder.argument(argument);
    for (const RunOptions::Directory& directory : options_.directories) {
      builder.directory(directory.host, directory.guest, directory.access);
    }
    return builder.build();
  }

  /// Programs that open files fail where they may open none.
  std::string directory_hint() const {
    const bool opens_files = std::ranges::any_of(
        module_->info().imports, [](const auto& import) { return import.name == "path_open"; });
    if (!opens_files || !options_.directories.empty()) return "";
    return " (no directory was granted: --dir HOST::GUEST does)";
  }

  int report_context(const Error& error) const {
    print_error(std::string(to_string(error.kind)) + ": " + error.message);
    return error.kind == ErrorKind::io ? kNoInput : kUsage;
  }

  const BenchOptions& options_;
  const std::string& file_;
  ModuleFile module_file_;
  std::shared_ptr<swoop::Engine> engine_;
  std::shared_ptr<const Module> module_;
};

void print(const Json& json) {
  fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

int measure_once(const BenchOptions& options) {
  Session session(options);
  Json json;
  if (const std::optional<int> failed = session.compile(json)) return *failed;
  if (const std::optional<int> failed = session.instantiate(json)) return *failed;
  if (const std::optional<int> failed = session.run(json)) return *failed;
  print(json);
  return kOk;
}

int measure_functions(const BenchOptions& options) {
  ModuleFile file;
  if (const Result<> read = read_module(options.files[0], file); !read) {
    return report(read.error(), file);
  }
  const Result<std::shared_ptr<swoop::Engine>> engine =
      cli::make_engine(options.compiler, file.wasm.size());
  if (!engine) return report(engine.error(), file.path, {});
  const Result<std::vector<FunctionTime>> times = time_functions(**engine, file.wasm);
  if (!times) return report(times.error(), file);
  Json json = Json::array();
  for (const FunctionTime& time : *times) {
    json.push_back({time.body_bytes, std::round(time.compile_us * 1000) / 1000, time.code_bytes});
  }
  print(json);
  return kOk;
}

}  // namespace swoop::cli::bench

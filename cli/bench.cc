// `swoop bench`.
#include "cli/bench/engines.h"
#include "cli/bench/once.h"
#include "cli/bench/page.h"
#include "cli/bench/report.h"
#include "cli/bench/rounds.h"
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/phases.h"
#include "platform/process.h"
#include "text/wat.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <unistd.h>
#include <utility>

namespace swoop::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A folder that goes away with this.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "swoop-bench-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// Empty if it could not be made.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A bar, and what is under way.
void show_bar(ProgressLine& line, size_t done, size_t all, const std::string& what) {
  constexpr size_t kWidth = 24;
  const size_t filled = all == 0 ? 0 : done * kWidth / all;
  line.show(fmt::format("[{}{}] {}/{} {}", std::string(filled, '#'),
                        std::string(kWidth - filled, '.'), done, all, what));
}

std::optional<std::string> read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

/// Other engines take binary modules only, so a text becomes one in the scratch folder.
void find_binary(bench::Program& program, const std::string& scratch, size_t number) {
  ModuleFile module;
  if (const Result<> read = read_module(program.file, module); !read) {
    const Error& error = read.error();
    program.error = std::string(to_string(error.kind)) + ": " + error.message;
    // What can be read gets its error, with the place, from whoever compiles it.
    if (error.kind != ErrorKind::io && !module.is_text) program.error.clear();
    return;
  }
  if (!module.is_text && program.file != "-") return;
  program.wasm = fmt::format("{}/{}.wasm", scratch, number);
  std::ofstream file(program.wasm, std::ios::binary);
  std::ranges::copy(module.wasm, std::ostreambuf_iterator<char>(file));
}

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::vector<bench::Program> find_programs(const BenchOptions& options, const std::string& scratch) {
  std::vector<bench::Program> programs;
  for (const std::string& file : options.files) {
    bench::Program& program = programs.emplace_back();
    program.file = program.wasm = file;
    program.arguments = options.arguments;
    program.directories = options.directories;
    for (RunOptions::Directory& directory : program.directories) {
      directory.host = replace_all(directory.host, "{dir}", bench::folder_of(file));
    }
    if (const auto expected = read_text(fs::path(file).replace_extension(".stdout.expected"))) {
      program.expected_output = bench::comparable(*expected);
    }
    find_binary(program, scratch, programs.size());
  }
  return programs;
}

/// Of the programs that we could measure, as far as they can be read.
Json time_functions(const std::vector<bench::Row>& rows, ProgressLine& progress) {
  Json functions = Json::object();
  for (size_t i = 0; i < rows.size(); ++i) {
    const bench::Row& row = rows[i];
    if (row.engine != rows.front().engine || row.samples.empty()) continue;
    show_bar(progress, i, rows.size(), "functions of " + row.program->file);
    const auto process = platform::run_command(
        {.words = {platform::own_executable(), "bench", "--once", "--functions", row.program->wasm},
         .timeout_ns = 60'000'000'000});
    if (!process.ok() || process->exit_code != 0 || process->signal != 0) continue;
    Json times = Json::parse(process->standard_output, nullptr, /*allow_exceptions=*/false);
    if (times.is_array()) functions[row.program->file] = std::move(times);
  }
  return functions;
}

std::string describe_command(const BenchOptions& options) {
  std::string text = fmt::format("swoop bench --rounds {}", options.rounds);
  for (const std::string& engine : options.engines) {
    text += " --engine ";
    text += engine.find(' ') == std::string::npos ? engine : "'" + engine + "'";
  }
  for (const RunOptions::Directory& directory : options.directories) {
    text += fmt::format(" --dir {}::{}", directory.host, directory.guest);
  }
  text += options.files.size() == 1 ? " " + options.files[0]
                                    : fmt::format(" ({} files)", options.files.size());
  if (!options.arguments.empty()) text += " --";
  for (const std::string& argument : options.arguments) text += " " + argument;
  return text;
}

int write_page(const std::vector<bench::Row>& rows, const BenchOptions& options,
               ProgressLine& progress) {
  bench::PageData data;
  data.machine = bench::describe_machine();
  data.command = describe_command(options);
  const bool has_liftoff =
      std::ranges::find(options.engines, "v8-liftoff") != options.engines.end();
  data.reference = has_liftoff ? "v8-liftoff" : rows.front().engine->name();
  data.functions = time_functions(rows, progress);
  progress.clear();
  return write_output(options.html, bench::make_page(rows, data));
}

}  // namespace

int bench_verb(const BenchOptions& options) {
  if (options.functions) return bench::measure_functions(options);
  if (options.once) return bench::measure_once(options);

  const Scratch scratch;
  if (scratch.path().empty()) {
    print_error("i/o error: cannot make a temporary folder");
    return kInternal;
  }
  const bench::EngineSetup setup{.own_command = platform::own_executable(),
                                 .compiler = options.compiler,
                                 .scratch = scratch.path(),
                                 .timeout_ns = static_cast<uint64_t>(options.timeout_s * 1e9)};
  std::vector<std::unique_ptr<bench::Engine>> engines;
  engines.push_back(bench::make_own_engine(setup));
  for (const std::string& definition : options.engines) {
    Result<std::unique_ptr<bench::Engine>> engine = bench::make_engine(definition, setup);
    if (!engine) {
      print_error("usage: --engine: " + engine.error().message);
      return kUsage;
    }
    const std::string& name = (*engine)->name();
    if (std::ranges::any_of(engines, [&](const auto& other) { return other->name() == name; })) {
      print_error("usage: --engine " + name + ": there is one of this name already");
      return kUsage;
    }
    engines.push_back(std::move(*engine));
  }
  const std::vector<bench::Program> programs = find_programs(options, scratch.path());

  ProgressLine progress;
  bench::Plan plan{.rounds = options.rounds, .budget_ms = options.budget_s * 1000};
  plan.progress = [&](size_t done, size_t all, const bench::Row& next) {
    show_bar(progress, done, all, next.program->file + " " + next.engine->name());
  };
  const std::vector<bench::Row> rows = bench::measure_rounds(engines, programs, plan);
  progress.clear();

  if (options.json) {
    fmt::print("{}\n", bench::to_json(rows).dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (options.csv) {
    fmt::print("{}", bench::to_csv(rows));
  } else {
    fmt::print("{}", bench::to_text(rows));
  }
  if (!options.html.empty()) {
    const int code = write_page(rows, options, progress);
    if (code != kOk) return code;
  }
  const bool has_failed =
      std::ranges::any_of(rows, [](const bench::Row& row) { return !row.error.empty(); });
  return has_failed ? kScriptFailed : kOk;
}

}  // namespace swoop::cli

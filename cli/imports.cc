#include "cli/imports.h"

#include "cli/console.h"
#include "wasi/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace swoop::cli {
namespace {

struct Problem {
  const Import* import;
  std::string expected;
  std::string provided;  // empty: nothing is
};

// Who usually provides a module's imports.
struct Provider {
  std::string_view module;  // with a final "*": a prefix
  const char* hint;
};

constexpr Provider kProviders[] = {
    {"gojs", "module \"gojs\" is Go's JavaScript host; build for WASI: GOOS=wasip1 GOARCH=wasm"},
    {"go", "module \"go\" is Go's JavaScript host; build for WASI: GOOS=wasip1 GOARCH=wasm"},
    {"wbg", "module \"wbg\" is made by wasm-bindgen: the program needs its JavaScript"},
    {"__wbindgen*", "wasm-bindgen's placeholders: the program needs its JavaScript"},
    {"asm2wasm", "module \"asm2wasm\" is of an old Emscripten: the program needs its JavaScript"},
    {"GOT.*", "GOT.mem and GOT.func are of dynamic linking: this is a side or main module of it"},
    {"wasi:*", "wasi:... are interfaces of the component model, of WASI 0.2 and later"},
    {"wasi", "module \"wasi\" is thread-spawn of wasi-threads, which swoop does not provide yet"},
    {"wasix*", "WASIX is Wasmer's extension of WASI; build for plain WASI"},
    {"spectest", "module \"spectest\" belongs to the official test suite"},
    {"emnapi", "emnapi and napi are of Node-API modules: the program needs Node's host functions"},
    {"napi", "emnapi and napi are of Node-API modules: the program needs Node's host functions"},
    {"a", "module \"a\" is how Emscripten shortens names: the program needs its JavaScript"},
    {"wasi_snapshot_preview2", "there is no such preview; WASI 0.2 uses components"},
};

bool names(std::string_view pattern, std::string_view module) {
  if (!pattern.ends_with('*')) return pattern == module;
  return module.starts_with(pattern.substr(0, pattern.size() - 1));
}

const char* hint_for_env(std::string_view name) {
  if (name.starts_with("emscripten_") || name.starts_with("invoke_") ||
      name.starts_with("_emscripten") || name.starts_with("__syscall_") ||
      name == "abortStackOverflow") {
    return "Emscripten's JavaScript provides these; build with -sSTANDALONE_WASM for WASI";
  }
  if (name == "__memory_base" || name == "__table_base" || name == "__stack_pointer" ||
      name == "__indirect_function_table" || name == "memoryBase" || name == "tableBase") {
    return "this is a side module of dynamic linking, or an object file that was not linked";
  }
  if (name == "abort" || name == "seed") {
    return "AssemblyScript's and Emscripten's hosts provide env.abort";
  }
  if (name == "__linear_memory") return "this is an object file; link it first: wasm-ld";
  return nullptr;
}

void suggest_name(const Import& import, std::set<std::string>& hints) {
  const std::string name = abbreviated(import.name);
  if (const auto version = wasi::version_of(import.module)) {
    Suggestion suggestion(import.name);
    for (const wasi::Function& function : wasi::functions(*version)) {
      suggestion.consider(function.name);
    }
    if (!suggestion.best().empty()) {
      hints.insert(fmt::format("{} has {}, not {}", import.module, suggestion.best(), name));
    } else {
      hints.insert(fmt::format("{} has no {}", import.module, name));
    }
    return;
  }
  Suggestion suggestion(import.module);
  suggestion.consider(wasi::to_string(wasi::Version::preview1));
  suggestion.consider(wasi::to_string(wasi::Version::unstable));
  if (!suggestion.best().empty()) {
    hints.insert(fmt::format("did you mean module {}, not {}?", suggestion.best(), import.module));
  }
}

void report_problems(const std::vector<Problem>& problems, const std::string& path) {
  const size_t missing = static_cast<size_t>(std::ranges::count_if(
      problems, [](const Problem& problem) { return problem.provided.empty(); }));
  std::string summary;
  if (missing != 0) {
    summary = fmt::format("{} import{} not provided", missing, missing == 1 ? " is" : "s are");
  }
  if (missing != problems.size()) {
    const size_t other = problems.size() - missing;
    if (!summary.empty()) summary += ", ";
    summary += fmt::format("{} ha{} another type", other, other == 1 ? "s" : "ve");
  }
  print_error("unresolved import: " + summary);
  print_place(path);

  constexpr size_t kMost = 100;
  const size_t shown = std::min(problems.size(), kMost);
  size_t width = 0;
  std::vector<std::string> names_of;
  for (size_t i = 0; i < shown; ++i) {
    const Import& import = *problems[i].import;
    names_of.push_back(printable(abbreviated(import.module) + "." + abbreviated(import.name)));
    width = std::max(width, std::min<size_t>(names_of.back().size(), 48));
  }
  std::set<std::string> hints;
  for (size_t i = 0; i < shown; ++i) {
    const Problem& problem = problems[i];
    std::string line = fmt::format("    {:<{}}  {}", names_of[i], width, problem.expected);
    if (!problem.provided.empty()) line += "; provided is " + problem.provided;
    print_line(line);
    if (!problem.provided.empty()) continue;

    const auto provider = std::ranges::find_if(kProviders, [&](const Provider& candidate) {
      return names(candidate.module, problem.import->module);
    });
    if (provider != std::end(kProviders)) {
      hints.insert(provider->hint);
    } else if (problem.import->module == "env") {
      if (const char* const hint = hint_for_env(problem.import->name)) hints.insert(hint);
    } else if (problem.import->module == "bench") {
      hints.insert("module \"bench\" has start and end, without parameters and results");
    } else {
      suggest_name(*problem.import, hints);
    }
  }
  if (shown < problems.size()) {
    print_line(fmt::format("    ... and {} more", problems.size() - shown));
  }
  for (const std::string& hint : hints) print_hint(hint);
}

HostResult start_clock(void* environment, Caller&, std::span<Value>) {
  static_cast<BenchClock*>(environment)->start();
  return {};
}

HostResult end_clock(void* environment, Caller&, std::span<Value>) {
  static_cast<BenchClock*>(environment)->end();
  return {};
}

}  // namespace

void BenchClock::end() {
  if (!running_) return;
  const Stopwatch::Elapsed region = running_->elapsed();
  Stopwatch::Elapsed& sum = elapsed_ ? *elapsed_ : elapsed_.emplace();
  sum.wall_ms += region.wall_ms;
  sum.cpu_ms += region.cpu_ms;
  running_.reset();
}

Result<std::optional<Extern>> HostImports::find(const Import& import) {
  if (import.module == "bench" && (import.name == "start" || import.name == "end")) {
    const HostCallback callback = import.name == "start" ? start_clock : end_clock;
    const Func func = TRY(store_.make_host_func(FuncType(), callback, &bench_));
    return std::optional<Extern>(func);
  }
  return wasi_.resolve(import.module, import.name);
}

Result<std::optional<std::vector<Extern>>> HostImports::resolve(const Module& module,
                                                                const std::string& path) {
  const ModuleInfo& info = module.info();
  const TypeRegistry& types = store_.engine().types();
  std::vector<Extern> externs;
  std::vector<Problem> problems;
  for (const Import& import : info.imports) {
    std::optional<Extern> found = TRY(find(import));
    if (!found) {
      problems.push_back({&import, describe_import(types, info, import), {}});
    } else if (!matches_import(types, info, import, *found)) {
      problems.push_back({&import, describe_import(types, info, import), describe(types, *found)});
    } else {
      externs.push_back(*found);
    }
  }
  if (problems.empty()) return std::optional(std::move(externs));
  report_problems(problems, path);
  return std::optional<std::vector<Extern>>();
}

}  // namespace swoop::cli

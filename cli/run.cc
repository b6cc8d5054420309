// `swoop run`.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/imports.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/options.h"
#include "cli/phases.h"
#include "cli/session.h"
#include "cli/values.h"
#include "runtime/store.h"

#include <fmt/format.h>

#include <cstdio>

namespace swoop::cli {
namespace {

bool have_same_function(const Frame& a, const Frame& b) {
  return a.func == b.func && a.instance == b.instance && a.module_name == b.module_name;
}

std::string name_of(const Frame& frame) {
  return frame.func_name.empty() ? "<unnamed>" : abbreviated(frame.func_name);
}

/// Functions that call each other over and over, from a frame on.
struct Recursion {
  size_t cycle = 0;   // functions in it; 0: none
  size_t frames = 1;  // that belong to it
};

Recursion find_recursion(std::span<const Frame> frames) {
  constexpr size_t kLongestCycle = 4;
  for (size_t cycle = 1; cycle <= kLongestCycle; ++cycle) {
    size_t end = cycle;
    while (end < frames.size() && have_same_function(frames[end], frames[end - cycle])) ++end;
    // Fewer are as short as what would be said of them.
    if (end >= 3 * cycle + 2) return {cycle, end};
  }
  return {};
}

Result<std::unique_ptr<wasi::Context>> make_context(const RunOptions& options) {
  wasi::Context::Builder builder;
  if (!options.stdin_file) {
    builder.inherit_stdin();
  } else if (*options.stdin_file != "null") {
    builder.stdin_file(*options.stdin_file);
  }
  builder.inherit_stdout().inherit_stderr();
  builder.argv0(options.argv0.value_or(options.file));
  // With --invoke they are the arguments of the function.
  if (!options.invoke) {
    for (const std::string& argument : options.arguments) builder.argument(argument);
  }
  for (const auto& [key, value] : options.environment) builder.environment_variable(key, value);
  for (const RunOptions::Directory& directory : options.directories) {
    builder.directory(directory.host, directory.guest, directory.access);
  }
  if (options.virtual_root) builder.virtual_root();
  builder.limits({.open_files = options.wasi_max_fds});
  return builder.build();
}

/// One run of one module.
class Run {
 public:
  explicit Run(const RunOptions& options) : options_(options) {}

  int execute() {
    if (const Result<> read = read_module(options_.file, file_); !read) {
      return report(read.error(), file_);
    }
    Result<std::shared_ptr<Engine>> engine = make_engine(options_.compiler, file_.wasm.size());
    if (!engine) return report(engine.error(), options_.file, {});
    Result<std::shared_ptr<const Module>> module = Module::compile(*engine, file_.wasm);
    if (!module) return report(module.error(), file_);
    module_ = std::move(*module);

    const Stopwatch stopwatch;
    Result<std::unique_ptr<wasi::Context>> context = make_context(options_);
    if (!context) return report_context(context.error());
    context_ = std::move(*context);
    store_.emplace(*engine);
    imports_.emplace(*store_, *context_);
    Result<std::optional<std::vector<Extern>>> externs = imports_->resolve(*module_, options_.file);
    if (!externs) return report(externs.error(), options_.file, {});
    if (!*externs) return kUnresolvedImport;
    const int code = instantiate(*store_, **externs, stopwatch);
    if (options_.time_passes) print_times(imports_->bench());
    return code;
  }

 private:
  int instantiate(Store& store, const std::vector<Extern>& externs, const Stopwatch& stopwatch) {
    CallOptions limits;
    if (options_.timeout_s) limits = call_options(*options_.timeout_s);
    limits.fuel = options_.fuel;
    limits_.emplace(store, limits);
    if (limits_->obstacle() != nullptr) return refuse(kInternal, limits_->obstacle());
    const Instantiation instantiation = store.instantiate(module_, externs);
    instantiate_ms_ = stopwatch.elapsed().wall_ms;
    if (instantiation.error) return report(*instantiation.error, options_.file, {});
    if (instantiation.instance == nullptr) return finish(instantiation.completion);

    const Stopwatch run;
    const int code = call(*instantiation.instance);
    run_ = run.elapsed();
    return code;
  }

  // Spec: a command exports _start, a reactor _initialize.
  int call(const Instance& instance) {
    const bool is_command = has_export("_start");
    const bool is_reactor = has_export("_initialize");
    if (is_command && is_reactor) {
      return refuse(kBadModule, "invalid: the module exports both _start and _initialize");
    }
    if (!options_.invoke && !is_command) {
      const int code =
          refuse(kUsage, is_reactor ? "usage: this is a reactor, a library: it has no _start"
                                    : "usage: the module exports no _start");
      print_callable();
      hint_at_options_after_file();
      return code;
    }
    if (is_reactor) {
      const int code = call_plain(instance, "_initialize");
      if (code != kOk) return code;
    }
    return options_.invoke ? invoke(instance, *options_.invoke) : call_plain(instance, "_start");
  }

  bool has_export(std::string_view name) const { return module_->find_export(name) != nullptr; }

  int call_plain(const Instance& instance, std::string_view name) {
    const Func func = instance.func(name);
    if (!func || !func.type().params.empty() || !func.type().results.empty()) {
      return refuse(
          kBadModule,
          fmt::format("invalid: {} is not a function without parameters and results", name));
    }
    return finish(func.invoke({}));
  }

  int invoke(const Instance& instance, const std::string& name) {
    const Func func = instance.func(name);
    if (!func) {
      const int code =
          refuse(kUsage, has_export(name) ? "usage: export " + quoted(name) + " is not a function"
                                          : "usage: the module exports no " + quoted(name));
      print_callable(name);
      return code;
    }
    const FuncType& type = func.type();
    if (options_.arguments.size() != type.params.size()) {
      const int code =
          refuse(kUsage, fmt::format("usage: {} takes {} argument{}, not {}: {}", quoted(name),
                                     type.params.size(), type.params.size() == 1 ? "" : "s",
                                     options_.arguments.size(),
                                     describe_type(instance.store().engine().types(), type)));
      hint_at_options_after_file();
      return code;
    }
    std::vector<Value> values(func.num_values());
    for (size_t i = 0; i < type.params.size(); ++i) {
      const std::optional<Value> value = parse_value(type.params[i], options_.arguments[i]);
      if (!value) {
        return refuse(kUsage,
                      fmt::format("usage: argument {} of {}: {} is no {}", i + 1, quoted(name),
                                  quoted(options_.arguments[i]),
                                  instance.store().engine().types().to_string(type.params[i])));
      }
      values[i] = *value;
    }
    const Completion completion = func.invoke(values);
    if (!completion.returned()) return finish(completion);
    for (size_t i = 0; i < type.results.size(); ++i) {
      fmt::print("{}\n", format_value(type.results[i], values[i]));
    }
    return kOk;
  }

  int finish(const Completion& completion) {
    if (const Exit* const exit = completion.exit()) return exit->code;
    if (const Trap* const trap = completion.trap();
        trap != nullptr && trap->code == TrapCode::interrupted) {
      print_failure(fmt::format("timeout: stopped after {} s: ", *options_.timeout_s), *trap);
      return kTimeout;
    }
    if (const Trap* const trap = completion.trap()) {
      print_failure("trap: ", *trap);
      if (trap->code == TrapCode::out_of_fuel)
        print_hint(fmt::format("it had {}; --fuel gives more", *options_.fuel));
      return kTrap;
    }
    if (const Exception* const exception = completion.exception()) {
      print_failure("", *exception);
      return kTrap;
    }
    return kOk;
  }

  void print_failure(std::string_view kind, const CallFailure& failure) const {
    print_error(std::string(kind) + failure.message);
    for (std::span<const Frame> rest = failure.frames; !rest.empty();) {
      const Recursion recursion = find_recursion(rest);
      // One more than the cycle: the innermost frame tells where it failed, the last one who
      // called.
      const size_t shown = recursion.cycle + 1;
      for (size_t i = 0; i < shown; ++i) {
        const Frame& frame = rest[i];
        std::string source;
        if (frame.line != 0) source = fmt::format(" {}:{}", frame.file, frame.line);
        if (frame.column != 0 && !source.empty()) source += fmt::format(":{}", frame.column);
        print_line(fmt::format("  at {}{} (func {}, {})", name_of(frame), source,
                               to_underlying(frame.func),
                               describe_place(file_, frame.module_offset)));
      }
      if (recursion.frames > shown) {
        std::string functions;
        for (size_t i = 0; i < recursion.cycle; ++i) {
          functions += fmt::format("{}{} (func {})", i == 0 ? "" : " and ", name_of(rest[i]),
                                   to_underlying(rest[i].func));
        }
        print_line(fmt::format("  ... {} more of {}", recursion.frames - shown, functions));
      }
      rest = rest.subspan(recursion.frames);
    }
    if (failure.has_more_frames) print_line("  ...");
    print_place(options_.file);
  }

  int refuse(ExitCode code, std::string_view message) const {
    print_error(message);
    print_place(options_.file);
    return code;
  }

  // Functions that --invoke could name, the nearest one to what was written first.
  void print_callable(std::string_view written = {}) const {
    constexpr size_t kMost = 20;
    Suggestion suggestion(written);
    std::vector<std::string> callable;
    for (const Export& exported : module_->info().exports) {
      if (exported.kind != ExternKind::func) continue;
      suggestion.consider(exported.name);
      callable.push_back(exported.name);
    }
    if (callable.empty()) return print_hint("it exports no function at all");
    if (!written.empty() && !suggestion.best().empty()) {
      return print_hint("did you mean " + quoted(suggestion.best()) + "?");
    }
    std::string names;
    for (size_t i = 0; i < std::min(callable.size(), kMost); ++i)
      names += " " + abbreviated(callable[i]);
    if (callable.size() > kMost) names += fmt::format(" and {} more", callable.size() - kMost);
    print_hint("--invoke calls one function:" + names);
  }

  void hint_at_options_after_file() const {
    for (const std::string& argument : options_.arguments) {
      if (!argument.starts_with("--") || argument == "--") continue;
      print_hint(fmt::format("options of swoop come before FILE; {} after it is an argument",
                             abbreviated(argument)));
      return;
    }
  }

  int report_context(const Error& error) const {
    print_error(std::string(to_string(error.kind)) + ": " + error.message);
    return error.kind == ErrorKind::io ? kNoInput : kUsage;
  }

  void print_times(const BenchClock& bench) const {
    const jit::PhaseTimes& times = module_->times();
    const ModuleInfo& info = module_->info();
    std::string text = phase_table({{"decode", times.decode_ms, info.module_size},
                                    {"validate", times.validate_ms, info.code_section_size},
                                    {"compile", times.compile_ms, info.code_section_size},
                                    {"publish", times.publish_ms, module_->code().text.size()},
                                    {"instantiate", instantiate_ms_},
                                    {"run", run_.wall_ms}});
    text += time_line("run CPU", run_.cpu_ms);
    if (const std::optional<Stopwatch::Elapsed> elapsed = bench.elapsed()) {
      text += time_line("bench", elapsed->wall_ms) + time_line("bench CPU", elapsed->cpu_ms);
    }
    text += fmt::format("peak RSS {:.1f} MB\n", static_cast<double>(peak_rss_bytes()) / 1e6);
    std::fputs(text.c_str(), stderr);
  }

  const RunOptions& options_;
  ModuleFile file_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<wasi::Context> context_;
  std::optional<Store> store_;
  std::optional<HostImports> imports_;
  std::optional<CallScope> limits_;  // for all that the guest does
  double instantiate_ms_ = 0;
  Stopwatch::Elapsed run_;
};

}  // namespace

int run(const RunOptions& options) {
  // Never destroyed: the process ends, and to take all apart costs what a small program takes.
  static Run& the_run = *new Run(options);
  return the_run.execute();
}

}  // namespace swoop::cli

#include "cli/options.h"

#include "cli/console.h"
#include "cli/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <type_traits>
#include <unistd.h>

namespace swoop::cli {
namespace {

/// What is wrong with the command line, for people.
struct UsageError {
  std::string message;
  std::string hint;
};

/// CLI11 does not know that a verb may take the rest of the line.
class Formatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const std::string verb = app->get_name();
    if (verb == "run") return "Usage: swoop [run] [OPTIONS] FILE [ARGS...]\n";
    if (app->get_parent() == nullptr) {
      return "Usage: swoop [run] [OPTIONS] FILE [ARGS...]\n       swoop VERB [OPTIONS] ...\n";
    }
    return CLI::Formatter::make_usage(app, std::move(name));
  }
};

template <class Number>
struct NumberRange {
  Number least = 0;
  Number most = std::numeric_limits<Number>::max();
};

template <class Number>
std::string to_decimal(Number number) {
  return fmt::format(std::is_integral_v<Number> ? "{}" : "{:.10g}", number);
}

// The whole word, in decimal.
template <class Number>
Number parse_number(std::string_view option, std::string_view word, NumberRange<Number> range) {
  Number number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  // Not a number is in no range.
  if (error == std::errc() && rest == end && number >= range.least && number <= range.most) {
    return number;
  }
  throw UsageError{fmt::format("{}: {} is not a {}number from {} to {}", option, cli::quoted(word),
                               std::is_integral_v<Number> ? "whole " : "", to_decimal(range.least),
                               to_decimal(range.most)),
                   {}};
}

// DIRECTORY[::DIRECTORY][::ro], where the order of the two depends on the option.
RunOptions::Directory parse_directory(std::string_view option, std::string_view text,
                                      bool guest_first) {
  std::vector<std::string> parts;
  for (std::string_view rest = text;;) {
    const size_t colons = rest.find("::");
    parts.emplace_back(rest.substr(0, colons));
    if (colons == std::string_view::npos) break;
    rest.remove_prefix(colons + 2);
  }
  const std::string syntax = guest_first ? "GUEST::HOST[::ro]" : "HOST[::GUEST][::ro]";

  RunOptions::Directory directory;
  if (parts.size() > 1 && (parts.back() == "ro" || parts.back() == "rw")) {
    if (parts.back() == "ro") directory.access = wasi::DirectoryAccess::read_only;
    parts.pop_back();
  }
  if (parts.size() > 2 || std::ranges::any_of(parts, &std::string::empty) ||
      (guest_first && parts.size() != 2)) {
    throw UsageError{fmt::format("{} {}: expected {}", option, text, syntax), {}};
  }
  directory.host = guest_first ? parts[1] : parts[0];
  directory.guest = guest_first || parts.size() == 1 ? parts[0] : parts[1];

  const size_t colon = directory.host.find(':');
  if (colon != std::string::npos && access(directory.host.c_str(), F_OK) != 0) {
    throw UsageError{
        fmt::format("{} {}: no such directory", option, text),
        fmt::format("two colons separate the directories: {} {}::{}", option,
                    directory.host.substr(0, colon), directory.host.substr(colon + 1))};
  }
  return directory;
}

void add_environment(const std::string& text, RunOptions& options) {
  const size_t equals = text.find('=');
  if (equals == 0 || text.empty()) {
    throw UsageError{fmt::format("--env {}: expected KEY=VALUE or KEY", text), {}};
  }
  if (equals != std::string::npos) {
    options.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  } else if (const char* const value = std::getenv(text.c_str())) {
    options.environment.emplace_back(text, value);
  }
}

void inherit_environment(RunOptions& options) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) continue;
    options.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
}

std::optional<Features> find_version(std::string_view name) {
  if (name == "all") return Features();
  if (name == "wasm1") return Features::wasm1();
  if (name == "wasm2") return Features::wasm2();
  if (name == "wasm3") return Features::all3();
  return std::nullopt;
}

// "wasm2,+threads,-simd". Names alone are added to nothing, names with a sign to everything.
Features parse_features(std::string_view text) {
  std::optional<Features> features;
  for (bool is_last = false; !is_last;) {
    const size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view word = text.substr(0, comma);
    if (!is_last) text.remove_prefix(comma + 1);

    if (const std::optional<Features> version = find_version(word)) {
      features = version;
      continue;
    }
    const bool is_added = word.starts_with('+'), is_removed = word.starts_with('-');
    const std::string_view name = is_added || is_removed ? word.substr(1) : word;
    const std::optional<Feature> feature = find_feature(name);
    if (!feature) {
      Suggestion suggestion(name);
      for (unsigned i = 0; i < kFeatureCount; ++i) suggestion.consider(to_string(Feature(i)));
      throw UsageError{fmt::format("--features: there is no feature \"{}\"", name),
                       suggestion.best().empty() ? "" : "did you mean " + suggestion.best() + "?"};
    }
    if (!features) features = is_added || is_removed ? Features() : Features::wasm1();
    features = is_removed ? features->without(*feature) : features->with(*feature);
  }
  return *features;
}

jit::CpuFeatures parse_cpu(std::string_view text, jit::Isa isa) {
  if (text == "baseline") return {};
  if (text == "native") {
    if (isa == jit::kHostIsa) return jit::CpuFeatures::host();
    throw UsageError{fmt::format("--cpu native: this processor is no {}", to_string(isa)), {}};
  }
  jit::CpuFeatures features;
  for (bool is_last = false; !is_last;) {
    const size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view name = text.substr(0, comma);
    if (!is_last) text.remove_prefix(comma + 1);
    if (!features.add(isa, name)) {
      throw UsageError{fmt::format("--cpu: {} has no feature \"{}\"", to_string(isa), name),
                       "baseline, native, or of " + jit::CpuFeatures::all_names(isa)};
    }
  }
  return features;
}

/// The application: verbs, their options, and where their values go. It has all verbs, but options
/// of the one that is used only: making them all took a tenth of the time of a short program.
class CommandLine {
 public:
  CommandLine() {
    app_.name("swoop");
    app_.formatter(std::make_shared<Formatter>());
    app_.set_version_flag("-V,--version", "swoop " SWOOP_VERSION);
    app_.require_subcommand(0, 1);
    app_.get_formatter()->column_width(34);
    app_.footer(
        "Without a verb, swoop runs FILE. Options of swoop come before FILE; all that follows it "
        "belongs to the program.\n"
        "Where a module is read, - is standard input, and WebAssembly text does as well.\n"
        "swoop help VERB prints what swoop VERB --help does.\n"
        "Exit codes: the program's own; 124 timeout, 134 trap, 64 usage, 65 malformed, invalid or "
        "unsupported\nmodule, 66 file not found, 69 unresolved import, 70 internal error; 1 when a "
        "script failed or inspect\ncould read a part only.");
  }

  int dispatch(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty()) {
      add_verbs();
      std::fputs(app_.help().c_str(), stderr);
      return kUsage;
    }
    if (words.front() == "help") {
      if (const std::optional<UsageError> error = take_help(words)) return refuse(*error);
    }
    const std::vector<std::string_view> own = {"-h", "--help", "-V", "--version"};
    const bool is_own = std::ranges::find(own, words.front()) != own.end();
    const Verb* verb = find_verb(words.front());
    disasm_options_.argv = argv;
    if (is_own) {
      add_verbs();
    } else {
      if (verb == nullptr) {
        is_run_implied_ = true;
        words.insert(words.begin(), "run");
        verb = find_verb("run");
      }
      add_verb(*verb);
    }
    if (words.front() == "bench") take_bench_arguments(words);
    // CLI11 takes the words from the back.
    std::ranges::reverse(words);
    try {
      app_.parse(std::move(words));
      finish_compiler_options();
      return (this->*verb->run)();
    } catch (const CLI::Success& success) {  // --help and --version
      app_.exit(success);
      return kOk;
    } catch (const CLI::ParseError& error) {
      return refuse(reworded(error));
    } catch (const UsageError& error) {
      return refuse(error);
    }
  }

 private:
  struct Verb {
    const char* name;
    const char* description;
    void (CommandLine::*add_options)();  // to verb_
    int (CommandLine::*run)();
  };
  static constexpr size_t kNumVerbs = 9;
  static const Verb kVerbs[kNumVerbs];

  static const Verb* find_verb(std::string_view name) {
    const auto found =
        std::ranges::find_if(kVerbs, [&](const Verb& verb) { return verb.name == name; });
    return found == std::end(kVerbs) ? nullptr : found;
  }

  /// "help VERB" becomes "VERB --help".
  static std::optional<UsageError> take_help(std::vector<std::string>& words) {
    if (words.size() > 2) return UsageError{"help takes one verb", {}};
    const bool has_verb = words.size() == 2 && words[1] != "help" && !words[1].starts_with('-');
    if (has_verb && find_verb(words[1]) == nullptr) {
      return UsageError{"there is no verb " + cli::quoted(words[1]), suggest_verb(words[1])};
    }
    words = has_verb ? std::vector<std::string>{words[1], "--help"}
                     : std::vector<std::string>{"--help"};
    return std::nullopt;
  }

  static std::string suggest_verb(std::string_view written) {
    Suggestion suggestion(written);
    for (const Verb& verb : kVerbs) suggestion.consider(verb.name);
    suggestion.consider("help");
    if (!suggestion.best().empty()) return "did you mean swoop " + suggestion.best() + "?";
    std::string names;
    for (const Verb& verb : kVerbs)
      names += (names.empty() ? "verbs are " : ", ") + std::string(verb.name);
    return names;
  }

  /// A word that was taken for the file of `run`, since it is no verb, and is no file either.
  static std::optional<UsageError> not_a_verb(const std::string& word) {
    const bool looks_like_file = word.find_first_of("/.-") != std::string::npos;
    if (looks_like_file || access(word.c_str(), F_OK) == 0) return std::nullopt;
    return UsageError{cli::quoted(word) + " is neither a verb nor a file",
                      find_verb(word) != nullptr
                          ? "the verb comes before its options: swoop " + word
                          : suggest_verb(word)};
  }

  void add_verbs() {
    for (const Verb& verb : kVerbs) app_.add_subcommand(verb.name, verb.description);
  }

  void add_verb(const Verb& verb) {
    verb_ = app_.add_subcommand(verb.name, verb.description);
    (this->*verb.add_options)();
    const std::string_view name = verb.name;
    if (name != "run" && name != "bench") verb_->footer("");
    for (CLI::Option* const option : verb_->get_options()) {
      if (option->get_positional()) option->type_name("");
    }
  }

  /// An option whose value is a number. CLI11 would read it as strtoull does, which takes -1.
  template <class Variable, class Number>
  CLI::Option* add_number(const std::string& name, const char* unit, Variable& variable,
                          NumberRange<Number> range, const std::string& help) {
    const auto read = [&variable, name, range](const CLI::results_t& words) {
      variable = parse_number(name, words.front(), range);
      return true;
    };
    const bool is_bounded = range.most != std::numeric_limits<Number>::max();
    return verb_->add_option(name, read, help)
        ->type_name(is_bounded ? fmt::format("{} in [{} - {}]", unit, to_decimal(range.least),
                                             to_decimal(range.most))
                               : unit);
  }

  static CLI::Option* repeatable(CLI::Option* option) { return option->allow_extra_args(false); }

  void add_compiler_options(
      CompilerOptions& options,
      const char* jobs = "Threads that compile (default: by the size of the module)") {
    compiler_ = &options;
    add_number("--jobs", "N", options.jobs, NumberRange<unsigned>{1, 256}, jobs);
    const auto machine = [](CLI::Option* option) { return option->group("Machine code"); };
    machine(verb_->add_option("--cpu", cpu_,
                              "What it may use of the processor: native (the default for this "
                              "machine), baseline (for another), or names with commas between, "
                              "here of " +
                                  jit::CpuFeatures::all_names(jit::kHostIsa)))
        ->type_name("LIST");
    machine(verb_->add_flag("--sign-return-addresses", options.target.sign_return_addresses,
                            "AArch64: leave a function only by an address that it signed (PAC)"));
    machine(verb_->add_flag("--explicit-bounds", explicit_bounds_,
                            "Check every memory access in code instead of by guard pages"));
    machine(verb_->add_flag("--poison", options.poison,
                            "Put garbage where code must not look (tests of the compiler)"));
  }

  /// For verbs that do not run what they compile.
  void add_target() {
    verb_
        ->add_flag("--interruption", compiler_->target.interruption,
                   "Make loops look whether they shall end, as run --timeout does")
        ->group("Machine code");
    verb_->add_flag("--fuel", compiler_->target.fuel, "Count operators down, as run --fuel does")
        ->group("Machine code");
    verb_
        ->add_option("--target", target_,
                     "The machine to compile for: x86_64 or aarch64 (default: " +
                         std::string(to_string(jit::kHostIsa)) + ", this one)")
        ->type_name("ISA");
  }

  void finish_compiler_options() {
    if (compiler_ == nullptr) return;
    jit::Target& target = compiler_->target;
    if (!target_.empty()) {
      const std::optional<jit::Isa> isa = jit::find_isa(target_);
      if (!isa)
        throw UsageError{fmt::format("--target: \"{}\" is neither x86_64 nor aarch64", target_),
                         {}};
      const jit::Target chosen = target;
      target = jit::Target::of(*isa);
      target.sign_return_addresses = chosen.sign_return_addresses;
      target.interruption = chosen.interruption;
      target.fuel = chosen.fuel;
    }
    if (!cpu_.empty()) target.cpu = parse_cpu(cpu_, target.isa);
    if (target.sign_return_addresses && target.isa != jit::Isa::a64) {
      throw UsageError{
          fmt::format("--sign-return-addresses: {} has no signed addresses", to_string(target.isa)),
          {}};
    }
    if (explicit_bounds_) target.bounds = jit::BoundsMode::explicit_;

    std::vector<std::string>& words = compiler_->words;
    if (explicit_bounds_) words.push_back("--explicit-bounds");
    if (compiler_->poison) words.push_back("--poison");
    if (target.sign_return_addresses) words.push_back("--sign-return-addresses");
    if (!cpu_.empty()) words.push_back("--cpu=" + cpu_);
    if (compiler_->jobs != 0) words.push_back(fmt::format("--jobs={}", compiler_->jobs));
  }

  void add_run() {
    verb_->prefix_command();
    repeatable(verb_->add_option("--dir", dirs_,
                                 "Let the program use directory HOST, which it sees as GUEST "
                                 "(default: the same); ::ro forbids writing"))
        ->type_name("HOST[::GUEST][::ro]");
    repeatable(verb_->add_option("--mapdir", mapdirs_, "The same in the opposite order"))
        ->type_name("GUEST::HOST[::ro]");
    verb_->add_flag("--virtual-root", run_options_.virtual_root,
                    "Show the directories as the entries of a read-only /");
    repeatable(verb_->add_option("--env", env_,
                                 "Set an environment variable, or pass on the one swoop has"))
        ->type_name("KEY[=VALUE]");
    verb_->add_flag("--inherit-env", inherit_env_, "Pass on the whole environment");
    verb_->add_option("--argv0", argv0_, "The program's name as it sees it (default: FILE)")
        ->type_name("NAME");
    verb_
        ->add_option("--stdin", stdin_,
                     "What the program reads instead of standard input; null: nothing")
        ->type_name("FILE|null");
    add_number("--wasi-max-fds", "N", run_options_.wasi_max_fds, NumberRange<uint32_t>{3, 1u << 20},
               "Files the program may have open at a time, streams and directories included")
        ->default_str(fmt::format("{}", run_options_.wasi_max_fds));
    verb_
        ->add_option("--invoke", invoke_,
                     "Call this export with ARGS, and print its results, one a line")
        ->type_name("NAME");
    add_timeout(run_options_.timeout_s, "Stop a program that runs longer: exit code 124");
    add_number("--fuel", "N", run_options_.fuel, NumberRange<uint64_t>(),
               "Stop a program that executes more operators: a trap, always at the same place");
    verb_->add_flag("--time-passes", run_options_.time_passes,
                    "Print where the time went, on standard error");
    add_compiler_options(run_options_.compiler);
  }

  void add_timeout(std::optional<double>& seconds, const char* help) {
    add_number("--timeout", "SECONDS", seconds, NumberRange<double>{0.001, 1e9}, help);
  }

  void add_validate() {
    verb_->add_option("FILE", validate_options_.files, "Modules, binary or text")->required();
    verb_->add_flag("-q,--quiet", validate_options_.quiet, "Print errors only");
  }

  void add_compile() {
    verb_->add_option("FILE", compile_options_.file, "A module, binary or text")->required();
    verb_->add_flag("--time-passes", compile_options_.time_passes,
                    "Print time by phase, on the wall, and in total, CPU time of all threads");
    verb_->add_flag("--json", compile_options_.json, "Print the same for programs");
    add_number("--rounds", "N", compile_options_.rounds, NumberRange<unsigned>{1, 1000},
               "Compile N times after once to warm up, and print the medians of the times");
    add_compiler_options(compile_options_.compiler);
    add_target();
  }

  void add_disasm() {
    verb_->add_option("FILE", disasm_options_.file, "A module, binary or text")->required();
    verb_->add_option("--function", disasm_options_.function, "This function only")
        ->type_name("N|NAME");
    add_compiler_options(disasm_options_.compiler);
    add_target();
  }

  void add_inspect() {
    verb_->add_option("FILE", inspect_options_.file, "A module, binary or text")->required();
    verb_->add_flag("--json", inspect_options_.json, "Print all of it for programs");
  }

  void add_wat2wasm() {
    verb_->add_option("FILE", wat2wasm_options_.file, "WebAssembly text of one module")->required();
    verb_
        ->add_option("-o,--output", wat2wasm_options_.output,
                     "Where to write (default: FILE with the ending .wasm); - is standard output")
        ->type_name("FILE");
    verb_->add_flag("--no-names", no_names_, "Leave identifiers out: no name section");
    verb_->add_flag("--no-validate", no_validate_, "Write modules that are not valid, too");
  }

  int wat2wasm_verb() {
    wat2wasm_options_.names = !no_names_;
    wat2wasm_options_.validate = !no_validate_;
    return wat2wasm(wat2wasm_options_);
  }

  void add_wasm2wat() {
    verb_->add_option("FILE", wasm2wat_options_.file, "A binary module")->required();
    verb_
        ->add_option("-o,--output", wasm2wat_options_.output,
                     "Where to write (default: standard output)")
        ->type_name("FILE");
    verb_->add_flag("--fold", wasm2wat_options_.fold, "Nest instructions in parentheses");
  }

  void add_wast() {
    verb_->add_option("FILE", wast_options_.paths, "Scripts, and directories with scripts")
        ->required();
    verb_
        ->add_option("--filter", wast_options_.filter,
                     "Only scripts whose name has TEXT in it, or matches it if it is a glob")
        ->type_name("TEXT");
    verb_
        ->add_option("--features", features_,
                     "The language of all scripts: all, wasm1, wasm2, wasm3 or names of "
                     "features, with commas between; +NAME adds, -NAME takes away (default: by "
                     "directory, as the suite needs it)")
        ->type_name("LIST");
    verb_
        ->add_option("--expect", wast_options_.expect,
                     "Failures that are known: rows of GLOB | FEATURE | REASON")
        ->type_name("LIST-FILE");
    verb_->add_flag("--round-trip", wast_options_.round_trip,
                    "Run what text modules become as binary, text and binary again");
    CLI::Option* const json =
        verb_->add_flag("--json", wast_options_.json, "Print what came of each file for programs");
    verb_
        ->add_flag("--show-actions", wast_options_.show_actions,
                   "Print what actions outside of assertions return, or how they end, which is "
                   "no failure then")
        ->excludes(json);
    add_timeout(wast_options_.timeout_s, "Stop a command of a script that runs longer: it fails");
    verb_->add_flag("--all", wast_options_.all, "Print all failures of a file, not only the first");
    add_compiler_options(wast_options_.compiler,
                         "Scripts to run at a time (default: one for each processor)");
  }

  int validate_verb() { return validate(validate_options_); }
  int compile_verb() { return compile(compile_options_); }
  int disasm_verb() { return disasm(disasm_options_); }
  int inspect_verb() { return inspect(inspect_options_); }
  int wasm2wat_verb() { return wasm2wat(wasm2wat_options_); }
  int wast_verb() {
    if (verb_->count("--features") != 0) wast_options_.features = parse_features(features_);
    wast_options_.compiler.target.interruption = wast_options_.timeout_s.has_value();
    return wast(wast_options_);
  }

  void add_bench() {
    verb_->add_option("FILE", bench_options_.files, "Programs, binary or text")->required();
    repeatable(verb_->add_option("--engine", bench_options_.engines,
                                 "Measure another engine beside swoop: v8-liftoff, v8-turbofan, "
                                 "jsc-bbq, jsc, or any command, with {file}, {dir} and {args}"))
        ->type_name("NAME[=COMMAND]");
    add_number("--rounds", "N", bench_options_.rounds, NumberRange<unsigned>{1, 1000},
               "How often to measure each; all take turns in a round (default: 5)");
    repeatable(
        verb_->add_option("--dir", bench_dirs_, "As for run; {dir} in HOST is the folder of FILE"))
        ->type_name("HOST[::GUEST][::ro]");
    add_number("--timeout", "SECONDS", bench_options_.timeout_s, NumberRange<double>{0.001, 1e6},
               "Stop a run that takes longer (default: 300)");
    add_number("--budget", "SECONDS", bench_options_.budget_s, NumberRange<double>{0, 1e9},
               "Leave out further rounds of what took so long already");
    CLI::Option* const json = verb_->add_flag("--json", bench_options_.json, "Print a list");
    verb_->add_flag("--csv", bench_options_.csv, "Print comma-separated values")->excludes(json);
    verb_->add_option("--html", bench_options_.html, "Also write a page with charts")
        ->type_name("FILE");
    verb_
        ->add_flag("--once", bench_options_.once,
                   "Measure one file in this process and print one line of JSON, with times and "
                   "output: what an engine's command may print")
        ->group("Debugging");
    verb_
        ->add_flag("--functions", bench_options_.functions,
                   "With --once: only the time to compile each function")
        ->group("Debugging");
    add_compiler_options(bench_options_.compiler, "Threads that compile (default: 1)");
    verb_->footer(
        "Words after -- are arguments of the programs, whose standard input is empty. A program "
        "is\n"
        "run from bench.start to bench.end if it imports them, else from its beginning to its "
        "end.\n"
        "What it prints must be the same in all rounds and on all engines, and what FILE with the\n"
        "ending .stdout.expected says if there is such a file. All times are CPU time.\n"
        "The engines of V8 (v8-liftoff, v8-turbofan) and JavaScriptCore (jsc-bbq, jsc) come from "
        "npm:\nrun `npm install` in bench/peers of Swoop's sources and set SWOOP_PEERS to that "
        "folder.\nA command that prints no line of JSON, as --once does, has the time of its "
        "process "
        "only;\nbeside it stands that of `swoop run`.\n"
        "Exit code: 0, or 1 if something could not be measured or printed something else.");
  }

  /// CLI11 would take what follows -- as more files.
  void take_bench_arguments(std::vector<std::string>& words) {
    const auto separator = std::ranges::find(words, "--");
    if (separator == words.end()) return;
    bench_options_.arguments.assign(separator + 1, words.end());
    words.erase(separator, words.end());
  }

  int run_bench_verb() {
    for (const std::string& text : bench_dirs_) {
      bench_options_.directories.push_back(parse_directory("--dir", text, /*guest_first=*/false));
    }
    if (bench_options_.once && bench_options_.files.size() != 1) {
      throw UsageError{"--once measures one FILE", {}};
    }
    if (bench_options_.functions && !bench_options_.once) {
      throw UsageError{"--functions needs --once", {}};
    }
    return bench_verb(bench_options_);
  }

  int run_verb() {
    std::vector<std::string> rest = verb_->remaining();
    if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
    if (rest.empty()) throw UsageError{"run: FILE is missing", {}};
    if (rest.front().starts_with('-') && rest.front() != "-") throw unknown_option(rest.front());
    if (is_run_implied_) {
      if (std::optional<UsageError> error = not_a_verb(rest.front())) throw *std::move(error);
    }

    run_options_.file = std::move(rest.front());
    run_options_.arguments.assign(std::make_move_iterator(rest.begin() + 1),
                                  std::make_move_iterator(rest.end()));
    for (const std::string& text : dirs_) {
      run_options_.directories.push_back(parse_directory("--dir", text, /*guest_first=*/false));
    }
    for (const std::string& text : mapdirs_) {
      run_options_.directories.push_back(parse_directory("--mapdir", text, /*guest_first=*/true));
    }
    if (inherit_env_) inherit_environment(run_options_);
    for (const std::string& text : env_) add_environment(text, run_options_);
    if (verb_->count("--argv0") != 0) run_options_.argv0 = argv0_;
    if (verb_->count("--invoke") != 0) run_options_.invoke = invoke_;
    run_options_.compiler.target.interruption = run_options_.timeout_s.has_value();
    run_options_.compiler.target.fuel = run_options_.fuel.has_value();
    if (verb_->count("--stdin") != 0) run_options_.stdin_file = stdin_;
    return run(run_options_);
  }

  static int refuse(const UsageError& error) {
    print_error("usage: " + error.message);
    if (!error.hint.empty()) print_hint(error.hint);
    print_hint("swoop --help lists verbs, swoop VERB --help their options");
    return kUsage;
  }

  /// What CLI11 found wrong. It names the option first in the texts that are replaced.
  UsageError reworded(const CLI::ParseError& error) const {
    const std::string_view text = error.what();
    const std::string_view name = text.substr(0, text.find_first_of(": "));
    switch (static_cast<CLI::ExitCodes>(error.get_exit_code())) {
      case CLI::ExitCodes::ArgumentMismatch:
        return {std::string(name) + (text.find("At Most") != std::string_view::npos
                                         ? " is given more than once"
                                         : " needs a value"),
                {}};
      case CLI::ExitCodes::RequiredError:
        return {fmt::format("{}: {} is missing", verb_->get_name(), name), {}};
      case CLI::ExitCodes::ExcludesError:
        return {fmt::format("{} and {} exclude each other", name, text.substr(text.rfind(' ') + 1)),
                {}};
      case CLI::ExitCodes::ConversionError: {
        // "Could not convert: --json = x": numbers are read elsewhere, so this is a flag.
        const std::string_view pair = text.substr(text.find(": ") + 2);
        return {fmt::format("{} takes no value", pair.substr(0, pair.find(' '))), {}};
      }
      case CLI::ExitCodes::ExtrasError: return unexpected(app_.remaining(/*recurse=*/true));
      default: return {std::string(text), {}};
    }
  }

  UsageError unexpected(const std::vector<std::string>& words) const {
    for (const std::string& word : words) {
      if (word.starts_with('-')) return unknown_option(word);
    }
    return {"unexpected argument " + cli::quoted(words.front()), {}};
  }

  UsageError unknown_option(const std::string& written) const {
    const std::string name = written.substr(0, written.find('='));
    Suggestion suggestion(name);
    for (const CLI::Option* option : (verb_ != nullptr ? verb_ : &app_)->get_options()) {
      for (const std::string& known : option->get_lnames()) suggestion.consider("--" + known);
    }
    return {"unknown option " + written,
            suggestion.best().empty() ? "" : "did you mean " + suggestion.best() + "?"};
  }

  CLI::App app_{"Swoop runs WebAssembly."};
  CLI::App* verb_ = nullptr;
  bool is_run_implied_ = false;
  CompilerOptions* compiler_ = nullptr;  // of the verb, if it has them
  std::string cpu_, target_;
  bool explicit_bounds_ = false;

  RunOptions run_options_;
  std::vector<std::string> dirs_;
  std::vector<std::string> mapdirs_;
  std::vector<std::string> env_;
  bool inherit_env_ = false;
  std::string argv0_;
  std::string invoke_;
  std::string stdin_;

  ValidateOptions validate_options_;
  CompileOptions compile_options_;
  DisasmOptions disasm_options_;
  WastOptions wast_options_;
  Wat2wasmOptions wat2wasm_options_;
  bool no_names_ = false;
  bool no_validate_ = false;
  Wasm2watOptions wasm2wat_options_;
  InspectOptions inspect_options_;
  std::string features_;
  BenchOptions bench_options_;
  std::vector<std::string> bench_dirs_;
};

constexpr CommandLine::Verb CommandLine::kVerbs[] = {
    {"run", "Run a WASI program, or one function of a module", &CommandLine::add_run,
     &CommandLine::run_verb},
    {"validate", "Decode and validate modules", &CommandLine::add_validate,
     &CommandLine::validate_verb},
    {"compile", "Compile a module and say what came of it", &CommandLine::add_compile,
     &CommandLine::compile_verb},
    {"disasm", "Print wasm beside the machine code made of it", &CommandLine::add_disasm,
     &CommandLine::disasm_verb},
    {"inspect", "Tell what is in a module, and what it needs", &CommandLine::add_inspect,
     &CommandLine::inspect_verb},
    {"wat2wasm", "Make a binary module of WebAssembly text", &CommandLine::add_wat2wasm,
     &CommandLine::wat2wasm_verb},
    {"wasm2wat", "Print a binary module as WebAssembly text", &CommandLine::add_wasm2wat,
     &CommandLine::wasm2wat_verb},
    {"wast", "Run scripts of the official test suite", &CommandLine::add_wast,
     &CommandLine::wast_verb},
    {"bench", "Measure programs: compile, instantiate, run", &CommandLine::add_bench,
     &CommandLine::run_bench_verb},
};

}  // namespace

int dispatch(int argc, char** argv) {
  // Never destroyed: the process ends, and this is much to destroy.
  static CommandLine& command_line = *new CommandLine;
  return command_line.dispatch(argc, argv);
}

}  // namespace swoop::cli

// `swoop wast`: scripts of the official test suite.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/phases.h"
#include "cli/session.h"
#include "text/wat.h"
#include "wast/expectations.h"
#include "wast/runner.h"
#include "wast/suite.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace swoop::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using wast::CommandReport;
using wast::FailureKind;

/// Of one file without --all: the first failures say most.
constexpr size_t kMaxShown = 10;

struct Script {
  std::string path;
  std::string name;  // below the directory that was asked for: what --filter and --expect look at
  uintmax_t size = 0;
};

struct Tally {
  size_t passed = 0;
  size_t failed = 0;

  void add(bool is_passed) { ++(is_passed ? passed : failed); }
  void add(const Tally& other) {
    passed += other.passed;
    failed += other.failed;
  }
};

struct Totals {
  Tally commands;
  size_t assertions = 0;
  size_t expected = 0;  // failures
  size_t other_messages = 0;
  std::map<std::string, Tally> kinds;
  std::map<std::string, size_t> causes;  // failures by what is missing; "" for the rest

  void add(const Totals& other) {
    commands.add(other.commands);
    assertions += other.assertions;
    expected += other.expected;
    other_messages += other.other_messages;
    for (const auto& [name, tally] : other.kinds) kinds[name].add(tally);
    for (const auto& [name, count] : other.causes) causes[name] += count;
  }
};

/// What came of one file.
struct Outcome {
  std::optional<Error> error;  // it could not be read
  std::string text;
  wast::ScriptReport report;
  double wall_ms = 0;
};

/// All of a text file. Errors: io.
Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) return Error(ErrorKind::io, "cannot read " + path);
  return text;
}

/// Scripts in files and below directories, in a stable order. Errors: io.
Result<std::vector<Script>> find_scripts(const std::vector<std::string>& paths) {
  std::vector<Script> scripts;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      const uintmax_t size = fs::file_size(path, error);
      if (error) return Error(ErrorKind::io, path + ": " + error.message());
      scripts.push_back({path, path, size});
      continue;
    }
    std::vector<Script> found;
    auto entry = fs::recursive_directory_iterator(path, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (entry->path().extension() != ".wast" || !entry->is_regular_file()) continue;
      found.push_back({entry->path().string(),
                       entry->path().lexically_relative(path).generic_string(),
                       entry->file_size()});
    }
    if (error) return Error(ErrorKind::io, path + ": " + error.message());
    std::ranges::sort(found, {}, &Script::name);
    std::ranges::move(found, std::back_inserter(scripts));
  }
  return scripts;
}

bool is_wanted(const Script& script, const std::string& filter) {
  const bool is_glob = filter.find_first_of("*?") != std::string::npos;
  if (!is_glob) return script.name.find(filter) != std::string::npos;
  // Without a directory it is a glob for names of files in any.
  const bool has_directory = filter.find('/') != std::string::npos;
  return wast::matches_glob(
      filter, has_directory ? script.name : fs::path(script.name).filename().string());
}

/// Runs scripts one after the other; keeps an engine for each set of features, since making one
/// costs more than a short script.
class Worker {
 public:
  explicit Worker(const WastOptions& options) : options_(options) {}

  Outcome run(const Script& script) {
    Outcome outcome;
    Result<std::string> text = read_text(script.path);
    if (!text.ok()) {
      outcome.error = std::move(text).error();
      return outcome;
    }
    outcome.text = *std::move(text);

    wast::SuiteRules rules = wast::rules_for(fs::absolute(script.path).generic_string());
    if (options_.features) rules = {*options_.features, {}};
    const Result<std::shared_ptr<Engine>> engine = engine_for(rules.features);
    if (!engine) {
      outcome.error = engine.error();
      return outcome;
    }
    wast::RunnerOptions runner;
    runner.round_trip = options_.round_trip;
    runner.missing_proposal = rules.missing_proposal;
    runner.show_actions = options_.show_actions;
    if (options_.timeout_s) runner.limits = call_options(*options_.timeout_s);
    const Stopwatch watch;
    outcome.report = wast::run_script(*engine, runner, outcome.text);
    outcome.wall_ms = watch.elapsed().wall_ms;
    return outcome;
  }

 private:
  Result<std::shared_ptr<Engine>> engine_for(Features features) {
    std::shared_ptr<Engine>& engine = engines_[features.bits()];
    if (engine == nullptr) {
      EngineConfig config;
      config.features = features;
      config.target = options_.compiler.target;
      config.poison_upper_halves = options_.compiler.poison;
      engine = TRY(Engine::create(config));
    }
    return engine;
  }

  const WastOptions& options_;
  std::map<uint32_t, std::shared_ptr<Engine>> engines_;
};

/// Runs all scripts on several threads, the largest first, and hands over what came of them in
/// their own order.
class Pool {
 public:
  Pool(const WastOptions& options, const std::vector<Script>& scripts)
      : options_(options), scripts_(scripts), outcomes_(scripts.size()), order_(scripts.size()) {
    for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::ranges::stable_sort(order_, std::ranges::greater(),
                             [&](size_t i) { return scripts_[i].size; });
    const unsigned wanted = options.compiler.jobs != 0
                                ? options.compiler.jobs
                                : std::max(1u, std::thread::hardware_concurrency());
    const size_t count = std::min<size_t>(wanted, scripts.size());
    for (size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Pool() {
    for (std::thread& thread : threads_) thread.join();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Waits for the outcome of one script.
  Outcome take(size_t index, ProgressLine& progress) {
    std::unique_lock lock(mutex_);
    while (!outcomes_[index]) {
      changed_.wait(lock, [&] { return outcomes_[index] || !finished_.empty(); });
      for (const size_t done : finished_) {
        progress.show(
            fmt::format("[{}/{}] {}", ++num_finished_, scripts_.size(), scripts_[done].name));
      }
      finished_.clear();
    }
    Outcome outcome = *std::move(outcomes_[index]);
    outcomes_[index].emplace();
    return outcome;
  }

 private:
  void work() {
    Worker worker(options_);
    for (size_t next = next_++; next < order_.size(); next = next_++) {
      const size_t index = order_[next];
      Outcome outcome = worker.run(scripts_[index]);
      const std::lock_guard lock(mutex_);
      outcomes_[index] = std::move(outcome);
      finished_.push_back(index);
      changed_.notify_one();
    }
  }

  const WastOptions& options_;
  const std::vector<Script>& scripts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::vector<size_t> order_;
  size_t num_finished_ = 0;
  std::vector<size_t> finished_;
  std::atomic<size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

void print_lines(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    print_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Places of ascending offsets, each found from the one before.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}

  text::TextPosition at(size_t offset) {
    offset = std::min(offset, text_.size());
    for (; offset_ < offset; ++offset_) {
      const auto byte = static_cast<unsigned char>(text_[offset_]);
      if (byte == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((byte & 0xc0) != 0x80) {
        ++place_.column;
      }
    }
    return place_;
  }

 private:
  std::string_view text_;
  size_t offset_ = 0;
  text::TextPosition place_;
};

std::string cause_of(const wast::Failure& failure) {
  switch (failure.kind) {
    case FailureKind::wrong: return "wrong";
    case FailureKind::unsupported: return "unsupported";
    case FailureKind::dependency: return "dependency";
  }
  return "?";
}

/// All that is said of one file.
class FileReport {
 public:
  FileReport(const Script& script, const Outcome& outcome, wast::Expectations& expectations)
      : script_(script), outcome_(outcome) {
    expectations.note_script(script.name);
    for (const CommandReport& command : outcome.report.commands) {
      totals_.commands.add(command.passed());
      totals_.assertions += command.is_assertion();
      totals_.kinds[command.name()].add(command.passed());
      if (command.passed()) continue;
      ++totals_.causes[command.failure->missing];
      const bool is_expected = expectations.excuses(script.name, *command.failure);
      totals_.expected += is_expected;
      (is_expected ? expected_ : unexpected_).push_back(&command);
    }
    totals_.other_messages = outcome.report.other_messages;
  }

  const Totals& totals() const { return totals_; }

  void print(bool all) const {
    print_shown();
    Places places(outcome_.text);
    size_t shown = 0;
    for (const CommandReport* command : unexpected_) {
      if (shown == kMaxShown && !all) break;
      ++shown;
      const size_t offset = place_of(*command);
      const text::TextPosition place = places.at(offset);
      print_line(fmt::format("{}:{}:{}: {} failed: {}", script_.path, place.line, place.column,
                             command->name(), command->failure->message));
      print_lines(text::excerpt(outcome_.text, offset));
    }
    if (const size_t rest = unexpected_.size() - shown; rest > 0) {
      print_line(fmt::format("{}: {} more failures; --all shows them", script_.path, rest));
    }
  }

  Json json() const {
    Json json = to_json(totals_);
    json["wall_ms"] = outcome_.wall_ms;
    Json failures = Json::array();
    append(failures, unexpected_, false);
    append(failures, expected_, true);
    json["failures"] = std::move(failures);
    Json with_name = {{"file", script_.path}, {"name", script_.name}};
    with_name.update(json);
    return with_name;
  }

  static Json to_json(const Totals& totals) {
    Json kinds = Json::object(), causes = Json::object();
    for (const auto& [name, tally] : totals.kinds) {
      kinds[name] = {{"passed", tally.passed}, {"failed", tally.failed}};
    }
    for (const auto& [name, count] : totals.causes) causes[name.empty() ? "wrong" : name] = count;
    return {{"commands", totals.commands.passed + totals.commands.failed},
            {"assertions", totals.assertions},
            {"passed", totals.commands.passed},
            {"failed", totals.commands.failed},
            {"skipped", 0},
            {"expected_failures", totals.expected},
            {"other_messages", totals.other_messages},
            {"kinds", std::move(kinds)},
            {"causes", std::move(causes)}};
  }

 private:
  void print_shown() const {
    Places places(outcome_.text);
    for (const CommandReport& command : outcome_.report.commands) {
      if (!command.shown) continue;
      const text::TextPosition place = places.at(command.offset);
      fmt::print("{}:{}:{}: {}\n", script_.path, place.line, place.column, *command.shown);
    }
  }

  static size_t place_of(const CommandReport& command) {
    return command.failure->offset.value_or(command.offset);
  }

  void append(Json& failures, const std::vector<const CommandReport*>& commands,
              bool is_expected) const {
    Places places(outcome_.text);
    for (const CommandReport* command : commands) {
      const text::TextPosition place = places.at(place_of(*command));
      const wast::Failure& failure = *command->failure;
      failures.push_back({{"line", place.line},
                          {"column", place.column},
                          {"kind", command->name()},
                          {"cause", cause_of(failure)},
                          {"missing", failure.missing},
                          {"expected", is_expected},
                          {"message", failure.message}});
    }
  }

  const Script& script_;
  const Outcome& outcome_;
  Totals totals_;
  std::vector<const CommandReport*> unexpected_;
  std::vector<const CommandReport*> expected_;
};

void print_summary(const Totals& totals, size_t files, const Stopwatch::Elapsed& elapsed) {
  fmt::print("{:<24}{:>9}{:>9}\n", "command", "passed", "failed");
  for (const auto& [name, tally] : totals.kinds) {
    fmt::print("{:<24}{:>9}{:>9}\n", name, tally.passed, tally.failed);
  }
  const Tally& all = totals.commands;
  fmt::print("{:<24}{:>9}{:>9}\n", "all", all.passed, all.failed);
  for (const auto& [name, count] : totals.causes) {
    if (!name.empty()) fmt::print("{:<33}{:>9}\n", "  for want of " + name, count);
  }
  if (totals.expected > 0) fmt::print("{:<33}{:>9}\n", "  expected", totals.expected);
  fmt::print("{} files, {} commands, {} assertions in {:.1f} s\n", files, all.passed + all.failed,
             totals.assertions, elapsed.wall_ms / 1000);
}

/// Prints what is wrong with the expectations, and returns how much it is.
size_t report_stale(const wast::Expectations& expectations, const std::string& path) {
  const std::vector<const wast::Expectation*> stale = expectations.stale();
  for (const wast::Expectation* row : stale) {
    print_line(fmt::format("{}:{}: unexpected pass: no failure in {} for want of {}", path,
                           row->line, row->glob,
                           row->missing.empty() ? cli::quoted(row->message) : row->missing));
  }
  return stale.size();
}

/// Globs that no script matched.
Json untried(const wast::Expectations& expectations) {
  Json globs = Json::array();
  for (const wast::Expectation& row : expectations.rows()) {
    if (!row.was_tried) globs.push_back(row.glob);
  }
  return globs;
}

Result<wast::Expectations> read_expectations(const std::string& path) {
  if (path.empty()) return wast::Expectations();
  return wast::Expectations::parse(TRY(read_text(path)));
}

}  // namespace

int wast(const WastOptions& options) {
  Result<std::vector<Script>> found = find_scripts(options.paths);
  if (!found.ok()) {
    print_error(found.error().message);
    return kNoInput;
  }
  std::vector<Script> scripts = *std::move(found);
  std::erase_if(scripts, [&](const Script& s) { return !is_wanted(s, options.filter); });
  if (scripts.empty()) {
    print_error("there are no scripts (*.wast) to run");
    return kNoInput;
  }
  Result<wast::Expectations> expectations = read_expectations(options.expect);
  if (!expectations.ok()) {
    print_error(options.expect + ": " + expectations.error().message);
    return expectations.error().kind == ErrorKind::io ? kNoInput : kUsage;
  }

  const Stopwatch watch;
  ProgressLine progress;
  Totals totals;
  Json files = Json::array();
  size_t unread = 0;
  {
    Pool pool(options, scripts);
    for (size_t i = 0; i < scripts.size(); ++i) {
      const Outcome outcome = pool.take(i, progress);
      progress.clear();
      if (outcome.error) {
        print_error(outcome.error->message);
        ++unread;
        continue;
      }
      const FileReport report(scripts[i], outcome, *expectations);
      totals.add(report.totals());
      report.print(options.all);
      if (options.json) files.push_back(report.json());
    }
  }
  progress.clear();
  const size_t stale = report_stale(*expectations, options.expect);
  if (options.json) {
    Json total = FileReport::to_json(totals);
    total["files"] = scripts.size();
    total["stale_expectations"] = stale;
    total["untried_expectations"] = untried(*expectations);
    total["wall_ms"] = watch.elapsed().wall_ms;
    const Json json = {{"files", std::move(files)}, {"total", std::move(total)}};
    fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  } else {
    print_summary(totals, scripts.size(), watch.elapsed());
  }
  if (unread > 0) return kNoInput;
  const bool is_good = totals.commands.failed == totals.expected && stale == 0;
  return is_good ? kOk : kScriptFailed;
}

}  // namespace swoop::cli

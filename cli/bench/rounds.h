// The measuring loop: all programs and engines take turns within each round, and what one of them
// cannot do is a row with the reason. Tests: tests/cli/bench_test.cc.
#pragma once

#include "cli/bench/sample.h"
#include "cli/options.h"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace swoop::cli::bench {

struct Program {
  std::string file;  // as it was named
  std::string wasm;  // where the binary module is: the same file, or what became of its text
  std::vector<std::string> arguments;
  std::vector<RunOptions::Directory> directories;
  std::optional<std::string> expected_output;  // comparable()
  std::string error;                           // why it cannot be measured at all
};

class Engine {
 public:
  explicit Engine(std::string name) : name_(std::move(name)) {}
  virtual ~Engine() = default;
  const std::string& name() const { return name_; }

  /// Runs a program once. `last` is the sample of the round before, or null: engines may then spend
  /// less time on what took long.
  virtual Sample measure(const Program& program, const Sample* last) = 0;

  /// CPU time in ms of a process that only runs a program, to compare with engines that tell no
  /// other time. Nothing if it fails, or if the engine can be measured in one way only.
  virtual std::optional<double> measure_process(const Program&) { return std::nullopt; }

 private:
  std::string name_;
};

/// All samples of one program on one engine.
struct Row {
  const Program* program = nullptr;
  const Engine* engine = nullptr;
  std::vector<Sample> samples;
  std::string error;        // empty: none
  bool is_checked = false;  // whether the output was compared with anything
  double spent_ms = 0;      // on the wall
};

struct Plan {
  unsigned rounds = 5;
  /// No more rounds for a row that took so much time already.
  double budget_ms = std::numeric_limits<double>::infinity();
  /// Before each sample: how many there were, how many there will be, and what is next.
  std::function<void(size_t done, size_t all, const Row& next)> progress;
};

/// Rows by program, then by engine, which must both outlive them. A row with an error is not
/// measured again. Standard output must be as expected, or, where nothing is, that of the first
/// engine that succeeds.
std::vector<Row> measure_rounds(const std::vector<std::unique_ptr<Engine>>& engines,
                                const std::vector<Program>& programs, const Plan& plan);

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

using Figure = std::optional<double> Sample::*;

/// Of a figure in all samples of a row that have it; nothing if none does.
std::optional<Spread> spread(const Row& row, Figure figure);

/// Less cannot be told from the clock's own time, so ratios of such runs mean nothing.
inline constexpr double kShortestRunMs = 0.1;

/// Nothing without values, or if one is not positive.
std::optional<double> geometric_mean(const std::vector<double>& values);

}  // namespace swoop::cli::bench

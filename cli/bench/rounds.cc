#include "cli/bench/rounds.h"

#include "cli/phases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

namespace swoop::cli::bench {
namespace {

/// What the outputs of a program are compared with.
struct Reference {
  std::string output;
  std::string origin;
};

void check(Row& row, std::map<const Program*, Reference>& references) {
  const Sample& sample = row.samples.back();
  if (!sample.error.empty()) {
    row.error = sample.error;
    return;
  }
  if (sample.exit != 0) {
    row.error = fmt::format("exit code {}", sample.exit);
    return;
  }
  if (!sample.output) return;
  const auto found = references.find(row.program);
  if (found == references.end()) {
    references[row.program] = {*sample.output, row.engine->name()};
    return;
  }
  row.is_checked = true;
  if (*sample.output == found->second.output) return;
  row.error = fmt::format("the output is not that of {}: {}", found->second.origin,
                          describe_difference(*sample.output, found->second.output));
}

bool has_sample_of(unsigned round, const Row& row) {
  return row.error.empty() && row.samples.size() == round + 1;
}

/// Where an engine gave nothing but its process's time, the others give theirs as well.
void add_process_times(std::span<Row> rows_of_program,
                       std::span<const std::unique_ptr<Engine>> engines, unsigned round) {
  const auto has_total = [&](const Row& row) {
    return has_sample_of(round, row) && row.samples.back().total_ms;
  };
  if (std::ranges::none_of(rows_of_program, has_total)) return;
  for (size_t i = 0; i < rows_of_program.size(); ++i) {
    Row& row = rows_of_program[i];
    if (!has_sample_of(round, row) || has_total(row)) continue;
    const Stopwatch watch;
    row.samples.back().total_ms = engines[i]->measure_process(*row.program);
    row.spent_ms += watch.elapsed().wall_ms;
  }
}

}  // namespace

std::vector<Row> measure_rounds(const std::vector<std::unique_ptr<Engine>>& engines,
                                const std::vector<Program>& programs, const Plan& plan) {
  std::vector<Row> rows;
  std::map<const Program*, Reference> references;
  for (const Program& program : programs) {
    if (program.expected_output) {
      references[&program] = {*program.expected_output, "the file of what is expected"};
    }
    for (const auto& engine : engines) {
      rows.push_back({.program = &program, .engine = engine.get(), .error = program.error});
    }
  }
  size_t done = 0;
  for (unsigned round = 0; round < plan.rounds; ++round) {
    for (size_t first = 0; first < rows.size(); first += engines.size()) {
      const std::span<Row> rows_of_program = std::span(rows).subspan(first, engines.size());
      for (size_t i = 0; i < engines.size(); ++i, ++done) {
        Row& row = rows_of_program[i];
        if (!row.error.empty() || row.spent_ms >= plan.budget_ms) continue;
        if (plan.progress) plan.progress(done, rows.size() * plan.rounds, row);
        const Stopwatch watch;
        Sample sample =
            engines[i]->measure(*row.program, row.samples.empty() ? nullptr : &row.samples.back());
        row.spent_ms += watch.elapsed().wall_ms;
        row.samples.push_back(std::move(sample));
        check(row, references);
        row.samples.back().output.reset();  // a program may write a lot
      }
      add_process_times(rows_of_program, engines, round);
    }
  }
  return rows;
}

std::optional<Spread> spread(const Row& row, Figure figure) {
  std::vector<double> values;
  for (const Sample& sample : row.samples) {
    if (sample.*figure) values.push_back(*(sample.*figure));
  }
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return Spread{median, values.front(), values.back()};
}

std::optional<double> geometric_mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) {
    if (!(value > 0)) return std::nullopt;
    sum += std::log(value);
  }
  return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace swoop::cli::bench

// Where time and memory went.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swoop::cli {

/// CPU time of this process, all threads together, and of the system for it.
double cpu_time_ms();

/// The middle one, the upper of two; there must be some.
double median(std::vector<double> values);

/// Measures from its construction.
class Stopwatch {
 public:
  struct Elapsed {
    double wall_ms = 0;
    double cpu_ms = 0;  // of all threads
  };
  Elapsed elapsed() const;

 private:
  using Clock = std::chrono::steady_clock;
  double cpu_start_ms_ = cpu_time_ms();
  Clock::time_point start_ = Clock::now();
};

struct Phase {
  std::string name;
  double time_ms = 0;
  uint64_t bytes = 0;  // what the phase worked on; 0 if that means nothing
};

/// One line per phase: time, share of the sum, bytes and MB/s; then the total, which is the sum
/// unless it was measured by itself.
std::string phase_table(const std::vector<Phase>& phases,
                        std::optional<double> total_ms = std::nullopt);

/// A line that lines up with the table, for a time that is no part of the sum.
std::string time_line(const std::string& name, double time_ms);

/// Five digits that matter, or the whole number: what JSON tells of a time.
double sensible(double figure);

/// The largest resident set this process had; 0 where the system does not tell.
uint64_t peak_rss_bytes();

}  // namespace swoop::cli

// Tables of where time went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swoop::cli {

struct Phase {
  std::string name;
  double time_ms = 0;
  uint64_t bytes = 0;  // what the phase worked on; 0 if that means nothing
};

/// One line per phase: time, share of the sum, bytes and MB/s; then the sum.
std::string phase_table(const std::vector<Phase>& phases);

/// The largest resident set this process had; 0 where the system does not tell.
uint64_t peak_rss_bytes();

}  // namespace swoop::cli

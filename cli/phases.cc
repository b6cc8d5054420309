#include "cli/phases.h"

#include "platform/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace swoop::cli {

double cpu_time_ms() {
  const uint64_t now_ns = platform::clock_time_ns(platform::Clock::process_cpu_time).value();
  return static_cast<double>(now_ns) * 1e-6;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

Stopwatch::Elapsed Stopwatch::elapsed() const {
  const std::chrono::duration<double, std::milli> wall = Clock::now() - start_;
  return {wall.count(), cpu_time_ms() - cpu_start_ms_};
}

std::string phase_table(const std::vector<Phase>& phases, std::optional<double> total_ms) {
  double sum_ms = 0;
  for (const Phase& phase : phases) sum_ms += phase.time_ms;

  std::string text =
      fmt::format("{:<12} {:>10} {:>7} {:>12} {:>9}\n", "phase", "ms", "share", "bytes", "MB/s");
  for (const Phase& phase : phases) {
    const double share = sum_ms == 0 ? 0 : phase.time_ms / sum_ms * 100;
    text += fmt::format("{:<12} {:>10.3f} {:>6.1f}%", phase.name, phase.time_ms, share);
    if (phase.bytes != 0) {
      text += fmt::format(" {:>12}", phase.bytes);
      if (phase.time_ms > 0) {
        text += fmt::format(" {:>9.1f}", static_cast<double>(phase.bytes) / phase.time_ms / 1000);
      }
    }
    text += '\n';
  }
  return text + time_line("total", total_ms.value_or(sum_ms));
}

std::string time_line(const std::string& name, double time_ms) {
  return fmt::format("{:<12} {:>10.3f}\n", name, time_ms);
}

double sensible(double figure) {
  if (std::abs(figure) >= 1e5) return std::round(figure);
  return std::strtod(fmt::format("{:.5g}", figure).c_str(), nullptr);
}

uint64_t peak_rss_bytes() {
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, CloseFile> status(std::fopen("/proc/self/status", "re"));
  if (!status) return 0;
  char line[256];
  while (std::fgets(line, sizeof line, status.get()) != nullptr) {
    unsigned long long kib = 0;
    if (std::sscanf(line, "VmHWM: %llu kB", &kib) == 1) return kib * 1024;
  }
  return 0;
}

}  // namespace swoop::cli

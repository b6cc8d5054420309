#include "cli/bench/machine.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

namespace swoop::cli::bench {

Machine describe_machine() {
  Machine machine{.cpu = "unknown CPU", .processors = std::thread::hardware_concurrency()};
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (!line.starts_with("model name") || colon == std::string::npos) continue;
    machine.cpu = line.substr(colon + 2);
    break;
  }
  double load[3];
  if (getloadavg(load, 3) == 3) {
    machine.load = fmt::format("{:.1f} {:.1f} {:.1f}", load[0], load[1], load[2]);
  }
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  char date[32];
  if (gmtime_r(&now, &utc) != nullptr && std::strftime(date, sizeof date, "%FT%TZ", &utc) != 0) {
    machine.date = date;
  }
  return machine;
}

}  // namespace swoop::cli::bench

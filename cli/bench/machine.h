// Where and when something was measured.
#pragma once

#include <string>

namespace swoop::cli::bench {

struct Machine {
  std::string cpu;  // the model's name
  unsigned processors = 0;
  std::string load;  // the averages of the last 1, 5 and 15 minutes
  std::string date;  // UTC, ISO 8601
};

Machine describe_machine();

}  // namespace swoop::cli::bench

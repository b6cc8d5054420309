// Commands as child processes: what they wrote, how they ended, and the CPU time they took.
// Tests: tests/platform/process_test.cc.
#pragma once

#include "platform/os_result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace swoop::platform {

struct Command {
  std::vector<std::string> words;  // the first is looked for in PATH unless it has a slash
  std::string directory;           // empty: that of this process
  uint64_t timeout_ns = UINT64_MAX;
  size_t max_output_bytes = size_t{64} << 20;  // kept of each stream; more is read and dropped
};

struct FinishedProcess {
  int exit_code = 0;  // if no signal ended it
  int signal = 0;     // 0: none
  bool timed_out = false;
  bool is_output_cut = false;
  std::string standard_output;
  std::string standard_error;
  uint64_t cpu_ns = 0;  // user and system, with all descendants that were waited for
  uint64_t wall_ns = 0;
  uint64_t peak_rss_bytes = 0;
};

/// Runs the command to its end, with an empty standard input and the environment of this process.
/// What outlives the timeout is killed together with its descendants in the same process group.
/// Errors: what the system says when the command cannot be started.
OsResult<FinishedProcess> run_command(const Command& command);

/// "segmentation fault" and the like.
std::string describe_signal(int signal);

/// Where this program's own file can be run from.
std::string own_executable();

}  // namespace swoop::platform

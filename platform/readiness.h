// Waiting for host descriptors and time at once.
#pragma once

#include "platform/os_result.h"

#include <cstdint>
#include <span>

namespace swoop::platform {

struct PollEntry {
  int raw;  // a host descriptor, borrowed
  bool for_writing;

  // Answers.
  bool ready = false;
  bool hung_up = false;  // the other end is gone
  bool invalid = false;  // not an open descriptor
};

inline constexpr uint64_t kWaitForever = UINT64_MAX;

/// Waits until an entry is ready, `timeout_ns` have passed, or a signal has arrived: callers look
/// at the time again. Regular files are always ready. EINTR once the thread's Interrupt
/// (platform/interrupt.h) is raised.
OsResult<> poll(std::span<PollEntry> entries, uint64_t timeout_ns);

}  // namespace swoop::platform

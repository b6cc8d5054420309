// The host's clocks, in nanoseconds.
#pragma once

#include "platform/os_result.h"

#include <cstdint>

namespace swoop::platform {

enum class Clock : uint8_t { realtime, monotonic, process_cpu_time, thread_cpu_time };

/// Nanoseconds since the clock's own epoch (1970 for `realtime`), clamped to what 64 unsigned bits
/// hold.
OsResult<uint64_t> clock_time_ns(Clock clock);
/// At least 1.
OsResult<uint64_t> clock_resolution_ns(Clock clock);

}  // namespace swoop::platform

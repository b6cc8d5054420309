#include "platform/clock.h"

#include "platform/os_call.h"

#include <algorithm>
#include <time.h>

namespace swoop::platform {
namespace {

clockid_t host_clock(Clock clock) {
  switch (clock) {
    case Clock::realtime: return CLOCK_REALTIME;
    case Clock::monotonic: return CLOCK_MONOTONIC;
    case Clock::process_cpu_time: return CLOCK_PROCESS_CPUTIME_ID;
    case Clock::thread_cpu_time: return CLOCK_THREAD_CPUTIME_ID;
  }
  UNREACHABLE();
}

}  // namespace

OsResult<uint64_t> clock_time_ns(Clock clock) {
  timespec now;
  if (::clock_gettime(host_clock(clock), &now) != 0) return last_error();
  return to_nanoseconds(now);
}

OsResult<uint64_t> clock_resolution_ns(Clock clock) {
  timespec resolution;
  if (::clock_getres(host_clock(clock), &resolution) != 0) return last_error();
  return std::max<uint64_t>(to_nanoseconds(resolution), 1);
}

}  // namespace swoop::platform

#include "wasi/clocks.h"

namespace swoop::wasi {

ErrnoOr<uint64_t> Clocks::now_ns(platform::Clock clock) const {
  if (now_) return now_(clock);
  return from_os(platform::clock_time_ns(clock));
}

ErrnoOr<uint64_t> Clocks::resolution_ns(platform::Clock clock) const {
  if (now_) return uint64_t{1};
  return from_os(platform::clock_resolution_ns(clock));
}

}  // namespace swoop::wasi

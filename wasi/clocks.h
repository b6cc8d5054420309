// The clocks a guest reads and waits by: the host's, or the embedder's, for runs that are to be the
// same each time.
#pragma once

#include "platform/clock.h"
#include "wasi/error_code.h"

#include <cstdint>
#include <functional>

namespace swoop::wasi {

/// Safe to use by threads, if what the embedder supplies is.
class Clocks {
 public:
  using Now = std::function<uint64_t(platform::Clock clock)>;
  using Sleep = std::function<void(uint64_t duration_ns)>;

  /// The host's.
  Clocks() = default;
  /// `now` tells the time of all clocks, in nanoseconds. `sleep` is called in place of every wait
  /// that time would end, and the wait is over when it returns; without it such waits last as long
  /// on the host's clock. Either may be empty.
  Clocks(Now now, Sleep sleep) : now_(std::move(now)), sleep_(std::move(sleep)) {}

  ErrnoOr<uint64_t> now_ns(platform::Clock clock) const;
  ErrnoOr<uint64_t> resolution_ns(platform::Clock clock) const;

  bool are_of_host() const { return now_ == nullptr; }
  /// May be empty.
  const Sleep& sleep() const { return sleep_; }

 private:
  Now now_;
  Sleep sleep_;
};

}  // namespace swoop::wasi

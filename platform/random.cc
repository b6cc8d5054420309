#include "platform/random.h"

#include "platform/interrupt.h"
#include "platform/os_call.h"

#include <algorithm>
#include <cerrno>
#include <sys/random.h>

namespace swoop::platform {

OsResult<> fill_random(std::span<uint8_t> out) {
  // A request over 32 MiB is cut short, and one over 256 bytes may be by a signal.
  constexpr size_t kChunk = size_t{1} << 20;
  const Interrupt* const interrupt = Interrupt::of_this_thread();
  while (!out.empty()) {
    if (interrupt != nullptr && interrupt->is_raised()) return OsError{EINTR};
    const ssize_t got =
        retry_on_eintr([&] { return ::getrandom(out.data(), std::min(out.size(), kChunk), 0); });
    if (got < 0) return last_error();
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

}  // namespace swoop::platform

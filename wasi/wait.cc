#include "wasi/wait.h"

namespace swoop::wasi {

ErrnoOr<> wait(std::span<platform::PollEntry> entries, uint64_t timeout_ns) {
  return from_os(platform::poll(entries, timeout_ns));
}

ErrnoOr<bool> wait_until_ready(int raw, bool for_writing, uint64_t timeout_ns) {
  platform::PollEntry entry = {.raw = raw, .for_writing = for_writing};
  do {
    TRY(wait({&entry, 1}, timeout_ns));
  } while (!entry.ready && timeout_ns == platform::kWaitForever);
  return entry.ready;
}

}  // namespace swoop::wasi

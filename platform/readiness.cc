#include "platform/readiness.h"

#include <cerrno>
#include <poll.h>
#include <time.h>
#include <vector>

namespace swoop::platform {

OsResult<> poll(std::span<PollEntry> entries, uint64_t timeout_ns) {
  std::vector<pollfd> host(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    host[i].fd = entries[i].raw;
    host[i].events = entries[i].for_writing ? POLLOUT : POLLIN;
  }
  const timespec timeout = {static_cast<time_t>(timeout_ns / 1'000'000'000),
                            static_cast<long>(timeout_ns % 1'000'000'000)};
  const int ready =
      ::ppoll(host.data(), host.size(), timeout_ns == kWaitForever ? nullptr : &timeout, nullptr);
  if (ready < 0 && errno != EINTR) return OsError{errno};
  for (size_t i = 0; i < entries.size(); ++i) {
    const int events = ready > 0 ? host[i].revents : 0;
    entries[i].ready = events != 0;
    entries[i].hung_up = (events & (POLLHUP | POLLERR)) != 0;
    entries[i].invalid = (events & POLLNVAL) != 0;
  }
  return {};
}

}  // namespace swoop::platform

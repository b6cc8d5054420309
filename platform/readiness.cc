#include "platform/readiness.h"

#include "platform/interrupt.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <time.h>
#include <vector>

namespace swoop::platform {

namespace {

// How long a raised interrupt may go unnoticed when there is no descriptor that tells.
constexpr uint64_t kRecheckNs = 10'000'000;

}  // namespace

OsResult<> poll(std::span<PollEntry> entries, uint64_t timeout_ns) {
  std::vector<pollfd> host(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    host[i].fd = entries[i].raw;
    host[i].events = entries[i].for_writing ? POLLOUT : POLLIN;
  }
  Interrupt* const interrupt = Interrupt::of_this_thread();
  if (interrupt != nullptr) {
    const int raw = interrupt->descriptor();
    if (raw >= 0)
      host.push_back({.fd = raw, .events = POLLIN, .revents = 0});
    else
      timeout_ns = std::min(timeout_ns, kRecheckNs);
    if (interrupt->is_raised()) return OsError{EINTR};
  }
  const timespec timeout = {static_cast<time_t>(timeout_ns / 1'000'000'000),
                            static_cast<long>(timeout_ns % 1'000'000'000)};
  const int ready =
      ::ppoll(host.data(), host.size(), timeout_ns == kWaitForever ? nullptr : &timeout, nullptr);
  if (ready < 0 && errno != EINTR) return OsError{errno};
  if (interrupt != nullptr) {
    if (interrupt->is_raised()) return OsError{EINTR};
    if (ready > 0 && host.size() > entries.size() && host.back().revents != 0) interrupt->drain();
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const int events = ready > 0 ? host[i].revents : 0;
    entries[i].ready = events != 0;
    entries[i].hung_up = (events & (POLLHUP | POLLERR)) != 0;
    entries[i].invalid = (events & POLLNVAL) != 0;
  }
  return {};
}

}  // namespace swoop::platform

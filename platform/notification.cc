#include "platform/notification.h"

#include "platform/os_call.h"

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace swoop::platform {

OsResult<Notification> Notification::create() {
  const int raw = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (raw < 0) return last_error();
  return Notification(Fd(raw));
}

// Both fail only with EAGAIN, when there is nothing left to do.

void Notification::set() {
  const uint64_t one = 1;
  (void)retry_on_eintr([&] { return ::write(fd_.raw(), &one, sizeof(one)); });
}

void Notification::clear() {
  uint64_t count = 0;
  (void)retry_on_eintr([&] { return ::read(fd_.raw(), &count, sizeof(count)); });
}

}  // namespace swoop::platform

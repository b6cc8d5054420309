#include "platform/interrupt.h"

#include <cerrno>
#include <sys/eventfd.h>
#include <unistd.h>

namespace swoop::platform {
namespace {

thread_local Interrupt* in_force = nullptr;

}  // namespace

void Interrupt::drain() {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = ::read(descriptor(), &count, sizeof count);
}

Interrupt* Interrupt::of_this_thread() {
  return in_force;
}

// The order of both fields makes sure that a wait is not missed: whoever makes the descriptor looks
// at raised_ afterwards, and poll() does so before each wait.
void InterruptFlag::raise() noexcept {
  raised_.store(true);
  const int raw = raw_.load();
  if (raw < 0) return;
  const int saved_errno = errno;
  const uint64_t one = 1;
  // It can fail only when the counter is full, and then there is something to read.
  [[maybe_unused]] const ssize_t written = ::write(raw, &one, sizeof one);
  errno = saved_errno;
}

void InterruptFlag::lower() {
  raised_.store(false);
  if (descriptor_.valid()) drain();
}

int InterruptFlag::descriptor() {
  if (!descriptor_.valid()) {
    descriptor_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    raw_.store(descriptor_.raw());
  }
  return descriptor_.raw();
}

InterruptScope::InterruptScope(Interrupt* interrupt) : outer_(in_force) {
  in_force = interrupt;
}

InterruptScope::~InterruptScope() {
  in_force = outer_;
}

}  // namespace swoop::platform

// Ending the waits of a thread from another one, or from a signal handler. Whoever runs guests
// makes an Interrupt and puts it in force for what the guest's thread calls (InterruptScope); every
// function here that waits then gives up with EINTR once it is raised. Tests:
// tests/platform/interrupt_test.cc.
#pragma once

#include "platform/file_descriptor.h"

#include <atomic>

namespace swoop::platform {

class Interrupt {
 public:
  Interrupt() = default;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Any thread, and signal handlers: keeps errno.
  void raise() noexcept;
  bool is_raised() const noexcept { return raised_.load(); }

  // Of the thread that waits.
  void lower();
  /// To be polled for reading: ready when it has been raised, and perhaps for no reason at all,
  /// which `drain` ends. Made when first asked for; -1 when the system has no more descriptors.
  int descriptor();
  void drain();

  /// What is in force on this thread; may be null.
  static Interrupt* of_this_thread();

 private:
  friend class InterruptScope;

  std::atomic<bool> raised_ = false;
  std::atomic<int> raw_ = -1;  // as in descriptor_, for `raise`
  Fd descriptor_;
};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

/// Puts an Interrupt, or none, in force on this thread as long as it lives.
class InterruptScope {
 public:
  explicit InterruptScope(Interrupt* interrupt);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  Interrupt* outer_;
};

}  // namespace swoop::platform

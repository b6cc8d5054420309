// Ending the waits of a thread from another one, or from a signal handler. Whoever runs guests
// makes an InterruptFlag and puts it in force for what the guest's thread calls (InterruptScope);
// every function here that waits then gives up with EINTR once it is raised. Tests:
// tests/platform/interrupt_test.cc.
#pragma once

#include "platform/file_descriptor.h"

#include <atomic>

namespace swoop::platform {

/// What a thread's waits look at.
class Interrupt {
 public:
  virtual bool is_raised() const noexcept = 0;
  /// To be polled for reading: ready when it has been raised, and perhaps for no reason at all,
  /// which `drain` ends. The waiting thread asks for it when it is about to wait; -1 when the
  /// system has no more descriptors.
  virtual int descriptor() = 0;
  /// Empties the descriptor, an eventfd that does not block.
  void drain();

  /// What is in force on this thread; may be null.
  static Interrupt* of_this_thread();

 protected:
  ~Interrupt() = default;
};

/// One that is raised here, and not by another library.
class InterruptFlag final : public Interrupt {
 public:
  InterruptFlag() = default;
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  /// Any thread, and signal handlers: keeps errno.
  void raise() noexcept;
  bool is_raised() const noexcept override { return raised_.load(); }

  // Of the thread that waits.
  void lower();
  /// Made when first asked for.
  int descriptor() override;

 private:
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

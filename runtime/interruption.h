// What makes the wasm of a store notice that it shall end, and the calls that may be ended.
//
// Machine code compares its stack pointer with a limit in its instance's context, in prologues and,
// if compiled for it, at loop headers. Whoever ends a call sets the limits of all instances of the
// store to UINT64_MAX; the thread of the store undoes that when the call is over.
//
// Why nothing is lost: stopping first sets the flag of the call, then the limits; the thread of the
// store writes limits (of a new instance, for another stack, after a call) first and then looks at
// the flags. All of it is sequentially consistent, so that at least one of both sees the other. Why
// nothing hits the next call: a call detaches itself before it ends, which waits for those that are
// in the middle of stopping it, and then undoes what they did.
//
// Safety: a limit that is too low would let wasm leave its stack; only `set_limit` and `add` lower
// one, on the thread of the store. Noticed by tests/runtime/interruption_test.cc.
#pragma once

#include "platform/interrupt.h"
#include "runtime/fuel.h"
#include "runtime/stop_token.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_set>

namespace swoop {

class CallScope;
class Store;

/// Of one store.
class Interruption {
 public:
  /// A limit that machine code reads. Lives as long as the Interruption.
  struct Limit {
    uint64_t* word = nullptr;
    Limit* next = nullptr;
  };

  // --- Any thread, and signal handlers, while something is attached
  void raise() noexcept;

  // --- The thread of the store
  void add(Limit& limit);
  /// Forgets these. Nothing is attached, so nobody else looks at the list.
  void remove(const std::unordered_set<const Limit*>& limits);
  uint64_t limit() const { return limit_; }
  void set_limit(uint64_t limit);
  /// Whether a call that is under way, and so all that it called, shall end.
  bool is_stopped() const noexcept;
  bool is_attached() const { return innermost_ != nullptr; }
  /// For the waits of what wasm calls; null if nobody can end them.
  platform::InterruptFlag* waits() { return is_attached() ? &waits_ : nullptr; }

 private:
  friend class CallScope;
  void publish();

  std::atomic<Limit*> limits_ = nullptr;  // grows at the front while others may look
  uint64_t limit_ = 0;                    // when nothing is stopped
  platform::InterruptFlag waits_;
  CallScope* innermost_ = nullptr;
};

/// Whom a token has to tell. Tokens and the calls they were given to share it.
class StopState {
 public:
  struct Slot {
    std::atomic<Interruption*> target = nullptr;  // null: free
    Slot* next = nullptr;
  };

  ~StopState();
  void stop() noexcept;
  bool is_stopped() const noexcept { return stopped_.load(); }

  Slot& attach(Interruption& target);
  /// From then on, `stop` does not touch the target.
  void detach(Slot& slot);

 private:
  std::atomic<bool> stopped_ = false;
  std::atomic<uint32_t> num_stopping_ = 0;  // how many are in stop() now
  std::atomic<Slot*> slots_ = &first_;      // only ever grows at the front
  Slot first_;
};

/// Tells an Interruption when a time has come.
class Deadline {
 public:
  Deadline() = default;
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// False when the system has no room for the thread that watches the time: one for the process.
  [[nodiscard]] bool arm(Interruption& target, std::chrono::nanoseconds timeout);
  /// From then on the target is not touched.
  void disarm();
  bool has_passed() const noexcept { return passed_.load(); }

 private:
  friend class DeadlineTimer;
  std::atomic<bool> passed_ = false;
  Interruption* target_ = nullptr;  // null: not armed
  std::chrono::steady_clock::time_point time_;
};

/// Puts options in force for what is called while it lives; scopes of a store nest.
class CallScope {
 public:
  CallScope(Store& store, const CallOptions& options);
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  /// Why the call must not begin, because an option cannot be kept; null if it may.
  const char* obstacle() const { return obstacle_; }

 private:
  friend class Interruption;
  bool is_stopped() const noexcept {
    return (state_ != nullptr && state_->is_stopped()) || deadline_.has_passed();
  }

  Interruption& interruption_;
  CallScope* const outer_;
  std::shared_ptr<StopState> state_;
  StopState::Slot* slot_ = nullptr;
  Deadline deadline_;
  const bool can_be_stopped_;
  FuelScope fuel_;
  const char* obstacle_ = nullptr;
};

}  // namespace swoop

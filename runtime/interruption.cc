#include "runtime/interruption.h"

#include "base/check.h"
#include "platform/thread.h"
#include "runtime/store.h"

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace swoop {

static_assert(std::atomic_ref<uint64_t>::is_always_lock_free &&
                  std::atomic<Interruption*>::is_always_lock_free,
              "signal handlers stop calls");

// --- Interruption

void Interruption::raise() noexcept {
  waits_.raise();
  for (Limit* limit = limits_.load(); limit != nullptr; limit = limit->next)
    std::atomic_ref(*limit->word).store(UINT64_MAX);
}

void Interruption::add(Limit& limit) {
  std::atomic_ref(*limit.word).store(limit_);
  limit.next = limits_.load();
  limits_.store(&limit);
  if (is_stopped()) std::atomic_ref(*limit.word).store(UINT64_MAX);
}

void Interruption::remove(const std::unordered_set<const Limit*>& limits) {
  CHECK(!is_attached());
  Limit* kept = nullptr;
  for (Limit* limit = limits_.load(); limit != nullptr;) {
    Limit* const next = limit->next;
    if (!limits.contains(limit)) {
      limit->next = kept;
      kept = limit;
    }
    limit = next;
  }
  limits_.store(kept);
}

void Interruption::set_limit(uint64_t limit) {
  if (limit_ == limit) return;
  limit_ = limit;
  publish();
}

void Interruption::publish() {
  for (Limit* limit = limits_.load(); limit != nullptr; limit = limit->next)
    std::atomic_ref(*limit->word).store(limit_);
  if (is_stopped()) raise();
}

bool Interruption::is_stopped() const noexcept {
  for (const CallScope* scope = innermost_; scope != nullptr; scope = scope->outer_) {
    if (scope->is_stopped()) return true;
  }
  return false;
}

// --- StopToken

StopState::~StopState() {
  for (Slot* slot = slots_.load(); slot != &first_;) {
    Slot* const next = slot->next;
    delete slot;
    slot = next;
  }
}

void StopState::stop() noexcept {
  num_stopping_.fetch_add(1);
  stopped_.store(true);
  for (Slot* slot = slots_.load(); slot != nullptr; slot = slot->next) {
    if (Interruption* const target = slot->target.load(); target != nullptr) target->raise();
  }
  num_stopping_.fetch_sub(1);
}

StopState::Slot& StopState::attach(Interruption& target) {
  for (Slot* slot = slots_.load(); slot != nullptr; slot = slot->next) {
    Interruption* free = nullptr;
    if (slot->target.compare_exchange_strong(free, &target)) return *slot;
  }
  auto* const slot = new Slot;
  slot->target.store(&target);
  slot->next = slots_.load();
  while (!slots_.compare_exchange_weak(slot->next, slot)) {
  }
  return *slot;
}

void StopState::detach(Slot& slot) {
  slot.target.store(nullptr);
  // Who begins to stop now does not find the target. A handler that interrupts this thread is done
  // before it goes on, so those in between are other threads, which do not wait for anything.
  while (num_stopping_.load() != 0) std::this_thread::yield();
}

StopToken::StopToken() : state_(std::make_shared<StopState>()) {}

void StopToken::stop() const noexcept {
  state_->stop();
}

bool StopToken::is_stopped() const noexcept {
  return state_->is_stopped();
}

// --- Deadlines

/// The thread that watches the time, and what it waits for. Never destroyed: calls may be under way
/// when the process ends.
class DeadlineTimer {
 public:
  static DeadlineTimer& of_process() {
    static DeadlineTimer& timer = *new DeadlineTimer;
    return timer;
  }

  bool add(Deadline& deadline) {
    const std::lock_guard lock(mutex_);
    if (!is_running_) is_running_ = platform::Thread::start_service(run, this);
    if (!is_running_) return false;
    const auto place = deadlines_.insert(&deadline).first;
    if (place == deadlines_.begin()) earlier_.notify_one();
    return true;
  }
  void remove(Deadline& deadline) {
    const std::lock_guard lock(mutex_);
    deadlines_.erase(&deadline);
  }

 private:
  struct Earlier {
    bool operator()(const Deadline* a, const Deadline* b) const {
      return a->time_ != b->time_ ? a->time_ < b->time_ : std::less<>()(a, b);
    }
  };

  static void* run(void* timer) {
    static_cast<DeadlineTimer*>(timer)->watch();
    return nullptr;
  }

  [[noreturn]] void watch() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (deadlines_.empty()) {
        earlier_.wait(lock);
        continue;
      }
      Deadline& first = **deadlines_.begin();
      const auto time = first.time_;
      if (std::chrono::steady_clock::now() < time) {
        earlier_.wait_until(lock, time);
        continue;
      }
      // Under the lock, so that it is not disarmed meanwhile.
      deadlines_.erase(deadlines_.begin());
      first.passed_.store(true);
      first.target_->raise();
    }
  }

  std::mutex mutex_;
  std::condition_variable earlier_;
  std::set<Deadline*, Earlier> deadlines_;
  bool is_running_ = false;
};

bool Deadline::arm(Interruption& target, std::chrono::nanoseconds timeout) {
  using Time = std::chrono::steady_clock::time_point;
  CHECK(target_ == nullptr);
  if (timeout.count() <= 0) {
    passed_.store(true);
    return true;
  }
  const Time now = std::chrono::steady_clock::now();
  if (timeout >= Time::max() - now) return true;  // never
  target_ = &target;
  time_ = now + timeout;
  if (DeadlineTimer::of_process().add(*this)) return true;
  target_ = nullptr;
  return false;
}

void Deadline::disarm() {
  if (target_ == nullptr) return;
  DeadlineTimer::of_process().remove(*this);
  target_ = nullptr;
}

// --- Calls

CallScope::CallScope(Store& store, const CallOptions& options)
    : interruption_(store.interruption()),
      outer_(interruption_.innermost_),
      can_be_stopped_(options.stop || options.timeout),
      fuel_(store.fuel_meter(), options.fuel) {
  if (options.fuel && !store.fuel_meter().is_counted())
    obstacle_ = "a budget of fuel, but the engine's code does not count";
  if (!can_be_stopped_) return;
  interruption_.innermost_ = this;
  if (options.stop) {
    state_ = options.stop->state_;
    slot_ = &state_->attach(interruption_);
  }
  if (options.timeout && !deadline_.arm(interruption_, *options.timeout))
    obstacle_ = "out of memory: no thread for timeouts";
}

CallScope::~CallScope() {
  if (!can_be_stopped_) return;
  CHECK(interruption_.innermost_ == this && "calls of a store end in the order of a stack");
  if (slot_ != nullptr) state_->detach(*slot_);
  deadline_.disarm();
  const bool was_stopped = is_stopped();
  interruption_.innermost_ = outer_;
  if (!was_stopped) return;
  interruption_.waits_.lower();
  interruption_.publish();
}

}  // namespace swoop

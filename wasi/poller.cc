#include "wasi/poller.h"

#include "wasi/wait.h"

#include <algorithm>

namespace swoop::wasi {
namespace {

// The wall clock can be set while we wait for a time of it, which no timeout would notice.
constexpr uint64_t kRealtimeRecheckNs = 1'000'000'000;

uint64_t saturating_add(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

class Wait {
 public:
  Wait(std::span<const Subscription> subscriptions, const Clocks& clocks)
      : subscriptions_(subscriptions), clocks_(clocks) {}

  ErrnoOr<std::vector<Event>> run() {
    now_ns_ = TRY(host_time_ns());
    TRY(find_deadlines());
    find_what_needs_polling();
    while (true) {
      const uint64_t timeout_ns = must_not_block_ ? 0 : TRY(time_until_next_deadline());
      TRY(pass_time(timeout_ns));
      TRY(collect());
      if (!events_.empty()) return std::move(events_);
    }
  }

 private:
  static constexpr size_t kNotPolled = SIZE_MAX;

  void find_what_needs_polling() {
    entry_of_.assign(subscriptions_.size(), kNotPolled);
    for (size_t i = 0; i < subscriptions_.size(); ++i) {
      const Subscription& subscription = subscriptions_[i];
      if (subscription.error != Errno::success) {
        must_not_block_ = true;
        continue;
      }
      if (subscription.type == EventType::clock) continue;
      const int raw = subscription.descriptor->poll_raw();
      if (raw < 0) {
        must_not_block_ = true;
        continue;
      }
      entry_of_[i] = entries_.size();
      entries_.push_back({.raw = raw, .for_writing = subscription.type == EventType::fd_write});
    }
  }

  static ErrnoOr<uint64_t> host_time_ns() {
    return from_os(platform::clock_time_ns(platform::Clock::monotonic));
  }

  bool follows_wall_clock(const Subscription& subscription) const {
    return subscription.absolute && subscription.clock == platform::Clock::realtime &&
           clocks_.are_of_host() && !clocks_.sleep();
  }

  ErrnoOr<uint64_t> time_until(const Subscription& subscription) const {
    const uint64_t now_ns = TRY(clocks_.now_ns(subscription.clock));
    return subscription.timeout_ns > now_ns ? subscription.timeout_ns - now_ns : 0;
  }

  // A duration is one of the host's monotonic clock, whichever clock it was asked of.
  ErrnoOr<> find_deadlines() {
    deadlines_ns_.assign(subscriptions_.size(), UINT64_MAX);
    for (size_t i = 0; i < subscriptions_.size(); ++i) {
      const Subscription& subscription = subscriptions_[i];
      if (subscription.type != EventType::clock || subscription.error != Errno::success) continue;
      uint64_t left_ns = subscription.timeout_ns;
      if (subscription.absolute) left_ns = TRY(time_until(subscription));
      deadlines_ns_[i] = saturating_add(now_ns_, left_ns);
    }
    return {};
  }

  // 0 when it is over.
  ErrnoOr<uint64_t> time_left(size_t i) const {
    if (follows_wall_clock(subscriptions_[i])) return time_until(subscriptions_[i]);
    const uint64_t deadline_ns = deadlines_ns_[i];
    if (deadline_ns == UINT64_MAX) return platform::kWaitForever;
    return deadline_ns > now_ns_ ? deadline_ns - now_ns_ : 0;
  }

  ErrnoOr<uint64_t> time_until_next_deadline() const {
    uint64_t shortest_ns = platform::kWaitForever;
    for (size_t i = 0; i < subscriptions_.size(); ++i) {
      if (subscriptions_[i].type != EventType::clock) continue;
      uint64_t left_ns = TRY(time_left(i));
      if (follows_wall_clock(subscriptions_[i])) left_ns = std::min(left_ns, kRealtimeRecheckNs);
      shortest_ns = std::min(shortest_ns, left_ns);
    }
    return shortest_ns;
  }

  ErrnoOr<> pass_time(uint64_t timeout_ns) {
    if (clocks_.sleep() && timeout_ns != platform::kWaitForever) {
      if (!entries_.empty()) TRY(wait(entries_, 0));
      if (timeout_ns == 0 || std::ranges::any_of(entries_, &platform::PollEntry::ready)) return {};
      clocks_.sleep()(timeout_ns);
      now_ns_ += timeout_ns;
      return {};
    }
    if (!entries_.empty() || timeout_ns > 0) TRY(wait(entries_, timeout_ns));
    now_ns_ = TRY(host_time_ns());
    return {};
  }

  ErrnoOr<> collect() {
    for (size_t i = 0; i < subscriptions_.size(); ++i) {
      const Subscription& subscription = subscriptions_[i];
      Event event = {.userdata = subscription.userdata,
                     .error = subscription.error,
                     .type = subscription.type};
      if (event.error != Errno::success) {
        events_.push_back(event);
      } else if (subscription.type == EventType::clock) {
        if (TRY(time_left(i)) == 0) events_.push_back(event);
      } else {
        collect_descriptor(subscription, entry_of_[i], event);
      }
    }
    return {};
  }

  void collect_descriptor(const Subscription& subscription, size_t entry_index, Event& event) {
    if (entry_index != kNotPolled) {
      const platform::PollEntry& entry = entries_[entry_index];
      if (!entry.ready) return;
      if (entry.invalid) event.error = Errno::badf;
      event.hung_up = entry.hung_up;
    }
    // How much can be written is not known; a guest that looks must not take it for nothing.
    const bool reads = subscription.type == EventType::fd_read;
    event.byte_count = reads ? subscription.descriptor->readable_bytes() : 1;
    events_.push_back(event);
  }

  std::span<const Subscription> subscriptions_;
  const Clocks& clocks_;
  uint64_t now_ns_ = 0;                 // the host's monotonic clock, or where sleep() has put it
  std::vector<uint64_t> deadlines_ns_;  // by subscription, on the same clock
  bool must_not_block_ = false;
  std::vector<platform::PollEntry> entries_;
  std::vector<size_t> entry_of_;  // by subscription
  std::vector<Event> events_;
};

}  // namespace

ErrnoOr<std::vector<Event>> wait_for_events(std::span<const Subscription> subscriptions,
                                            const Clocks& clocks) {
  return Wait(subscriptions, clocks).run();
}

}  // namespace swoop::wasi

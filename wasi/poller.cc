#include "wasi/poller.h"

#include "platform/readiness.h"

#include <algorithm>

namespace swoop::wasi {
namespace {

// The wall clock can be set while we wait for a time of it, which no timeout would notice.
constexpr uint64_t kRealtimeRecheckNs = 1'000'000'000;

uint64_t saturating_add(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

bool is_realtime_deadline(const Subscription& subscription) {
  return subscription.absolute && subscription.clock == platform::Clock::realtime;
}

class Wait {
 public:
  explicit Wait(std::span<const Subscription> subscriptions) : subscriptions_(subscriptions) {}

  ErrnoOr<std::vector<Event>> run() {
    start_ns_ = TRY(from_os(platform::clock_time_ns(platform::Clock::monotonic)));
    find_what_needs_polling();
    while (true) {
      const uint64_t timeout_ns = must_not_block_ ? 0 : TRY(time_until_next_deadline());
      if (!entries_.empty() || timeout_ns > 0) TRY(from_os(platform::poll(entries_, timeout_ns)));
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

  // 0 when it is over.
  ErrnoOr<uint64_t> time_left(const Subscription& subscription) {
    uint64_t deadline_ns = subscription.timeout_ns;
    platform::Clock clock = subscription.clock;
    if (!subscription.absolute) {
      // A duration is one of the monotonic clock, whichever clock it was asked of.
      deadline_ns = saturating_add(start_ns_, subscription.timeout_ns);
      clock = platform::Clock::monotonic;
    }
    if (deadline_ns == UINT64_MAX) return platform::kWaitForever;
    const uint64_t now_ns = TRY(from_os(platform::clock_time_ns(clock)));
    return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
  }

  ErrnoOr<uint64_t> time_until_next_deadline() {
    uint64_t shortest_ns = platform::kWaitForever;
    for (const Subscription& subscription : subscriptions_) {
      if (subscription.type != EventType::clock) continue;
      uint64_t left_ns = TRY(time_left(subscription));
      if (is_realtime_deadline(subscription)) left_ns = std::min(left_ns, kRealtimeRecheckNs);
      shortest_ns = std::min(shortest_ns, left_ns);
    }
    return shortest_ns;
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
        if (TRY(time_left(subscription)) == 0) events_.push_back(event);
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
  uint64_t start_ns_ = 0;
  bool must_not_block_ = false;
  std::vector<platform::PollEntry> entries_;
  std::vector<size_t> entry_of_;  // by subscription
  std::vector<Event> events_;
};

}  // namespace

ErrnoOr<std::vector<Event>> wait_for_events(std::span<const Subscription> subscriptions) {
  return Wait(subscriptions).run();
}

}  // namespace swoop::wasi

// Waiting for descriptors and clocks: the host side of poll_oneoff.
#pragma once

#include "wasi/clocks.h"
#include "wasi/descriptor.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace swoop::wasi {

/// Spec: preview1/docs#eventtype.
enum class EventType : uint8_t { clock, fd_read, fd_write };

struct Subscription {
  uint64_t userdata = 0;
  EventType type = EventType::clock;
  /// Not `success` if it is known from the start that this one cannot be waited for; that is its
  /// event.
  Errno error = Errno::success;

  // Of clocks.
  platform::Clock clock = platform::Clock::monotonic;
  bool absolute = false;
  uint64_t timeout_ns = 0;

  // Of descriptors.
  std::shared_ptr<Descriptor> descriptor;
};

struct Event {
  uint64_t userdata = 0;
  Errno error = Errno::success;
  EventType type = EventType::clock;
  uint64_t byte_count = 0;
  bool hung_up = false;
};

/// Waits until at least one subscription is due and gives the events of all that then are, in their
/// order.
ErrnoOr<std::vector<Event>> wait_for_events(std::span<const Subscription> subscriptions,
                                            const Clocks& clocks);

}  // namespace swoop::wasi

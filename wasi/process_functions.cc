// Handlers of arguments, environment, clocks, random bytes, waiting and the end of the process.
#include "wasi/handlers.h"
#include "wasi/layouts.h"

#include <thread>

namespace swoop::wasi::handlers {
namespace {

uint64_t total_size(const std::vector<std::string>& strings) {
  uint64_t total = 0;
  for (const std::string& text : strings) total += text.size() + 1;
  return total;
}

Errno store_sizes(Call& call, const std::vector<std::string>& strings, uint32_t count_out,
                  uint32_t size_out) {
  if (!call.memory.require(count_out, 4) || !call.memory.require(size_out, 4)) return Errno::fault;
  // Context::Builder has made sure that both fit.
  call.memory.store<uint32_t>(count_out, static_cast<uint32_t>(strings.size()));
  call.memory.store<uint32_t>(size_out, static_cast<uint32_t>(total_size(strings)));
  return Errno::success;
}

Errno store_strings(Call& call, const std::vector<std::string>& strings, uint32_t pointers,
                    uint32_t bytes) {
  if (!call.memory.require(pointers, strings.size() * uint64_t{4}) ||
      !call.memory.require(bytes, total_size(strings))) {
    return Errno::fault;
  }
  for (const std::string& text : strings) {
    const size_t size = text.size() + 1;
    call.memory.store<uint32_t>(pointers, bytes);
    std::memcpy(call.memory.bytes(bytes, size).data(), text.c_str(), size);
    pointers += 4;
    bytes += static_cast<uint32_t>(size);
  }
  return Errno::success;
}

}  // namespace

Errno args_get(Call& call, uint32_t argv, uint32_t strings) {
  return store_strings(call, call.context.arguments(), argv, strings);
}

Errno args_sizes_get(Call& call, uint32_t count_out, uint32_t size_out) {
  return store_sizes(call, call.context.arguments(), count_out, size_out);
}

Errno environ_get(Call& call, uint32_t environ, uint32_t strings) {
  return store_strings(call, call.context.environment(), environ, strings);
}

Errno environ_sizes_get(Call& call, uint32_t count_out, uint32_t size_out) {
  return store_sizes(call, call.context.environment(), count_out, size_out);
}

Errno clock_res_get(Call& call, uint32_t clock, uint32_t resolution_out) {
  const auto id = decode_clock(clock);
  if (!id.has_value()) return Errno::inval;
  call.memory.store<uint64_t>(resolution_out, TRY(call.context.clocks().resolution_ns(*id)));
  return Errno::success;
}

Errno clock_time_get(Call& call, uint32_t clock, uint64_t /*precision*/, uint32_t time_out) {
  const auto id = decode_clock(clock);
  if (!id.has_value()) return Errno::inval;
  call.memory.store<uint64_t>(time_out, TRY(call.context.clocks().now_ns(*id)));
  return Errno::success;
}

Errno random_get(Call& call, uint32_t buffer, uint32_t size) {
  TRY(call.context.fill_random(call.memory.bytes(buffer, size)));
  return Errno::success;
}

Errno sched_yield(Call&) {
  std::this_thread::yield();
  return Errno::success;
}

Outcome proc_exit(Call&, uint32_t code) {
  return {Outcome::exit, code, nullptr};
}

// Signals were taken out of WASI after preview 1; no guest can have a handler for one.
Errno proc_raise(Call&, uint32_t /*signal*/) {
  return Errno::nosys;
}

Errno poll_oneoff(Call& call, uint32_t subscriptions, uint32_t events_out, uint32_t count,
                  uint32_t event_count_out) {
  if (count == 0) return Errno::inval;
  const uint32_t stride = subscription_size(call.version);
  if (!call.memory.require(subscriptions, uint64_t{count} * stride) ||
      !call.memory.require(events_out, uint64_t{count} * kEventSize) ||
      !call.memory.require(event_count_out, 4)) {
    return Errno::fault;
  }
  if (count > call.context.limits().poll_subscriptions) return Errno::inval;

  // All are read before any event is written: the two arrays may overlap.
  std::vector<Subscription> decoded;
  decoded.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    decoded.push_back(TRY(load_subscription(call.memory, subscriptions + i * stride, call.version,
                                            call.context.fds())));
  }
  const std::vector<Event> events = TRY(wait_for_events(decoded, call.context.clocks()));
  for (const Event& event : events) {
    store_event(call.memory, events_out, event);
    events_out += kEventSize;
  }
  call.memory.store<uint32_t>(event_count_out, static_cast<uint32_t>(events.size()));
  return Errno::success;
}

}  // namespace swoop::wasi::handlers

// Ending calls into wasm: a StopToken given to a call (CallOptions) ends it, from any thread or a
// signal handler. Tests: tests/runtime/interruption_test.cc, fuel_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace swoop {

class Interruption;
class StopState;

/// Copies are the same token; none of them is ever reset. It ends the calls that were given it and
/// no others: those that run now, and those that begin later, before they execute anything. Threads
/// may share it.
class StopToken {
 public:
  StopToken();

  /// Safe in signal handlers: takes no lock, allocates nothing and keeps errno.
  void stop() const noexcept;
  bool is_stopped() const noexcept;

 private:
  friend class CallScope;
  std::shared_ptr<StopState> state_;
};

/// What ends one call before it is done.
///
/// After `stop` or `timeout` it traps with TrapCode::interrupted, and so do the calls of its store
/// that it made through host functions. Nothing else is affected. Loops end in code that was
/// compiled for it (jit::Target::interruption); calls, bulk operations and waiting functions of
/// WASI always do.
struct CallOptions {
  std::optional<StopToken> stop = std::nullopt;
  /// From the beginning of the call. Time in host functions counts.
  std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
  /// What this call and those it makes through host functions may use together, of what the store
  /// has; what they do not use stays with the store. Beyond it they trap with
  /// TrapCode::out_of_fuel. A trap, too, if the engine's code does not count (jit::Target::fuel).
  std::optional<uint64_t> fuel = std::nullopt;

  bool empty() const { return !stop && !timeout && !fuel; }
};

}  // namespace swoop

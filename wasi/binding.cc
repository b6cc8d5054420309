#include "wasi/binding.h"

namespace swoop::wasi {

Answer call(const Function& function, Context& context, GuestMemory& memory,
            const uint64_t* arguments, platform::Interrupt* interrupt) {
  const Outcome outcome = [&] {
    const platform::InterruptScope scope(interrupt);
    return function.call(context, memory, arguments);
  }();
  if (outcome.kind == Outcome::exit) return {Answer::exit, outcome.value, {}};
  // What it did may be incomplete, but nobody is left to whom that would matter.
  if (interrupt != nullptr && interrupt->is_raised()) return {Answer::interrupted, 0, {}};
  if (outcome.kind == Outcome::trap) {
    const char* const reason =
        memory.is_absent() ? "the module exports no memory named \"memory\"" : outcome.message;
    return {Answer::trap, 0, std::string(function.name) + ": " + reason};
  }
  return {Answer::returned, outcome.value, {}};
}

}  // namespace swoop::wasi

#include "wasi/binding.h"

namespace swoop::wasi {

Answer call(const Function& function, Context& context, std::optional<std::span<uint8_t>> memory,
            const uint64_t* arguments, platform::Interrupt* interrupt) {
  GuestMemory guest(memory.value_or(std::span<uint8_t>()));
  const Outcome outcome = [&] {
    const platform::InterruptScope scope(interrupt);
    return function.call(context, guest, arguments);
  }();
  if (outcome.kind == Outcome::exit) return {Answer::exit, outcome.value, {}};
  // What it did may be incomplete, but nobody is left to whom that would matter.
  if (interrupt != nullptr && interrupt->is_raised()) return {Answer::interrupted, 0, {}};
  if (outcome.kind == Outcome::trap) {
    const char* const reason =
        memory ? outcome.message : "the module exports no memory named \"memory\"";
    return {Answer::trap, 0, std::string(function.name) + ": " + reason};
  }
  return {Answer::returned, outcome.value, {}};
}

}  // namespace swoop::wasi

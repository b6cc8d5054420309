// Memory for machine code: filled while writable, then sealed, executable and immutable until all
// of it is gone.
//
// Safety: no page is ever writable and executable at once (W^X), and none is executable before
// `seal()` or writable after it, until `renew()` has ended that. Covered by
// tests/platform/code_memory_test.cc.
#pragma once

#include "platform/virtual_memory.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace swoop::platform {

class CodeMemory {
 public:
  CodeMemory() = default;

  /// Maps room for `size_bytes` of code, readable and writable, zeroed. Nothing when memory is
  /// refused.
  static std::optional<CodeMemory> allocate(size_t size_bytes);

  /// The whole room, rounded up to pages, from about a megabyte on to huge ones. Only before
  /// `seal()`.
  std::span<uint8_t> writable();

  /// Ends writing: flushes the instruction cache and turns the pages from writable to executable,
  /// once. In code with landing pads, indirect branches land nowhere else from now on, where the
  /// processor sees to it. False when the system refuses executable memory; the code then stays
  /// writable and must not be called.
  [[nodiscard]] bool seal(bool has_landing_pads = false);

  /// Whether the processor and the system do that: AArch64 with BTI.
  static bool enforces_landing_pads();

  /// Makes it what `allocate()` gave: writable, zeroed, not executable. Nothing beyond the first
  /// `used_bytes` was written, and no code in it runs or will be called. False when the system
  /// refuses; it then stays sealed.
  [[nodiscard]] bool renew(size_t used_bytes);

  bool sealed() const { return sealed_; }
  const uint8_t* data() const { return memory_.data() + start_; }
  size_t size_bytes() const { return size_bytes_; }
  bool contains(uintptr_t pc) const {
    return pc - reinterpret_cast<uintptr_t>(data()) < size_bytes_;
  }

 private:
  VirtualMemory memory_;
  size_t start_ = 0;  // what lies outside of the room is never committed
  size_t size_bytes_ = 0;
  bool sealed_ = false;
};

}  // namespace swoop::platform

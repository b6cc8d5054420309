// The guest's linear memory as a WASI call sees it: every access is checked, and one that is out of
// bounds makes the whole call a trap.
//
// Safety: guest pointers reach host memory only here. Arithmetic is in 64 bits, so that pointer +
// length cannot wrap. tests/wasi/hostile_pointers_test.cc passes bad pointers to every function.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace swoop::wasi {

static_assert(std::endian::native == std::endian::little, "guest memory is read by memcpy");

/// Borrows the memory for one call; anything that can grow the memory ends its use. Misaligned
/// pointers are accepted.
class GuestMemory {
 public:
  /// Without a memory, every access is out of bounds.
  explicit GuestMemory(std::optional<std::span<uint8_t>> memory)
      : memory_(memory.value_or(std::span<uint8_t>())), is_absent_(!memory) {}

  bool is_absent() const { return is_absent_; }
  const uint8_t* begin() const { return memory_.data(); }
  /// Where the memory was is not the guest's any more: later accesses are out of bounds.
  void revoke() { memory_ = {}; }

  /// True once any access was out of bounds. Later reads give zeros and later writes do nothing.
  bool faulted() const { return faulted_; }

  /// Checks the range without touching it, so that a call can fail before it has had an effect.
  bool require(uint32_t pointer, uint64_t size_bytes) {
    const bool inside = size_bytes <= memory_.size() && pointer <= memory_.size() - size_bytes;
    if (!inside) faulted_ = true;
    return inside;
  }

  /// The bytes of the range; empty if it is out of bounds.
  std::span<uint8_t> bytes(uint32_t pointer, uint64_t size_bytes) {
    if (!require(pointer, size_bytes)) return {};
    return memory_.subspan(pointer, static_cast<size_t>(size_bytes));
  }

  template <class T>
  T load(uint32_t pointer) {
    static_assert(std::is_integral_v<T>);
    T value = 0;
    if (require(pointer, sizeof(T))) std::memcpy(&value, memory_.data() + pointer, sizeof(T));
    return value;
  }

  template <class T>
  void store(uint32_t pointer, std::type_identity_t<T> value) {
    static_assert(std::is_integral_v<T>);
    if (require(pointer, sizeof(T))) std::memcpy(memory_.data() + pointer, &value, sizeof(T));
  }

 private:
  std::span<uint8_t> memory_;
  bool is_absent_;
  bool faulted_ = false;
};

}  // namespace swoop::wasi

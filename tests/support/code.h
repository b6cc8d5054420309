// Instructions as bytes: code(local_get, 0u, i32_const, -1, i32_add, end).
#pragma once

#include "wasm/opcode.h"
#include "wasm/types.h"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace swoop {

/// A byte that is not a number: a type, flags, a lane.
struct Byte {
  uint8_t value;
};

inline constexpr Byte kVoidByte{0x40};
inline constexpr Byte kI32Byte{0x7f};
inline constexpr Byte kI64Byte{0x7e};
inline constexpr Byte kF32Byte{0x7d};
inline constexpr Byte kF64Byte{0x7c};
inline constexpr Byte kV128Byte{0x7b};
inline constexpr Byte kFuncByte{0x70};    // the heap type, and funcref
inline constexpr Byte kExternByte{0x6f};  // likewise
inline constexpr Byte kAnyByte{0x6e};
inline constexpr Byte kEqByte{0x6d};
inline constexpr Byte kI31Byte{0x6c};
inline constexpr Byte kStructByte{0x6b};
inline constexpr Byte kArrayByte{0x6a};
inline constexpr Byte kExnByte{0x69};
inline constexpr Byte kNoneByte{0x71};
inline constexpr Byte kNullableByte{0x63};  // (ref null <heap type>)
inline constexpr Byte kNonNullByte{0x64};   // (ref <heap type>)

namespace internal {

inline void append_unsigned(std::vector<uint8_t>& bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<uint8_t>(value | 0x80));
  bytes.push_back(static_cast<uint8_t>(value));
}

inline void append_signed(std::vector<uint8_t>& bytes, int64_t value) {
  for (; value < -0x40 || value >= 0x40; value >>= 7) {
    bytes.push_back(static_cast<uint8_t>(value | 0x80));
  }
  bytes.push_back(static_cast<uint8_t>(value & 0x7f));
}

inline void append(std::vector<uint8_t>& bytes, Byte byte) {
  bytes.push_back(byte.value);
}
inline void append(std::vector<uint8_t>& bytes, Opcode op) {
  const auto encoding = static_cast<uint32_t>(op);
  if (encoding >= 0x1000) {
    bytes.push_back(static_cast<uint8_t>(encoding >> 12));
    append_unsigned(bytes, encoding & 0xfff);
  } else {
    bytes.push_back(static_cast<uint8_t>(encoding));
  }
}
inline void append(std::vector<uint8_t>& bytes, std::unsigned_integral auto value) {
  append_unsigned(bytes, value);
}
inline void append(std::vector<uint8_t>& bytes, std::signed_integral auto value) {
  append_signed(bytes, value);
}
inline void append(std::vector<uint8_t>& bytes, const std::vector<uint8_t>& part) {
  bytes.insert(bytes.end(), part.begin(), part.end());
}

}  // namespace internal

/// Opcodes as they are encoded, unsigned numbers as unsigned LEB128, signed ones as signed LEB128,
/// bytes and other code as they are.
template <class... Parts>
std::vector<uint8_t> code(const Parts&... parts) {
  std::vector<uint8_t> bytes;
  (internal::append(bytes, parts), ...);
  return bytes;
}

/// The part `times` over.
inline std::vector<uint8_t> repeat(size_t times, const std::vector<uint8_t>& part) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < times; ++i) internal::append(bytes, part);
  return bytes;
}

}  // namespace swoop

// A wasm value outside of machine code: 16 bytes of bits, typed by context.
#pragma once

#include <bit>
#include <cstdint>

namespace swoop {

/// i32 and f32 use the low 4 bytes of `low`, upper bytes zero. References are one word in `low`,
/// null is 0: pointers of functions (vm/context.h), tagged words of all others (vm/object.h).
struct Value {
  uint64_t low = 0;
  uint64_t high = 0;  // v128 only

  static constexpr Value i32(int32_t v) { return {static_cast<uint32_t>(v), 0}; }
  static constexpr Value i64(int64_t v) { return {static_cast<uint64_t>(v), 0}; }
  static constexpr Value f32(float v) { return {std::bit_cast<uint32_t>(v), 0}; }
  static constexpr Value f64(double v) { return {std::bit_cast<uint64_t>(v), 0}; }

  constexpr int32_t as_i32() const { return static_cast<int32_t>(low); }
  constexpr int64_t as_i64() const { return static_cast<int64_t>(low); }
  constexpr float as_f32() const { return std::bit_cast<float>(static_cast<uint32_t>(low)); }
  constexpr double as_f64() const { return std::bit_cast<double>(low); }
  friend constexpr bool operator==(const Value&, const Value&) = default;
};

}  // namespace swoop

// The answer of a native call between C++ and a thunk, in either direction.
#pragma once

#include <cstdint>
#include <type_traits>

namespace swoop {

/// One result and the status in two registers: the C ABI returns this struct so.
template <class T>
struct NativeResult {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(uint64_t));
  T value;
  uint64_t status;
};

/// No result, or several, which lie in an array of Values: the status alone.
template <>
struct NativeResult<void> {
  uint64_t status;
};

}  // namespace swoop

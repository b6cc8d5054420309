// Structs of the C ABI that begin with their size, so that later versions can add members at the
// end: a size is that of the first version or of a later one.
#pragma once

#include <cstddef>
#include <cstring>

namespace swoop::api {

/// Reads what a caller gave over the defaults. False if its size is of no version that the library
/// knows; nothing is read then.
template <class T>
[[nodiscard]] bool read_sized(const T& given, T& chosen, size_t first_size = sizeof(T)) {
  if (given.size < first_size || given.size > sizeof(T)) return false;
  std::memcpy(&chosen, &given, given.size);
  return true;
}

}  // namespace swoop::api

// A vector indexed by one index space only, so that a FuncIdx cannot pick a type.
#pragma once

#include "base/check.h"

#include <cstddef>
#include <type_traits>
#include <vector>

namespace swoop {

/// The number behind a strong index.
template <class E>
requires std::is_enum_v<E>
constexpr auto to_underlying(E value) {
  return static_cast<std::underlying_type_t<E>>(value);
}

template <class Index, class T>
class IndexVector : public std::vector<T> {
 public:
  using std::vector<T>::vector;

  T& operator[](Index index) {
    DCHECK(contains(index));
    return std::vector<T>::operator[](to_underlying(index));
  }
  const T& operator[](Index index) const {
    DCHECK(contains(index));
    return std::vector<T>::operator[](to_underlying(index));
  }

  bool contains(Index index) const { return to_underlying(index) < this->size(); }
  Index end_index() const {
    return Index(static_cast<std::underlying_type_t<Index>>(this->size()));
  }
};

}  // namespace swoop

// Modules as bytes: module({section(1, vec({func_type({kI32Byte}, {})})), ...}).
#pragma once

#include "tests/support/code.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace swoop {

using Bytes = std::vector<uint8_t>;

/// One byte for each number, 0 to 255.
inline Bytes raw(std::initializer_list<int> numbers) {
  Bytes bytes;
  for (const int number : numbers) bytes.push_back(static_cast<uint8_t>(number));
  return bytes;
}

inline Bytes concat(std::initializer_list<Bytes> parts) {
  Bytes bytes;
  for (const Bytes& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

/// A vector as the binary format has it: the number of items, then the items.
inline Bytes vec(std::initializer_list<Bytes> items) {
  return code(static_cast<uint32_t>(items.size()), concat(items));
}

/// Bytes with their number before them.
inline Bytes sized(const Bytes& contents) {
  return code(static_cast<uint32_t>(contents.size()), contents);
}

inline Bytes name(std::string_view text) {
  return sized(Bytes(text.begin(), text.end()));
}

inline Bytes section(int id, const Bytes& contents) {
  return concat({raw({id}), sized(contents)});
}

inline Bytes module(std::initializer_list<Bytes> sections) {
  return concat({raw({0, 'a', 's', 'm', 1, 0, 0, 0}), concat(sections)});
}

inline Bytes func_type(std::initializer_list<Bytes> params, std::initializer_list<Bytes> results) {
  return concat({raw({0x60}), vec(params), vec(results)});
}

/// A type section with one function type without parameters and results.
inline Bytes void_type_section() {
  return section(1, vec({func_type({}, {})}));
}

/// A body with its size: no locals, the instructions, `end`.
inline Bytes body(const Bytes& instructions) {
  return sized(concat({raw({0}), instructions, raw({0x0b})}));
}

}  // namespace swoop

// UTF-8 as the specification has it: no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace swoop {

/// How many bytes from the start are whole, good characters.
size_t utf8_prefix(std::string_view text);

/// Spec: binary/values#names.
inline bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

struct CodePoint {
  uint32_t value = 0;
  size_t size = 0;  // bytes; 0: no good character
};

/// The character at the start of `text`.
CodePoint decode_utf8(std::string_view text);

/// Whether a character, shown as it is, would make people see something else than there is: control
/// characters, line separators, and marks that are invisible or reorder what is read.
bool is_deceptive(uint32_t c);

/// Columns that a terminal gives a character: 2 if it is wide, 0 if it joins the one before it.
unsigned columns_of(uint32_t c);

}  // namespace swoop

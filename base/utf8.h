// UTF-8 as the specification has it: no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace swoop {

/// How many bytes from the start are whole, good characters.
size_t utf8_prefix(std::string_view text);

/// Spec: binary/values#names.
inline bool is_utf8(std::string_view text) { return utf8_prefix(text) == text.size(); }

}  // namespace swoop

// UTF-8 as the specification has it: no overlong forms, no surrogates, nothing past U+10FFFF.
#pragma once

#include <string_view>

namespace swoop {

/// Spec: binary/values#names.
bool is_utf8(std::string_view text);

}  // namespace swoop

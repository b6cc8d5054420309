// Text modules for tests.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace swoop {

/// Whether identifiers of the text become a name section.
enum class WatNames { drop, keep };

/// The binary of a text module. It is not validated, so invalid modules can be written too. A text
/// that does not parse is an error of the test: prints what is wrong with it and aborts.
std::vector<uint8_t> wat(std::string_view text, WatNames names = WatNames::drop);

}  // namespace swoop

// Text modules for tests, assembled by wabt's wat2wasm, which knows Wasm up to 2.0 with tail calls,
// threads, memory64, multiple memories and legacy exceptions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace swoop {

/// Whether identifiers of the text become a name section.
enum class WatNames { drop, keep };

/// The binary of a text module. It is not validated, so invalid modules can be written too. A text
/// that does not parse is an error of the test: prints wat2wasm's message and aborts. Equal texts
/// are assembled once in a process.
const std::vector<uint8_t>& wat(std::string_view text, WatNames names = WatNames::drop);

}  // namespace swoop

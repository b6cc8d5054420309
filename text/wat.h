// The text format: WebAssembly text becomes a binary module, which takes the same path as any
// other. Spec: text/index.
#pragma once

#include "base/result.h"
#include "text/source_map.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {

struct WatOptions {
  bool names = true;                // write identifiers and @name annotations into a name section
  SourceMap* source_map = nullptr;  // filled if it is asked for
};

/// The binary of one module, `(module ...)` or bare fields. Not validated: whatever can be written
/// in text is written. Knows every feature of wasm/features.h, whichever are enabled.
/// Errors: malformed, with the offset in `text`; invalid for an annotation that names what it
/// cannot annotate. Cost: linear in `text`, whatever it nests. Spec: text/modules.
Result<std::vector<uint8_t>> wat_to_wasm(std::string_view text, const WatOptions& options = {});

/// A place in a text for people. Both count from 1; columns count characters, not bytes.
struct TextPosition {
  size_t line = 1;
  size_t column = 1;
};
TextPosition position_of(std::string_view text, size_t offset);

/// The line that holds `offset` with its number, and a caret under the place, each line ending in a
/// newline. Long lines are cut around the place; what cannot be shown is replaced.
std::string excerpt(std::string_view text, size_t offset);

}  // namespace swoop::text

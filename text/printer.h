// A binary module becomes WebAssembly text. Spec: text/index. tests/text/printer_test.cc,
// tests/text/round_trip_test.cc.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>

namespace swoop::text {

struct PrintOptions {
  bool fold = false;  // folded expressions instead of one instruction after the other
};

/// The text of a module. wat_to_wasm gives the same bytes back if they are as an encoder would
/// write them; if not, an equivalent module whose text is the same. All types are referred to by
/// index or identifier, so none is created; identifiers are the names of the name section, if they
/// can be; custom sections are annotations. Needs well-formed bytes, not a valid module.
/// Cost: linear in the module's size, time and memory.
/// Errors: malformed; limit_exceeded for too many locals or a text that is out of all proportion to
/// the module.
Result<std::string> wasm_to_wat(std::span<const uint8_t> wasm, const PrintOptions& options = {});

}  // namespace swoop::text

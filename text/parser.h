// Tokens of one module to its binary. Entry point: parse_module.
#pragma once

#include "base/result.h"
#include "text/token.h"
#include "text/wat.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace swoop::text {

/// The contents of `(module ...)`, tokens `begin` up to `end`: an identifier and fields. Errors:
/// see wat_to_wasm.
Result<std::vector<uint8_t>> parse_module(const TokenList& tokens, size_t begin, size_t end,
                                          const WatOptions& options);

}  // namespace swoop::text

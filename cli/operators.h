// Instructions of a function body as text.
#pragma once

#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace swoop::cli {

struct OperatorText {
  uint32_t body_offset = 0;  // from the start of the body
  uint32_t depth = 0;        // of nesting
  std::string text;          // the instruction with its immediates
};

struct BodyText {
  std::string locals;  // "local i32 x 3, f64", or empty
  std::vector<OperatorText> operators;
};

/// Reads a body of a module that has been validated.
BodyText list_operators(const ModuleInfo& module, const TypeRegistry& types, uint32_t defined_index,
                        std::span<const uint8_t> wasm);

}  // namespace swoop::cli

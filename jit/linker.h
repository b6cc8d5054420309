// Chunks of functions become one CodeObject, and a CodeObject becomes executable memory.
//
// Safety: `load` writes code only before it is sealed; displacements are checked before they are
// written. Noticed by: tests/jit/compile_test.cc.
#pragma once

#include "base/index_vector.h"
#include "base/result.h"
#include "jit/code_object.h"
#include "jit/compiler.h"
#include "platform/code_memory.h"

#include <span>
#include <vector>

namespace swoop::jit {

/// Concatenates chunks in order and resolves calls between them. Errors: limit_exceeded when the
/// code is larger than a call can reach.
Result<CodeObject> link(std::vector<CodeChunk> chunks);

/// Sealed memory that holds the text of a CodeObject. Position and lifetime do not matter to the
/// code itself.
struct ExecutableImage {
  platform::CodeMemory memory;
  const uint8_t* text() const { return memory.data(); }
};

/// Copies the text, writes the canonical ids of `types` into it, and seals it (W^X). Errors:
/// out_of_memory.
Result<ExecutableImage> load(const CodeObject& code, const IndexVector<TypeIdx, TypeId>& types);

}  // namespace swoop::jit

// Chunks of functions become one CodeObject, and a CodeObject becomes executable.
//
// Safety: code is written only before it is sealed, and every field lies inside of it (CodeText).
// Noticed by: tests/jit/compile_test.cc.
#pragma once

#include "base/index_vector.h"
#include "base/result.h"
#include "jit/code_object.h"
#include "jit/compiler.h"
#include "wasm/types.h"

#include <memory>
#include <vector>

namespace swoop::jit {

/// Concatenates chunks in the order in which they come, and resolves the calls between them.
class Linker {
 public:
  /// The sizes are those of the module; they only save moves. So does the pool, which may be null.
  Linker(uint64_t code_section_bytes, uint32_t num_functions,
         std::shared_ptr<CodePool> pool = nullptr);

  /// Errors: out_of_memory; limit_exceeded when the code is larger than a call can reach, or a
  /// function's larger than its budget (docs/LIMITS.md).
  Result<> add(const CodeChunkView& chunk);
  CodeObject finish() &&;

 private:
  void add(const TryTables& tries, uint32_t base);
  void resolve(const Reloc& call);

  CodeObject code_;
  std::vector<Reloc> forward_calls_;
  bool has_short_calls_ = false;  // call26, which nothing may be out of the reach of
};

/// Writes the canonical ids of `types` into the code and seals it: from then on `code.text` can be
/// called. Errors: out_of_memory.
Result<> load(CodeObject& code, const IndexVector<TypeIdx, TypeId>& types);

}  // namespace swoop::jit

// What turns validated functions into code: one implementation per machine, chosen at run time,
// called per batch of functions so that the virtual call costs nothing.
#pragma once

#include "jit/code_object.h"
#include "jit/cpu_features.h"
#include "jit/func_info.h"
#include "jit/module_context.h"
#include "jit/target.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace swoop::jit {

/// One validated function. `body` must stay valid until it has been compiled.
struct FuncJob {
  uint32_t defined_index = 0;
  std::span<const uint8_t> body;
  size_t body_offset = 0;
  FuncInfo info;
};

/// The code of consecutive functions; offsets count from the start of `text`, whose size is a
/// multiple of 16. Calls are not resolved. Borrows from the compiler, until it compiles again.
struct CodeChunkView {
  std::span<const uint8_t> text;
  std::span<const FuncEntry> functions;
  std::span<const CodeSite> sites;
  std::span<const Reloc> relocs;
  const TryTables* tries = nullptr;  // null: empty
  /// The first function whose code outgrew its budget; the rest is then of no use.
  std::optional<uint32_t> too_large = std::nullopt;
};

/// Belongs to one thread and keeps its working memory from call to call.
class Compiler {
 public:
  virtual ~Compiler() = default;
  virtual CodeChunkView compile(const ModuleContext& context, std::span<const FuncJob> jobs) = 0;
};

namespace x64 {
std::unique_ptr<Compiler> make_compiler(const Target& target);
}  // namespace x64
namespace a64 {
std::unique_ptr<Compiler> make_compiler(const Target& target);
}  // namespace a64

inline std::unique_ptr<Compiler> make_compiler(const Target& target) {
  return target.isa == Isa::x64 ? x64::make_compiler(target) : a64::make_compiler(target);
}

}  // namespace swoop::jit

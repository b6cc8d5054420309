#include "jit/a64/macro_assembler.h"
#include "jit/chunk_compiler.h"

namespace swoop::jit::a64 {

std::unique_ptr<Compiler> make_compiler(const Target& target) {
  if (target.bounds == BoundsMode::explicit_)
    return std::make_unique<ChunkCompiler<ExplicitMacroAssembler>>(target);
  return std::make_unique<ChunkCompiler<MacroAssembler>>(target);
}

}  // namespace swoop::jit::a64

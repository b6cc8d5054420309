#include "jit/chunk_compiler.h"
#include "jit/x64/macro_assembler.h"

namespace swoop::jit::x64 {

std::unique_ptr<Compiler> make_compiler(const Target& target) {
  if (target.bounds == BoundsMode::explicit_)
    return std::make_unique<ChunkCompiler<ExplicitMacroAssembler>>(target);
  return std::make_unique<ChunkCompiler<MacroAssembler>>(target);
}

}  // namespace swoop::jit::x64

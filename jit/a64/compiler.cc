#include "jit/a64/macro_assembler.h"
#include "jit/chunk_compiler.h"

namespace swoop::jit::a64 {

std::unique_ptr<Compiler> make_compiler(BoundsMode bounds) {
  if (bounds == BoundsMode::explicit_)
    return std::make_unique<ChunkCompiler<ExplicitMacroAssembler>>(bounds);
  return std::make_unique<ChunkCompiler<MacroAssembler>>(bounds);
}

}  // namespace swoop::jit::a64

#include "jit/chunk_compiler.h"
#include "jit/x64/macro_assembler.h"

namespace swoop::jit::x64 {

std::unique_ptr<Compiler> make_compiler(const CpuFeatures& cpu, BoundsMode bounds) {
  if (bounds == BoundsMode::explicit_)
    return std::make_unique<ChunkCompiler<ExplicitMacroAssembler>>(cpu, bounds);
  return std::make_unique<ChunkCompiler<MacroAssembler>>(cpu, bounds);
}

}  // namespace swoop::jit::x64

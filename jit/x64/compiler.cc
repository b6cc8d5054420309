// The compiler for x86-64: the one place where the machine-independent part is instantiated for it.
#include "jit/compiler.h"

#include "jit/function_compiler.h"
#include "jit/x64/macro_assembler.h"

namespace swoop::jit::x64 {

namespace {

class X64Compiler final : public Compiler {
 public:
  X64Compiler(const CpuFeatures& cpu, BoundsMode bounds) : masm_(cpu, bounds) {}

  CodeChunk compile(const ModuleContext& context, std::span<const FuncJob> jobs) override {
    FunctionCompiler<MacroAssembler> compiler(context, masm_);
    CodeChunk chunk;
    chunk.functions.reserve(jobs.size());
    masm_.reset();
    for (const FuncJob& job : jobs) {
      chunk.functions.push_back(compiler.compile(context.module.defined_func(job.defined_index),
                                                 job.info, job.body, job.body_offset));
    }
    masm_.finish_chunk();
    chunk.text.assign(masm_.code().begin(), masm_.code().end());
    chunk.sites.assign(masm_.sites().begin(), masm_.sites().end());
    chunk.relocs.assign(masm_.relocs().begin(), masm_.relocs().end());
    return chunk;
  }

 private:
  MacroAssembler masm_;
};

}  // namespace

std::unique_ptr<Compiler> make_compiler(const CpuFeatures& cpu, BoundsMode bounds) {
  return std::make_unique<X64Compiler>(cpu, bounds);
}

}  // namespace swoop::jit::x64

// The compiler for x86-64: the one place where the machine-independent part is instantiated for it.
#include "jit/compiler.h"

#include "jit/function_compiler.h"
#include "jit/x64/macro_assembler.h"

#include <optional>
#include <vector>

namespace swoop::jit::x64 {

namespace {

class X64Compiler final : public Compiler {
 public:
  X64Compiler(const CpuFeatures& cpu, BoundsMode bounds) : masm_(cpu, bounds) {}

  CodeChunkView compile(const ModuleContext& context, std::span<const FuncJob> jobs) override {
    masm_.reset();
    functions_.clear();
    if (!compiler_ || &compiler_->context() != &context) compiler_.emplace(context, masm_);
    for (const FuncJob& job : jobs) {
      functions_.push_back(compiler_->compile(context.module.defined_func(job.defined_index),
                                              job.info, job.body, job.body_offset));
      if (compiler_->too_large()) return {{}, {}, {}, {}, nullptr, job.defined_index};
    }
    masm_.finish_chunk();
    return {masm_.code(), functions_, masm_.sites(), masm_.relocs(), &masm_.tries()};
  }

 private:
  MacroAssembler masm_;
  std::optional<FunctionCompiler<MacroAssembler>> compiler_;
  std::vector<FuncEntry> functions_;
};

}  // namespace

std::unique_ptr<Compiler> make_compiler(const CpuFeatures& cpu, BoundsMode bounds) {
  return std::make_unique<X64Compiler>(cpu, bounds);
}

}  // namespace swoop::jit::x64

// The Compiler of any machine: the machine-independent part instantiated for its MacroAssembler, in
// jit/<isa>/compiler.cc.
#pragma once

#include "jit/compiler.h"
#include "jit/function_compiler.h"

#include <optional>
#include <utility>
#include <vector>

namespace swoop::jit {

template <MacroAssembler Masm>
class ChunkCompiler final : public Compiler {
 public:
  template <class... Arguments>
  explicit ChunkCompiler(Arguments&&... arguments) : masm_(std::forward<Arguments>(arguments)...) {}

  CodeChunkView compile(const ModuleContext& context, std::span<const FuncJob> jobs) override {
    if (!compiler_ || &compiler_->context() != &context) compiler_.emplace(context, masm_);
    const FuncJob* too_large = compile_all(jobs, BranchMode::near);
    if (too_large != nullptr && !masm_.in_reach()) too_large = compile_all(jobs, BranchMode::far);
    if (too_large != nullptr) return {{}, {}, {}, {}, nullptr, too_large->defined_index};
    masm_.finish_chunk();
    return {masm_.code(), functions_, masm_.sites(), masm_.relocs(), &masm_.tries()};
  }

 private:
  /// The first function that is too large, for its branches or for its body, if there is one.
  const FuncJob* compile_all(std::span<const FuncJob> jobs, BranchMode branches) {
    masm_.reset(branches);
    functions_.clear();
    for (const FuncJob& job : jobs) {
      const FuncIdx func = compiler_->context().module.defined_func(job.defined_index);
      functions_.push_back(compiler_->compile(func, job.info, job.body, job.body_offset));
      if (compiler_->too_large() || !masm_.in_reach()) return &job;
    }
    return nullptr;
  }

  Masm masm_;
  std::optional<FunctionCompiler<Masm>> compiler_;
  std::vector<FuncEntry> functions_;
};

}  // namespace swoop::jit

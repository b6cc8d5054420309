// A compiled module: immutable, shared by stores and threads.
#pragma once

#include "base/result.h"
#include "decoder/line_table.h"
#include "jit/code_object.h"
#include "jit/compile.h"
#include "jit/linker.h"
#include "runtime/data_images.h"
#include "runtime/engine.h"
#include "runtime/instance_block.h"
#include "vm/context.h"
#include "wasm/module.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace swoop {

class Module {
 public:
  /// Decodes, validates and compiles `wasm`, and publishes the code. The bytes are not kept. For
  /// bytes that are still to come: ModuleStream (runtime/module_stream.h).
  /// Cost: linear in `wasm.size()`; every function is compiled before this returns.
  /// Errors: malformed or invalid with the offset of the first bad byte; unsupported;
  /// limit_exceeded; out_of_memory. Spec: appendix/embedding#embed-module-validate.
  static Result<std::shared_ptr<const Module>> compile(std::shared_ptr<Engine> engine,
                                                       std::span<const uint8_t> wasm);
  /// The last step alone, for code that was compiled before by an engine with the same types and
  /// bounds.
  static Result<std::shared_ptr<const Module>> publish(std::shared_ptr<Engine> engine,
                                                       jit::CompiledModule compiled);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  Engine& engine() const { return *engine_; }
  const ModuleInfo& info() const { return compiled_.info; }
  const jit::CodeObject& code() const { return compiled_.code; }
  const jit::PhaseTimes& times() const { return compiled_.times; }
  const VmContextLayout& layout() const { return layout_; }

  /// The code of a defined function, by the wasm calling convention.
  const void* function_code(uint32_t defined_index) const {
    return text() + compiled_.code.functions[defined_index].offset;
  }
  const uint8_t* text() const { return compiled_.code.text.data(); }
  /// Whether this machine can run the code; without instances it is only data.
  bool is_executable() const { return compiled_.code.target.isa == jit::kHostIsa; }

  /// How memories of an instance that is made now begin. Images take time to make, so they are made
  /// once there is a second instance.
  const DataImages& data_images() const;

  InstanceBlocks& instance_blocks() const { return instance_blocks_; }
  /// The defined functions that constant expressions and ref.func may name.
  std::span<const FuncIdx> declared_funcs() const { return declared_funcs_; }

  const Export* find_export(std::string_view name) const;

  /// What the compiler noted about a place in the code.
  struct Site {
    uint32_t defined_index;
    jit::CodeSite site;
  };
  /// The note at exactly this address, which is the return address of a call or an instruction that
  /// faulted; it can be both, where the operator after a call traps. Nothing if there is none.
  std::optional<Site> find_call_site(uintptr_t return_pc) const {
    return find_site(return_pc, true);
  }
  std::optional<Site> find_trap_site(uintptr_t pc) const { return find_site(pc, false); }
  /// The function whose code `pc` lies in; and the region of code().tries, or kNone.
  const jit::FuncEntry& function_at(uintptr_t pc) const;
  uint32_t try_region_at(uintptr_t pc) const;

  /// Where an operator comes from, by its offset in the module; nothing without debug information.
  /// That is read when this is first asked for.
  std::optional<SourceLocation> source_of(size_t module_offset) const;

 private:
  Module(std::shared_ptr<Engine> engine, jit::CompiledModule compiled);
  std::optional<Site> find_site(uintptr_t pc, bool is_call) const;
  bool is_registered() const { return is_executable() && !compiled_.code.text.empty(); }

  std::shared_ptr<Engine> engine_;
  jit::CompiledModule compiled_;
  VmContextLayout layout_;
  std::unordered_map<std::string_view, const Export*> exports_;  // borrows from compiled_.info

  std::vector<FuncIdx> declared_funcs_;
  mutable InstanceBlocks instance_blocks_;
  mutable std::atomic<bool> has_instance_ = false;
  mutable std::once_flag images_made_;
  mutable DataImages images_;
  mutable std::once_flag lines_read_;
  mutable LineTable lines_;
};

}  // namespace swoop

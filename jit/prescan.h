// Pass A's second sink: while a function is validated, counts what pass B wants to know before it
// starts, most of all how often each local is used, weighted by loop depth.
#pragma once

#include "base/inline.h"
#include "decoder/validator.h"
#include "jit/func_info.h"
#include "jit/module_context.h"
#include "wasm/opcode.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swoop::jit {

/// Whether the single-pass compiler has handlers for all instructions of a feature, or for one.
constexpr bool is_compiled(Feature feature) {
  switch (feature) {
    case Feature::core:
    case Feature::sign_extension:
    case Feature::saturating_float_to_int:
    case Feature::multi_value:
    case Feature::mutable_globals:
    case Feature::bulk_memory:
    case Feature::reference_types:
    case Feature::extended_const:
    case Feature::multi_memory:
    case Feature::exceptions:
    case Feature::legacy_exceptions: return true;
    default: return false;
  }
}
constexpr bool is_compiled(Opcode opcode) {
  switch (opcode) {
    case Opcode::ref_eq:
    case Opcode::ref_i31:
    case Opcode::i31_get_s:
    case Opcode::i31_get_u:
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any: return true;
    default: return is_compiled(op_info(opcode).feature);
  }
}

/// The first thing of a module that cannot be compiled yet.
struct Unsupported {
  Feature feature;
  const char* what;  // an instruction, or a construct
  FuncIdx func{};
  size_t offset = 0;  // of the operator, in the module
};

class Prescan {
 public:
  explicit Prescan(const ModuleContext& context) : context_(context) {}

  /// Pass A of one function: validates it (see validate_function) and describes it to pass B.
  /// Whether it can be compiled, unsupported() tells. Errors: those of validate_function.
  Result<FuncInfo> scan(const Features& features, FuncIdx func, std::span<const uint8_t> body,
                        size_t body_offset);

  void attach(CodePosition& code) { code_ = &code; }
  void begin_function(FuncIdx func, const FuncType& type, std::span<const ValType> locals);
  void end_function(uint32_t max_operand_height);

  const std::optional<Unsupported>& unsupported() const { return unsupported_; }

  SWOOP_INLINE void on(Op<Opcode::local_get>, LocalIdx local) { use(local); }
  SWOOP_INLINE void on(Op<Opcode::local_set>, LocalIdx local) { use(local); }
  SWOOP_INLINE void on(Op<Opcode::local_tee>, LocalIdx local) { use(local); }

  void on(Op<Opcode::block>, const BlockType&) { enter(BlockKind::plain); }
  void on(Op<Opcode::if_>, const BlockType&) { enter(BlockKind::plain); }
  void on(Op<Opcode::loop>, const BlockType&) { enter(BlockKind::loop); }
  void on(Op<Opcode::end>) { leave(); }

  void on(Op<Opcode::call>, FuncIdx func) {
    calls(context_.call_layouts[context_.module.funcs[func].type_idx].stack_bytes);
    info_.leaves_instance |= context_.module.is_imported(func);
  }
  void on(Op<Opcode::call_indirect>, TypeIdx type, TableIdx) {
    calls(context_.call_layouts[type].stack_bytes);
    info_.leaves_instance = true;
    // The slow path would need a subtype test.
    if (!context_.types[context_.module.types[type]].definition.is_final)
      refuse(Feature::gc, "call_indirect of a type with subtypes");
  }
  void on(Op<Opcode::memory_grow>, MemoryIdx) { calls(0); }
  void on(Op<Opcode::memory_copy>, MemoryIdx, MemoryIdx) { calls(0); }
  void on(Op<Opcode::memory_fill>, MemoryIdx) { calls(0); }
  void on(Op<Opcode::memory_init>, DataIdx, MemoryIdx) { calls(0); }
  void on(Op<Opcode::data_drop>, DataIdx) { calls(0); }
  void on(Op<Opcode::table_set>, TableIdx) { calls(0); }
  void on(Op<Opcode::table_grow>, TableIdx) { calls(0); }
  void on(Op<Opcode::table_fill>, TableIdx) { calls(0); }
  void on(Op<Opcode::table_copy>, TableIdx, TableIdx) { calls(0); }
  void on(Op<Opcode::table_init>, ElemIdx, TableIdx) { calls(0); }
  void on(Op<Opcode::elem_drop>, ElemIdx) { calls(0); }

  void on(Op<Opcode::throw_>, TagIdx) { calls(0); }
  void on(Op<Opcode::throw_ref>) { calls(0); }
  void on(Op<Opcode::rethrow>, LabelIdx) { calls(0), has_rethrow_ = true; }
  void on(Op<Opcode::try_table>, const BlockType&, const CatchList&) {
    enter(BlockKind::plain);
    info_.has_handler = true;
  }
  void on(Op<Opcode::try_>, const BlockType&) { enter(BlockKind::plain); }
  void on(Op<Opcode::catch_>, TagIdx) { enter_handler(); }
  void on(Op<Opcode::catch_all>) { enter_handler(); }
  void on(Op<Opcode::delegate>, LabelIdx) { leave(); }

  template <Opcode kOpcode, class... Immediates>
  requires(!is_compiled(kOpcode)) void on(Op<kOpcode>, const Immediates&...) { refuse<kOpcode>(); }

 private:
  enum class BlockKind : uint8_t { plain, loop, handler };
  static constexpr uint32_t kMaxWeightedDepth = 4;  // each loop counts eightfold

  SWOOP_INLINE void use(LocalIdx local) {
    const uint32_t index = to_underlying(local);
    weights_[index] += weight_;
    info_.num_used_locals = std::max(info_.num_used_locals, index + 1);
  }
  void enter(BlockKind kind) {
    blocks_.push_back(kind);
    if (kind == BlockKind::loop && loop_depth_++ < kMaxWeightedDepth) weight_ *= 8;
  }
  void leave() {
    if (blocks_.empty()) return;  // the function's own end
    const BlockKind kind = blocks_.back();
    if (kind == BlockKind::loop && --loop_depth_ < kMaxWeightedDepth) weight_ /= 8;
    if (kind == BlockKind::handler) --handler_depth_;
    blocks_.pop_back();
  }
  /// The innermost block goes on as a handler of the legacy kind.
  void enter_handler() {
    if (blocks_.back() == BlockKind::handler) return;
    blocks_.back() = BlockKind::handler;
    info_.has_handler = true;
    max_handler_depth_ = std::max(max_handler_depth_, ++handler_depth_);
  }
  void calls(uint32_t stack_bytes) {
    info_.call_weight += weight_;
    info_.outgoing_bytes = std::max(info_.outgoing_bytes, stack_bytes);
  }
  template <Opcode kOpcode>
  void refuse() {
    refuse(op_info(kOpcode).feature, op_info(kOpcode).text);
  }
  [[gnu::cold, gnu::noinline]] void refuse(Feature feature, const char* what);
  void choose_pinned();

  const ModuleContext& context_;
  ValidatorScratch scratch_;
  CodePosition* code_ = nullptr;
  FuncIdx func_{};
  FuncInfo info_;
  std::optional<Unsupported> unsupported_;
  std::span<const ValType> locals_;
  std::vector<uint32_t> weights_;  // zero beyond info_.num_used_locals
  uint32_t num_results_ = 0;
  std::vector<BlockKind> blocks_;
  uint32_t loop_depth_ = 0;
  uint32_t handler_depth_ = 0;
  uint32_t max_handler_depth_ = 0;
  bool has_rethrow_ = false;
  uint32_t weight_ = 1;
};

}  // namespace swoop::jit

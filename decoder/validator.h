// Checks the instructions of a body while they are decoded, by the algorithm of the specification's
// appendix, and passes those that some other sink wants on to it. Entry point: validate_function.
// Fast paths are inline and compare type numbers; all the rest, and every message, is in
// validator.cc. Spec: appendix/algorithm, valid/instructions.
#pragma once

#include "base/check.h"
#include "base/index_vector.h"
#include "base/inline.h"
#include "base/result.h"
#include "decoder/function_decoder.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/opcode.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop {

namespace internal {

/// Lies under the operands of each block in the operand stack. It equals no type, so that one
/// compare tells both a wrong type and an exhausted block; the slow path finds out which.
inline constexpr ValType kBarrier = std::bit_cast<ValType>(0xfu);
static_assert(kBarrier.kind() > ValType::Kind::ref);

/// Set in the type of a local that has no value yet: such a type equals no operand's either.
inline constexpr uint32_t kUnsetBit = 1u << 5;
static_assert((ValType::ref(HeapType::from_bits(~0u), true).bits() & kUnsetBit) == 0);

enum class FrameKind : uint8_t {
  func,
  block,
  loop,
  if_,
  else_,
  try_table,
  try_,
  catch_,
  catch_all,
};

/// An open block. 24 bytes, since a body can hold millions.
struct ControlFrame {
  const FuncType* type;  // null: no parameters, at most the one result below
  ValType result;        // bot: none
  uint32_t base;         // of its operands in the operand stack, above its barrier
  uint32_t set_locals;   // height of the list of locals that were set
  FrameKind kind;
  bool polymorphic;   // after an unconditional branch: operands of any type can be popped
  bool entered_live;  // control can reach its first instruction

  std::span<const ValType> params() const {
    return type == nullptr ? std::span<const ValType>() : std::span(type->params);
  }
  std::span<const ValType> results() const {
    if (type != nullptr) return type->results;
    return {&result, result == ValType::bot ? size_t{0} : size_t{1}};
  }
  std::span<const ValType> label_types() const {
    return kind == FrameKind::loop ? params() : results();
  }
};

}  // namespace internal

/// The memory of a validator, kept from function to function: one for each thread that validates.
class ValidatorScratch {
 public:
  ValidatorScratch() = default;
  ValidatorScratch(const ValidatorScratch&) = delete;
  ValidatorScratch& operator=(const ValidatorScratch&) = delete;

  std::vector<LocalRun> local_runs;  // of the current function, as declared

 private:
  friend class ValidatorBase;

  std::unique_ptr<ValType[]> operands_;
  size_t operand_capacity_ = 0;
  std::vector<internal::ControlFrame> frames_;
  std::vector<ValType> locals_;          // of the current function at least, parameters first
  std::vector<ValType> tracked_locals_;  // with unset ones marked; only if some have no default
  std::vector<LocalIdx> set_locals_;     // that were unset, in order: undone where blocks end
};

/// The part of a validator that does not depend on who listens. After an error it stays safe to
/// call, but what it finds means nothing.
class ValidatorBase {
 public:
  ValidatorBase(const ModuleInfo& module, const TypeRegistry& types, ValidatorScratch& scratch);

  /// Where the decoder stands: errors blame the operator there.
  void attach(CodePosition& position) { position_ = &position; }

  bool failed() const { return error_.has_value(); }
  Error take_error() { return std::move(*error_); }
  /// The function's final `end` was seen.
  bool done() const { return scratch_.frames_.empty(); }
  /// All locals of the function, parameters first.
  std::span<const ValType> locals() const { return {scratch_.locals_.data(), num_locals_}; }
  /// The most operands on the stack at once, in code that control can reach.
  uint32_t max_operand_height() const { return static_cast<uint32_t>(high_ - stack_begin()); }

 protected:
  /// Opens the function's own block. Lays out its locals.
  void begin(const FuncType& type, std::span<const LocalRun> local_runs);

  // Operators that deserve a fast path. Their overloads are found by Validator::on.

  SWOOP_INLINE void check(Op<Opcode::unreachable>) { set_polymorphic(); }
  SWOOP_INLINE void check(Op<Opcode::block>, const BlockType& type) {
    enter_block(Opcode::block, FrameKind::block, type);
  }
  SWOOP_INLINE void check(Op<Opcode::loop>, const BlockType& type) {
    enter_block(Opcode::loop, FrameKind::loop, type);
  }
  SWOOP_INLINE void check(Op<Opcode::if_>, const BlockType& type) {
    pop(Opcode::if_, ValType::i32, 1);
    enter_block(Opcode::if_, FrameKind::if_, type);
  }
  SWOOP_INLINE void check(Op<Opcode::end>) {
    const ControlFrame& frame = scratch_.frames_.back();
    if (frame.type == nullptr && frame.result == ValType::bot && top_[-1] == kBarrier) [[likely]] {
      pop_frame();
    } else {
      end_block();
    }
  }
  SWOOP_INLINE void check(Op<Opcode::br>, LabelIdx label) {
    if (!has_empty_label(label)) check_branch(Opcode::br, label);
    set_polymorphic();
  }
  SWOOP_INLINE void check(Op<Opcode::br_if>, LabelIdx label) {
    pop(Opcode::br_if, ValType::i32, 1);
    if (!has_empty_label(label)) check_branch_or_fall_through(Opcode::br_if, label);
  }
  SWOOP_INLINE void check(Op<Opcode::drop>) {
    if (top_[-1] != kBarrier) [[likely]] {
      --top_;
    } else {
      pop_any(Opcode::drop, 1);
    }
  }
  SWOOP_INLINE void check(Op<Opcode::select>) {
    const ValType type = top_[-2];
    if (top_[-1] == ValType::i32 && type == top_[-3] && (type.is_num() || type.is_vec()))
        [[likely]] {
      top_ -= 2;
    } else {
      select_slow();
    }
  }
  SWOOP_INLINE void check(Op<Opcode::local_get>, LocalIdx local) {
    if (to_underlying(local) >= num_locals_) [[unlikely]]
      return fail_unknown_local(local);
    const ValType type = locals_[to_underlying(local)];
    if ((type.bits() & internal::kUnsetBit) != 0) [[unlikely]]
      return fail_uninitialized(local);
    push(type);
  }
  SWOOP_INLINE void check(Op<Opcode::local_set>, LocalIdx local) {
    if (to_underlying(local) >= num_locals_) [[unlikely]]
      return fail_unknown_local(local);
    if (top_[-1] == locals_[to_underlying(local)]) [[likely]] {
      --top_;
    } else {
      local_set_slow(Opcode::local_set, local);
    }
  }
  SWOOP_INLINE void check(Op<Opcode::local_tee>, LocalIdx local) {
    if (to_underlying(local) >= num_locals_) [[unlikely]]
      return fail_unknown_local(local);
    if (top_[-1] != locals_[to_underlying(local)]) [[unlikely]]
      local_set_slow(Opcode::local_tee, local);
  }
  SWOOP_INLINE void check(Op<Opcode::global_get>, GlobalIdx global) {
    if (!module_.globals.contains(global)) [[unlikely]]
      return fail_unknown_global(global);
    push(module_.globals[global].type.type);
  }

  // Operators whose types stand in the table. For accesses of memory `address` is the first type.

  template <Opcode kOp>
  SWOOP_INLINE void check_row() {
    apply<kOp>(ValType::i32);
  }
  template <Opcode kOp, class Constant>
  SWOOP_INLINE void check_row(const Constant&) {
    apply<kOp>(ValType::i32);
  }
  template <Opcode kOp>
  SWOOP_INLINE void check_row(const MemArg& memarg) {
    apply<kOp>(check_memarg<kOp>(memarg));
  }
  template <Opcode kOp>
  SWOOP_INLINE void check_row(const MemArg& memarg, uint8_t lane) {
    if (lane >= lane_count(kOp)) [[unlikely]]
      return fail_lane(kOp, lane);
    apply<kOp>(check_memarg<kOp>(memarg));
  }
  template <Opcode kOp>
  SWOOP_INLINE void check_row(const uint8_t& lane) {
    if (lane >= lane_count(kOp)) [[unlikely]]
      return fail_lane(kOp, lane);
    apply<kOp>(ValType::i32);
  }

  // All others, by the kind of their immediates.

  void check_special(Opcode op);
  void check_special(Opcode op, const BlockType& type);
  void check_special(Opcode op, LabelIdx label);
  void check_special(Opcode op, const BrTable& table);
  void check_special(Opcode op, const BlockType& type, const CatchList& catches);
  void check_special(Opcode op, FuncIdx func);
  void check_special(Opcode op, TypeIdx type);
  void check_special(Opcode op, GlobalIdx global);
  void check_special(Opcode op, TableIdx table);
  void check_special(Opcode op, ElemIdx elem);
  void check_special(Opcode op, DataIdx data);
  void check_special(Opcode op, MemoryIdx memory);
  void check_special(Opcode op, TagIdx tag);
  void check_special(Opcode op, TypeIdx type, TableIdx table);
  void check_special(Opcode op, TableIdx destination, TableIdx source);
  void check_special(Opcode op, ElemIdx elem, TableIdx table);
  void check_special(Opcode op, MemoryIdx destination, MemoryIdx source);
  void check_special(Opcode op, DataIdx data, MemoryIdx memory);
  void check_special(Opcode op, const std::array<uint8_t, 16>& shuffle);
  void check_special(Opcode op, const SelectTypes& types);
  void check_special(Opcode op, HeapType type);
  void check_special(Opcode op, LabelIdx label, ValType source, ValType target);
  void check_special(Opcode op, TypeIdx type, FieldIdx field);
  void check_special(Opcode op, TypeIdx type, uint32_t count);
  void check_special(Opcode op, TypeIdx type, DataIdx data);
  void check_special(Opcode op, TypeIdx type, ElemIdx elem);
  void check_special(Opcode op, TypeIdx destination, TypeIdx source);

  /// Control can reach the next operator. Also false after an error, so that nothing is forwarded.
  bool live_ = false;

 private:
  using FrameKind = internal::FrameKind;
  using ControlFrame = internal::ControlFrame;
  static constexpr ValType kBarrier = internal::kBarrier;
  /// Barriers at the bottom, so that fast paths may look at as many operands as any row has.
  static constexpr size_t kBottom = 8;

  // The operand stack.

  ValType* stack_begin() const { return scratch_.operands_.get() + kBottom; }
  SWOOP_INLINE void push(ValType type) {
    if (top_ >= high_) [[unlikely]]
      raise(1);
    *top_++ = type;
  }
  void push_types(std::span<const ValType> types);
  SWOOP_INLINE void pop(Opcode op, ValType expected, uint32_t operand) {
    if (top_[-1] == expected) [[likely]] {
      --top_;
    } else {
      pop_slow(op, expected, operand);
    }
  }
  void pop_slow(Opcode op, ValType expected, uint32_t operand);
  ValType pop_any(Opcode op, uint32_t operand);
  ValType pop_ref(Opcode op, uint32_t operand);
  bool has_on_top(std::span<const ValType> types) const;
  void pop_types(Opcode op, std::span<const ValType> types);
  bool check_top(Opcode op, std::span<const ValType> types);
  bool is_bottomless() const { return top_[-1] == kBarrier && scratch_.frames_.back().polymorphic; }
  bool matches(ValType actual, ValType expected);
  void raise(size_t count);
  void reserve(size_t count);

  template <Opcode kOp>
  static constexpr bool has_address() {
    constexpr Immediate immediate = op_info(kOp).immediate;
    return immediate == Immediate::memarg || immediate == Immediate::memarg_lane;
  }

  /// Pops the row's parameters and pushes its results.
  template <Opcode kOp>
  SWOOP_INLINE void apply([[maybe_unused]] ValType address) {
    constexpr std::span<const ValType> params = signature_params(op_info(kOp).signature);
    constexpr std::span<const ValType> results = signature_results(op_info(kOp).signature);
    constexpr ptrdiff_t num_params = params.size();
    constexpr ptrdiff_t num_results = results.size();
    static_assert(num_params <= static_cast<ptrdiff_t>(kBottom));

    const uint32_t difference = [&]<ptrdiff_t... i>(std::integer_sequence<ptrdiff_t, i...>) {
      return (0u | ... |
              (top_[i - num_params].bits() ^
               (has_address<kOp>() && i == 0 ? address : params[i]).bits()));
    }
    (std::make_integer_sequence<ptrdiff_t, num_params>());
    if (difference != 0) [[unlikely]]
      return apply_slow(kOp, address);

    if constexpr (num_results > num_params) {
      if (top_ + (num_results - num_params) > high_) [[unlikely]]
        raise(num_results - num_params);
    }
    top_ += num_results - num_params;
    [&]<ptrdiff_t... i>(std::integer_sequence<ptrdiff_t, i...>) {
      ((is_in_place<kOp>(i) ? void() : void(top_[i - num_results] = results[i])), ...);
    }
    (std::make_integer_sequence<ptrdiff_t, num_results>());
  }
  /// Where the result lands lies a parameter of the same type.
  template <Opcode kOp>
  static constexpr bool is_in_place(size_t result) {
    constexpr std::span<const ValType> params = signature_params(op_info(kOp).signature);
    constexpr std::span<const ValType> results = signature_results(op_info(kOp).signature);
    if (result >= params.size() || (has_address<kOp>() && result == 0)) return false;
    return params[result] == results[result];
  }
  void apply_slow(Opcode op, ValType address);

  /// The type of the memory's addresses.
  template <Opcode kOp>
  SWOOP_INLINE ValType check_memarg(const MemArg& memarg) {
    constexpr uint8_t natural = natural_align_log2(kOp);
    constexpr bool is_atomic = static_cast<uint32_t>(kOp) >> 12 == 0xfe;
    const bool aligned = is_atomic ? memarg.align_log2 == natural : memarg.align_log2 <= natural;
    if (aligned && memarg.memory == MemoryIdx{0} && has_memory0_ && memarg.offset <= max_offset0_)
        [[likely]] {
      return address0_;
    }
    return check_memarg_slow(kOp, memarg);
  }
  ValType check_memarg_slow(Opcode op, const MemArg& memarg);

  // Blocks.

  void push_frame(FrameKind kind, const BlockType& type) {
    if (std::max(top_, high_) >= limit_) [[unlikely]]
      reserve(1);
    *top_++ = kBarrier;
    ++high_;
    scratch_.frames_.push_back({type.type, type.result, static_cast<uint32_t>(top_ - stack_begin()),
                                static_cast<uint32_t>(scratch_.set_locals_.size()), kind, false,
                                live_});
  }
  void enter_block(Opcode op, FrameKind kind, const BlockType& type) {
    if (type.type == nullptr) [[likely]] {
      push_frame(kind, type);
    } else {
      enter_wide_block(op, kind, type);
    }
  }
  void enter_wide_block(Opcode op, FrameKind kind, const BlockType& type);
  void pop_frame() {
    const ControlFrame& frame = scratch_.frames_.back();
    if (scratch_.set_locals_.size() != frame.set_locals) [[unlikely]]
      unset_locals(frame.set_locals);
    top_ = stack_begin() + frame.base - 1;
    --high_;
    live_ = frame.entered_live;
    scratch_.frames_.pop_back();
  }
  void end_block();
  void finish_block(Opcode op);
  void enter_clause(FrameKind kind);
  void set_polymorphic() {
    ControlFrame& frame = scratch_.frames_.back();
    top_ = stack_begin() + frame.base;
    frame.polymorphic = true;
    live_ = false;
  }
  bool has_empty_label(LabelIdx label) const {
    const size_t depth = to_underlying(label);
    if (depth >= scratch_.frames_.size()) return false;
    const ControlFrame& frame = *(scratch_.frames_.end() - 1 - static_cast<ptrdiff_t>(depth));
    return frame.type == nullptr && (frame.result == ValType::bot || frame.kind == FrameKind::loop);
  }
  const ControlFrame* find_label(LabelIdx label);
  void check_branch(Opcode op, LabelIdx label);
  void check_branch_or_fall_through(Opcode op, LabelIdx label);
  void check_branch_on_cast(Opcode op, LabelIdx label, ValType on_branch, ValType operand,
                            ValType on_fall_through);

  // Single operators.

  void select_slow();
  void local_set_slow(Opcode op, LocalIdx local);
  void unset_locals(size_t height);
  void check_call(Opcode op, const FuncType& type, bool is_tail);
  void check_catch(Opcode op, const std::vector<ValType>* tag_params, bool with_ref,
                   LabelIdx label);
  void check_segment_fits(Opcode op, ElemIdx elem, ValType target, const char* what);
  bool check_data(DataIdx data);
  const FuncType* find_func_type(TypeIdx type);
  const CompositeType* find_composite(TypeIdx type, CompositeType::Kind kind, const char* what);
  const FieldType* find_array(TypeIdx type);
  const FuncType* find_tag(TagIdx tag);
  const TableDecl* find_table(TableIdx table);
  std::optional<ValType> find_memory(MemoryIdx memory);  // type of its addresses
  ValType ref_to(TypeIdx type, bool nullable) const;
  HeapType top_of(HeapType type) const;

  // Errors. All are cold.

  [[gnu::cold, gnu::noinline]] void fail(ErrorKind kind, std::string message);
  [[gnu::cold, gnu::noinline]] void fail_invalid(std::string message);
  [[gnu::cold, gnu::noinline]] void fail_unknown(const char* what, uint32_t index);
  [[gnu::cold, gnu::noinline]] void fail_unknown_local(LocalIdx local);
  [[gnu::cold, gnu::noinline]] void fail_unknown_global(GlobalIdx global);
  [[gnu::cold, gnu::noinline]] void fail_uninitialized(LocalIdx local);
  [[gnu::cold, gnu::noinline]] void fail_lane(Opcode op, uint32_t lane);
  [[gnu::cold, gnu::noinline]] void fail_operand(Opcode op, size_t operand,
                                                 const std::string& expected, ValType found);
  std::string describe(ValType type) const;
  std::string describe(std::span<const ValType> types) const;

  const ModuleInfo& module_;
  const TypeRegistry& types_;
  ValidatorScratch& scratch_;
  ValType* top_ = nullptr;   // the first free slot
  ValType* high_ = nullptr;  // where top_ is at the greatest height, as seen from the current block
  ValType* limit_ = nullptr;  // end of the stack's memory
  const ValType* locals_ = nullptr;
  uint32_t num_locals_ = 0;
  bool has_memory0_ = false;
  ValType address0_;          // of memory 0
  uint64_t max_offset0_ = 0;  // of memory 0
  const FuncType* func_ = nullptr;
  ValType last_subtype_;  // the last pair that matched by subtyping: wide types repeat themselves
  ValType last_supertype_;
  CodePosition* position_ = nullptr;
  std::optional<Error> error_;
};

/// A sink of FunctionDecoder that checks each operator, then passes it to `next` if that has an
/// `on` for it: `next.on(Op<...>{}, immediates...)`. Operators that control cannot reach are
/// checked, but only block structure among them is passed on, so that nesting can be counted. Also
/// calls next.begin_function(FuncIdx, const FuncType&, std::span<const ValType> locals) and, after
/// the final `end`, next.end_function(uint32_t max_operand_height).
template <class Next>
class Validator : public ValidatorBase {
 public:
  Validator(const ModuleInfo& module, const TypeRegistry& types, ValidatorScratch& scratch,
            Next& next)
      : ValidatorBase(module, types, scratch), next_(next) {}

  void attach(CodePosition& position) {
    ValidatorBase::attach(position);
    if constexpr (requires { next_.attach(position); }) next_.attach(position);
  }

  void begin_function(FuncIdx func, const FuncType& type, std::span<const LocalRun> local_runs) {
    begin(type, local_runs);
    next_.begin_function(func, type, locals());
  }

  template <Opcode kOp, class... Immediates>
  SWOOP_INLINE void on(Op<kOp> op, const Immediates&... immediates) {
    constexpr const OpInfo& info = op_info(kOp);
    [[maybe_unused]] const bool was_live = live_;
    if constexpr (requires { check(op, immediates...); }) {
      check(op, immediates...);
    } else if constexpr (is_row(info)) {
      this->template check_row<kOp>(immediates...);
    } else {
      check_special(kOp, immediates...);
    }
    if constexpr (requires { next_.on(op, immediates...); }) {
      // The usual case first: after an error nothing is live.
      if constexpr (!is_structure(kOp) && !ends_code(kOp)) {
        DCHECK(live_ == was_live || failed());
        if (live_) next_.on(op, immediates...);
      } else if ((was_live || is_structure(kOp)) && !failed()) {
        next_.on(op, immediates...);
      }
    }
  }

 private:
  static constexpr bool is_row(const OpInfo& info) {
    switch (info.immediate) {
      case Immediate::none:
      case Immediate::fence:
      case Immediate::memarg:
      case Immediate::memarg_lane:
      case Immediate::lane:
      case Immediate::v128:
      case Immediate::i32:
      case Immediate::i64:
      case Immediate::f32:
      case Immediate::f64: return info.signature != Signature::special;
      default: return false;
    }
  }
  /// Control cannot reach what follows.
  static constexpr bool ends_code(Opcode op) {
    switch (op) {
      case Opcode::unreachable:
      case Opcode::br:
      case Opcode::br_table:
      case Opcode::return_:
      case Opcode::return_call:
      case Opcode::return_call_indirect:
      case Opcode::return_call_ref:
      case Opcode::throw_:
      case Opcode::throw_ref:
      case Opcode::rethrow: return true;
      default: return false;
    }
  }
  static constexpr bool is_structure(Opcode op) {
    switch (op) {
      case Opcode::block:
      case Opcode::loop:
      case Opcode::if_:
      case Opcode::else_:
      case Opcode::end:
      case Opcode::try_table:
      case Opcode::try_:
      case Opcode::catch_:
      case Opcode::catch_all:
      case Opcode::delegate: return true;
      default: return false;
    }
  }

  Next& next_;
};

/// Wants nothing but that the function is valid.
struct NullSink {
  void begin_function(FuncIdx, const FuncType&, std::span<const ValType>) {}
  void end_function(uint32_t) {}
};

namespace internal {

/// The error with the function it was found in.
Error in_function(const ModuleInfo& module, FuncIdx func, Error error);

}  // namespace internal

/// Decodes and checks one body: `body` begins with the declarations of locals, body[0] has the
/// offset `body_offset` in the module. All sections before the code must have been decoded. `next`
/// sees the operators as Validator says; if there is an error, it may have seen a part of them.
/// Cost: linear in the body, and in the locals that it declares. Allocates nothing once `scratch`
/// has grown. Errors: malformed, invalid, limit_exceeded, with the offset to blame and the function
/// in the text.
template <class Next>
Result<> validate_function(const ModuleInfo& module, const TypeRegistry& types,
                           const Features& features, FuncIdx func, std::span<const uint8_t> body,
                           size_t body_offset, ValidatorScratch& scratch, Next& next) {
  Validator<Next> validator(module, types, scratch, next);
  FunctionDecoder<Validator<Next>> decoder(module, types, body, body_offset, validator, features);
  const FuncType& type = types.func_type(module.funcs[func].type);
  Result<> result = decoder.read_locals(type.params.size(), scratch.local_runs);
  if (result.ok()) {
    validator.begin_function(func, type, scratch.local_runs);
    result = decoder.run();
  }
  if (!result.ok()) return internal::in_function(module, func, std::move(result).error());
  next.end_function(validator.max_operand_height());
  return {};
}
Result<> validate_function(const ModuleInfo& module, const TypeRegistry& types,
                           const Features& features, FuncIdx func, std::span<const uint8_t> body,
                           size_t body_offset, ValidatorScratch& scratch);

}  // namespace swoop

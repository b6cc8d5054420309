#include "decoder/validator.h"

#include "decoder/errors.h"
#include "decoder/validator_errors.h"
#include "wasm/limits.h"

#include <cstring>

namespace swoop {

namespace {

constexpr ValType ref(HeapType type) {
  return ValType::ref(type, false);
}
constexpr ValType ref_null(HeapType type) {
  return ValType::ref(type, true);
}

/// What a cast leaves of `source` when it fails. Spec: valid/conventions#type-difference.
ValType difference(ValType source, ValType target) {
  return target.nullable() ? source.as_non_null() : source;
}

ValType with_bits(ValType type, uint32_t set, uint32_t clear) {
  return std::bit_cast<ValType>((type.bits() | set) & ~clear);
}

/// As std::fill_n, but as fast as memory: a body of 8 bytes can declare 50,000 locals.
ValType* fill(ValType* to, size_t count, ValType type) {
  constexpr size_t kLargestCopy = 4096;
  size_t done = 0;
  for (; done < count && done < 8; ++done) to[done] = type;
  while (done < count) {
    const size_t copied = std::min({done, count - done, kLargestCopy});
    std::memcpy(to + done, to, copied * sizeof(ValType));
    done += copied;
  }
  return to + count;
}

const char* block_name(internal::FrameKind kind) {
  using enum internal::FrameKind;
  switch (kind) {
    case func: return "function";
    case block: return "block";
    case loop: return "loop";
    case if_: return "if";
    case else_: return "else";
    case try_table: return "try_table";
    case try_: return "try";
    case catch_: return "catch";
    case catch_all: return "catch_all";
  }
  UNREACHABLE();
}

std::string text_of(Opcode op) {
  return op_info(op).text;
}

}  // namespace

ValidatorBase::ValidatorBase(const ModuleInfo& module, const TypeRegistry& types,
                             ValidatorScratch& scratch)
    : module_(module), types_(types), scratch_(scratch) {
  if (!module.memories.empty()) {
    const bool is_64 = module.memories[MemoryIdx{0}].type.address_type == AddressType::i64;
    has_memory0_ = true;
    address0_ = is_64 ? ValType::i64 : ValType::i32;
    max_offset0_ = is_64 ? UINT64_MAX : UINT32_MAX;
  }
}

void ValidatorBase::begin(const FuncType& type, std::span<const LocalRun> local_runs) {
  scratch_.frames_.clear();
  scratch_.set_locals_.clear();
  constexpr size_t kSmallest = 256;
  if (scratch_.operand_capacity_ == 0) {
    scratch_.operands_ = std::make_unique_for_overwrite<ValType[]>(kSmallest);
    scratch_.operand_capacity_ = kSmallest;
    std::fill_n(scratch_.operands_.get(), kBottom, kBarrier);
  }
  top_ = high_ = stack_begin();
  limit_ = scratch_.operands_.get() + scratch_.operand_capacity_;
  func_ = &type;
  error_.reset();
  live_ = true;
  // The barrier of this block is the topmost of those at the bottom.
  scratch_.frames_.push_back({&type, ValType::bot, 0, 0, FrameKind::func, false, true});

  size_t num_locals = type.params.size();
  bool has_unset = false;
  for (const LocalRun& run : local_runs) {
    num_locals += run.count;
    has_unset |= !run.type.is_defaultable();
  }
  num_locals_ = static_cast<uint32_t>(num_locals);
  // Never smaller than before: to make a vector's new elements costs more than to lay them out
  // here.
  if (scratch_.locals_.size() < num_locals) scratch_.locals_.resize(num_locals);
  ValType* next = std::copy(type.params.begin(), type.params.end(), scratch_.locals_.data());
  for (const LocalRun& run : local_runs) next = fill(next, run.count, run.type);
  locals_ = scratch_.locals_.data();
  if (!has_unset) return;

  scratch_.tracked_locals_.assign(locals().begin(), locals().end());
  next = scratch_.tracked_locals_.data() + type.params.size();
  for (const LocalRun& run : local_runs) {
    if (run.type.is_defaultable()) {
      next += run.count;
    } else {
      next = fill(next, run.count, with_bits(run.type, internal::kUnsetBit, 0));
    }
  }
  locals_ = scratch_.tracked_locals_.data();
}

// The operand stack.

void ValidatorBase::reserve(size_t count) {
  const size_t used = static_cast<size_t>(std::max(top_, high_) - scratch_.operands_.get());
  if (used + count <= scratch_.operand_capacity_) return;
  const size_t capacity = std::max(used + count, scratch_.operand_capacity_ * 2);
  auto operands = std::make_unique_for_overwrite<ValType[]>(capacity);
  std::copy_n(scratch_.operands_.get(), top_ - scratch_.operands_.get(), operands.get());
  top_ = operands.get() + (top_ - scratch_.operands_.get());
  high_ = operands.get() + (high_ - scratch_.operands_.get());
  limit_ = operands.get() + capacity;
  scratch_.operands_ = std::move(operands);
  scratch_.operand_capacity_ = capacity;
}

/// Makes room for `count` operands and keeps the greatest height. Unreachable operands do not
/// count.
void ValidatorBase::raise(size_t count) {
  if (top_ + count > limit_) reserve(count);
  if (live_) high_ = top_ + count;
}

void ValidatorBase::push_types(std::span<const ValType> types) {
  if (types.empty()) return;
  if (top_ + types.size() > high_) raise(types.size());
  std::memcpy(top_, types.data(), types.size_bytes());
  top_ += types.size();
}

bool ValidatorBase::matches(ValType actual, ValType expected) {
  if (actual == expected || actual == ValType::bot) return true;
  if (!actual.is_ref() || !expected.is_ref()) return false;
  if (actual == last_subtype_ && expected == last_supertype_) return true;
  if (actual.heap_type() == AbstractHeapType::bot) {
    return expected.nullable() || !actual.nullable();
  }
  if (!types_.is_subtype(actual, expected)) return false;
  last_subtype_ = actual;
  last_supertype_ = expected;
  return true;
}

void ValidatorBase::pop_slow(Opcode op, ValType expected, uint32_t operand) {
  const ValType actual = top_[-1];
  if (actual == kBarrier) {
    if (!is_bottomless()) fail_operand(op, operand, describe(expected), actual);
    return;
  }
  if (!matches(actual, expected)) return fail_operand(op, operand, describe(expected), actual);
  --top_;
}

ValType ValidatorBase::pop_any(Opcode op, uint32_t operand) {
  if (top_[-1] != kBarrier) return *--top_;
  if (!is_bottomless()) fail_operand(op, operand, "a value", kBarrier);
  return ValType::bot;
}

ValType ValidatorBase::pop_ref(Opcode op, uint32_t operand) {
  const ValType actual = pop_any(op, operand);
  if (actual.is_ref()) return actual;
  if (actual != ValType::bot) fail_operand(op, operand, "a reference", actual);
  return ref(AbstractHeapType::bot);
}

bool ValidatorBase::has_on_top(std::span<const ValType> types) const {
  if (types.empty()) return true;
  return static_cast<size_t>(top_ - stack_begin()) >= types.size() &&
         std::memcmp(top_ - types.size(), types.data(), types.size_bytes()) == 0;
}

void ValidatorBase::pop_types(Opcode op, std::span<const ValType> types) {
  if (has_on_top(types)) {
    top_ -= types.size();
    return;
  }
  for (size_t i = types.size(); i > 0 && !failed(); --i) {
    pop(op, types[i - 1], static_cast<uint32_t>(i));
  }
}

/// Whether `types` could be popped. Leaves the operands as they are.
bool ValidatorBase::check_top(Opcode op, std::span<const ValType> types) {
  if (has_on_top(types)) return true;
  const ValType* next = top_;
  for (size_t i = types.size(); i > 0; --i) {
    const ValType actual = next[-1];
    if (actual == kBarrier) {
      if (scratch_.frames_.back().polymorphic) return true;
      fail_operand(op, i, describe(types[i - 1]), actual);
      return false;
    }
    if (!matches(actual, types[i - 1])) {
      fail_operand(op, i, describe(types[i - 1]), actual);
      return false;
    }
    --next;
  }
  return true;
}

void ValidatorBase::apply_slow(Opcode op, ValType address) {
  const OpInfo& info = op_info(op);
  const bool is_access =
      info.immediate == Immediate::memarg || info.immediate == Immediate::memarg_lane;
  const std::span<const ValType> params = signature_params(info.signature);
  for (size_t i = params.size(); i > 0; --i) {
    pop(op, is_access && i == 1 ? address : params[i - 1], static_cast<uint32_t>(i));
    if (failed()) return;
  }
  push_types(signature_results(info.signature));
}

ValType ValidatorBase::check_memarg_slow(Opcode op, const MemArg& memarg) {
  const std::optional<ValType> address = find_memory(memarg.memory);
  if (!address) return ValType::i32;
  const uint32_t natural = natural_align_log2(op);
  const bool is_atomic = static_cast<uint32_t>(op) >> 12 == 0xfe;
  if (is_atomic ? memarg.align_log2 != natural : memarg.align_log2 > natural) {
    fail_invalid((is_atomic ? errors::kAtomicAlignment : errors::kAlignment) + std::string(": ") +
                 text_of(op) + " has 2^" + std::to_string(natural) + ", found 2^" +
                 std::to_string(memarg.align_log2));
  } else if (*address == ValType::i32 && memarg.offset > UINT32_MAX) {
    fail_invalid(errors::kOffsetRange + std::string(": ") + std::to_string(memarg.offset) + " in " +
                 text_of(op) + " on a memory with 32-bit addresses");
  }
  return *address;
}

// Blocks.

void ValidatorBase::enter_wide_block(Opcode op, FrameKind kind, const BlockType& type) {
  pop_types(op, type.type->params);
  push_frame(kind, type);
  push_types(type.type->params);
}

/// Checks that the operands of the innermost block are its results, and nothing else.
void ValidatorBase::finish_block(Opcode op) {
  const ControlFrame& frame = scratch_.frames_.back();
  const std::span<const ValType> results = frame.results();
  pop_types(op, results);
  if (failed() || top_[-1] == kBarrier) return;
  const auto left = static_cast<size_t>(top_ - (stack_begin() + frame.base)) + results.size();
  fail_invalid(std::string(errors::kTypeMismatch) + ": " + block_name(frame.kind) + " leaves " +
               std::to_string(left) + (left == 1 ? " value" : " values") + ", expected " +
               std::to_string(results.size()));
}

void ValidatorBase::end_block() {
  finish_block(Opcode::end);
  if (failed()) return;
  const ControlFrame frame = scratch_.frames_.back();
  const std::span<const ValType> results = frame.results();
  if (frame.kind == FrameKind::if_) {
    // The missing `else` passes the parameters on.
    const std::span<const ValType> params = frame.params();
    bool fits = params.size() == results.size();
    for (size_t i = 0; fits && i < params.size(); ++i) fits = matches(params[i], results[i]);
    if (!fits) {
      return fail_invalid(std::string(errors::kTypeMismatch) + ": if without else takes " +
                          describe(params) + " but must leave " + describe(results));
    }
  }
  if (frame.kind == FrameKind::func) {
    scratch_.frames_.pop_back();
    live_ = false;
    return;
  }
  pop_frame();
  push_types(results);
}

/// Begins the next clause of the innermost block: else, catch, catch_all.
void ValidatorBase::enter_clause(FrameKind kind) {
  ControlFrame& frame = scratch_.frames_.back();
  unset_locals(frame.set_locals);
  top_ = stack_begin() + frame.base;
  frame.kind = kind;
  frame.polymorphic = false;
  live_ = frame.entered_live;
}

const ValidatorBase::ControlFrame* ValidatorBase::find_label(LabelIdx label) {
  const size_t depth = to_underlying(label);
  if (depth >= scratch_.frames_.size()) {
    fail_unknown(errors::kUnknownLabel, to_underlying(label));
    return nullptr;
  }
  return &*(scratch_.frames_.end() - 1 - static_cast<ptrdiff_t>(depth));
}

void ValidatorBase::check_branch(Opcode op, LabelIdx label) {
  if (const ControlFrame* frame = find_label(label)) check_top(op, frame->label_types());
}

/// Operands that stay have the label's types from here on.
void ValidatorBase::check_branch_or_fall_through(Opcode op, LabelIdx label) {
  const ControlFrame* frame = find_label(label);
  if (frame == nullptr || has_on_top(frame->label_types())) return;
  pop_types(op, frame->label_types());
  if (!failed()) push_types(frame->label_types());
}

void ValidatorBase::check_branch_on_cast(Opcode op, LabelIdx label, ValType on_branch,
                                         ValType operand, ValType on_fall_through) {
  const ControlFrame* frame = find_label(label);
  if (frame == nullptr) return;
  const std::span<const ValType> types = frame->label_types();
  if (types.empty() || !matches(on_branch, types.back())) {
    return fail_invalid(std::string(errors::kTypeMismatch) + ": " + text_of(op) +
                        " branches with " + describe(on_branch) + ", but its label takes " +
                        describe(types));
  }
  pop(op, operand, static_cast<uint32_t>(types.size()));
  if (failed()) return;
  const std::span<const ValType> others = types.first(types.size() - 1);
  pop_types(op, others);
  if (failed()) return;
  push_types(others);
  push(on_fall_through);
}

// Single operators.

void ValidatorBase::select_slow() {
  pop(Opcode::select, ValType::i32, 3);
  const ValType second = pop_any(Opcode::select, 2);
  const ValType first = pop_any(Opcode::select, 1);
  if (failed()) return;
  for (const ValType type : {first, second}) {
    if (type.is_ref()) {
      return fail_operand(Opcode::select, type == first ? 1 : 2, "a number or vector", type);
    }
  }
  if (first != second && first != ValType::bot && second != ValType::bot) {
    return fail_operand(Opcode::select, 2, describe(first) + " like operand 1", second);
  }
  push(first == ValType::bot ? second : first);
}

void ValidatorBase::local_set_slow(Opcode op, LocalIdx local) {
  const ValType marked = locals_[to_underlying(local)];
  const ValType type = with_bits(marked, 0, internal::kUnsetBit);
  pop(op, type, 1);
  if (failed()) return;
  if (marked != type) {
    scratch_.tracked_locals_[to_underlying(local)] = type;
    scratch_.set_locals_.push_back(local);
  }
  if (op == Opcode::local_tee) push(type);
}

void ValidatorBase::unset_locals(size_t height) {
  while (scratch_.set_locals_.size() > height) {
    ValType& local = scratch_.tracked_locals_[to_underlying(scratch_.set_locals_.back())];
    local = with_bits(local, internal::kUnsetBit, 0);
    scratch_.set_locals_.pop_back();
  }
}

void ValidatorBase::check_call(Opcode op, const FuncType& type, bool is_tail) {
  if (!is_tail) {
    pop_types(op, type.params);
    if (!failed()) push_types(type.results);
    return;
  }
  bool fits = type.results.size() == func_->results.size();
  for (size_t i = 0; fits && i < type.results.size(); ++i) {
    fits = matches(type.results[i], func_->results[i]);
  }
  if (!fits) {
    return fail_invalid(std::string(errors::kTypeMismatch) + ": " + text_of(op) +
                        " to a function with results " + describe(type.results) +
                        " from one with " + describe(func_->results));
  }
  pop_types(op, type.params);
  if (!failed()) set_polymorphic();
}

void ValidatorBase::check_special(Opcode op) {
  switch (op) {
    case Opcode::else_:
      if (scratch_.frames_.back().kind != FrameKind::if_) {
        return fail(ErrorKind::malformed, errors::kMisplacedElse);
      }
      finish_block(op);
      if (failed()) return;
      enter_clause(FrameKind::else_);
      return push_types(scratch_.frames_.back().params());
    case Opcode::catch_all: {
      const FrameKind kind = scratch_.frames_.back().kind;
      if (kind != FrameKind::try_ && kind != FrameKind::catch_) {
        return fail(ErrorKind::malformed, errors::kMisplacedCatch);
      }
      finish_block(op);
      if (!failed()) enter_clause(FrameKind::catch_all);
      return;
    }
    case Opcode::return_:
      if (check_top(op, func_->results)) set_polymorphic();
      return;
    case Opcode::throw_ref: pop(op, ref_null(AbstractHeapType::exn), 1); return set_polymorphic();
    case Opcode::ref_is_null: pop_ref(op, 1); return push(ValType::i32);
    case Opcode::ref_as_non_null: return push(pop_ref(op, 1).as_non_null());
    case Opcode::ref_eq:
      pop(op, ref_null(AbstractHeapType::eq), 2);
      pop(op, ref_null(AbstractHeapType::eq), 1);
      return push(ValType::i32);
    case Opcode::ref_i31: pop(op, ValType::i32, 1); return push(ref(AbstractHeapType::i31));
    case Opcode::i31_get_s:
    case Opcode::i31_get_u: pop(op, ref_null(AbstractHeapType::i31), 1); return push(ValType::i32);
    case Opcode::array_len:
      pop(op, ref_null(AbstractHeapType::array), 1);
      return push(ValType::i32);
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any: {
      const bool to_any = op == Opcode::any_convert_extern;
      const HeapType from = to_any ? AbstractHeapType::extern_ : AbstractHeapType::any;
      const HeapType to = to_any ? AbstractHeapType::any : AbstractHeapType::extern_;
      const ValType actual = pop_ref(op, 1);
      if (failed()) return;
      if (!matches(actual, ref_null(from))) {
        return fail_operand(op, 1, describe(ref_null(from)), actual);
      }
      return push(ValType::ref(to, actual.nullable()));
    }
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode op, const BlockType& type) {
  DCHECK(op == Opcode::try_);
  enter_block(op, FrameKind::try_, type);
}

void ValidatorBase::check_special(Opcode op, LabelIdx label) {
  switch (op) {
    case Opcode::rethrow: {
      const ControlFrame* frame = find_label(label);
      if (frame == nullptr) return;
      if (frame->kind != FrameKind::catch_ && frame->kind != FrameKind::catch_all) {
        return fail_invalid(std::string(errors::kRethrowLabel) + ' ' +
                            std::to_string(to_underlying(label)) + ": it names a " +
                            block_name(frame->kind));
      }
      return set_polymorphic();
    }
    case Opcode::delegate: {
      if (scratch_.frames_.back().kind != FrameKind::try_) {
        return fail(ErrorKind::malformed, errors::kMisplacedDelegate);
      }
      finish_block(op);
      if (failed()) return;
      const ControlFrame frame = scratch_.frames_.back();
      pop_frame();
      // The label is one of the blocks around the try.
      if (find_label(label) != nullptr) push_types(frame.results());
      return;
    }
    case Opcode::br_on_null: {
      const ControlFrame* frame = find_label(label);
      if (frame == nullptr) return;
      const auto types = frame->label_types();
      const ValType operand = pop_ref(op, static_cast<uint32_t>(types.size() + 1));
      if (failed()) return;
      pop_types(op, types);
      if (failed()) return;
      push_types(types);
      return push(operand.as_non_null());
    }
    case Opcode::br_on_non_null: {
      const ControlFrame* frame = find_label(label);
      if (frame == nullptr) return;
      const auto types = frame->label_types();
      if (types.empty() || !types.back().is_ref()) {
        return fail_invalid(std::string(errors::kTypeMismatch) +
                            ": br_on_non_null branches with a reference, but its label takes " +
                            describe(types));
      }
      pop(op, types.back().as_nullable(), static_cast<uint32_t>(types.size()));
      if (failed()) return;
      const auto others = types.first(types.size() - 1);
      pop_types(op, others);
      if (!failed()) push_types(others);
      return;
    }
    default: UNREACHABLE();
  }
}

/// Each label is checked against the operands as they are: labels may differ by subtyping.
/// Neighbours of one type are checked once, so that a table costs its own size.
void ValidatorBase::check_special(Opcode op, const BrTable& table) {
  pop(op, ValType::i32, 1);
  if (failed()) return;
  std::optional<std::span<const ValType>> checked;
  table.for_each([&](LabelIdx label) {
    if (failed()) return;
    const ControlFrame* frame = find_label(label);
    if (frame == nullptr) return;
    const std::span<const ValType> types = frame->label_types();
    if (checked && checked->size() != types.size()) {
      return fail_invalid(std::string(errors::kTypeMismatch) + ": br_table to labels that take " +
                          describe(*checked) + " and " + describe(types));
    }
    if (checked && checked->data() == types.data()) return;
    check_top(op, types);
    checked = types;
  });
  if (!failed()) set_polymorphic();
}

void ValidatorBase::check_catch(Opcode op, const std::vector<ValType>* tag_params, bool with_ref,
                                LabelIdx label) {
  const ControlFrame* frame = find_label(label);
  if (frame == nullptr) return;
  const std::span<const ValType> types = frame->label_types();
  const size_t num_params = tag_params == nullptr ? 0 : tag_params->size();
  bool fits = types.size() == num_params + (with_ref ? 1 : 0);
  for (size_t i = 0; fits && i < num_params; ++i) fits = matches((*tag_params)[i], types[i]);
  if (fits && with_ref) fits = matches(ref(AbstractHeapType::exn), types.back());
  if (fits) return;
  std::vector<ValType> caught;
  if (tag_params != nullptr) caught = *tag_params;
  if (with_ref) caught.push_back(ref(AbstractHeapType::exn));
  fail_invalid(std::string(errors::kTypeMismatch) + ": catch clause of " + text_of(op) +
               " branches with " + describe(caught) + ", but its label takes " + describe(types));
}

void ValidatorBase::check_special(Opcode op, const BlockType& type, const CatchList& catches) {
  // Clauses branch from outside of the block: their labels do not count it.
  catches.for_each([&](const CatchClause& clause) {
    if (failed()) return;
    const std::vector<ValType>* params = nullptr;
    if (clause.has_tag()) {
      const FuncType* tag = find_tag(clause.tag);
      if (tag == nullptr) return;
      params = &tag->params;
    }
    check_catch(op, params, clause.has_exnref(), clause.label);
  });
  if (!failed()) enter_block(op, FrameKind::try_table, type);
}

void ValidatorBase::check_special(Opcode op, FuncIdx func) {
  if (!module_.funcs.contains(func)) {
    return fail_unknown(errors::kUnknownFunction, to_underlying(func));
  }
  const FuncDecl& decl = module_.funcs[func];
  switch (op) {
    case Opcode::call: return check_call(op, types_.func_type(decl.type), false);
    case Opcode::return_call: return check_call(op, types_.func_type(decl.type), true);
    case Opcode::ref_func:
      if (!decl.is_declared) return fail_unknown(errors::kUndeclaredFunction, to_underlying(func));
      return push(ref(decl.type));
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode op, TypeIdx index) {
  switch (op) {
    case Opcode::call_ref:
    case Opcode::return_call_ref: {
      const FuncType* type = find_func_type(index);
      if (type == nullptr) return;
      pop(op, ref_to(index, true), static_cast<uint32_t>(type->params.size() + 1));
      if (!failed()) check_call(op, *type, op == Opcode::return_call_ref);
      return;
    }
    case Opcode::struct_new:
    case Opcode::struct_new_default: {
      const CompositeType* type =
          find_composite(index, CompositeType::Kind::struct_, errors::kNotStructure);
      if (type == nullptr) return;
      if (op == Opcode::struct_new) {
        for (size_t i = type->fields.size(); i > 0 && !failed(); --i) {
          pop(op, type->fields[i - 1].storage.unpacked(), static_cast<uint32_t>(i));
        }
      } else {
        for (size_t i = 0; i < type->fields.size(); ++i) {
          if (type->fields[i].storage.is_defaultable()) continue;
          return fail_invalid(std::string(errors::kFieldNotDefaultable) + ": field " +
                              std::to_string(i) + " is " + describe(type->fields[i].storage));
        }
      }
      if (!failed()) push(ref_to(index, false));
      return;
    }
    default: break;
  }

  const FieldType* element = find_array(index);
  if (element == nullptr) return;
  const ValType type = element->storage.unpacked();
  switch (op) {
    case Opcode::array_new:
    case Opcode::array_new_default:
      pop(op, ValType::i32, op == Opcode::array_new ? 2 : 1);
      if (op == Opcode::array_new) {
        pop(op, type, 1);
      } else if (!type.is_defaultable()) {
        return fail_invalid(std::string(errors::kArrayNotDefaultable) + ": " + describe(type));
      }
      return push(ref_to(index, false));
    case Opcode::array_get:
    case Opcode::array_get_s:
    case Opcode::array_get_u:
      if ((op == Opcode::array_get) == element->storage.is_packed()) {
        return fail_invalid(std::string(op == Opcode::array_get ? errors::kArrayIsPacked
                                                                : errors::kArrayIsUnpacked) +
                            ": " + text_of(op) + " of " + describe(element->storage));
      }
      pop(op, ValType::i32, 2);
      pop(op, ref_to(index, true), 1);
      return push(type);
    case Opcode::array_set:
    case Opcode::array_fill: {
      if (!element->is_mutable) return fail_invalid(errors::kImmutableArray);
      if (op == Opcode::array_fill) pop(op, ValType::i32, 4);
      pop(op, type, 3);
      pop(op, ValType::i32, 2);
      return pop(op, ref_to(index, true), 1);
    }
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode op, GlobalIdx global) {
  DCHECK(op == Opcode::global_set);
  if (!module_.globals.contains(global)) {
    return fail_unknown(errors::kUnknownGlobal, to_underlying(global));
  }
  const GlobalType& type = module_.globals[global].type;
  if (!type.is_mutable) return fail_unknown(errors::kImmutableGlobal, to_underlying(global));
  pop(op, type.type, 1);
}

void ValidatorBase::check_special(Opcode op, TableIdx index) {
  const TableDecl* table = find_table(index);
  if (table == nullptr) return;
  const ValType address = to_val_type(table->type.address_type);
  const ValType element = table->type.element;
  switch (op) {
    case Opcode::table_get: pop(op, address, 1); return push(element);
    case Opcode::table_set: pop(op, element, 2); return pop(op, address, 1);
    case Opcode::table_size: return push(address);
    case Opcode::table_grow:
      pop(op, address, 2);
      pop(op, element, 1);
      return push(address);
    case Opcode::table_fill:
      pop(op, address, 3);
      pop(op, element, 2);
      return pop(op, address, 1);
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode, ElemIdx elem) {
  if (!module_.elems.contains(elem)) fail_unknown(errors::kUnknownElem, to_underlying(elem));
}

void ValidatorBase::check_special(Opcode, DataIdx data) {
  check_data(data);
}

void ValidatorBase::check_special(Opcode op, MemoryIdx memory) {
  const std::optional<ValType> address = find_memory(memory);
  if (!address) return;
  switch (op) {
    case Opcode::memory_size: return push(*address);
    case Opcode::memory_grow: pop(op, *address, 1); return push(*address);
    case Opcode::memory_fill:
      pop(op, *address, 3);
      pop(op, ValType::i32, 2);
      return pop(op, *address, 1);
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode op, TagIdx index) {
  const FuncType* tag = find_tag(index);
  if (tag == nullptr) return;
  if (op == Opcode::throw_) {
    pop_types(op, tag->params);
    if (!failed()) set_polymorphic();
    return;
  }
  DCHECK(op == Opcode::catch_);
  const FrameKind kind = scratch_.frames_.back().kind;
  if (kind != FrameKind::try_ && kind != FrameKind::catch_) {
    return fail(ErrorKind::malformed, errors::kMisplacedCatch);
  }
  finish_block(op);
  if (failed()) return;
  enter_clause(FrameKind::catch_);
  push_types(tag->params);
}

void ValidatorBase::check_special(Opcode op, TypeIdx type_index, TableIdx table_index) {
  const TableDecl* table = find_table(table_index);
  if (table == nullptr) return;
  const FuncType* type = find_func_type(type_index);
  if (type == nullptr) return;
  if (!matches(table->type.element, ValType::funcref)) {
    return fail_invalid(std::string(errors::kTypeMismatch) + ": " + text_of(op) + " in table " +
                        std::to_string(to_underlying(table_index)) + " of " +
                        describe(table->type.element));
  }
  pop(op, to_val_type(table->type.address_type), static_cast<uint32_t>(type->params.size() + 1));
  if (!failed()) check_call(op, *type, op == Opcode::return_call_indirect);
}

void ValidatorBase::check_special(Opcode op, TableIdx destination_index, TableIdx source_index) {
  const TableDecl* destination = find_table(destination_index);
  if (destination == nullptr) return;
  const TableDecl* source = find_table(source_index);
  if (source == nullptr) return;
  if (!matches(source->type.element, destination->type.element)) {
    return fail_invalid(std::string(errors::kTypeMismatch) + ": table.copy from elements of " +
                        describe(source->type.element) + " to " +
                        describe(destination->type.element));
  }
  const ValType to = to_val_type(destination->type.address_type);
  const ValType from = to_val_type(source->type.address_type);
  pop(op, to == ValType::i64 ? from : to, 3);
  pop(op, from, 2);
  pop(op, to, 1);
}

void ValidatorBase::check_special(Opcode op, MemoryIdx destination, MemoryIdx source) {
  const std::optional<ValType> to = find_memory(destination);
  if (!to) return;
  const std::optional<ValType> from = find_memory(source);
  if (!from) return;
  pop(op, *to == ValType::i64 ? *from : *to, 3);
  pop(op, *from, 2);
  pop(op, *to, 1);
}

void ValidatorBase::check_special(Opcode op, ElemIdx elem, TableIdx index) {
  const TableDecl* table = find_table(index);
  if (table == nullptr) return;
  check_segment_fits(op, elem, table->type.element, "table");
  pop(op, ValType::i32, 3);
  pop(op, ValType::i32, 2);
  pop(op, to_val_type(table->type.address_type), 1);
}

void ValidatorBase::check_special(Opcode op, DataIdx data, MemoryIdx memory) {
  const std::optional<ValType> address = find_memory(memory);
  if (!address || !check_data(data)) return;
  pop(op, ValType::i32, 3);
  pop(op, ValType::i32, 2);
  pop(op, *address, 1);
}

void ValidatorBase::check_special(Opcode op, const std::array<uint8_t, 16>& shuffle) {
  for (const uint8_t lane : shuffle) {
    if (lane >= 32) return fail_lane(op, lane);
  }
  apply_slow(op, ValType::i32);
}

void ValidatorBase::check_special(Opcode op, const SelectTypes& types) {
  if (types.count != 1) {
    return fail_invalid(std::string(errors::kResultArity) + ": select with " +
                        std::to_string(types.count) + " types, expected 1");
  }
  pop(op, ValType::i32, 3);
  pop(op, types.first, 2);
  pop(op, types.first, 1);
  push(types.first);
}

void ValidatorBase::check_special(Opcode op, HeapType type) {
  switch (op) {
    case Opcode::ref_null: return push(ref_null(type));
    case Opcode::ref_test:
    case Opcode::ref_test_null: pop(op, ref_null(top_of(type)), 1); return push(ValType::i32);
    case Opcode::ref_cast:
    case Opcode::ref_cast_null:
      pop(op, ref_null(top_of(type)), 1);
      return push(ValType::ref(type, op == Opcode::ref_cast_null));
    default: UNREACHABLE();
  }
}

void ValidatorBase::check_special(Opcode op, LabelIdx label, ValType source, ValType target) {
  if (!matches(target, source)) {
    return fail_invalid(std::string(errors::kTypeMismatch) + ": " + text_of(op) + " from " +
                        describe(source) + " to " + describe(target) + ", which is no subtype");
  }
  const ValType rest = difference(source, target);
  if (op == Opcode::br_on_cast) {
    check_branch_on_cast(op, label, target, source, rest);
  } else {
    check_branch_on_cast(op, label, rest, source, target);
  }
}

void ValidatorBase::check_special(Opcode op, TypeIdx index, FieldIdx field_index) {
  const CompositeType* type =
      find_composite(index, CompositeType::Kind::struct_, errors::kNotStructure);
  if (type == nullptr) return;
  if (to_underlying(field_index) >= type->fields.size()) {
    return fail_unknown(errors::kUnknownField, to_underlying(field_index));
  }
  const FieldType& field = type->fields[to_underlying(field_index)];
  if (op == Opcode::struct_set) {
    if (!field.is_mutable) {
      return fail_unknown(errors::kImmutableField, to_underlying(field_index));
    }
    pop(op, field.storage.unpacked(), 2);
    return pop(op, ref_to(index, true), 1);
  }
  if ((op == Opcode::struct_get) == field.storage.is_packed()) {
    return fail_invalid(
        std::string(op == Opcode::struct_get ? errors::kFieldIsPacked : errors::kFieldIsUnpacked) +
        ": " + text_of(op) + " of " + describe(field.storage));
  }
  pop(op, ref_to(index, true), 1);
  push(field.storage.unpacked());
}

void ValidatorBase::check_special(Opcode op, TypeIdx index, uint32_t count) {
  DCHECK(op == Opcode::array_new_fixed);
  const FieldType* element = find_array(index);
  if (element == nullptr) return;
  if (count > limits::kMaxArrayNewFixed) {
    return fail(ErrorKind::limit_exceeded, "array.new_fixed of " + std::to_string(count) +
                                               " elements, at most " +
                                               std::to_string(limits::kMaxArrayNewFixed));
  }
  const ValType type = element->storage.unpacked();
  for (uint32_t i = count; i > 0 && !failed(); --i) {
    pop(op, type, i);
  }
  if (!failed()) push(ref_to(index, false));
}

void ValidatorBase::check_special(Opcode op, TypeIdx index, DataIdx data) {
  const FieldType* element = find_array(index);
  if (element == nullptr) return;
  if (op == Opcode::array_init_data && !element->is_mutable) {
    return fail_invalid(errors::kImmutableArray);
  }
  if (!check_data(data)) return;
  if (element->storage.is_ref()) {
    return fail_invalid(std::string(errors::kArrayNotNumeric) + ": " + describe(element->storage));
  }
  if (op == Opcode::array_init_data) {
    pop(op, ValType::i32, 4);
    pop(op, ValType::i32, 3);
    pop(op, ValType::i32, 2);
    return pop(op, ref_to(index, true), 1);
  }
  pop(op, ValType::i32, 2);
  pop(op, ValType::i32, 1);
  push(ref_to(index, false));
}

void ValidatorBase::check_special(Opcode op, TypeIdx index, ElemIdx elem) {
  const FieldType* element = find_array(index);
  if (element == nullptr) return;
  if (op == Opcode::array_init_elem && !element->is_mutable) {
    return fail_invalid(errors::kImmutableArray);
  }
  check_segment_fits(op, elem, element->storage, "array");
  if (failed()) return;
  if (op == Opcode::array_init_elem) {
    pop(op, ValType::i32, 4);
    pop(op, ValType::i32, 3);
    pop(op, ValType::i32, 2);
    return pop(op, ref_to(index, true), 1);
  }
  pop(op, ValType::i32, 2);
  pop(op, ValType::i32, 1);
  push(ref_to(index, false));
}

void ValidatorBase::check_special(Opcode op, TypeIdx destination_index, TypeIdx source_index) {
  const FieldType* destination = find_array(destination_index);
  if (destination == nullptr) return;
  const FieldType* source = find_array(source_index);
  if (source == nullptr) return;
  if (!destination->is_mutable) return fail_invalid(errors::kImmutableArray);
  if (!matches(source->storage, destination->storage)) {
    return fail_invalid(std::string(errors::kArraysDiffer) + ": array.copy from " +
                        describe(source->storage) + " to " + describe(destination->storage));
  }
  pop(op, ValType::i32, 5);
  pop(op, ValType::i32, 4);
  pop(op, ref_to(source_index, true), 3);
  pop(op, ValType::i32, 2);
  pop(op, ref_to(destination_index, true), 1);
}

// The module's definitions.

void ValidatorBase::check_segment_fits(Opcode op, ElemIdx elem, ValType target, const char* what) {
  if (!module_.elems.contains(elem)) {
    return fail_unknown(errors::kUnknownElem, to_underlying(elem));
  }
  const ValType type = module_.elems[elem].type;
  if (matches(type, target)) return;
  fail_invalid(std::string(errors::kTypeMismatch) + ": " + text_of(op) + " of elements of " +
               describe(type) + " in a " + what + " of " + describe(target));
}

/// Only the data count tells how many segments there are: they follow the code.
bool ValidatorBase::check_data(DataIdx data) {
  if (!module_.data_count) {
    fail(ErrorKind::malformed, errors::kDataCountRequired);
  } else if (to_underlying(data) >= *module_.data_count) {
    fail_unknown(errors::kUnknownData, to_underlying(data));
  }
  return !failed();
}

const CompositeType* ValidatorBase::find_composite(TypeIdx index, CompositeType::Kind kind,
                                                   const char* otherwise) {
  const CompositeType& type = types_[module_.types[index]].definition.composite;
  if (type.kind == kind) return &type;
  fail_unknown(otherwise, to_underlying(index));
  return nullptr;
}

const FuncType* ValidatorBase::find_func_type(TypeIdx index) {
  const CompositeType* type =
      find_composite(index, CompositeType::Kind::func, errors::kNotFunction);
  return type == nullptr ? nullptr : &type->func;
}

const FieldType* ValidatorBase::find_array(TypeIdx index) {
  const CompositeType* type = find_composite(index, CompositeType::Kind::array, errors::kNotArray);
  return type == nullptr ? nullptr : &type->fields[0];
}

const FuncType* ValidatorBase::find_tag(TagIdx tag) {
  if (module_.tags.contains(tag)) return &types_.func_type(module_.tags[tag].type.type);
  fail_unknown(errors::kUnknownTag, to_underlying(tag));
  return nullptr;
}

const TableDecl* ValidatorBase::find_table(TableIdx table) {
  if (module_.tables.contains(table)) return &module_.tables[table];
  fail_unknown(errors::kUnknownTable, to_underlying(table));
  return nullptr;
}

std::optional<ValType> ValidatorBase::find_memory(MemoryIdx memory) {
  if (module_.memories.contains(memory)) {
    return to_val_type(module_.memories[memory].type.address_type);
  }
  fail_unknown(errors::kUnknownMemory, to_underlying(memory));
  return std::nullopt;
}

ValType ValidatorBase::ref_to(TypeIdx type, bool nullable) const {
  return ValType::ref(module_.types[type], nullable);
}

/// Spec: valid/conventions#top-types (`top` of a heap type's hierarchy).
HeapType ValidatorBase::top_of(HeapType type) const {
  if (type.is_concrete()) {
    return types_.is_func(type.id()) ? AbstractHeapType::func : AbstractHeapType::any;
  }
  switch (type.abstract()) {
    case AbstractHeapType::func:
    case AbstractHeapType::nofunc: return AbstractHeapType::func;
    case AbstractHeapType::extern_:
    case AbstractHeapType::noextern: return AbstractHeapType::extern_;
    case AbstractHeapType::exn:
    case AbstractHeapType::noexn: return AbstractHeapType::exn;
    default: return AbstractHeapType::any;
  }
}

// Errors.

/// The first error stays.
void ValidatorBase::fail(ErrorKind kind, std::string message) {
  live_ = false;
  if (error_) return;
  const size_t offset = position_ == nullptr ? kNoOffset : position_->op_offset();
  error_.emplace(kind, offset, std::move(message));
  if (position_ != nullptr) position_->stop();
}

void ValidatorBase::fail_invalid(std::string message) {
  fail(ErrorKind::invalid, std::move(message));
}

void ValidatorBase::fail_unknown(const char* what, uint32_t index) {
  fail_invalid(std::string(what) + ' ' + std::to_string(index));
}

void ValidatorBase::fail_unknown_local(LocalIdx local) {
  fail_unknown(errors::kUnknownLocal, to_underlying(local));
}

void ValidatorBase::fail_unknown_global(GlobalIdx global) {
  fail_unknown(errors::kUnknownGlobal, to_underlying(global));
}

void ValidatorBase::fail_uninitialized(LocalIdx local) {
  const ValType type = with_bits(locals_[to_underlying(local)], 0, internal::kUnsetBit);
  fail_invalid(std::string(errors::kUninitializedLocal) + ' ' +
               std::to_string(to_underlying(local)) + ": " + describe(type) +
               " has no default value");
}

void ValidatorBase::fail_lane(Opcode op, uint32_t lane) {
  fail_invalid(std::string(errors::kLaneIndex) + ' ' + std::to_string(lane) + ": " + text_of(op));
}

void ValidatorBase::fail_operand(Opcode op, size_t operand, const std::string& expected,
                                 ValType found) {
  std::string place = "operand " + std::to_string(operand) + " of " + text_of(op);
  switch (op) {
    case Opcode::end:
    case Opcode::else_:
    case Opcode::catch_:
    case Opcode::catch_all:
    case Opcode::delegate:
      place =
          "result " + std::to_string(operand) + " of " + block_name(scratch_.frames_.back().kind);
      break;
    default: break;
  }
  fail_invalid(std::string(errors::kTypeMismatch) + ": " + place + ": expected " + expected +
               ", found " + (found == kBarrier ? "nothing" : describe(found)));
}

/// In the module's own words: a defined type by its index there.
std::string ValidatorBase::describe(ValType type) const {
  if (type.is_ref() && type.heap_type().is_concrete()) {
    for (uint32_t i = 0; i < module_.types.size(); ++i) {
      if (module_.types[TypeIdx{i}] != type.heap_type().id()) continue;
      return (type.nullable() ? "(ref null " : "(ref ") + std::to_string(i) + ')';
    }
  }
  return types_.to_string(type);
}

std::string ValidatorBase::describe(std::span<const ValType> types) const {
  constexpr size_t kMost = 8;
  std::string text = "[";
  for (size_t i = 0; i < types.size() && i < kMost; ++i) {
    if (i > 0) text += ' ';
    text += describe(types[i]);
  }
  if (types.size() > kMost) text += " ...";
  return text + ']';
}

Error internal::in_function(const ModuleInfo& module, FuncIdx func, Error error) {
  error.message += " in function " + std::to_string(to_underlying(func));
  const std::string name = module.func_name(func);
  if (!name.empty()) error.message += " \"" + name + '"';
  return error;
}

Result<> validate_function(const ModuleInfo& module, const TypeRegistry& types,
                           const Features& features, FuncIdx func, std::span<const uint8_t> body,
                           size_t body_offset, ValidatorScratch& scratch) {
  NullSink next;
  return validate_function(module, types, features, func, body, body_offset, scratch, next);
}

}  // namespace swoop

// Pass B: the operators of one validated function become machine code in one pass. What to compute
// is here and in ops_*.inl, where values are is the value stack below, how an operation is encoded
// is the MacroAssembler's.
//
// Locals have one place for the whole function: a register or a frame slot. Operands are described,
// not moved, until an operator needs them; at control boundaries all of them are in their home
// slots (or constants), a single label operand in the result register. Nothing here fails: pass A
// has checked everything.
//
// Safety: code trusts that an i32 in a register is zero-extended unless kHighDirty is set; `clean`
// is what restores it before an address or an index is formed. In explicit mode, it trusts that the
// numbers of bits of values are right and that `checked_` forgets a local before it changes and all
// of them at joins. Noticed by: tests/jit/poison_test.cc, address_test.cc, bounds_test.cc.
#pragma once

#include "decoder/function_decoder.h"
#include "jit/func_info.h"
#include "jit/macro_assembler.h"
#include "jit/module_context.h"
#include "jit/prescan.h"
#include "jit/stack_value.h"
#include "vm/builtins.h"
#include "vm/object.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swoop::jit {

template <MacroAssembler Masm>
class FunctionCompiler {
  using PatchChain = typename Masm::PatchChain;
  using Kind = StackValue::Kind;
  static constexpr uint32_t kNoOwner = UINT32_MAX;
  static constexpr uint32_t kNoLabel = UINT32_MAX;

  struct Local {
    StackValue alias;  // what local.get pushes: the type, and the register or none
    Slot slot;         // where there is no register

    Reg reg() const { return alias.reg; }
    MachineType type() const { return alias.type; }
  };

  /// Of a local, where comparisons are skipped: an access of memory 0 with it as index, which ended
  /// so far behind it, was in bounds. True as long as there are so many joins.
  struct Checked {
    uint32_t end = 0;
    uint32_t joins = 0;
  };

  struct Control {
    enum class Kind : uint8_t { block, loop, if_, else_, try_table, try_, catch_ };
    Kind kind = Kind::block;
    bool is_function = false;
    bool has_table_entries = false;              // a jump table leads to its end
    MachineType result_type = MachineType::i32;  // of a single result
    uint32_t height = 0;                         // of the operand stack below the parameters
    uint32_t num_params = 0;
    uint32_t num_results = 0;
    const FuncType* type = nullptr;   // where there are parameters or several results
    uint32_t target = 0;              // code offset of a loop
    uint32_t table_label = kNoLabel;  // its label in jump tables
    uint32_t stub_of = 0;             // the br_table (offset + 1) for which stub_label was made
    uint32_t stub_label = 0;
    uint32_t region = TryTables::kNone;       // that code directly inside belongs to
    uint32_t try_region = TryTables::kNone;   // its own
    uint32_t last_clause = TryTables::kNone;  // of its own region
    Slot exception;      // of catch_: what was caught, if the function has a rethrow
    PatchChain exits;    // jumps to the end
    PatchChain to_else;  // from an `if` to its `else`
    uint32_t label_arity() const { return kind == Kind::loop ? num_params : num_results; }
    /// A lone label operand travels in the result register, except that a loop finds its parameters
    /// in home slots.
    bool takes_result_register() const { return kind != Kind::loop && num_results == 1; }
    bool may_catch() const { return kind >= Kind::try_table; }
  };

  /// Where a result goes: a register of its own, or that of the local which the next operator sets.
  struct Dest {
    Reg reg;
    bool is_local = false;
    bool tee = false;
    uint32_t local = 0;
  };

 public:
  FunctionCompiler(const ModuleContext& context, Masm& masm) : context_(context), masm_(masm) {}

  /// Appends the code of the function whose body this is. Returns its place in the assembler's
  /// code.
  FuncEntry compile(FuncIdx func, const FuncInfo& info, std::span<const uint8_t> body,
                    size_t body_offset);

  /// Whether the last function was given up because its code outgrew what its body may cost
  /// (docs/LIMITS.md). What compile() returned is then of no use.
  bool too_large() const { return too_large_; }

  void attach(CodePosition& code) {
    code_ = &code;
    reader_ = &code.reader();
  }
  const ModuleContext& context() const { return context_; }

#include "jit/ops_control.inl"
#include "jit/ops_exception.inl"
#include "jit/ops_memory.inl"
#include "jit/ops_numeric.inl"
#include "jit/ops_variable.inl"

  /// Operators that pass A refuses; a row of any other without a handler does not compile.
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&...) {
    static_assert(!is_compiled(kOpcode), "an opcode without a handler");
    UNREACHABLE();
  }

 private:
  // --- Fuel
  using Decoder = FunctionDecoder<FunctionCompiler, false>;
  void run_metered(Decoder& decoder, const uint8_t* body);
  void charge_bytes(Opcode opcode, uint32_t size_bytes);

  // --- Frame
  void set_up_locals(const FuncInfo& info);
  void enter_function();
  Slot home(uint32_t index) const {
    return {-static_cast<int32_t>(home_base_ + 8 * (index + 1))};
  }
  /// Where the exception is of the innermost but `depth` handlers that an instruction is in.
  Slot exception_slot(uint32_t depth) const {
    return {-static_cast<int32_t>(exception_base_ + 8 * (depth + 1))};
  }
  uint32_t wasm_offset() const {
    return code_->op_body_offset();
  }

  // --- Registers
  Reg alloc(bool fp) {
    const RegSet candidates = free_ & (fp ? kAllFp : kAllGp);
    const Reg reg = candidates.empty() ? spill_one(fp) : candidates.first();
    free_.remove(reg);
    return reg;
  }
  /// The stack index of the entry that has `reg`; kNoOwner while an operator has it.
  uint32_t owner_of(Reg reg) const {
    const uint32_t index = owner_[reg.index()];
    return index < height_ && stack_[index].kind == Kind::reg && stack_[index].reg == reg
               ? index
               : kNoOwner;
  }
  Reg spill_one(bool fp);
  void spill(uint32_t index);
  /// Makes `reg` free: the entry that owns it moves to a register outside of `avoid`, or home.
  void evacuate(Reg reg, RegSet avoid = {});
  /// `reg`, taken for the current operator.
  void take(Reg reg) {
    if (!free_.has(reg)) evacuate(reg);
    free_.remove(reg);
  }
  /// Whether `v` is a load or a shift that was put off.
  static bool is_pending(const StackValue& v) {
    return v.kind >= Kind::memory;
  }
  /// The register that it needs; a load may have none.
  Reg pending_reg(const StackValue& v) const {
    return v.kind == Kind::memory ? pending_load_.index
                                  : Reg::from_index(static_cast<unsigned>(v.aux));
  }
  static bool owns_index(const StackValue& v) {
    return is_pending(v) && (v.bits & StackValue::kOwnsIndex) != 0;
  }
  void release(const StackValue& v) {
    release_unless(v, {});
  }
  void release_unless(const StackValue& v, Reg keep) {
    if (v.kind == Kind::reg) {
      if (v.reg != keep) free_.add(v.reg);
    } else if (owns_index(v) && pending_reg(v) != keep) {
      free_.add(pending_reg(v));
    }
  }

  // --- Operand stack
  [[gnu::always_inline]] StackValue pop() {
    return stack_[--height_];
  }
  [[gnu::always_inline]] void push(StackValue v) {
    owner_[v.reg.index() & (owner_.size() - 1)] = height_;  // of use for temporaries only
    DCHECK(v.kind != Kind::home || static_cast<uint32_t>(v.aux) == height_);
    flushed_ = std::min(flushed_, height_);
    stack_[height_++] = v;
  }
  void push_reg(MachineType type, Reg reg) {
    StackValue v{Kind::reg, type, reg, 0, 0};
    if (type == MachineType::i32 && context_.poison_upper_halves) {
      masm_.poison_upper_half(reg);
      v.bits = StackValue::kHighDirty;
    }
    push(v);
  }
  void push_i32(int32_t value) {
    push({Kind::constant, MachineType::i32, {}, 0, value});
  }
  void push_i64(int64_t value) {
    push_bits(MachineType::i64, value, value == static_cast<int32_t>(value));
  }
  void push_bits(MachineType type, int64_t bits, bool small) {
    if (small) {
      push({Kind::constant, type, {}, 0, static_cast<int32_t>(bits)});
    } else {
      pool_.push_back(bits);
      push({Kind::pool, type, {}, 0, static_cast<int32_t>(pool_.size() - 1)});
    }
  }
  /// The value of a constant or pool entry: integers sign-extended, floats as zero-extended bits.
  int64_t const_bits(const StackValue& v) const {
    if (v.kind == Kind::pool) return pool_[static_cast<uint32_t>(v.aux)];
    return v.type == MachineType::f32 ? static_cast<int64_t>(static_cast<uint32_t>(v.aux)) : v.aux;
  }
  bool is_any_const(const StackValue& v) const {
    return v.kind == Kind::constant || v.kind == Kind::pool;
  }
  static bool in_slot(const StackValue& v) {
    return v.kind == Kind::home || (v.kind == Kind::local && !v.reg.valid());
  }
  Slot slot_of(const StackValue& v) const {
    return v.kind == Kind::home ? home(static_cast<uint32_t>(v.aux))
                                : locals_[static_cast<uint32_t>(v.aux)].slot;
  }
  /// Moves or loads a value into `d`; an i32 arrives zero-extended. Keeps the flags.
  void load_into(const StackValue& v, Reg d);
  /// The value in some register: its own, or `hint` if that is valid, or a fresh one, which `v`
  /// then owns.
  Reg in_reg(StackValue& v, Reg hint = {}) {
    return v.reg.valid() ? v.reg : bring_in(v, hint);
  }
  Reg bring_in(StackValue& v, Reg hint);
  /// The same, zero-extended even if the value was dirty.
  Reg in_clean_reg(StackValue& v);
  /// The value in a register that the operator may destroy.
  Reg in_own_reg(StackValue& v);
  Operand operand(StackValue& v);
  bool uses_register(const StackValue& v, Reg reg) const {
    return v.reg == reg || (is_pending(v) && pending_reg(v) == reg);
  }
  /// Makes all stack aliases of a local real, before the local changes.
  void materialize_aliases(uint32_t local) {
    if constexpr (Masm::kSkipsComparisons) checked_[local].joins = 0;
    if constexpr (Masm::kKeepsAddresses) masm_.forget_address(local);
    if (flushed_ < height_) find_aliases(local);
  }
  void find_aliases(uint32_t local);
  /// Everything above `from` goes to home slots; constants only when `constants_too`.
  void flush(uint32_t from, bool constants_too) {
    flush(from, height_, constants_too);
  }
  void flush(uint32_t from, uint32_t to, bool constants_too);
  void flush_one(uint32_t index, bool constants_too);
  /// Every entry that is not in its canonical place goes there.
  void flush_all() {
    if (flushed_ < height_) flush(flushed_, false);
    flushed_ = height_;
  }
  void forget_registers() {
    free_ = temps_;
  }

  // --- Results
  uint8_t next_byte() const {
    return *reader_->position();
  }
  void skip_byte() {
    reader_->set_position(reader_->position() + 1);
  }
  /// The local that the next operator sets, if it is pinned in this class of registers; consumes
  /// that operator.
  Dest local_dest(bool fp) {
    static_assert(static_cast<int>(Opcode::local_set) == 0x21 &&
                  static_cast<int>(Opcode::local_tee) == 0x22);
    return static_cast<uint8_t>(next_byte() - 0x21) <= 1 ? find_local_dest(fp) : Dest();
  }
  Dest find_local_dest(bool fp);
  Dest any_dest(bool fp) {
    Dest d = local_dest(fp);
    if (!d.is_local) d.reg = alloc(fp);
    return d;
  }
  /// As any_dest, but reuses the register of `a` if it is a temporary.
  Dest dest_reusing(const StackValue& a, bool fp) {
    Dest d = local_dest(fp);
    if (!d.is_local) d.reg = a.kind == Kind::reg && a.reg.is_fp() == fp ? a.reg : alloc(fp);
    return d;
  }
  void finish(MachineType type, const Dest& d) {
    if (!d.is_local)
      push_reg(type, d.reg);
    else if (d.tee)
      push(locals_[d.local].alias);
  }

  // --- Conditions
  void push_condition(Cond cond);
  Cond pop_condition();

  // --- Control
  Control& control_at(LabelIdx label) {
    return control_[control_.size() - 1 - to_underlying(label)];
  }
  void mark_unreachable() {
    unreachable_ = true;
    if (!too_large_) code_->skip_dead_code();
  }

  /// After operators that move as many values as their type says: 3 bytes of wasm can name a type
  /// of 2,000 values.
  void check_budget() {
    if (masm_.offset() <= code_end_) [[likely]]
      return;
    too_large_ = true;
    reader_->set_position(reader_->end());
  }

  // --- Calls
  /// The register of a parameter or result that has one.
  static Reg reg_at(const ValueLocation& place) {
    DCHECK(place.kind != ValueLocation::Kind::stack);
    return place.kind == ValueLocation::Kind::fp ? Reg::fp(place.reg) : Reg::gp(place.reg);
  }
  struct Move {
    MachineType type;
    Reg to;
    Reg from;
  };
  void spill_below(uint32_t index);
  void load_call_saved() {
    for (const uint32_t local : call_saved_)
      masm_.load_slot(MachineType::i64, locals_[local].reg(), locals_[local].slot);
  }
  void place_args(std::span<const StackValue> args, std::span<const ValueLocation> places,
                  const StackValue* index);
  void parallel_moves(std::span<Move> moves);
  void push_results(const FuncType& type, const CallLayout& layout);
  /// Calls with the given arguments, in order, which are no longer on the stack.
  template <size_t kCount>
  void call_builtin(Builtin builtin, std::array<StackValue, kCount> args);
  StackValue constant_i32(uint32_t value) const {
    return {Kind::constant, MachineType::i32, {}, 0, static_cast<int32_t>(value)};
  }

  const ModuleContext& context_;
  Masm& masm_;
  CodePosition* code_ = nullptr;
  ReaderBase* reader_ = nullptr;

  // The current function. Vectors keep their memory from one to the next.
  std::vector<StackValue> stack_;
  uint32_t height_ = 0;
  uint32_t flushed_ = 0;  // entries below are home, constant or pool; may be above the height
  std::vector<Local> locals_;
  std::vector<Checked> checked_;  // by local, in explicit mode
  std::vector<Control> control_;
  std::vector<int64_t> pool_;
  std::vector<LocalRun> runs_;
  std::vector<LabelIdx> stubs_;
  Frame frame_;
  uint32_t home_base_ = 0;
  uint32_t exception_base_ = 0;
  bool has_rethrow_ = false;
  uint32_t num_caught_ = 0;  // handlers of the legacy kind that are open, if there is a rethrow
  uint32_t region_ = TryTables::kNone;  // of the code that is being made
  std::vector<uint32_t> call_saved_;    // locals in registers that calls clobber
  RegSet temps_;
  RegSet free_;
  std::array<uint32_t, 64> owner_{};  // see owner_of
  MemRef pending_load_;
  std::array<Move, 32> moves_;  // of place_args and enter_function
  const CallLayout* layout_ = nullptr;
  const FuncType* type_ = nullptr;
  bool unreachable_ = false;
  bool too_large_ = false;
  uint64_t code_end_ = 0;  // the code of the function must not reach further
};

}  // namespace swoop::jit

#include "jit/function_compiler.inl"

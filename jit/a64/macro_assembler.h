// Operations of the compiler as AArch64 instructions. The promises are in jit/macro_assembler.h,
// the use of registers in jit/a64/abi.h.
//
// Surprises of the machine that show here: only loads and stores touch memory, so operands in slots
// and memories go through a scratch register; an immediate fits or has to be built; division traps
// for nothing, so its cases are tested; conditional branches reach 1 MiB (BranchMode).
//
// Safety: guest memory is addressed as base + zero-extended 32-bit index + offset < 2^31, which
// stays inside the reservation (runtime/memory.h), or after a compare with the size, unless the
// compiler knows that it is in bounds. The base is x27 for memory 0, else just loaded from the
// context. Every such instruction has a CodeSite, but
// for the lower parts of a range whose highest was accessed just before. Code that is not
// in_reach() must not run.
#pragma once

#include "jit/a64/assembler.h"
#include "jit/code_output.h"
#include "jit/machine.h"
#include "vm/context.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swoop::jit::a64 {

class MacroAssembler : public CodeOutput {
 public:
  using PatchChain = a64::PatchChain;
  static constexpr bool kSkipsComparisons = false;
  static constexpr bool kFusesOperators = true;

  static constexpr RegSet kTemps{0x7fff | uint64_t{0x7fff'00ff} << 32};  // x0-x14, v0-v7, v16-v30
  static constexpr std::array kPinnedGp = {Reg::gp(19), Reg::gp(20), Reg::gp(21), Reg::gp(22),
                                           Reg::gp(23), Reg::gp(24), Reg::gp(25), Reg::gp(26)};
  static constexpr std::span kPinnedGpOfCounting = std::span(kPinnedGp).first<7>();
  static constexpr std::array kPinnedTemps = {Reg::gp(14), Reg::gp(13), Reg::gp(12), Reg::gp(11),
                                              Reg::gp(10), Reg::gp(9),  Reg::gp(8)};
  static constexpr std::array kPinnedFp = {Reg::fp(8),  Reg::fp(9),  Reg::fp(10), Reg::fp(11),
                                           Reg::fp(12), Reg::fp(13), Reg::fp(14), Reg::fp(15)};
  static constexpr std::array kPinnedFpTemps = {Reg::fp(30), Reg::fp(29), Reg::fp(28), Reg::fp(27),
                                                Reg::fp(26), Reg::fp(25), Reg::fp(24), Reg::fp(23)};
  static constexpr Reg kResultGp = Reg::gp(0);
  static constexpr Reg kResultFp = Reg::fp(0);
  static constexpr Reg kIndirectIndex = Reg::gp(16);
  static constexpr RegSet kDivideClobbers{};
  static constexpr Reg divide_result(DivOp) { return {}; }
  static constexpr RegSet constant_divide_clobbers(Width) { return {}; }
  static constexpr Reg constant_divide_result(DivOp) { return {}; }

  explicit MacroAssembler(const Target& target)
      : bounds_(target.bounds),
        has_landing_pads_(target.cpu.bti),
        signs_return_addresses_(target.sign_return_addresses),
        interruption_(target.interruption) {}

  // --- Output of the functions compiled since the last reset()
  void reset(BranchMode mode);
  bool in_reach() const { return asm_.in_reach(); }
  /// Pads the code to a multiple of 16, so that chunks can follow each other.
  void finish_chunk() { asm_.reserve(), asm_.align(16); }
  std::span<const uint8_t> code() const { return asm_.code(); }
  uint32_t offset() const { return asm_.offset(); }

  // --- Frame
  /// Starts a function at the next multiple of 16 and returns its offset. `wasm_offset` blames
  /// stack exhaustion.
  uint32_t prologue(const Frame& frame, uint32_t wasm_offset);
  void epilogue(const Frame& frame);
  /// Emits the out-of-line parts, then jump tables and constants. Returns the offset where data
  /// begins.
  uint32_t finish_function();

  // --- Moves
  void move(MachineType type, Reg d, Reg s) {
    if (d == s) return;
    asm_.reserve();
    if (is_float(type))
      asm_.fmov(FloatWidth::f64, vec(d), vec(s));
    else
      asm_.mov_rr(width_of(type), gp(d), gp(s));
  }
  /// Exchanges two general or two float registers.
  void swap(Reg a, Reg b);
  void load_const(MachineType type, Reg d, int64_t bits);
  void load_slot(MachineType type, Reg d, Slot slot) { load_frame(type, d, mem(slot)); }
  void store_slot(MachineType type, Slot slot, Reg s) { store_frame(type, mem(slot), s); }
  void store_slot_const(MachineType type, Slot slot, int64_t bits) {
    store_const(type, mem(slot), bits);
  }
  void copy_slot(Slot d, Slot s) {
    load_word(kScratch, mem(s));
    store_word(mem(d), kScratch);
  }
  /// Into the outgoing area, `offset` bytes above the stack pointer.
  void store_outgoing(MachineType type, uint32_t offset, Reg s) {
    store_frame(type, outgoing(offset), s);
  }
  void store_outgoing_const(MachineType type, uint32_t offset, int64_t bits) {
    store_const(type, outgoing(offset), bits);
  }
  void copy_to_outgoing(uint32_t offset, Slot s) {
    load_word(kScratch, mem(s));
    store_word(outgoing(offset), kScratch);
  }
  void copy_from_outgoing(Slot d, uint32_t offset) {
    load_word(kScratch, outgoing(offset));
    store_word(mem(d), kScratch);
  }
  void slot_address(Reg d, Slot slot);
  /// Zeroes `count` 8-byte slots, of which `lowest` has the lowest address. Clobbers no register
  /// but scratch ones.
  void zero_slots(Slot lowest, uint32_t count);
  void zero(MachineType type, Reg d) {
    asm_.reserve();
    if (is_float(type))
      asm_.zero(vec(d));
    else
      asm_.movz(Width::w32, gp(d), 0);
  }
  void poison_upper_half(Reg d);
  void poison_upper_half(Slot slot);

  // --- Integers
  void alu(AluOp op, Width w, Reg d, Reg a, Operand b);
  void negate(Width w, Reg d, Reg a) { asm_.reserve(), asm_.neg(w, gp(d), gp(a)); }
  void bit_not(Width w, Reg d, Reg a) { asm_.reserve(), asm_.mvn(w, gp(d), gp(a)); }
  bool has_and_not() const { return true; }
  void and_not(Width w, Reg d, Reg a, Reg b) {
    asm_.reserve();
    asm_.logic_rrr(Logic::bic, w, gp(d), gp(a), gp(b));
  }
  void multiply(Width w, Reg d, Reg a, Operand b);
  void shift(ShiftOp op, Width w, Reg d, Reg a, Operand b);
  void divide(DivOp op, Width w, Reg d, Reg a, Operand b, uint32_t wasm_offset);
  /// By a `divisor` that is not 0 and, if the operation is signed, neither 1 nor -1, and, if it is
  /// not, no power of two. An unsigned i32 in `a` is zero-extended.
  void divide_by_constant(DivOp op, Width w, Reg d, Reg a, uint64_t divisor);
  void count_bits(BitCount op, Width w, Reg d, Reg a);
  void sign_extend(uint32_t from_bits, Width w, Reg d, Reg a);
  void zero_extend_32(Reg d, Reg a) {
    asm_.reserve();
    asm_.mov_rr(Width::w32, gp(d), gp(a));
  }
  /// d = a + (b << shift), shift <= 3.
  void add_scaled(Width w, Reg d, Reg a, Reg b, unsigned shift) {
    asm_.reserve();
    asm_.arith_rrr(Arith::add, w, gp(d), gp(a), gp(b), Shift::lsl, shift);
  }

  /// d = a op (b shifted by `count`). Rotates for bitwise operations only.
  void alu_shifted(AluOp op, Width w, Reg d, Reg a, Reg b, ShiftOp shift, unsigned count);
  /// d = a + b * c, or a - b * c.
  void multiply_add(Width w, bool subtract, Reg d, Reg a, Reg b, Reg c) {
    asm_.reserve();
    if (subtract)
      asm_.msub(w, gp(d), gp(b), gp(c), gp(a));
    else
      asm_.madd(w, gp(d), gp(b), gp(c), gp(a));
  }
  /// `size` bits of `a` from bit `lsb` on, zero- or sign-extended.
  void extract_bits(bool is_signed, Width w, Reg d, Reg a, unsigned lsb, unsigned size) {
    asm_.reserve();
    asm_.bitfield(is_signed ? Bitfield::sbfm : Bitfield::ubfm, w, gp(d), gp(a), lsb,
                  lsb + size - 1);
  }

  // --- Conditions
  void compare(Width w, Operand a, Operand b);  // a: register or slot
  void test(Width w, Reg a, Operand b);
  void float_compare(Cond cond, FloatWidth w, Reg a, Operand b);
  void set_cond(Cond cond, Reg d) { asm_.reserve(), asm_.cset(cond_code(cond), Width::w32, gp(d)); }
  void select(Cond cond, MachineType type, Reg d, Reg if_true, Reg if_false);

  // --- Control
  void jump(PatchChain& chain) { asm_.reserve(), asm_.b(chain); }
  void jump_if(Cond cond, PatchChain& chain);
  /// `wasm_offset` blames the interruption that the loop looks for.
  uint32_t loop_header(uint32_t wasm_offset) {
    count_join();
    const uint32_t header = asm_.offset();
    if (interruption_) check_interruption(wasm_offset);
    return header;
  }
  void jump_back(uint32_t target) { asm_.reserve(), asm_.b_back(target); }
  void jump_back_if(Cond cond, uint32_t target);
  void bind(PatchChain& chain) { asm_.bind(chain), count_join(); }
  /// Grows wherever code can be reached in another way than from the instruction before; never 0.
  uint32_t num_joins() const { return num_joins_; }
  /// Jumps to the entry of a new table that `index` (zero-extended, < the table's length;
  /// clobbered) selects. Returns the table, whose entries are then added in order.
  uint32_t jump_table(Reg index);
  void bind_label(uint32_t label, uint32_t offset) {
    label_offsets_[label] = offset;
    count_join();
  }

  /// `wasm_offset` blames what cannot be paid for. The counter then holds nothing of meaning.
  void charge(uint64_t cost, uint32_t wasm_offset);

  // --- Memories
  /// Addresses in memory 0 that locals hold are kept, so that later accesses add their offsets
  /// only: until a join, a call, or forget_address, which is to be called before the local changes.
  static constexpr bool kKeepsAddresses = true;
  bool can_keep_addresses() const { return bounds_ == BoundsMode::guard; }
  /// Where the address of this local is; no register if it is not kept.
  Reg kept_address(uint32_t local) {
    for (size_t i = 0; i < kKept.size(); ++i) {
      if (kept_[i] != local) continue;
      next_kept_ = 1 - i;
      return kKept[i];
    }
    return {};
  }
  /// Keeps that of `local`, which `index` holds, or has as its lower half.
  Reg keep_address(uint32_t local, Reg index);
  void forget_address(uint32_t local) {
    for (uint32_t& kept : kept_)
      if (kept == local) kept = kNoLocal;
  }
  /// An access at a kept address.
  static MemRef at_kept(Reg address, uint32_t offset, uint32_t wasm_offset) {
    return {address, offset, wasm_offset, kKeptAddress};
  }
  void load(LoadOp op, Reg d, const MemRef& memory);
  void store(StoreOp op, Operand value, const MemRef& memory);  // value: register or immediate
  /// Copies [from, from + size) to `to`, overlapping or not, in one go: all of it or, if any of it
  /// is out of bounds, nothing. Likewise fill.
  void copy(const MemRef& to, const MemRef& from, uint32_t size, RegSet temps);
  void fill(const MemRef& to, uint32_t size, uint8_t byte);
  static constexpr uint32_t kMinCopy = 4;
  static constexpr uint32_t kMaxRange = 144;
  static constexpr uint32_t copy_temps(uint32_t size) { return Chunks(size, 16).count - 1; }
  /// In pages; `memory` is the offset of its VmSpan.
  void memory_size(Reg d, int32_t memory);
  /// After anything that may have moved memory 0.
  void reload_memory_base();

  // --- The instance
  void load_context(MachineType type, Reg d, int32_t offset) {
    load_frame(type, d, {kContext, offset});
  }
  void store_context(MachineType type, int32_t offset, Reg s) {
    store_frame(type, {kContext, offset}, s);
  }
  void load_global_indirect(MachineType type, Reg d, int32_t offset) {
    load_word(kScratch, {kContext, offset});
    load_frame(type, d, {kScratch, 0});
  }
  void store_global_indirect(MachineType type, int32_t offset, Reg s) {
    load_word(kScratch, {kContext, offset});
    store_frame(type, {kScratch, 0}, s);
  }
  void load_func_ref(Reg d, uint32_t func);
  void table_size(Reg d, int32_t table);
  void table_get(Reg d, Reg index, int32_t table, bool of_functions, uint32_t wasm_offset);
  void table_set(Reg index, Reg value, int32_t table, uint32_t wasm_offset);  // not of functions

  // --- Floats
  void float_binary(FloatOp op, FloatWidth w, Reg d, Reg a, Operand b);
  void float_unary(FloatUnary op, FloatWidth w, Reg d, Reg a);
  void float_copysign(FloatWidth w, Reg d, Reg a, Reg b);
  void trunc(Width to, bool is_signed, FloatWidth from, Reg d, Reg a, bool saturating,
             uint32_t wasm_offset);
  void convert(FloatWidth to, Width from, bool is_signed, Reg d, Reg a) {
    asm_.reserve();
    asm_.int_to_float(is_signed, from, to, vec(d), gp(a));
  }
  void demote(Reg d, Reg a) { asm_.reserve(), asm_.f64_to_f32(vec(d), vec(a)); }
  void promote(Reg d, Reg a) { asm_.reserve(), asm_.f32_to_f64(vec(d), vec(a)); }
  /// Moves the bits between register classes; `type` is d's.
  void reinterpret(MachineType type, Reg d, Reg a);

  // --- Calls. Arguments are in place; wasm_offset is the call operator's.
  void call_function(uint32_t defined_index, uint32_t wasm_offset);
  void call_import(int32_t imported_func, uint32_t wasm_offset);
  /// Through table `table` (offset of its VmSpan) with the index in kIndirectIndex, of module type
  /// `type_idx`.
  void call_indirect(int32_t table, uint32_t type_idx, uint32_t wasm_offset);
  void call_builtin(uint32_t builtin, uint32_t wasm_offset);

  // --- Exceptions
  /// Calls from here on are in this region of tries(), or in none.
  void enter_try_region(uint32_t region) { enter_try_region_at(asm_.offset(), region); }

  // --- Traps
  void trap(TrapCode code, uint32_t wasm_offset);
  void trap_if(Cond cond, TrapCode code, uint32_t wasm_offset) {
    asm_.reserve();
    trap_if(cond_code(cond), code, wasm_offset);
  }

 private:
  /// A part of a function that is emitted behind it: entered by `entry`, it may return to `resume`.
  struct Deferred {
    enum class Kind : uint8_t { trap, trunc, indirect_mismatch, indirect_other_instance };
    Kind kind;
    TrapCode trap{};
    FloatWidth float_width{};
    Reg a;
    PatchChain entry;
    uint32_t resume = 0;
    uint32_t wasm_offset = 0;
    uint32_t try_region = 0;
  };
  /// What an instruction at `use` loads; with `type_idx`, the canonical id of that type.
  struct Literal {
    static constexpr uint32_t kNoType = UINT32_MAX;
    uint64_t bits;
    uint32_t use;
    uint32_t type_idx;
  };

  static constexpr std::array kKept = {Reg::gp(30), Reg::gp(15)};
  static constexpr uint32_t kNoLocal = UINT32_MAX;
  static constexpr int32_t kKeptAddress = -1;  // as MemRef::memory: `index` is an address already
  void forget_addresses() {
    kept_ = {kNoLocal, kNoLocal};
    next_kept_ = 0;  // code must not depend on what was compiled before
  }

  static constexpr Gp kContext = Gp::x28;
  static constexpr Gp kMemoryBase = Gp::x27;
  static constexpr Gp kFuel = Gp::x26;
  static constexpr Gp kScratch = Gp::x16;         // values; the index of call_indirect
  static constexpr Gp kAddressScratch = Gp::x17;  // addresses and what is used at once
  static constexpr Gp kLink = Gp::x30;            // saved in every frame: free until a call
  static constexpr Vec kFpScratch = Vec::v31;

  static Gp gp(Reg reg) { return static_cast<Gp>(reg.number()); }
  static Vec vec(Reg reg) { return static_cast<Vec>(reg.number()); }
  /// Slots lie at known distances above the stack pointer, where more of them are in reach.
  Mem mem(Slot slot) const {
    if (slot.offset >= -256) return {Gp::x29, slot.offset};
    return {Gp::sp, static_cast<int32_t>(frame_size_) + slot.offset};
  }
  static Mem outgoing(uint32_t offset) { return {Gp::sp, static_cast<int32_t>(offset)}; }
  static Mem plus(Mem at, uint32_t offset) {
    at.offset += static_cast<int32_t>(offset);
    return at;
  }

  /// `at`, or the same address through kAddressScratch if the instruction cannot reach it.
  Mem reachable(Mem at, unsigned size_log2) {
    return fits_offset(at.offset, size_log2) ? at : far_address(at, size_log2);
  }
  Mem far_address(Mem at, unsigned size_log2);
  void load_word(Gp d, Mem at) {
    asm_.reserve();
    asm_.load(LoadKind::u64, d, reachable(at, 3));
  }
  void store_word(Mem at, Gp s) {
    asm_.reserve();
    asm_.store(3, reachable(at, 3), s);
  }
  void load_frame(MachineType type, Reg d, Mem at);
  void store_frame(MachineType type, Mem at, Reg s);
  void store_const(MachineType type, Mem at, int64_t bits);
  /// d = s + value, either of which may be sp.
  void add_imm(Gp d, Gp s, int64_t value) { add_imm(Width::w64, d, s, value); }
  void add_imm(Width w, Gp d, Gp s, int64_t value);

  /// A right operand in a register: its own, or the scratch register.
  Gp in_gp(Width w, Operand b);
  Vec in_vec(FloatWidth w, Operand b);
  void load_float_bits(FloatWidth w, Vec d, uint64_t bits);

  void load_chunk(uint32_t size, Vec d, Mem at);
  void store_chunk(uint32_t size, Mem at, Vec s);
  void probe(const MemRef& memory, Mem target, uint32_t size);

  /// Whether the end of an access must be compared with the size of its memory.
  bool is_compared(const MemRef& memory) const {
    return memory.wasm_offset != MemRef::kInBounds &&
           (bounds_ == BoundsMode::explicit_ || memory.offset > INT32_MAX);
  }
  /// Traps unless it is in bounds. Leaves the end, counted from the start of the memory, in
  /// kAddressScratch; clobbers kLink.
  void compare_end(const MemRef& memory, uint32_t size);
  /// The address of an access of `size` bytes, after whatever check it needs. Clobbers
  /// kAddressScratch, which is its base unless the index is a constant, and kLink.
  Mem guest_address(const MemRef& memory, uint32_t size);
  /// For one load or store, of 1 to 8 bytes.
  Mem guest(const MemRef& memory, uint32_t size) {
    return reachable(guest_address(memory, size), static_cast<unsigned>(std::countr_zero(size)));
  }
  /// For parts of any size of a range.
  Mem guest_range(const MemRef& memory, uint32_t size);
  /// Calls `access` with that address, or with the base and the index where one instruction takes
  /// both.
  template <class Access>
  SWOOP_INLINE void with_guest(const MemRef& memory, uint32_t size, Access&& access) {
    if (memory.memory == kVmMemory0Base && memory.index.valid() && memory.offset == 0 &&
        (memory.scale_log2 == 0 || uint32_t{1} << memory.scale_log2 == size)) [[likely]] {
      if (is_compared(memory)) compare_end(memory, size);
      access(MemIndexed{kMemoryBase, gp(memory.index), Extend::uxtw, memory.scale_log2 != 0});
    } else {
      access(guest(memory, size));
    }
  }
  void site(uint8_t kind, uint32_t wasm_offset) { add_site(asm_.offset(), kind, wasm_offset); }
  /// To be called right before an instruction that accesses guest memory.
  void memory_site(uint32_t wasm_offset) {
    if (bounds_ == BoundsMode::guard)
      site(static_cast<uint8_t>(TrapCode::out_of_bounds_memory_access), wasm_offset);
  }
  void call_site(uint32_t wasm_offset) { site(CodeSite::kCall, wasm_offset); }
  Deferred& defer(Deferred::Kind kind, uint32_t wasm_offset);
  void emit_deferred(Deferred& part);
  void add_landing_pads();
  void check_interruption(uint32_t wasm_offset);
  void trap_if(CondCode cc, TrapCode code, uint32_t wasm_offset);
  void udf(TrapCode code, uint32_t wasm_offset) {
    site(static_cast<uint8_t>(code), wasm_offset);
    asm_.udf(static_cast<uint16_t>(code));
  }
  /// Traps unless `index` is in bounds; kAddressScratch becomes the table's entries.
  void check_table_index(Gp index, int32_t table, TrapCode code, uint32_t wasm_offset);
  void divide_by_power(DivOp op, Width w, Gp d, Gp a, unsigned log, bool negative);
  void return_to_instance();

  /// The last instruction set the flags for nothing that a branch could not find out by itself.
  struct ZeroTest {
    static constexpr uint8_t kAllBits = 0xff;
    uint32_t offset = 0;  // behind it; no code has offset 0
    Width width{};
    Gp reg{};
    uint8_t bit = kAllBits;  // which was tested, or compared with zero as the sign
    bool is_sign = false;
  };
  void note_bit(Width w, Gp reg, unsigned bit, bool is_sign) {
    if (tests_bits_) zero_test_ = {asm_.offset(), w, reg, static_cast<uint8_t>(bit), is_sign};
  }
  /// Takes the instruction back if a branch on `cond` can do without. Then eq and ne say which
  /// branch.
  std::optional<Cond> take_zero_test(Cond cond);

  void count_join() { ++num_joins_, forget_addresses(); }

  Assembler asm_;
  BoundsMode bounds_;
  bool has_landing_pads_;  // where indirect branches land (BTI)
  bool signs_return_addresses_;
  bool interruption_;
  uint32_t num_joins_ = 1;
  std::array<uint32_t, kKept.size()> kept_{kNoLocal, kNoLocal};  // locals, by register of kKept
  size_t next_kept_ = 0;                                         // the one that was not used last
  BranchMode mode_ = BranchMode::near;
  // Of the current function.
  uint32_t frame_size_ = 0;
  ZeroTest zero_test_;
  bool tests_bits_ = false;  // branches on one bit reach 32 KiB only
  std::vector<Deferred> deferred_;
  std::vector<Literal> literals_;
  struct JumpTable {
    uint32_t use;
    uint32_t first_entry;
  };
  std::vector<JumpTable> tables_;
};

/// For explicit mode, where the compiler leaves out comparisons that earlier ones make needless: a
/// type of its own, so that guard mode pays nothing for it.
class ExplicitMacroAssembler : public MacroAssembler {
 public:
  using MacroAssembler::MacroAssembler;
  static constexpr bool kSkipsComparisons = true;
};

}  // namespace swoop::jit::a64

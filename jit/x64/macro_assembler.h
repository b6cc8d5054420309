// Operations of the compiler as x86-64 instructions. The promises are in jit/macro_assembler.h, the
// use of registers in jit/x64/abi.h.
//
// Surprises of the machine that show here: two-operand forms destroy their left operand; 32-bit
// writes clear the upper half of a register; division wants rax and rdx and faults by itself;
// variable shifts want cl unless BMI2 is there; float compares set the parity flag for NaN.
//
// Safety: guest memory is addressed as [base + index + offset] with a zero-extended 32-bit index
// and offset < 2^31, which stays inside the reservation (runtime/memory.h), or after a compare
// with the size, unless the compiler knows that it is in bounds. The base is r14 for memory 0,
// else just loaded from the context. Every such instruction has a CodeSite, but for the lower
// parts of a range whose highest was accessed just before. Noticed by:
// tests/runtime/compiled_test.cc, tests/jit/poison_test.cc, tests/jit/bulk_memory_test.cc.
#pragma once

#include "jit/code_output.h"
#include "jit/machine.h"
#include "jit/x64/assembler.h"
#include "vm/context.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit::x64 {

class MacroAssembler : public CodeOutput {
 public:
  using PatchChain = x64::PatchChain;
  static constexpr bool kSkipsComparisons = false;
  static constexpr bool kKeepsAddresses = false;
  static constexpr bool kFusesOperators = false;

  static constexpr RegSet kTemps{0b1100'0111 | uint64_t{0xff}
                                                   << 32};  // rax rcx rdx rsi rdi, xmm0-xmm7
  static constexpr std::array kPinnedGp = {Reg::gp(3),  Reg::gp(12), Reg::gp(13),
                                           Reg::gp(11), Reg::gp(8),  Reg::gp(9)};
  static constexpr std::array kPinnedGpOfCounting = {Reg::gp(3), Reg::gp(12), Reg::gp(11),
                                                     Reg::gp(8), Reg::gp(9)};
  static constexpr std::array kPinnedTemps = {Reg::gp(7), Reg::gp(6)};  // rdi rsi
  static constexpr std::array kPinnedFp = {Reg::fp(8),  Reg::fp(9),  Reg::fp(10), Reg::fp(11),
                                           Reg::fp(12), Reg::fp(13), Reg::fp(14)};
  static constexpr std::array<Reg, 0> kPinnedFpTemps{};
  static constexpr Reg kResultGp = Reg::gp(0);
  static constexpr Reg kResultFp = Reg::fp(0);
  static constexpr Reg kIndirectIndex = Reg::gp(10);
  static constexpr RegSet kDivideClobbers = RegSet::of(Reg::gp(0), Reg::gp(2));  // rax rdx
  static constexpr Reg divide_result(DivOp op) { return Reg::gp(is_remainder(op) ? 2 : 0); }

  explicit MacroAssembler(const Target& target)
      : asm_(target.cpu), bounds_(target.bounds), interruption_(target.interruption) {}

  // --- Output of the functions compiled since the last reset()
  void reset(BranchMode = BranchMode::near);
  /// Every branch reaches everything.
  static constexpr bool in_reach() { return true; }
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
      asm_.movaps(xmm(d), xmm(s));
    else
      asm_.mov_rr(width_of(type), gp(d), gp(s));
  }
  /// Exchanges two general or two float registers.
  void swap(Reg a, Reg b);
  void load_const(MachineType type, Reg d, int64_t bits);
  void load_slot(MachineType type, Reg d, Slot slot) {
    asm_.reserve();
    if (is_float(type))
      asm_.load_float(float_width_of(type), xmm(d), mem(slot));
    else
      asm_.load(type == MachineType::i32 ? LoadKind::u32 : LoadKind::u64, gp(d), mem(slot));
  }
  void store_slot(MachineType type, Slot slot, Reg s) { store_frame(type, mem(slot), s); }
  void store_slot_const(MachineType type, Slot slot, int64_t bits) {
    store_const(type, mem(slot), bits);
  }
  void copy_slot(Slot d, Slot s) { copy_word(mem(d), mem(s)); }
  /// Into the outgoing area, `offset` bytes above the stack pointer.
  void store_outgoing(MachineType type, uint32_t offset, Reg s) {
    store_frame(type, outgoing(offset), s);
  }
  void store_outgoing_const(MachineType type, uint32_t offset, int64_t bits) {
    store_const(type, outgoing(offset), bits);
  }
  void copy_to_outgoing(uint32_t offset, Slot s) { copy_word(outgoing(offset), mem(s)); }
  void copy_from_outgoing(Slot d, uint32_t offset) { copy_word(mem(d), outgoing(offset)); }
  void slot_address(Reg d, Slot slot) {
    asm_.reserve();
    asm_.lea(Width::w64, gp(d), mem(slot));
  }
  /// Zeroes `count` 8-byte slots, of which `lowest` has the lowest address. Clobbers no register
  /// but scratch ones.
  void zero_slots(Slot lowest, uint32_t count);
  void zero(MachineType type, Reg d) {
    asm_.reserve();
    if (is_float(type))
      asm_.zero(xmm(d));
    else
      asm_.zero(gp(d));
  }
  void poison_upper_half(Reg d);
  void poison_upper_half(Slot slot);

  // --- Integers
  void alu(AluOp op, Width w, Reg d, Reg a, Operand b);
  void negate(Width w, Reg d, Reg a);
  void bit_not(Width w, Reg d, Reg a);
  bool has_and_not() const { return asm_.features().bmi1; }
  void and_not(Width w, Reg d, Reg a, Reg b) {
    asm_.reserve();
    asm_.andn(w, gp(d), gp(b), gp(a));
    flags_tell(w, d);
  }
  void multiply(Width w, Reg d, Reg a, Operand b);
  void shift(ShiftOp op, Width w, Reg d, Reg a, Operand b);
  /// `a` is kDivideClobbers' first register or anything outside; `b` lies outside of
  /// kDivideClobbers.
  void divide(DivOp op, Width w, Reg d, Reg a, Operand b, uint32_t wasm_offset);
  /// What divide_by_constant clobbers, and where it leaves the result with the least moves.
  static constexpr RegSet constant_divide_clobbers(Width w) {
    return w == Width::w64 ? kDivideClobbers : RegSet();
  }
  static constexpr Reg constant_divide_result(DivOp op) {
    return Reg::gp(is_remainder(op) ? 0 : 2);
  }
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
    asm_.lea(w, gp(d), {gp(a), gp(b), static_cast<uint8_t>(shift), 0});
  }

  // --- Conditions
  void compare(Width w, Operand a, Operand b);  // a: register or slot
  void test(Width w, Reg a, Operand b);
  void float_compare(Cond cond, FloatWidth w, Reg a, Operand b);
  void set_cond(Cond cond, Reg d);
  void select(Cond cond, MachineType type, Reg d, Reg if_true, Reg if_false);

  // --- Control
  void jump(PatchChain& chain) { asm_.reserve(), asm_.jmp(chain); }
  void jump_if(Cond cond, PatchChain& chain);
  /// `wasm_offset` blames the interruption that the loop looks for.
  uint32_t loop_header(uint32_t wasm_offset) {
    asm_.reserve();  // a small loop then lies in as few lines of the decoded code as it can
    asm_.align(16);
    count_join();
    const uint32_t header = asm_.offset();
    if (interruption_) check_interruption(wasm_offset);
    return header;
  }
  void jump_back(uint32_t target) { asm_.reserve(), asm_.jmp_back(target); }
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
  void load(LoadOp op, Reg d, const MemRef& memory);
  void store(StoreOp op, Operand value,
             const MemRef& memory);  // value: register or immediate
  /// Copies [from, from + size) to `to`, overlapping or not, in one go: all of it or, if any of it
  /// is out of bounds, nothing. Likewise fill.
  void copy(const MemRef& to, const MemRef& from, uint32_t size, RegSet temps);
  void fill(const MemRef& to, uint32_t size, uint8_t byte);
  // Smaller copies would need other registers; larger ones do not fit in the temporaries and the
  // scratch register.
  static constexpr uint32_t kMinCopy = 4;
  static constexpr uint32_t kMaxRange = 144;
  static constexpr uint32_t copy_temps(uint32_t size) { return Chunks(size, 16).count - 1; }
  /// In pages; `memory` is the offset of its VmSpan.
  void memory_size(Reg d, int32_t memory);
  /// After anything that may have moved memory 0.
  void reload_memory_base();

  // --- The instance
  void load_context(MachineType type, Reg d, int32_t offset);
  void store_context(MachineType type, int32_t offset, Reg s);
  void load_global_indirect(MachineType type, Reg d, int32_t offset);
  void store_global_indirect(MachineType type, int32_t offset, Reg s);
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
  void convert(FloatWidth to, Width from, bool is_signed, Reg d, Reg a);
  void demote(Reg d, Reg a) { asm_.reserve(), asm_.f64_to_f32(xmm(d), xmm(a)); }
  void promote(Reg d, Reg a) { asm_.reserve(), asm_.f32_to_f64(xmm(d), xmm(a)); }
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
  void trap_if(Cond cond, TrapCode code, uint32_t wasm_offset);

 private:
  /// A part of a function that is emitted behind it: entered by `entry`, it may return to `resume`.
  struct Deferred {
    enum class Kind : uint8_t {
      trap,
      float_min_max,
      rem_minus_one,
      trunc_signed,
      trunc_unsigned_32,
      trunc_unsigned_64,
      convert_u64,
      indirect_mismatch,
      indirect_other_instance,
    };
    Kind kind;
    bool flag = false;  // float_min_max: max; trunc: saturating
    Width width{};
    FloatWidth float_width{};
    TrapCode trap{};
    Reg d, a, b;
    PatchChain entry;
    uint32_t resume = 0;
    uint32_t wasm_offset = 0;
    uint32_t try_region = 0;
  };
  struct PoolConstant {
    uint64_t bits;
    PatchChain uses;
  };

  static constexpr Gp kContext = Gp::r15;
  static constexpr Gp kMemoryBase = Gp::r14;
  static constexpr Gp kFuel = Gp::r13;
  static constexpr Gp kScratch = Gp::r10;
  static constexpr Xmm kFpScratch = Xmm::xmm15;

  static Gp gp(Reg reg) { return static_cast<Gp>(reg.number()); }
  static Xmm xmm(Reg reg) { return static_cast<Xmm>(reg.number()); }
  static Mem mem(Slot slot) { return {Gp::rbp, Gp::none, 0, slot.offset}; }
  static Mem outgoing(uint32_t offset) {
    return {Gp::rsp, Gp::none, 0, static_cast<int32_t>(offset)};
  }
  static Mem plus(Mem at, uint32_t offset) {
    at.disp += static_cast<int32_t>(offset);
    return at;
  }
  static Mem context(int32_t offset) { return {kContext, Gp::none, 0, offset}; }

  void store_frame(MachineType type, const Mem& at, Reg s) {
    asm_.reserve();
    if (is_float(type))
      asm_.store_float(float_width_of(type), at, xmm(s));
    else
      asm_.store(type == MachineType::i32 ? 2 : 3, at, gp(s));
  }

  void store_const(MachineType type, const Mem& at, int64_t bits);
  void copy_word(const Mem& d, const Mem& s) {
    asm_.reserve();
    asm_.load(LoadKind::u64, kScratch, s);
    asm_.store(3, d, kScratch);
  }

  void load_chunk(uint32_t size, Xmm d, const Mem& at);
  void store_chunk(uint32_t size, const Mem& at, Xmm s);
  /// To be called right before the first, highest write of a range.
  void probe(const MemRef& memory, const Mem& last_chunk, uint32_t size);

  /// The address of an access of `size` bytes, after whatever check it needs; may use the scratch
  /// register.
  Mem guest(const MemRef& memory, uint32_t size);
  /// Calls `access` with that address: in one place for all of its forms, in another for that of
  /// nearly all accesses, where its constants fold into the encoder.
  template <class Access>
  SWOOP_INLINE void with_guest(const MemRef& memory, uint32_t size, Access&& access) {
    if (bounds_ == BoundsMode::guard && memory.memory == kVmMemory0Base && memory.index.valid() &&
        memory.offset <= INT32_MAX) [[likely]] {
      access(Mem{kMemoryBase, gp(memory.index), memory.scale_log2,
                 static_cast<int32_t>(memory.offset)});
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
  /// Makes a field written by one of the assembler's *_rip forms refer to a constant.
  void use_constant(uint32_t field, uint64_t bits);
  Deferred& defer(Deferred::Kind kind, uint32_t wasm_offset);
  void emit_deferred(Deferred& part);
  void emit_trunc_slow(Deferred& part);
  void ud2(TrapCode code, uint32_t wasm_offset) {
    site(static_cast<uint8_t>(code), wasm_offset);
    asm_.ud2();
  }
  void check_interruption(uint32_t wasm_offset);
  void load_float_bits(FloatWidth w, Xmm d, uint64_t bits);
  void divide_by_power(DivOp op, Width w, Gp d, Gp a, unsigned log, bool negative);
  void divide_32(DivOp op, Gp d, Gp a, uint64_t magnitude, bool negative);
  void divide_64(DivOp op, Gp d, Gp a, uint64_t magnitude, bool negative);
  void subtract(Width w, Gp d, Gp a, Gp b);

  /// ZF now tells whether `d` is zero. True until the next instruction, or a place to jump to.
  void flags_tell(Width w, Reg d) { flags_ = flags_key(w, d); }
  uint64_t flags_key(Width w, Reg d) const {
    return asm_.offset() | uint64_t{d.index()} << 32 | uint64_t{w == Width::w64} << 40;
  }

  Assembler asm_;
  BoundsMode bounds_;
  bool interruption_;
  void count_join() { flags_ = 0, ++num_joins_; }
  uint32_t num_joins_ = 1;
  uint64_t flags_ = 0;  // flags_key of what ZF tells about; no code has offset 0
  // Of the current function.
  std::vector<Deferred> deferred_;
  std::vector<PoolConstant> pool_;
  struct JumpTable {
    PatchChain use;
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

}  // namespace swoop::jit::x64

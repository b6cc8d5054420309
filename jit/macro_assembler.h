// The seam between the compiler and a machine: one member per operation, satisfied by
// jit/<isa>/macro_assembler.h without virtual calls.
//
// Legend. d: destination, a: left operand, b: right operand. d may be the same register as a or b,
// and as the index of a memory operand. An Operand is a register, an immediate, a slot or a memory
// access; every member takes all four kinds. Moves, loads and stores of slots and constants
// (load_const) leave the flags alone; every other member may change them. Flags made by compare,
// test and float_compare serve the jump, set_cond or select that follows. Scratch registers of the
// machine are never handed out and may be clobbered by any member.
#pragma once

#include "jit/code_object.h"
#include "jit/machine.h"

#include <concepts>
#include <cstdint>
#include <span>

namespace swoop::jit {

template <class M>
concept MacroAssembler = requires(M m, Reg d, Reg a, Operand b, Slot slot, MemRef memory, Width w,
                                  FloatWidth fw, MachineType type, Cond cond,
                                  typename M::PatchChain& chain, uint32_t n, const Frame& frame) {
  // Whether accesses are made without the comparisons of explicit mode where the compiler says
  // MemRef::kInBounds; it then has to know where code can jump to.
  { M::kSkipsComparisons } -> std::convertible_to<bool>;
  requires !M::kSkipsComparisons || requires {
    { m.num_joins() } -> std::same_as<uint32_t>;
  };

  // Whether addresses that locals hold may be kept somewhere, for accesses to come.
  { M::kKeepsAddresses } -> std::convertible_to<bool>;
  requires !M::kKeepsAddresses || requires {
    { m.can_keep_addresses() } -> std::same_as<bool>;
    { m.kept_address(n) } -> std::same_as<Reg>;
    { m.keep_address(n, a) } -> std::same_as<Reg>;
    m.forget_address(n);
    { M::at_kept(a, n, n) } -> std::same_as<MemRef>;
  };

  // Whether there are instructions that do what two or three operators say.
  { M::kFusesOperators } -> std::convertible_to<bool>;
  requires !M::kFusesOperators || requires {
    m.alu_shifted(AluOp::add, w, d, a, a, ShiftOp::shl, n);
    m.multiply_add(w, true, d, a, a, a);
    m.extract_bits(true, w, d, a, n, n);
  };

  // Registers: what values may live in, and what pinned locals may.
  { M::kTemps } -> std::convertible_to<RegSet>;
  { M::kPinnedGp[0] } -> std::convertible_to<Reg>;
  { M::kPinnedGpOfCounting[0] } -> std::convertible_to<Reg>;  // of those, in code that charges
  { M::kPinnedFp[0] } -> std::convertible_to<Reg>;
  { M::kPinnedTemps[0] } -> std::convertible_to<Reg>;  // those of kTemps that locals may have, too
  { M::kPinnedFpTemps } -> std::convertible_to<std::span<const Reg>>;  // the same, in leaves only
  { M::kResultGp } -> std::convertible_to<Reg>;
  { M::kResultFp } -> std::convertible_to<Reg>;
  { M::kIndirectIndex } -> std::convertible_to<Reg>;  // where call_indirect expects the index
  { M::kDivideClobbers } -> std::convertible_to<RegSet>;

  m.prologue(frame, n);
  m.epilogue(frame);
  m.finish_function();

  m.move(type, d, a);
  m.swap(a, d);
  m.load_const(type, d, int64_t{});
  m.load_slot(type, d, slot);
  m.store_slot(type, slot, a);
  m.store_slot_const(type, slot, int64_t{});
  m.copy_slot(slot, slot);
  m.store_outgoing(type, n, a);
  m.store_outgoing_const(type, n, int64_t{});
  m.copy_to_outgoing(n, slot);
  m.copy_from_outgoing(slot, n);
  m.slot_address(d, slot);
  m.zero_slots(slot, n);

  m.alu(AluOp::add, w, d, a, b);
  m.negate(w, d, a);
  m.bit_not(w, d, a);
  { m.has_and_not() } -> std::same_as<bool>;
  m.and_not(w, d, a, a);  // a & ~b, where there is such an instruction
  m.multiply(w, d, a, b);
  m.shift(ShiftOp::shl, w, d, a, b);
  m.divide(DivOp::div_s, w, d, a, b, n);
  { M::constant_divide_clobbers(w) } -> std::convertible_to<RegSet>;
  { M::constant_divide_result(DivOp::div_s) } -> std::convertible_to<Reg>;
  m.divide_by_constant(DivOp::div_s, w, d, a, uint64_t{});
  m.count_bits(BitCount::clz, w, d, a);
  m.sign_extend(n, w, d, a);
  m.zero_extend_32(d, a);
  m.add_scaled(w, d, a, a, n);

  m.compare(w, b, b);  // with 0 for eq and ne only: the flags may tell already; else test(a, a)
  m.test(w, a, b);
  m.float_compare(cond, fw, a, b);
  m.set_cond(cond, d);
  m.select(cond, type, d, a, a);

  m.jump(chain);
  m.jump_if(cond, chain);
  { m.loop_header(n) } -> std::same_as<uint32_t>;  // where jump_back may lead
  m.jump_back(n);
  m.jump_back_if(cond, n);
  m.bind(chain);
  m.jump_table(a);
  m.add_jump_table_entry(n);
  { m.new_label() } -> std::same_as<uint32_t>;
  m.bind_label(n, n);

  m.charge(uint64_t{}, n);  // counts the store's fuel down, and traps without enough

  m.load(LoadOp::i32, d, memory);
  m.store(StoreOp::i32, b, memory);
  { M::kMinCopy } -> std::convertible_to<uint32_t>;       // the least size for copy
  { M::kMaxRange } -> std::convertible_to<uint32_t>;      // the largest for copy and fill
  { M::copy_temps(n) } -> std::convertible_to<uint32_t>;  // floating-point ones, for a size
  m.copy(memory, memory, n, RegSet{});
  m.fill(memory, n, uint8_t{});
  m.memory_size(d, int32_t{});

  m.float_binary(FloatOp::add, fw, d, a, b);
  m.float_unary(FloatUnary::abs, fw, d, a);
  m.float_copysign(fw, d, a, a);
  m.trunc(w, true, fw, d, a, true, n);
  m.convert(fw, w, true, d, a);
  m.demote(d, a);
  m.promote(d, a);
  m.reinterpret(type, d, a);

  m.call_function(n, n);
  m.call_import(int32_t{}, n);
  m.call_indirect(int32_t{}, n, n);
  m.call_builtin(n, n);
  { m.tries() } -> std::same_as<TryTables&>;  // of what is compiled; handlers are labels at first
  m.enter_try_region(n);

  m.trap(TrapCode::unreachable, n);
  m.trap_if(cond, TrapCode::unreachable, n);
};

}  // namespace swoop::jit

#include "jit/a64/macro_assembler.h"

#include "jit/division.h"
#include "vm/builtins.h"

#include <bit>
#include <optional>

namespace swoop::jit::a64 {

namespace {

// Rows by AluOp, ShiftOp and LoadOp (integers only).
constexpr Logic kLogicRows[] = {Logic::and_, Logic::orr, Logic::eor};
constexpr Shift kShiftRows[] = {Shift::lsl, Shift::asr, Shift::lsr, Shift::ror, Shift::ror};
constexpr LoadKind kLoadKinds[] = {LoadKind::u8,     LoadKind::s8_32,  LoadKind::u16,
                                   LoadKind::s16_32, LoadKind::u32,    LoadKind::u8,
                                   LoadKind::s8_64,  LoadKind::u16,    LoadKind::s16_64,
                                   LoadKind::u32,    LoadKind::s32_64, LoadKind::u64};

// Of a range, so that each of its bytes and parts can be reached without scaling.
constexpr int32_t kMaxRangeOffset = 255 - static_cast<int32_t>(MacroAssembler::kMaxRange);

constexpr unsigned kFuncRefLog2 = std::countr_zero(sizeof(VmFuncRef));

constexpr unsigned log2_of(uint32_t size) {
  return static_cast<unsigned>(std::countr_zero(size));
}
constexpr unsigned size_log2(MachineType type) {
  return type == MachineType::i32 || type == MachineType::f32 ? 2 : 3;
}
constexpr LoadKind word_kind(Width w) {
  return w == Width::w64 ? LoadKind::u64 : LoadKind::u32;
}

}  // namespace

void MacroAssembler::reset(BranchMode mode) {
  asm_.reset(mode);
  mode_ = mode;
  zero_test_ = {};
  drop_output();
}

// --- Frame

uint32_t MacroAssembler::prologue(const Frame& frame, uint32_t wasm_offset) {
  asm_.reserve(512);
  asm_.align(16);
  const uint32_t start = asm_.offset();
  frame_size_ = frame.size;
  constexpr uint32_t kMaxShortBody = 8192;  // code is at most twice as long, or nearly so
  tests_bits_ = frame.body_bytes <= kMaxShortBody;
  forget_addresses();
  if (signs_return_addresses_)
    asm_.hint(Hint::paciasp);  // is a landing pad, too
  else if (has_landing_pads_)
    asm_.hint(Hint::bti_c);
  asm_.stp(Width::w64, Gp::x29, Gp::x30, MemPre{Gp::sp, -16});
  asm_.mov_sp(Gp::x29, Gp::sp);

  const auto size = static_cast<int64_t>(frame.size);
  if (frame.is_leaf && frame.size <= kMaxUncheckedFrame) {
    add_imm(Gp::sp, Gp::sp, -size);
  } else {
    Deferred& overflow = defer(Deferred::Kind::trap, wasm_offset);
    overflow.trap = TrapCode::call_stack_exhausted;
    const bool late = frame.size <= kMaxLateCheckedFrame;
    const Gp bottom = late ? Gp::sp : kAddressScratch;
    add_imm(bottom, Gp::sp, -size);
    asm_.load(LoadKind::u64, kScratch, Mem{kContext, kVmStackLimit});
    asm_.cmp_rx(Width::w64, bottom, kScratch, Extend::uxtx);
    asm_.b_cond(CondCode::ls, overflow.entry);
    if (!late) asm_.mov_sp(Gp::sp, bottom);
  }

  int32_t at = 0;
  if (frame.leaves_instance) asm_.store(3, Mem{Gp::x29, at -= 8}, kContext);
  for (RegSet regs = frame.saved & kAllGp; !regs.empty();) {
    const Gp first = gp(regs.take_first());
    if (regs.empty()) {
      asm_.store(3, Mem{Gp::x29, at -= 8}, first);
    } else {
      at -= 16;
      asm_.stp(Width::w64, gp(regs.take_first()), first, Mem{Gp::x29, at});
    }
  }
  for (RegSet regs = frame.saved & kAllFp; !regs.empty();) {
    const Vec first = vec(regs.take_first());
    if (regs.empty()) {
      asm_.store_float(FloatWidth::f64, Mem{Gp::x29, at -= 8}, first);
    } else {
      at -= 16;
      asm_.stp(FloatWidth::f64, vec(regs.take_first()), first, Mem{Gp::x29, at});
    }
  }
  return start;
}

void MacroAssembler::epilogue(const Frame& frame) {
  asm_.reserve(512);
  int32_t at = frame.leaves_instance ? -8 : 0;
  for (RegSet regs = frame.saved & kAllGp; !regs.empty();) {
    const Gp first = gp(regs.take_first());
    if (regs.empty()) {
      asm_.load(LoadKind::u64, first, Mem{Gp::x29, at -= 8});
    } else {
      at -= 16;
      asm_.ldp(Width::w64, gp(regs.take_first()), first, Mem{Gp::x29, at});
    }
  }
  for (RegSet regs = frame.saved & kAllFp; !regs.empty();) {
    const Vec first = vec(regs.take_first());
    if (regs.empty()) {
      asm_.load_float(FloatWidth::f64, first, Mem{Gp::x29, at -= 8});
    } else {
      at -= 16;
      asm_.ldp(FloatWidth::f64, vec(regs.take_first()), first, Mem{Gp::x29, at});
    }
  }
  if (frame.size != 0) asm_.mov_sp(Gp::sp, Gp::x29);
  asm_.ldp(Width::w64, Gp::x29, Gp::x30, MemPost{Gp::sp, 16});
  if (signs_return_addresses_) asm_.hint(Hint::autiasp);
  asm_.ret();
}

uint32_t MacroAssembler::finish_function() {
  for (Deferred& part : deferred_) emit_deferred(part);
  deferred_.clear();
  enter_try_region(TryTables::kNone);
  bind_handlers();
  if (has_landing_pads_) add_landing_pads();

  asm_.reserve();
  if (!literals_.empty()) asm_.align(8);
  const uint32_t data = asm_.offset();
  for (const Literal& literal : literals_) {
    asm_.reserve();
    asm_.patch_to_here(literal.use);
    if (literal.type_idx != Literal::kNoType)
      relocs_.push_back({asm_.offset(), RelocKind::type_id, literal.type_idx});
    asm_.emit_u32(static_cast<uint32_t>(literal.bits));
    asm_.emit_u32(static_cast<uint32_t>(literal.bits >> 32));
  }
  literals_.clear();
  for (size_t t = 0; t < tables_.size(); ++t) {
    const uint32_t base = asm_.offset();
    const uint32_t use = tables_[t].use;
    if (mode_ == BranchMode::near) {
      asm_.patch_to_here(use);
    } else {
      const uint32_t distance = base - use;
      asm_.patch_imm16(use + 4, static_cast<uint16_t>(distance));
      asm_.patch_imm16(use + 8, static_cast<uint16_t>(distance >> 16));
    }
    const size_t end = t + 1 < tables_.size() ? tables_[t + 1].first_entry : table_entries_.size();
    emit_table(base, tables_[t].first_entry, end,
               [this](uint32_t entry) { asm_.reserve(), asm_.emit_u32(entry); });
  }
  tables_.clear();
  table_entries_.clear();
  label_offsets_.clear();
  return data;
}

// Tables lead to pads that jump on: most labels are reached in other ways as well, and a loop's is
// bound before anyone knows of the table.
void MacroAssembler::add_landing_pads() {
  const uint32_t first_pad = asm_.offset();
  for (const uint32_t label : table_entries_) {
    uint32_t& target = label_offsets_[label];
    if (target >= first_pad) continue;  // has one
    const uint32_t pad = asm_.offset();
    asm_.reserve();
    asm_.hint(Hint::bti_j);
    asm_.b_back(target);
    target = pad;
  }
}

void MacroAssembler::zero_slots(Slot lowest, uint32_t count) {
  if (count == 0) return;
  constexpr uint32_t kMaxUnrolledPairs = 8;
  uint32_t pairs = count / 2;
  asm_.reserve();
  const Mem at = mem(lowest);
  if (count == 1) {
    store_word(at, Gp::zr);
    return;
  }
  if (count == 2 && fits_pair(at.offset, 3)) {
    asm_.stp(Width::w64, Gp::zr, Gp::zr, at);
    return;
  }
  add_imm(kAddressScratch, at.base, at.offset);
  if (count % 2 != 0) asm_.store(3, MemPost{kAddressScratch, 8}, Gp::zr);
  if (pairs <= kMaxUnrolledPairs) {
    for (uint32_t i = 0; i < pairs; ++i)
      asm_.stp(Width::w64, Gp::zr, Gp::zr, Mem{kAddressScratch, static_cast<int32_t>(16 * i)});
    return;
  }
  asm_.mov_ri(Width::w32, kScratch, pairs);
  const uint32_t loop = asm_.offset();
  asm_.stp(Width::w64, Gp::zr, Gp::zr, MemPost{kAddressScratch, 16});
  asm_.arith_rri(Arith::sub, Width::w32, kScratch, kScratch, 1);
  asm_.cbnz_back(Width::w32, kScratch, loop);
}

Mem MacroAssembler::far_address(Mem at, unsigned size_log2) {
  const int32_t low =
      at.offset > 0 && fits_offset(at.offset & 0xfff, size_log2) ? at.offset & 0xfff : 0;
  add_imm(kAddressScratch, at.base, at.offset - low);
  return {kAddressScratch, low};
}

void MacroAssembler::add_imm(Width w, Gp d, Gp s, int64_t value) {
  asm_.reserve();
  const Arith op = value < 0 ? Arith::sub : Arith::add;
  const uint64_t size = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  if (size == 0 && d == s) return;
  if (fits_arith(size)) {
    asm_.arith_rri(op, w, d, s, static_cast<uint32_t>(size));
  } else if (size < 0x1000000) {
    asm_.arith_rri(op, w, d, s, static_cast<uint32_t>(size & 0xfff000));
    asm_.arith_rri(op, w, d, d, static_cast<uint32_t>(size & 0xfff));
  } else {
    Gp addend = d;
    if (d == s || d == Gp::sp) {
      addend = kLink;
      kept_[0] = kNoLocal;
    }
    asm_.mov_ri(w, addend, static_cast<int64_t>(size));
    asm_.arith_rrx(op, w, d, s, addend, Extend::uxtx);
  }
}

// --- Moves

void MacroAssembler::swap(Reg a, Reg b) {
  asm_.reserve();
  if (a.is_fp()) {
    asm_.fmov(FloatWidth::f64, kFpScratch, vec(a));
    asm_.fmov(FloatWidth::f64, vec(a), vec(b));
    asm_.fmov(FloatWidth::f64, vec(b), kFpScratch);
  } else {
    asm_.mov_rr(Width::w64, kAddressScratch, gp(a));
    asm_.mov_rr(Width::w64, gp(a), gp(b));
    asm_.mov_rr(Width::w64, gp(b), kAddressScratch);
  }
}

void MacroAssembler::load_float_bits(FloatWidth w, Vec d, uint64_t bits) {
  asm_.reserve();
  if (bits == 0) {
    asm_.zero(d);
  } else if (const std::optional<uint8_t> imm = float_imm(w, bits)) {
    asm_.fmov_ri(w, d, *imm);
  } else if (w == FloatWidth::f64 && mode_ == BranchMode::near) {
    literals_.push_back({bits, asm_.load_literal(w, d), Literal::kNoType});
  } else {
    const Width width = w == FloatWidth::f64 ? Width::w64 : Width::w32;
    asm_.mov_ri(width, kAddressScratch, static_cast<int64_t>(bits));
    asm_.fmov_vg(width, d, kAddressScratch);
  }
}

void MacroAssembler::load_const(MachineType type, Reg d, int64_t bits) {
  if (is_float(type)) {
    const uint64_t payload = static_cast<uint64_t>(bits);
    load_float_bits(float_width_of(type), vec(d),
                    type == MachineType::f32 ? payload & 0xffffffff : payload);
    return;
  }
  asm_.reserve();
  asm_.mov_ri(width_of(type), gp(d), bits);
}

void MacroAssembler::load_frame(MachineType type, Reg d, Mem at) {
  asm_.reserve();
  if (is_float(type)) {
    asm_.load_float(float_width_of(type), vec(d), reachable(at, size_log2(type)));
    return;
  }
  asm_.load(word_kind(width_of(type)), gp(d), reachable(at, size_log2(type)));
}

void MacroAssembler::store_frame(MachineType type, Mem at, Reg s) {
  asm_.reserve();
  at = reachable(at, size_log2(type));
  if (is_float(type))
    asm_.store_float(float_width_of(type), at, vec(s));
  else
    asm_.store(size_log2(type), at, gp(s));
}

void MacroAssembler::store_const(MachineType type, Mem at, int64_t bits) {
  const Width w = size_log2(type) == 2 ? Width::w32 : Width::w64;
  const Gp value = in_gp(w, Operand::immediate(bits));
  asm_.store(size_log2(type), reachable(at, size_log2(type)), value);
}

void MacroAssembler::slot_address(Reg d, Slot slot) {
  const Mem at = mem(slot);
  add_imm(gp(d), at.base, at.offset);
}

void MacroAssembler::poison_upper_half(Reg d) {
  asm_.reserve();
  asm_.movk(Width::w64, gp(d), 0xbeef, 32);
  asm_.movk(Width::w64, gp(d), 0xdead, 48);
}

void MacroAssembler::poison_upper_half(Slot slot) {
  store_const(MachineType::i32, plus(mem(slot), 4), static_cast<int32_t>(0xdeadbeef));
}

// --- Right operands

Gp MacroAssembler::in_gp(Width w, Operand b) {
  asm_.reserve();
  switch (b.kind()) {
    case Operand::Kind::reg: return gp(b.reg());
    case Operand::Kind::imm: {
      const int64_t value = w == Width::w32 ? static_cast<uint32_t>(b.imm()) : b.imm();
      if (value == 0) return Gp::zr;
      asm_.mov_ri(w, kScratch, value);
      return kScratch;
    }
    case Operand::Kind::slot:
      asm_.load(word_kind(w), kScratch, reachable(mem(b.slot()), w == Width::w64 ? 3 : 2));
      return kScratch;
    case Operand::Kind::memory: {
      const MemRef memory = b.memory();
      with_guest(memory, w == Width::w64 ? 8 : 4, [&](const auto& at) {
        memory_site(memory.wasm_offset);
        asm_.load(word_kind(w), kScratch, at);
      });
      return kScratch;
    }
  }
  UNREACHABLE();
}

Vec MacroAssembler::in_vec(FloatWidth w, Operand b) {
  asm_.reserve();
  switch (b.kind()) {
    case Operand::Kind::reg: return vec(b.reg());
    case Operand::Kind::imm: {
      const uint64_t bits = static_cast<uint64_t>(b.imm());
      load_float_bits(w, kFpScratch, w == FloatWidth::f32 ? bits & 0xffffffff : bits);
      return kFpScratch;
    }
    case Operand::Kind::slot:
      asm_.load_float(w, kFpScratch, reachable(mem(b.slot()), w == FloatWidth::f64 ? 3 : 2));
      return kFpScratch;
    case Operand::Kind::memory: {
      const MemRef memory = b.memory();
      with_guest(memory, w == FloatWidth::f64 ? 8 : 4, [&](const auto& at) {
        memory_site(memory.wasm_offset);
        asm_.load_float(w, kFpScratch, at);
      });
      return kFpScratch;
    }
  }
  UNREACHABLE();
}

// --- Integers

void MacroAssembler::alu(AluOp op, Width w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  const bool is_sum = op == AluOp::add || op == AluOp::sub;
  if (b.kind() == Operand::Kind::imm) {
    int64_t imm = w == Width::w32 ? static_cast<int32_t>(b.imm()) : b.imm();
    if (is_sum) {
      bool adds = op == AluOp::add;
      if (imm < 0 && imm != INT64_MIN) {
        imm = -imm;
        adds = !adds;
      }
      if (fits_arith(static_cast<uint64_t>(imm))) {
        asm_.arith_rri(adds ? Arith::add : Arith::sub, w, gp(d), gp(a), static_cast<uint32_t>(imm));
        return;
      }
      if (imm > 0xffff && imm < 0x1000000) {  // what would take two moves before the addition
        add_imm(w, gp(d), gp(a), adds ? imm : -imm);
        return;
      }
    } else if (const auto field = logic_imm(w, static_cast<uint64_t>(imm))) {
      asm_.logic_rri(kLogicRows[static_cast<uint8_t>(op) - 2], w, gp(d), gp(a), *field);
      return;
    }
  }
  const Gp right = in_gp(w, b);
  if (is_sum)
    asm_.arith_rrr(op == AluOp::add ? Arith::add : Arith::sub, w, gp(d), gp(a), right);
  else
    asm_.logic_rrr(kLogicRows[static_cast<uint8_t>(op) - 2], w, gp(d), gp(a), right);
}

void MacroAssembler::multiply(Width w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  if (b.kind() == Operand::Kind::imm && b.imm() > 0) {
    const auto factor = static_cast<uint64_t>(b.imm());
    if (std::has_single_bit(factor)) {
      asm_.shift_rri(Shift::lsl, w, gp(d), gp(a), static_cast<unsigned>(std::countr_zero(factor)));
      return;
    }
    if (std::has_single_bit(factor - 1)) {
      asm_.arith_rrr(Arith::add, w, gp(d), gp(a), gp(a), Shift::lsl,
                     static_cast<unsigned>(std::countr_zero(factor - 1)));
      return;
    }
  }
  const Gp right = in_gp(w, b);
  asm_.mul(w, gp(d), gp(a), right);
}

void MacroAssembler::alu_shifted(AluOp op, Width w, Reg d, Reg a, Reg b, ShiftOp shift,
                                 unsigned count) {
  const Shift row = kShiftRows[static_cast<uint8_t>(shift)];
  if (shift == ShiftOp::rotl) count = -count & (bits(w) - 1);
  asm_.reserve();
  if (op <= AluOp::sub)
    asm_.arith_rrr(op == AluOp::add ? Arith::add : Arith::sub, w, gp(d), gp(a), gp(b), row, count);
  else
    asm_.logic_rrr(kLogicRows[static_cast<uint8_t>(op) - 2], w, gp(d), gp(a), gp(b), row, count);
}

void MacroAssembler::shift(ShiftOp op, Width w, Reg d, Reg a, Operand b) {
  const Shift row = kShiftRows[static_cast<uint8_t>(op)];
  const unsigned last = bits(w) - 1;
  asm_.reserve();
  if (b.kind() == Operand::Kind::imm) {
    const unsigned count = static_cast<unsigned>(b.imm()) & last;
    asm_.shift_rri(row, w, gp(d), gp(a), op == ShiftOp::rotl ? -count & last : count);
    return;
  }
  Gp count = in_gp(Width::w32, b);
  if (op == ShiftOp::rotl) {
    asm_.neg(Width::w32, kScratch, count);
    count = kScratch;
  }
  asm_.shift_rrr(row, w, gp(d), gp(a), count);
}

void MacroAssembler::divide(DivOp op, Width w, Reg d, Reg a, Operand b, uint32_t wasm_offset) {
  const bool is_constant = b.kind() == Operand::Kind::imm;
  const Gp left = gp(a);
  const Gp right = in_gp(w, b);
  if (!is_constant || b.imm() == 0) {
    Deferred& zero = defer(Deferred::Kind::trap, wasm_offset);
    zero.trap = TrapCode::integer_divide_by_zero;
    asm_.cbz(w, right, zero.entry);
  }
  if (op == DivOp::div_s && (!is_constant || b.imm() == -1)) {
    asm_.cmn_ri(w, right, 1);
    asm_.ccmp_ri(CondCode::eq, w, left, 1, 0);  // only the least integer minus 1 overflows
    trap_if(CondCode::vs, TrapCode::integer_overflow, wasm_offset);
  }
  const Gp quotient = is_remainder(op) ? kAddressScratch : gp(d);
  if (is_signed(op))
    asm_.sdiv(w, quotient, left, right);
  else
    asm_.udiv(w, quotient, left, right);
  if (is_remainder(op)) asm_.msub(w, gp(d), quotient, right, left);
}

void MacroAssembler::divide_by_power(DivOp op, Width w, Gp d, Gp a, unsigned log, bool negative) {
  // A shift rounds down, so negative dividends are made larger first.
  asm_.shift_rri(Shift::asr, w, kScratch, a, bits(w) - 1);
  asm_.arith_rrr(Arith::add, w, kScratch, a, kScratch, Shift::lsr, bits(w) - log);
  if (is_remainder(op)) {
    const auto mask = logic_imm(w, -(uint64_t{1} << log));
    asm_.logic_rri(Logic::and_, w, kScratch, kScratch, *mask);
    asm_.arith_rrr(Arith::sub, w, d, a, kScratch);
  } else if (negative) {
    asm_.arith_rrr(Arith::sub, w, d, Gp::zr, kScratch, Shift::asr, log);
  } else {
    asm_.shift_rri(Shift::asr, w, d, kScratch, log);
  }
}

void MacroAssembler::divide_by_constant(DivOp op, Width w, Reg rd, Reg ra, uint64_t divisor) {
  asm_.reserve();
  const Gp d = gp(rd);
  const Gp a = gp(ra);
  if (w == Width::w32) divisor = static_cast<uint32_t>(divisor);
  bool negative = false;
  if (is_signed(op) && (divisor >> (bits(w) - 1)) != 0) {
    divisor = w == Width::w32 ? static_cast<uint32_t>(-divisor) : -divisor;
    negative = !is_remainder(op);
  }
  if (std::has_single_bit(divisor)) {
    divide_by_power(op, w, d, a, static_cast<unsigned>(std::countr_zero(divisor)), negative);
    return;
  }

  // The quotient comes to be in q.
  constexpr Gp q = kAddressScratch;
  constexpr Width w64 = Width::w64;
  const bool wide = w == w64;
  const DivisionPlan plan =
      is_signed(op) ? plan_signed_division(w, divisor) : plan_unsigned_division(w, divisor);
  asm_.mov_ri(w, q, static_cast<int64_t>(plan.multiplier));
  if (is_signed(op)) {
    unsigned shift = plan.shift;
    if (wide) {
      asm_.smulh(q, a, q);
    } else {
      asm_.smull(q, a, q);
      if (plan.add)
        asm_.shift_rri(Shift::asr, w64, q, q, 32);
      else
        shift += 32;
    }
    if (plan.add) asm_.arith_rrr(Arith::add, w, q, q, a);
    if (shift != 0) asm_.shift_rri(Shift::asr, plan.add ? w : w64, q, q, shift);
    asm_.arith_rrr(Arith::add, w, q, q, a, Shift::lsr, bits(w) - 1);
    if (negative) asm_.neg(w, q, q);
  } else if (!wide) {
    asm_.umull(q, a, q);
    if (plan.add) {  // the sum has 33 bits
      asm_.arith_rrr(Arith::add, w64, q, a, q, Shift::lsr, 32);
      asm_.shift_rri(Shift::lsr, w64, q, q, plan.shift);
    } else {
      asm_.shift_rri(Shift::lsr, w64, q, q, 32 + plan.shift);
    }
  } else {
    Gp x = a;
    if (plan.pre_shift != 0) {
      x = kScratch;
      asm_.shift_rri(Shift::lsr, w64, x, a, plan.pre_shift);
    }
    asm_.umulh(q, x, q);
    unsigned shift = plan.shift;
    if (plan.add) {  // (x + q) / 2 = (x - q) / 2 + q, without the carry
      asm_.arith_rrr(Arith::sub, w64, kScratch, a, q);
      asm_.arith_rrr(Arith::add, w64, q, q, kScratch, Shift::lsr, 1);
      --shift;
    }
    if (shift != 0) asm_.shift_rri(Shift::lsr, w64, q, q, shift);
  }
  if (is_remainder(op)) {
    asm_.mov_ri(w, kScratch, static_cast<int64_t>(divisor));
    asm_.msub(w, d, q, kScratch, a);
  } else {
    asm_.mov_rr(w, d, q);
  }
}

void MacroAssembler::count_bits(BitCount op, Width w, Reg d, Reg a) {
  asm_.reserve();
  switch (op) {
    case BitCount::clz: asm_.clz(w, gp(d), gp(a)); return;
    case BitCount::ctz:
      asm_.rbit(w, gp(d), gp(a));
      asm_.clz(w, gp(d), gp(d));
      return;
    case BitCount::popcnt:
      asm_.fmov_vg(w, kFpScratch, gp(a));
      asm_.cnt_8b(kFpScratch, kFpScratch);
      asm_.addv_8b(kFpScratch, kFpScratch);
      asm_.fmov_gv(Width::w32, gp(d), kFpScratch);
      return;
  }
}

void MacroAssembler::sign_extend(uint32_t from_bits, Width w, Reg d, Reg a) {
  asm_.reserve();
  asm_.sbfx(w, gp(d), gp(a), 0, from_bits);
}

// --- Conditions

void MacroAssembler::compare(Width w, Operand a, Operand b) {
  asm_.reserve();
  Gp left = kAddressScratch;
  if (a.kind() == Operand::Kind::slot)
    asm_.load(word_kind(w), left, reachable(mem(a.slot()), w == Width::w64 ? 3 : 2));
  else
    left = gp(a.reg());
  if (b.kind() == Operand::Kind::imm) {
    const int64_t imm = w == Width::w32 ? static_cast<int32_t>(b.imm()) : b.imm();
    if (imm >= 0 && fits_arith(static_cast<uint64_t>(imm))) {
      asm_.cmp_ri(w, left, static_cast<uint32_t>(imm));
      if (imm == 0) zero_test_ = {asm_.offset(), w, left};
      return;
    }
    if (imm < 0 && fits_arith(-static_cast<uint64_t>(imm))) {
      asm_.cmn_ri(w, left, static_cast<uint32_t>(-imm));
      return;
    }
  }
  const Gp right = in_gp(w, b);
  asm_.cmp_rr(w, left, right);
}

void MacroAssembler::test(Width w, Reg a, Operand b) {
  asm_.reserve();
  if (b.kind() == Operand::Kind::reg && b.reg() == a) {  // all conditions, not only eq and ne
    asm_.cmp_ri(w, gp(a), 0);
    note_bit(w, gp(a), bits(w) - 1, true);
    return;
  }
  if (b.kind() == Operand::Kind::imm) {
    if (const auto field = logic_imm(w, static_cast<uint64_t>(b.imm()))) {
      asm_.tst_ri(w, gp(a), *field);
      const uint64_t mask =
          static_cast<uint64_t>(b.imm()) & (w == Width::w32 ? 0xffffffff : ~uint64_t{0});
      if (std::has_single_bit(mask))
        note_bit(w, gp(a), static_cast<unsigned>(std::countr_zero(mask)), false);
      return;
    }
  }
  const Gp right = in_gp(w, b);
  asm_.tst_rr(w, gp(a), right);
}

void MacroAssembler::float_compare(Cond, FloatWidth w, Reg a, Operand b) {
  asm_.reserve();
  if (b.kind() == Operand::Kind::imm && b.imm() == 0) {
    asm_.fcmp_zero(w, vec(a));
    return;
  }
  const Vec right = in_vec(w, b);
  asm_.fcmp_rr(w, vec(a), right);
}

void MacroAssembler::select(Cond cond, MachineType type, Reg d, Reg if_true, Reg if_false) {
  asm_.reserve();
  if (is_float(type))
    asm_.fcsel(cond_code(cond), float_width_of(type), vec(d), vec(if_true), vec(if_false));
  else
    asm_.csel(cond_code(cond), width_of(type), gp(d), gp(if_true), gp(if_false));
}

// --- Control

std::optional<Cond> MacroAssembler::take_zero_test(Cond cond) {
  if (zero_test_.offset != asm_.offset()) return std::nullopt;
  if (zero_test_.is_sign) {
    if (cond != Cond::lt_s && cond != Cond::ge_s) return std::nullopt;
    cond = cond == Cond::lt_s ? Cond::ne : Cond::eq;  // of the sign
  }
  if (cond > Cond::ne) return std::nullopt;
  asm_.take_back();
  return cond;
}

void MacroAssembler::jump_if(Cond cond, PatchChain& chain) {
  asm_.reserve();
  const std::optional<Cond> zero = take_zero_test(cond);
  const auto [offset, width, reg, bit, is_sign] = zero_test_;
  if (!zero)
    asm_.b_cond(cond_code(cond), chain);
  else if (bit == ZeroTest::kAllBits)
    *zero == Cond::eq ? asm_.cbz(width, reg, chain) : asm_.cbnz(width, reg, chain);
  else
    *zero == Cond::eq ? asm_.tbz(reg, bit, chain) : asm_.tbnz(reg, bit, chain);
}

void MacroAssembler::jump_back_if(Cond cond, uint32_t target) {
  asm_.reserve();
  const std::optional<Cond> zero = take_zero_test(cond);
  const auto [offset, width, reg, bit, is_sign] = zero_test_;
  if (!zero)
    asm_.b_cond_back(cond_code(cond), target);
  else if (bit == ZeroTest::kAllBits)
    *zero == Cond::eq ? asm_.cbz_back(width, reg, target) : asm_.cbnz_back(width, reg, target);
  else
    *zero == Cond::eq ? asm_.tbz_back(reg, bit, target) : asm_.tbnz_back(reg, bit, target);
}

uint32_t MacroAssembler::jump_table(Reg index) {
  asm_.reserve();
  const uint32_t use = asm_.adr(kScratch);
  tables_.push_back({use, static_cast<uint32_t>(table_entries_.size())});
  if (mode_ == BranchMode::far) {  // the distance, once it is known
    asm_.movz(Width::w32, kAddressScratch, 0);
    asm_.movk(Width::w32, kAddressScratch, 0, 16);
    asm_.arith_rrr(Arith::add, Width::w64, kScratch, kScratch, kAddressScratch);
  }
  asm_.load(LoadKind::s32_64, kAddressScratch, MemIndexed{kScratch, gp(index), Extend::uxtw, true});
  asm_.arith_rrr(Arith::add, Width::w64, kScratch, kScratch, kAddressScratch);
  asm_.br(kScratch);
  return static_cast<uint32_t>(tables_.size() - 1);
}

// --- Memories

Mem MacroAssembler::guest_range(const MemRef& memory, uint32_t size) {
  const Mem at = guest_address(memory, size);
  if (at.offset <= kMaxRangeOffset) return at;
  add_imm(kAddressScratch, at.base, at.offset);
  return {kAddressScratch, 0};
}

Mem MacroAssembler::guest_address(const MemRef& memory, uint32_t size) {
  const bool is_memory0 = memory.memory == kVmMemory0Base;
  if (!is_compared(memory)) {
    if (memory.memory == kKeptAddress)
      return {gp(memory.index), static_cast<int32_t>(memory.offset)};
    Gp base = kMemoryBase;
    if (!is_memory0) load_word(base = kAddressScratch, {kContext, memory.memory});
    if (memory.index.valid()) {
      asm_.arith_rrx(Arith::add, Width::w64, kAddressScratch, base, gp(memory.index), Extend::uxtw,
                     memory.scale_log2);
      base = kAddressScratch;
    }
    return {base, static_cast<int32_t>(memory.offset)};
  }
  compare_end(memory, size);
  Gp base = kMemoryBase;
  if (!is_memory0) load_word(base = kLink, {kContext, memory.memory});
  asm_.arith_rrr(Arith::add, Width::w64, kAddressScratch, kAddressScratch, base);
  return {kAddressScratch, -static_cast<int32_t>(size)};
}

void MacroAssembler::compare_end(const MemRef& memory, uint32_t size) {
  // The end of the access; neither sum can leave 64 bits.
  Deferred& out_of_bounds = defer(Deferred::Kind::trap, memory.wasm_offset);
  out_of_bounds.trap = TrapCode::out_of_bounds_memory_access;
  const uint64_t end = uint64_t{memory.offset} + size;
  if (memory.index.valid() && fits_arith(end) && memory.scale_log2 == 0) {
    asm_.arith_rri(Arith::add, Width::w64, kAddressScratch, gp(memory.index),
                   static_cast<uint32_t>(end));
  } else {
    asm_.mov_ri(Width::w64, kAddressScratch, static_cast<int64_t>(end));
    if (memory.index.valid()) {
      asm_.arith_rrr(Arith::add, Width::w64, kAddressScratch, kAddressScratch, gp(memory.index),
                     Shift::lsl, memory.scale_log2);
    }
  }
  forget_addresses();
  load_word(kLink, {kContext, memory.memory + kVmSpanSize});
  asm_.cmp_rr(Width::w64, kAddressScratch, kLink);
  asm_.b_cond(CondCode::hi, out_of_bounds.entry);
}

Reg MacroAssembler::keep_address(uint32_t local, Reg index) {
  const Reg address = kKept[next_kept_];
  kept_[next_kept_] = local;
  next_kept_ = 1 - next_kept_;
  asm_.reserve();
  asm_.arith_rrx(Arith::add, Width::w64, gp(address), kMemoryBase, gp(index), Extend::uxtw);
  return address;
}

void MacroAssembler::load(LoadOp op, Reg d, const MemRef& memory) {
  asm_.reserve();
  with_guest(memory, access_size(op), [&](const auto& at) SWOOP_INLINE_LAMBDA {
    memory_site(memory.wasm_offset);
    if (op == LoadOp::f32 || op == LoadOp::f64)
      asm_.load_float(op == LoadOp::f32 ? FloatWidth::f32 : FloatWidth::f64, vec(d), at);
    else
      asm_.load(kLoadKinds[static_cast<uint8_t>(op)], gp(d), at);
  });
}

void MacroAssembler::store(StoreOp op, Operand value, const MemRef& memory) {
  asm_.reserve();
  const uint32_t size = access_size(op);
  const bool is_float = value.kind() == Operand::Kind::reg && value.reg().is_fp();
  const Gp word = is_float ? Gp::zr : in_gp(size == 8 ? Width::w64 : Width::w32, value);
  with_guest(memory, size, [&](const auto& at) SWOOP_INLINE_LAMBDA {
    memory_site(memory.wasm_offset);
    if (is_float)
      asm_.store_float(size == 8 ? FloatWidth::f64 : FloatWidth::f32, at, vec(value.reg()));
    else
      asm_.store(log2_of(size), at, word);
  });
}

void MacroAssembler::load_chunk(uint32_t size, Vec d, Mem at) {
  if (size == 16)
    asm_.load_v128(d, at);
  else
    asm_.load_float(size == 8 ? FloatWidth::f64 : FloatWidth::f32, d, at);
}

void MacroAssembler::store_chunk(uint32_t size, Mem at, Vec s) {
  if (size == 16)
    asm_.store_v128(at, s);
  else
    asm_.store_float(size == 8 ? FloatWidth::f64 : FloatWidth::f32, at, s);
}

/// To be called right before the first, highest write of a range: a store across the end might
/// leave its first part.
void MacroAssembler::probe(const MemRef& memory, Mem target, uint32_t size) {
  if (bounds_ != BoundsMode::guard) return;
  memory_site(memory.wasm_offset);
  asm_.load(LoadKind::u8, Gp::zr, plus(target, size - 1));
}

void MacroAssembler::copy(const MemRef& to, const MemRef& from, uint32_t size, RegSet temps) {
  // What comes first lies highest: if that is in bounds, so is all of the range.
  const Chunks chunks(size, 16);
  std::array<Vec, 9> regs;
  for (uint32_t i = 0; i + 1 < chunks.count; ++i) regs[i] = vec(temps.take_first());
  regs[chunks.count - 1] = kFpScratch;

  asm_.reserve();
  const Mem source = guest_range(from, size);
  memory_site(from.wasm_offset);
  for (uint32_t i = chunks.count; i-- > 0;)
    load_chunk(chunks.size, regs[i], plus(source, chunks.offset(i)));
  asm_.reserve();
  const Mem target = guest_range(to, size);
  probe(to, target, size);
  for (uint32_t i = chunks.count; i-- > 0;)
    store_chunk(chunks.size, plus(target, chunks.offset(i)), regs[i]);
}

void MacroAssembler::fill(const MemRef& to, uint32_t size, uint8_t byte) {
  const Chunks chunks(size, byte == 0 ? 16 : 8);
  asm_.reserve(512);
  Gp pattern = Gp::zr;
  if (chunks.size == 16) {
    asm_.zero(kFpScratch);
  } else if (byte != 0) {
    pattern = kScratch;
    asm_.mov_ri(Width::w64, pattern, static_cast<int64_t>(byte * uint64_t{0x0101'0101'0101'0101}));
  }
  const Mem target = guest_range(to, size);
  probe(to, target, size);
  for (uint32_t i = chunks.count; i-- > 0;) {
    const Mem at = plus(target, chunks.offset(i));
    if (chunks.size == 16)
      asm_.store_v128(at, kFpScratch);
    else
      asm_.store(log2_of(chunks.size), at, pattern);
  }
}

void MacroAssembler::memory_size(Reg d, int32_t memory) {
  load_word(gp(d), {kContext, memory + kVmSpanSize});
  asm_.shift_rri(Shift::lsr, Width::w64, gp(d), gp(d), 16);
}

void MacroAssembler::reload_memory_base() {
  if (bounds_ == BoundsMode::guard) return;
  load_word(kMemoryBase, {kContext, kVmMemory0Base});
}

// --- The instance

void MacroAssembler::load_func_ref(Reg d, uint32_t func) {
  load_word(gp(d), {kContext, kVmFuncRefs});
  add_imm(gp(d), gp(d), static_cast<int64_t>(func * sizeof(VmFuncRef)));
}

void MacroAssembler::table_size(Reg d, int32_t table) {
  load_frame(MachineType::i32, d, {kContext, table + kVmSpanSize});
}

void MacroAssembler::check_table_index(Gp index, int32_t table, TrapCode code,
                                       uint32_t wasm_offset) {
  asm_.reserve();
  asm_.load(LoadKind::u32, kAddressScratch, reachable({kContext, table + kVmSpanSize}, 2));
  asm_.cmp_rr(Width::w32, index, kAddressScratch);
  trap_if(CondCode::hs, code, wasm_offset);
  load_word(kAddressScratch, {kContext, table});
}

void MacroAssembler::table_get(Reg d, Reg index, int32_t table, bool of_functions,
                               uint32_t wasm_offset) {
  check_table_index(gp(index), table, TrapCode::out_of_bounds_table_access, wasm_offset);
  if (of_functions) {
    asm_.arith_rrr(Arith::add, Width::w64, kAddressScratch, kAddressScratch, gp(index), Shift::lsl,
                   kFuncRefLog2);
    asm_.load(LoadKind::u64, gp(d), Mem{kAddressScratch, offsetof(VmFuncRef, self)});
    return;
  }
  asm_.load(LoadKind::u64, gp(d), MemIndexed{kAddressScratch, gp(index), Extend::uxtw, true});
}

void MacroAssembler::table_set(Reg index, Reg value, int32_t table, uint32_t wasm_offset) {
  check_table_index(gp(index), table, TrapCode::out_of_bounds_table_access, wasm_offset);
  asm_.store(3, MemIndexed{kAddressScratch, gp(index), Extend::uxtw, true}, gp(value));
}

// --- Floats

void MacroAssembler::float_binary(FloatOp op, FloatWidth w, Reg d, Reg a, Operand b) {
  const Vec right = in_vec(w, b);
  asm_.float_rrr(op, w, vec(d), vec(a), right);
}

void MacroAssembler::float_unary(FloatUnary op, FloatWidth w, Reg d, Reg a) {
  asm_.reserve();
  switch (op) {
    case FloatUnary::abs: asm_.fabs(w, vec(d), vec(a)); return;
    case FloatUnary::neg: asm_.fneg(w, vec(d), vec(a)); return;
    case FloatUnary::sqrt: asm_.fsqrt(w, vec(d), vec(a)); return;
    case FloatUnary::ceil: asm_.round(w, vec(d), vec(a), RoundMode::ceil); return;
    case FloatUnary::floor: asm_.round(w, vec(d), vec(a), RoundMode::floor); return;
    case FloatUnary::trunc: asm_.round(w, vec(d), vec(a), RoundMode::trunc); return;
    case FloatUnary::nearest: asm_.round(w, vec(d), vec(a), RoundMode::nearest); return;
  }
}

void MacroAssembler::float_copysign(FloatWidth w, Reg d, Reg a, Reg b) {
  asm_.reserve();
  asm_.zero(kFpScratch);
  asm_.fneg(w, kFpScratch, kFpScratch);  // the sign bit alone
  if (d == b) {
    asm_.vec_logic(VecLogic::bif, vec(d), vec(a), kFpScratch);
  } else {
    if (d != a) asm_.fmov(FloatWidth::f64, vec(d), vec(a));
    asm_.vec_logic(VecLogic::bit, vec(d), vec(b), kFpScratch);
  }
}

void MacroAssembler::trunc(Width to, bool is_signed, FloatWidth from, Reg d, Reg a, bool saturating,
                           uint32_t wasm_offset) {
  asm_.reserve();
  const Vec s = vec(a);
  if (saturating) {
    asm_.float_to_int(is_signed, to, from, gp(d), s);
    return;
  }
  Deferred& slow = defer(Deferred::Kind::trunc, wasm_offset);
  slow.float_width = from;
  slow.a = a;
  if (to == Width::w32) {  // in 64 bits, where all that is out of range is too large
    asm_.fcmp_rr(from, s, s);
    asm_.b_cond(CondCode::vs, slow.entry);
    asm_.float_to_int(true, Width::w64, from, kScratch, s);
    asm_.cmp_rx(Width::w64, kScratch, kScratch, is_signed ? Extend::sxtw : Extend::uxtw);
    asm_.b_cond(CondCode::ne, slow.entry);
    asm_.mov_rr(Width::w32, gp(d), kScratch);
    return;
  }
  const auto load_limit = [&](double limit) {
    load_float_bits(from, kFpScratch,
                    from == FloatWidth::f32 ? std::bit_cast<uint32_t>(static_cast<float>(limit))
                                            : std::bit_cast<uint64_t>(limit));
  };
  load_limit(is_signed ? -0x1p63 : -1.0);
  asm_.fcmp_rr(from, s, kFpScratch);
  asm_.b_cond(is_signed ? CondCode::lt : CondCode::le, slow.entry);  // both hold for NaN
  load_limit(is_signed ? 0x1p63 : 0x1p64);
  asm_.fcmp_rr(from, s, kFpScratch);
  asm_.b_cond(CondCode::ge, slow.entry);
  asm_.float_to_int(is_signed, Width::w64, from, gp(d), s);
}

void MacroAssembler::reinterpret(MachineType type, Reg d, Reg a) {
  asm_.reserve();
  const Width w = size_log2(type) == 2 ? Width::w32 : Width::w64;
  if (is_float(type))
    asm_.fmov_vg(w, vec(d), gp(a));
  else
    asm_.fmov_gv(w, gp(d), vec(a));
}

// --- Calls

void MacroAssembler::return_to_instance() {
  asm_.load(LoadKind::u64, kContext, Mem{Gp::x29, -8});
  asm_.load(LoadKind::u64, kMemoryBase, Mem{kContext, kVmMemory0Base});
}

void MacroAssembler::call_function(uint32_t defined_index, uint32_t wasm_offset) {
  asm_.reserve();
  relocs_.push_back({asm_.bl(), RelocKind::call26, defined_index});
  call_site(wasm_offset);
  forget_addresses();
}

void MacroAssembler::call_import(int32_t imported_func, uint32_t wasm_offset) {
  load_word(kScratch, {kContext, imported_func});
  load_word(kContext, {kContext, imported_func + 8});
  asm_.load(LoadKind::u64, kMemoryBase, Mem{kContext, kVmMemory0Base});
  asm_.blr(kScratch);
  call_site(wasm_offset);
  forget_addresses();
  return_to_instance();
}

void MacroAssembler::call_indirect(int32_t table, uint32_t type_idx, uint32_t wasm_offset) {
  check_table_index(kScratch, table, TrapCode::undefined_element, wasm_offset);
  asm_.reserve();
  asm_.arith_rrr(Arith::add, Width::w64, kAddressScratch, kAddressScratch, kScratch, Shift::lsl,
                 kFuncRefLog2);
  asm_.load(LoadKind::u32, kScratch, Mem{kAddressScratch, offsetof(VmFuncRef, type_id)});
  const uint32_t use = asm_.load_literal(Width::w32, kLink);
  if (mode_ == BranchMode::near) {
    literals_.push_back({0, use, type_idx});
  } else {  // nearer than the end of the function
    asm_.b_over(1);
    asm_.patch_to_here(use);
    relocs_.push_back({asm_.offset(), RelocKind::type_id, type_idx});
    asm_.emit_u32(0);
  }
  asm_.cmp_rr(Width::w32, kScratch, kLink);
  asm_.b_cond(CondCode::ne, defer(Deferred::Kind::indirect_mismatch, wasm_offset).entry);
  static_assert(offsetof(VmFuncRef, code) == 0 && offsetof(VmFuncRef, context) == 8);
  asm_.ldp(Width::w64, kScratch, kLink, Mem{kAddressScratch, 0});
  asm_.cmp_rr(Width::w64, kLink, kContext);
  Deferred& other = defer(Deferred::Kind::indirect_other_instance, wasm_offset);
  asm_.b_cond(CondCode::ne, other.entry);
  asm_.blr(kScratch);
  call_site(wasm_offset);
  forget_addresses();
  other.resume = asm_.offset();
}

void MacroAssembler::call_builtin(uint32_t builtin, uint32_t wasm_offset) {
  load_word(kScratch, {kContext, kVmBuiltins});
  load_word(kScratch, {kScratch, static_cast<int32_t>(builtin * 8)});
  asm_.blr(kScratch);
  call_site(wasm_offset);
  forget_addresses();
}

// --- Traps and other out-of-line parts

void MacroAssembler::trap(TrapCode code, uint32_t wasm_offset) {
  asm_.reserve();
  udf(code, wasm_offset);
}

void MacroAssembler::trap_if(CondCode cc, TrapCode code, uint32_t wasm_offset) {
  Deferred& part = defer(Deferred::Kind::trap, wasm_offset);
  part.trap = code;
  asm_.b_cond(cc, part.entry);
}

void MacroAssembler::check_interruption(uint32_t wasm_offset) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, Mem{kContext, kVmStackLimit});
  asm_.cmp_rx(Width::w64, Gp::sp, kScratch, Extend::uxtx);
  trap_if(CondCode::ls, TrapCode::interrupted, wasm_offset);
}

void MacroAssembler::charge(uint64_t cost, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, Mem{kFuel, 0});
  if (cost < 1 << 12) {
    asm_.arith_rri(Arith::subs, Width::w64, kScratch, kScratch, static_cast<uint32_t>(cost));
  } else {
    asm_.mov_ri(Width::w64, kAddressScratch, static_cast<int64_t>(cost));
    asm_.arith_rrr(Arith::subs, Width::w64, kScratch, kScratch, kAddressScratch);
  }
  asm_.store(3, Mem{kFuel, 0}, kScratch);
  trap_if(CondCode::lo, TrapCode::out_of_fuel, wasm_offset);
}

MacroAssembler::Deferred& MacroAssembler::defer(Deferred::Kind kind, uint32_t wasm_offset) {
  Deferred& part = deferred_.emplace_back();
  part.kind = kind;
  part.wasm_offset = wasm_offset;
  part.try_region = try_region_;
  return part;
}

void MacroAssembler::emit_deferred(Deferred& part) {
  asm_.reserve();
  asm_.bind(part.entry);
  PatchChain other;
  switch (part.kind) {
    case Deferred::Kind::trap: udf(part.trap, part.wasm_offset); return;
    case Deferred::Kind::trunc:
      asm_.fcmp_rr(part.float_width, vec(part.a), vec(part.a));
      asm_.b_cond(CondCode::vs, other);
      udf(TrapCode::integer_overflow, part.wasm_offset);
      asm_.bind(other);
      udf(TrapCode::invalid_conversion_to_integer, part.wasm_offset);
      return;
    case Deferred::Kind::indirect_mismatch:
      asm_.load(LoadKind::u64, kScratch, Mem{kAddressScratch, offsetof(VmFuncRef, self)});
      asm_.cbnz(Width::w64, kScratch, other);
      udf(TrapCode::uninitialized_element, part.wasm_offset);
      asm_.bind(other);
      udf(TrapCode::indirect_call_type_mismatch, part.wasm_offset);
      return;
    case Deferred::Kind::indirect_other_instance:
      enter_try_region(part.try_region);
      asm_.mov_rr(Width::w64, kContext, kLink);
      asm_.load(LoadKind::u64, kMemoryBase, Mem{kContext, kVmMemory0Base});
      asm_.blr(kScratch);
      call_site(part.wasm_offset);
      return_to_instance();
      asm_.b_back(part.resume);
      return;
  }
}

}  // namespace swoop::jit::a64

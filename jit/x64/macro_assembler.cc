#include "jit/x64/macro_assembler.h"

#include "vm/builtins.h"
#include "vm/context.h"

#include <bit>

namespace swoop::jit::x64 {

namespace {

// Rows by AluOp, ShiftOp and LoadOp (integers only).
constexpr X86Alu kAluRows[] = {X86Alu::add, X86Alu::sub, X86Alu::and_, X86Alu::or_, X86Alu::xor_};
constexpr X86Shift kShiftRows[] = {X86Shift::shl, X86Shift::sar, X86Shift::shr, X86Shift::rol,
                                   X86Shift::ror};
constexpr LoadKind kLoadKinds[] = {LoadKind::u8,     LoadKind::s8_32,  LoadKind::u16,
                                   LoadKind::s16_32, LoadKind::u32,    LoadKind::u8,
                                   LoadKind::s8_64,  LoadKind::u16,    LoadKind::s16_64,
                                   LoadKind::u32,    LoadKind::s32_64, LoadKind::u64};

constexpr X86Alu alu_row(AluOp op) {
  return kAluRows[static_cast<uint8_t>(op)];
}
constexpr X86Shift shift_row(ShiftOp op) {
  return kShiftRows[static_cast<uint8_t>(op)];
}
constexpr LoadKind load_kind(LoadOp op) {
  return kLoadKinds[static_cast<uint8_t>(op)];
}

constexpr bool is_rotate(ShiftOp op) {
  return op >= ShiftOp::rotl;
}

/// The flag to test for a condition other than f_eq and f_ne. Float compares put their operands in
/// the order in which "above" is the ordered answer (float_compare).
constexpr CondCode flag_of(Cond cond) {
  switch (cond) {
    case Cond::f_lt:
    case Cond::f_gt: return CondCode::a;
    case Cond::f_not_lt:
    case Cond::f_not_gt: return CondCode::be;
    case Cond::f_le:
    case Cond::f_ge: return CondCode::ae;
    case Cond::f_not_le:
    case Cond::f_not_ge: return CondCode::b;
    default: return cond_code(cond);
  }
}

constexpr bool fits_int32(int64_t value) {
  return value == static_cast<int32_t>(value);
}

}  // namespace

void MacroAssembler::reset(BranchMode) {
  asm_.reset();
  flags_ = 0;
  drop_output();
}

// --- Frame

uint32_t MacroAssembler::prologue(const Frame& frame, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.align(16);
  count_join();
  const uint32_t start = asm_.offset();
  asm_.push(Gp::rbp);
  asm_.mov_rr(Width::w64, Gp::rbp, Gp::rsp);
  uint32_t pushed = 0;
  if (frame.leaves_instance) {
    asm_.push(kContext);
    pushed += 8;
  }
  for (RegSet regs = frame.saved & kAllGp; !regs.empty(); pushed += 8)
    asm_.push(gp(regs.take_first()));

  const int32_t rest = static_cast<int32_t>(frame.size - pushed);
  if (frame.is_leaf && frame.size <= kMaxUncheckedFrame) {
    if (rest != 0) asm_.alu_ri(X86Alu::sub, Width::w64, Gp::rsp, rest);
  } else {
    Deferred& overflow = defer(Deferred::Kind::trap, wasm_offset);
    overflow.trap = TrapCode::call_stack_exhausted;
    if (frame.size <= kMaxLateCheckedFrame) {
      if (rest != 0) asm_.alu_ri(X86Alu::sub, Width::w64, Gp::rsp, rest);
      asm_.alu_rm(X86Alu::cmp, Width::w64, Gp::rsp, context(kVmStackLimit));
      asm_.jcc(CondCode::be, overflow.entry);
    } else {
      asm_.lea(Width::w64, kScratch, {Gp::rsp, Gp::none, 0, -rest});
      asm_.alu_rm(X86Alu::cmp, Width::w64, kScratch, context(kVmStackLimit));
      asm_.jcc(CondCode::be, overflow.entry);
      asm_.mov_rr(Width::w64, Gp::rsp, kScratch);
    }
  }
  for (RegSet regs = frame.saved & kAllFp; !regs.empty();) {
    pushed += 8;
    asm_.store_float(FloatWidth::f64, {Gp::rbp, Gp::none, 0, -static_cast<int32_t>(pushed)},
                     xmm(regs.take_first()));
  }
  return start;
}

void MacroAssembler::epilogue(const Frame& frame) {
  asm_.reserve(512);
  int32_t at = frame.leaves_instance ? -8 : 0;
  for (RegSet regs = frame.saved & kAllGp; !regs.empty();) {
    at -= 8;
    asm_.load(LoadKind::u64, gp(regs.take_first()), {Gp::rbp, Gp::none, 0, at});
  }
  for (RegSet regs = frame.saved & kAllFp; !regs.empty();) {
    at -= 8;
    asm_.load_float(FloatWidth::f64, xmm(regs.take_first()), {Gp::rbp, Gp::none, 0, at});
  }
  if (frame.size == 0)
    asm_.pop(Gp::rbp);
  else
    asm_.leave();
  asm_.ret();
}

uint32_t MacroAssembler::finish_function() {
  for (Deferred& part : deferred_) emit_deferred(part);
  deferred_.clear();
  enter_try_region(TryTables::kNone);
  bind_handlers();

  asm_.reserve();
  if (!tables_.empty() || !pool_.empty()) asm_.align(pool_.empty() ? 4 : 16);
  const uint32_t data = asm_.offset();
  for (PoolConstant& constant : pool_) {
    asm_.reserve();
    asm_.bind(constant.uses);
    for (const uint64_t word : {constant.bits, uint64_t{0}}) {
      asm_.emit_u32(static_cast<uint32_t>(word));
      asm_.emit_u32(static_cast<uint32_t>(word >> 32));
    }
  }
  pool_.clear();
  for (size_t t = 0; t < tables_.size(); ++t) {
    asm_.bind(tables_[t].use);
    const uint32_t base = asm_.offset();
    const size_t end = t + 1 < tables_.size() ? tables_[t + 1].first_entry : table_entries_.size();
    emit_table(base, tables_[t].first_entry, end,
               [this](uint32_t entry) { asm_.reserve(), asm_.emit_u32(entry); });
  }
  tables_.clear();
  table_entries_.clear();
  label_offsets_.clear();
  return data;
}

void MacroAssembler::zero_slots(Slot lowest, uint32_t count) {
  if (count == 0) return;
  asm_.reserve();
  if (count % 2 != 0) {
    asm_.store_imm(3, mem(lowest), 0);
    lowest.offset += 8;
  }
  if (count < 2) return;
  asm_.zero(kFpScratch);
  const uint32_t pairs = count / 2;
  if (pairs <= 6) {
    for (uint32_t i = 0; i < pairs; ++i)
      asm_.store_v128({Gp::rbp, Gp::none, 0, lowest.offset + static_cast<int32_t>(16 * i)},
                      kFpScratch);
    return;
  }
  const int32_t bytes = static_cast<int32_t>(16 * pairs);
  asm_.mov_ri(Width::w64, kScratch, -bytes);
  const uint32_t loop = asm_.offset();
  asm_.store_v128({Gp::rbp, kScratch, 0, lowest.offset + bytes}, kFpScratch);
  asm_.alu_ri(X86Alu::add, Width::w64, kScratch, 16);
  asm_.jcc_back(CondCode::ne, loop);
}

// --- Moves

void MacroAssembler::swap(Reg a, Reg b) {
  asm_.reserve();
  if (a.is_fp()) {
    asm_.movaps(kFpScratch, xmm(a));
    asm_.movaps(xmm(a), xmm(b));
    asm_.movaps(xmm(b), kFpScratch);
  } else {
    asm_.xchg_rr(Width::w64, gp(a), gp(b));
  }
}

void MacroAssembler::load_float_bits(FloatWidth w, Xmm d, uint64_t bits) {
  asm_.reserve();
  if (bits == 0)
    asm_.zero(d);
  else
    use_constant(asm_.load_rip(d, w), bits);
}

void MacroAssembler::load_const(MachineType type, Reg d, int64_t bits) {
  if (is_float(type)) {
    const uint64_t payload = static_cast<uint64_t>(bits);
    load_float_bits(float_width_of(type), xmm(d),
                    type == MachineType::f32 ? payload & 0xffffffff : payload);
    return;
  }
  asm_.reserve();
  asm_.mov_ri(width_of(type), gp(d), bits);
}

void MacroAssembler::store_const(MachineType type, const Mem& at, int64_t bits) {
  asm_.reserve();
  if (type == MachineType::i32 || type == MachineType::f32) {
    asm_.store_imm(2, at, static_cast<int32_t>(bits));
  } else if (fits_int32(bits)) {
    asm_.store_imm(3, at, static_cast<int32_t>(bits));
  } else {
    asm_.mov_ri(Width::w64, kScratch, bits);
    asm_.store(3, at, kScratch);
  }
}

void MacroAssembler::poison_upper_half(Reg d) {
  asm_.reserve();
  asm_.mov_ri(Width::w64, kScratch, static_cast<int64_t>(0xdead'beef'0000'0000));
  asm_.lea(Width::w64, gp(d), {gp(d), kScratch, 0, 0});  // keeps the flags
}

void MacroAssembler::poison_upper_half(Slot slot) {
  asm_.reserve();
  asm_.store_imm(2, mem({slot.offset + 4}), static_cast<int32_t>(0xdeadbeef));
}

// --- Integers

void MacroAssembler::alu(AluOp op, Width w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  const X86Alu row = alu_row(op);
  const Gp rd = gp(d);
  const Gp ra = gp(a);
  switch (b.kind()) {
    case Operand::Kind::imm: {
      const int32_t imm = static_cast<int32_t>(b.imm());
      if (d != a && (op == AluOp::add || (op == AluOp::sub && imm != INT32_MIN))) {
        asm_.lea(w, rd, {ra, Gp::none, 0, op == AluOp::add ? imm : -imm});
        return;
      }
      if (op == AluOp::and_ && imm == 0xff) {
        asm_.movzx8(rd, ra);
        return;
      }
      if (op == AluOp::and_ && imm == 0xffff) {
        asm_.movzx16(rd, ra);
        return;
      }
      if (d != a) asm_.mov_rr(w, rd, ra);
      asm_.alu_ri(row, w, rd, imm);
      break;
    }
    case Operand::Kind::reg: {
      const Gp rb = gp(b.reg());
      if (d == a) {
        asm_.alu_rr(row, w, rd, rb);
      } else if (d == b.reg()) {
        if (op == AluOp::sub) {
          asm_.neg(w, rd);
          asm_.alu_rr(X86Alu::add, w, rd, ra);
        } else {
          asm_.alu_rr(row, w, rd, ra);
        }
      } else if (op == AluOp::add) {
        asm_.lea(w, rd, {ra, rb, 0, 0});
        return;
      } else {
        asm_.mov_rr(w, rd, ra);
        asm_.alu_rr(row, w, rd, rb);
      }
      break;
    }
    case Operand::Kind::slot:
      if (d != a) asm_.mov_rr(w, rd, ra);
      asm_.alu_rm(row, w, rd, mem(b.slot()));
      break;
    case Operand::Kind::memory: {
      const Mem at = guest(b.memory(), w == Width::w64 ? 8 : 4);
      if (d != a && d == b.memory().index) {
        memory_site(b.memory().wasm_offset);
        asm_.load(w == Width::w64 ? LoadKind::u64 : LoadKind::u32, kScratch, at);
        asm_.mov_rr(w, rd, ra);
        asm_.alu_rr(row, w, rd, kScratch);
        break;
      }
      if (d != a) asm_.mov_rr(w, rd, ra);
      memory_site(b.memory().wasm_offset);
      asm_.alu_rm(row, w, rd, at);
      break;
    }
  }
  flags_tell(w, d);
}

void MacroAssembler::negate(Width w, Reg d, Reg a) {
  asm_.reserve();
  if (d != a) asm_.mov_rr(w, gp(d), gp(a));
  asm_.neg(w, gp(d));
  flags_tell(w, d);
}

void MacroAssembler::bit_not(Width w, Reg d, Reg a) {
  asm_.reserve();
  if (d != a) asm_.mov_rr(w, gp(d), gp(a));
  asm_.not_(w, gp(d));
}

void MacroAssembler::multiply(Width w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  const Gp rd = gp(d);
  const Gp ra = gp(a);
  switch (b.kind()) {
    case Operand::Kind::imm: {
      const int64_t imm = b.imm();
      if (imm > 0 && std::has_single_bit(static_cast<uint64_t>(imm))) {
        if (d != a) asm_.mov_rr(w, rd, ra);
        if (imm > 1) {
          asm_.shift_ri(X86Shift::shl, w, rd,
                        static_cast<unsigned>(std::countr_zero(static_cast<uint64_t>(imm))));
        }
      } else if (imm == 3 || imm == 5 || imm == 9) {
        asm_.lea(w, rd, {ra, ra, static_cast<uint8_t>(imm == 3 ? 1 : imm == 5 ? 2 : 3), 0});
      } else {
        asm_.imul_rri(w, rd, ra, static_cast<int32_t>(imm));
      }
      return;
    }
    case Operand::Kind::reg:
      if (d == b.reg()) {
        asm_.imul_rr(w, rd, ra);
      } else {
        if (d != a) asm_.mov_rr(w, rd, ra);
        asm_.imul_rr(w, rd, gp(b.reg()));
      }
      return;
    case Operand::Kind::slot:
      if (d != a) asm_.mov_rr(w, rd, ra);
      asm_.imul_rm(w, rd, mem(b.slot()));
      return;
    case Operand::Kind::memory: {
      const Mem at = guest(b.memory(), w == Width::w64 ? 8 : 4);
      if (d != a && d == b.memory().index) {
        memory_site(b.memory().wasm_offset);
        asm_.load(w == Width::w64 ? LoadKind::u64 : LoadKind::u32, rd, at);
        asm_.imul_rr(w, rd, ra);
        return;
      }
      if (d != a) asm_.mov_rr(w, rd, ra);
      memory_site(b.memory().wasm_offset);
      asm_.imul_rm(w, rd, at);
      return;
    }
  }
}

void MacroAssembler::shift(ShiftOp op, Width w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  const Gp rd = gp(d);
  const Gp ra = gp(a);
  const X86Shift row = shift_row(op);
  if (b.kind() == Operand::Kind::imm) {
    const unsigned count = static_cast<unsigned>(b.imm()) & (bits(w) - 1);
    if (d != a && is_rotate(op) && asm_.features().bmi2) {
      asm_.rorx(w, rd, ra, op == ShiftOp::rotr ? count : (bits(w) - count) & (bits(w) - 1));
      return;
    }
    if (d != a) asm_.mov_rr(w, rd, ra);
    asm_.shift_ri(row, w, rd, count);
    if (count != 0 && !is_rotate(op)) flags_tell(w, d);
    return;
  }

  if (!is_rotate(op) && asm_.features().bmi2) {
    Gp count = kScratch;
    if (b.kind() == Operand::Kind::reg)
      count = gp(b.reg());
    else
      asm_.load(LoadKind::u32, kScratch, mem(b.slot()));
    asm_.shiftx(row, w, rd, ra, count);
    return;
  }

  // The count must be in cl. rcx may hold any of d, a, b or something else, which survives in the
  // scratch register.
  DCHECK(b.kind() == Operand::Kind::reg || b.kind() == Operand::Kind::slot);
  const bool count_in_rcx = b.kind() == Operand::Kind::reg && gp(b.reg()) == Gp::rcx;
  const auto load_count = [&] {
    if (b.kind() == Operand::Kind::slot)
      asm_.load(LoadKind::u32, Gp::rcx, mem(b.slot()));
    else if (!count_in_rcx)
      asm_.mov_rr(Width::w32, Gp::rcx, gp(b.reg()));
  };
  if (rd == Gp::rcx) {
    asm_.mov_rr(w, kScratch, ra);
    load_count();
    asm_.shift_rcl(row, w, kScratch);
    asm_.mov_rr(w, Gp::rcx, kScratch);
  } else if (count_in_rcx) {
    if (d != a) asm_.mov_rr(w, rd, ra);
    asm_.shift_rcl(row, w, rd);
  } else {
    asm_.mov_rr(Width::w64, kScratch, Gp::rcx);
    load_count();
    const Gp source = ra == Gp::rcx ? kScratch : ra;
    if (rd != source) asm_.mov_rr(w, rd, source);
    asm_.shift_rcl(row, w, rd);
    asm_.mov_rr(Width::w64, Gp::rcx, kScratch);
  }
}

void MacroAssembler::count_bits(BitCount op, Width w, Reg d, Reg a) {
  asm_.reserve();
  const int32_t size = static_cast<int32_t>(bits(w));
  if (op == BitCount::popcnt) {
    asm_.popcnt(w, gp(d), gp(a));
  } else if (op == BitCount::clz && asm_.features().lzcnt) {
    asm_.lzcnt(w, gp(d), gp(a));
  } else if (op == BitCount::ctz && asm_.features().bmi1) {
    asm_.tzcnt(w, gp(d), gp(a));
  } else {
    const bool leading = op == BitCount::clz;
    if (leading)
      asm_.bsr(w, kScratch, gp(a));
    else
      asm_.bsf(w, kScratch, gp(a));
    asm_.mov_ri(Width::w32, gp(d),
                leading ? 2 * size - 1 : size);  // the answer for 0, before the xor
    asm_.cmov_rr(CondCode::e, Width::w32, kScratch, gp(d));
    if (leading) asm_.alu_ri(X86Alu::xor_, Width::w32, kScratch, size - 1);
    asm_.mov_rr(Width::w32, gp(d), kScratch);
  }
}

void MacroAssembler::sign_extend(uint32_t from_bits, Width w, Reg d, Reg a) {
  asm_.reserve();
  if (from_bits == 8)
    asm_.movsx8(w, gp(d), gp(a));
  else if (from_bits == 16)
    asm_.movsx16(w, gp(d), gp(a));
  else
    asm_.movsxd(gp(d), gp(a));
}

// --- Conditions

void MacroAssembler::compare(Width w, Operand a, Operand b) {
  asm_.reserve();
  if (a.kind() == Operand::Kind::slot) {
    if (b.kind() == Operand::Kind::imm)
      asm_.alu_mi(X86Alu::cmp, w, mem(a.slot()), static_cast<int32_t>(b.imm()));
    else
      asm_.alu_mr(X86Alu::cmp, w, mem(a.slot()), gp(b.reg()));
    return;
  }
  switch (b.kind()) {
    case Operand::Kind::imm:
      if (b.imm() != 0)
        asm_.alu_ri(X86Alu::cmp, w, gp(a.reg()), static_cast<int32_t>(b.imm()));
      else if (flags_ != flags_key(w, a.reg()))
        asm_.test_rr(w, gp(a.reg()), gp(a.reg()));
      return;
    case Operand::Kind::reg: asm_.alu_rr(X86Alu::cmp, w, gp(a.reg()), gp(b.reg())); return;
    case Operand::Kind::slot: asm_.alu_rm(X86Alu::cmp, w, gp(a.reg()), mem(b.slot())); return;
    case Operand::Kind::memory: {
      const Mem at = guest(b.memory(), w == Width::w64 ? 8 : 4);
      memory_site(b.memory().wasm_offset);
      asm_.alu_rm(X86Alu::cmp, w, gp(a.reg()), at);
      return;
    }
  }
}

void MacroAssembler::test(Width w, Reg a, Operand b) {
  asm_.reserve();
  switch (b.kind()) {
    case Operand::Kind::imm: asm_.test_ri(w, gp(a), static_cast<int32_t>(b.imm())); return;
    case Operand::Kind::reg: asm_.test_rr(w, gp(a), gp(b.reg())); return;
    case Operand::Kind::slot:
      asm_.load(w == Width::w64 ? LoadKind::u64 : LoadKind::u32, kScratch, mem(b.slot()));
      break;
    case Operand::Kind::memory: {
      const Mem at = guest(b.memory(), w == Width::w64 ? 8 : 4);
      memory_site(b.memory().wasm_offset);
      asm_.load(w == Width::w64 ? LoadKind::u64 : LoadKind::u32, kScratch, at);
      break;
    }
  }
  asm_.test_rr(w, gp(a), kScratch);
}

void MacroAssembler::float_compare(Cond cond, FloatWidth w, Reg a, Operand b) {
  asm_.reserve();
  const bool swapped =
      cond == Cond::f_lt || cond == Cond::f_not_lt || cond == Cond::f_le || cond == Cond::f_not_le;
  if (b.kind() == Operand::Kind::reg) {
    asm_.ucomis_rr(w, xmm(swapped ? b.reg() : a), xmm(swapped ? a : b.reg()));
    return;
  }
  if (b.kind() == Operand::Kind::imm) {
    load_float_bits(w, kFpScratch, static_cast<uint64_t>(b.imm()));
  } else {
    Mem at = mem(b.slot());
    if (b.kind() == Operand::Kind::memory) {
      at = guest(b.memory(), w == FloatWidth::f64 ? 8 : 4);
      memory_site(b.memory().wasm_offset);
    }
    if (!swapped) {
      asm_.ucomis_rm(w, xmm(a), at);
      return;
    }
    asm_.load_float(w, kFpScratch, at);
  }
  asm_.ucomis_rr(w, swapped ? kFpScratch : xmm(a), swapped ? xmm(a) : kFpScratch);
}

void MacroAssembler::set_cond(Cond cond, Reg d) {
  asm_.reserve();
  if (cond == Cond::f_eq || cond == Cond::f_ne) {
    const bool equal = cond == Cond::f_eq;
    asm_.setcc(equal ? CondCode::e : CondCode::ne, gp(d));
    asm_.setcc(equal ? CondCode::np : CondCode::p, kScratch);
    asm_.alu_rr(equal ? X86Alu::and_ : X86Alu::or_, Width::w32, gp(d), kScratch);
  } else {
    asm_.setcc(flag_of(cond), gp(d));
  }
  asm_.movzx8(gp(d), gp(d));
}

void MacroAssembler::select(Cond cond, MachineType type, Reg d, Reg if_true, Reg if_false) {
  asm_.reserve();
  if (d == if_true) {  // keep the other order below: d == if_false or neither
    std::swap(if_true, if_false);
    cond = invert(cond);
  }
  if (is_float(type)) {
    if (d != if_false) asm_.movaps(xmm(d), xmm(if_false));
    PatchChain skip;
    jump_if(invert(cond), skip);
    asm_.movaps(xmm(d), xmm(if_true));
    asm_.bind(skip);
    return;
  }
  const Width w = width_of(type);
  if (cond ==
      Cond::f_eq) {  // true only if equal and ordered: take if_true, then undo on either flag
    if (d != if_false) {
      asm_.mov_rr(w, gp(d), gp(if_true));
      asm_.cmov_rr(CondCode::ne, w, gp(d), gp(if_false));
      asm_.cmov_rr(CondCode::p, w, gp(d), gp(if_false));
    } else {
      asm_.mov_rr(w, kScratch, gp(if_true));
      asm_.cmov_rr(CondCode::ne, w, kScratch, gp(if_false));
      asm_.cmov_rr(CondCode::p, w, kScratch, gp(if_false));
      asm_.mov_rr(w, gp(d), kScratch);
    }
    return;
  }
  if (d != if_false) asm_.mov_rr(w, gp(d), gp(if_false));
  if (cond == Cond::f_ne) {
    asm_.cmov_rr(CondCode::ne, w, gp(d), gp(if_true));
    asm_.cmov_rr(CondCode::p, w, gp(d), gp(if_true));
  } else {
    asm_.cmov_rr(flag_of(cond), w, gp(d), gp(if_true));
  }
}

// --- Control

void MacroAssembler::jump_if(Cond cond, PatchChain& chain) {
  asm_.reserve();
  if (cond == Cond::f_eq) {
    PatchChain skip;
    asm_.jcc(CondCode::p, skip);
    asm_.jcc(CondCode::e, chain);
    asm_.bind(skip);
  } else if (cond == Cond::f_ne) {
    asm_.jcc(CondCode::p, chain);
    asm_.jcc(CondCode::ne, chain);
  } else {
    asm_.jcc(flag_of(cond), chain);
  }
}

void MacroAssembler::jump_back_if(Cond cond, uint32_t target) {
  asm_.reserve();
  if (cond == Cond::f_eq) {
    PatchChain skip;
    asm_.jcc(CondCode::p, skip);
    asm_.jcc_back(CondCode::e, target);
    asm_.bind(skip);
  } else if (cond == Cond::f_ne) {
    asm_.jcc_back(CondCode::p, target);
    asm_.jcc_back(CondCode::ne, target);
  } else {
    asm_.jcc_back(flag_of(cond), target);
  }
}

uint32_t MacroAssembler::jump_table(Reg index) {
  asm_.reserve();
  tables_.push_back({{}, static_cast<uint32_t>(table_entries_.size())});
  const uint32_t field = asm_.lea_rip(kScratch);
  tables_.back().use.last = field;
  asm_.load(LoadKind::s32_64, gp(index), {kScratch, gp(index), 2, 0});
  asm_.alu_rr(X86Alu::add, Width::w64, gp(index), kScratch);
  asm_.jmp_r(gp(index));
  return static_cast<uint32_t>(tables_.size() - 1);
}

// --- Memories

Mem MacroAssembler::guest(const MemRef& memory, uint32_t size) {
  const bool large_offset = memory.offset > INT32_MAX;
  const bool is_memory0 = memory.memory == kVmMemory0Base;
  if ((bounds_ == BoundsMode::guard && !large_offset) || memory.wasm_offset == MemRef::kInBounds)
      [[likely]] {
    if (!is_memory0) asm_.load(LoadKind::u64, kScratch, context(memory.memory));
    return {is_memory0 ? kMemoryBase : kScratch, memory.index.valid() ? gp(memory.index) : Gp::none,
            memory.scale_log2, static_cast<int32_t>(memory.offset)};
  }
  // The scratch register becomes the end of the access; neither sum can leave 64 bits.
  Deferred& out_of_bounds = defer(Deferred::Kind::trap, memory.wasm_offset);
  out_of_bounds.trap = TrapCode::out_of_bounds_memory_access;
  const uint64_t end = uint64_t{memory.offset} + size;
  if (!memory.index.valid()) {
    asm_.mov_ri(Width::w64, kScratch, static_cast<int64_t>(end));
  } else if (memory.scale_log2 != 0) {
    asm_.mov_ri(Width::w64, kScratch, static_cast<int64_t>(end));
    asm_.lea(Width::w64, kScratch, {kScratch, gp(memory.index), memory.scale_log2, 0});
  } else if (end <= INT32_MAX) {
    asm_.lea(Width::w64, kScratch, {gp(memory.index), Gp::none, 0, static_cast<int32_t>(end)});
  } else {
    asm_.mov_ri(Width::w64, kScratch, static_cast<int64_t>(end));
    asm_.alu_rr(X86Alu::add, Width::w64, kScratch, gp(memory.index));
  }
  asm_.alu_rm(X86Alu::cmp, Width::w64, kScratch, context(memory.memory + kVmSpanSize));
  asm_.jcc(CondCode::a, out_of_bounds.entry);
  if (is_memory0) {
    if (memory.index.valid() && !large_offset)  // an address that need not wait for the sum
      return {kMemoryBase, gp(memory.index), memory.scale_log2,
              static_cast<int32_t>(memory.offset)};
    return {kMemoryBase, kScratch, 0, -static_cast<int32_t>(size)};
  }
  asm_.alu_rm(X86Alu::add, Width::w64, kScratch, context(memory.memory));
  return {kScratch, Gp::none, 0, -static_cast<int32_t>(size)};
}

void MacroAssembler::load(LoadOp op, Reg d, const MemRef& memory) {
  asm_.reserve();
  with_guest(memory, access_size(op), [&](const Mem& at) SWOOP_INLINE_LAMBDA {
    memory_site(memory.wasm_offset);
    if (op == LoadOp::f32 || op == LoadOp::f64)
      asm_.load_float(op == LoadOp::f32 ? FloatWidth::f32 : FloatWidth::f64, xmm(d), at);
    else
      asm_.load(load_kind(op), gp(d), at);
  });
}

void MacroAssembler::store(StoreOp op, Operand value, const MemRef& memory) {
  asm_.reserve();
  with_guest(memory, access_size(op), [&](const Mem& at) SWOOP_INLINE_LAMBDA {
    memory_site(memory.wasm_offset);
    const unsigned size_log2 = static_cast<unsigned>(std::countr_zero(access_size(op)));
    if (value.kind() == Operand::Kind::imm)
      asm_.store_imm(size_log2, at, static_cast<int32_t>(value.imm()));
    else if (op == StoreOp::f32 || op == StoreOp::f64)
      asm_.store_float(op == StoreOp::f32 ? FloatWidth::f32 : FloatWidth::f64, at,
                       xmm(value.reg()));
    else
      asm_.store(size_log2, at, gp(value.reg()));
  });
}

void MacroAssembler::load_chunk(uint32_t size, Xmm d, const Mem& at) {
  if (size == 16)
    asm_.load_v128(d, at);
  else
    asm_.load_float(size == 8 ? FloatWidth::f64 : FloatWidth::f32, d, at);
}

void MacroAssembler::store_chunk(uint32_t size, const Mem& at, Xmm s) {
  if (size == 16)
    asm_.store_v128(at, s);
  else
    asm_.store_float(size == 8 ? FloatWidth::f64 : FloatWidth::f32, at, s);
}

void MacroAssembler::probe(const MemRef& memory, const Mem& last_chunk, uint32_t size) {
  memory_site(memory.wasm_offset);
  // A store of 16 bytes across the end may leave its first part (Intel SDM volume 3, Guaranteed
  // Atomic Operations); smaller ones are done or not.
  if (bounds_ == BoundsMode::guard && size == 16)
    asm_.alu_rm(X86Alu::cmp, Width::w32, kMemoryBase, plus(last_chunk, 12));
}

void MacroAssembler::copy(const MemRef& to, const MemRef& from, uint32_t size, RegSet temps) {
  // What comes first lies highest: if that is in bounds, so is all of the range.
  const Chunks chunks(size, 16);
  std::array<Xmm, 9> regs;
  for (uint32_t i = 0; i + 1 < chunks.count; ++i) regs[i] = xmm(temps.take_first());
  regs[chunks.count - 1] = kFpScratch;

  asm_.reserve();
  const Mem source = guest(from, size);
  memory_site(from.wasm_offset);
  for (uint32_t i = chunks.count; i-- > 0;)
    load_chunk(chunks.size, regs[i], plus(source, chunks.offset(i)));
  asm_.reserve();
  const Mem target = guest(to, size);
  probe(to, plus(target, chunks.last), chunks.size);
  for (uint32_t i = chunks.count; i-- > 0;)
    store_chunk(chunks.size, plus(target, chunks.offset(i)), regs[i]);
}

void MacroAssembler::fill(const MemRef& to, uint32_t size, uint8_t byte) {
  const uint64_t pattern = byte * uint64_t{0x0101'0101'0101'0101};
  const Chunks chunks(size, byte == 0 ? 16 : 8);
  asm_.reserve();
  if (chunks.size >= 8) load_float_bits(FloatWidth::f64, kFpScratch, pattern);
  asm_.reserve(512);
  const Mem target = guest(to, size);
  probe(to, plus(target, chunks.last), chunks.size);
  for (uint32_t i = chunks.count; i-- > 0;) {
    const Mem at = plus(target, chunks.offset(i));
    if (chunks.size >= 8)
      store_chunk(chunks.size, at, kFpScratch);
    else
      asm_.store_imm(static_cast<unsigned>(std::countr_zero(chunks.size)), at,
                     static_cast<int32_t>(pattern));
  }
}

void MacroAssembler::memory_size(Reg d, int32_t memory) {
  asm_.reserve();
  asm_.load(LoadKind::u64, gp(d), context(memory + kVmSpanSize));
  asm_.shift_ri(X86Shift::shr, Width::w64, gp(d), 16);
}

void MacroAssembler::reload_memory_base() {
  if (bounds_ == BoundsMode::guard) return;
  asm_.reserve();
  asm_.load(LoadKind::u64, kMemoryBase, context(kVmMemory0Base));
}

// --- The instance

void MacroAssembler::load_context(MachineType type, Reg d, int32_t offset) {
  asm_.reserve();
  if (is_float(type))
    asm_.load_float(float_width_of(type), xmm(d), context(offset));
  else
    asm_.load(type == MachineType::i32 ? LoadKind::u32 : LoadKind::u64, gp(d), context(offset));
}

void MacroAssembler::store_context(MachineType type, int32_t offset, Reg s) {
  store_frame(type, context(offset), s);
}

void MacroAssembler::load_global_indirect(MachineType type, Reg d, int32_t offset) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, context(offset));
  const Mem at{kScratch, Gp::none, 0, 0};
  if (is_float(type))
    asm_.load_float(float_width_of(type), xmm(d), at);
  else
    asm_.load(type == MachineType::i32 ? LoadKind::u32 : LoadKind::u64, gp(d), at);
}

void MacroAssembler::store_global_indirect(MachineType type, int32_t offset, Reg s) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, context(offset));
  store_frame(type, {kScratch, Gp::none, 0, 0}, s);
}

void MacroAssembler::load_func_ref(Reg d, uint32_t func) {
  asm_.reserve();
  asm_.load(LoadKind::u64, gp(d), context(kVmFuncRefs));
  if (func != 0)
    asm_.alu_ri(X86Alu::add, Width::w64, gp(d), static_cast<int32_t>(func * sizeof(VmFuncRef)));
}

void MacroAssembler::table_size(Reg d, int32_t table) {
  asm_.reserve();
  asm_.load(LoadKind::u32, gp(d), context(table + 8));
}

void MacroAssembler::table_get(Reg d, Reg index, int32_t table, bool of_functions,
                               uint32_t wasm_offset) {
  asm_.reserve();
  asm_.alu_rm(X86Alu::cmp, Width::w32, gp(index), context(table + 8));
  trap_if(Cond::ge_u, TrapCode::out_of_bounds_table_access, wasm_offset);
  asm_.reserve();
  if (of_functions) {
    asm_.mov_rr(Width::w32, kScratch, gp(index));
    asm_.shift_ri(X86Shift::shl, Width::w64, kScratch, std::countr_zero(sizeof(VmFuncRef)));
    asm_.alu_rm(X86Alu::add, Width::w64, kScratch, context(table));
    asm_.load(LoadKind::u64, gp(d), {kScratch, Gp::none, 0, offsetof(VmFuncRef, self)});
  } else {
    asm_.load(LoadKind::u64, kScratch, context(table));
    asm_.load(LoadKind::u64, gp(d), {kScratch, gp(index), 3, 0});
  }
}

void MacroAssembler::table_set(Reg index, Reg value, int32_t table, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.alu_rm(X86Alu::cmp, Width::w32, gp(index), context(table + 8));
  trap_if(Cond::ge_u, TrapCode::out_of_bounds_table_access, wasm_offset);
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, context(table));
  asm_.store(3, {kScratch, gp(index), 3, 0}, gp(value));
}

// --- Calls

void MacroAssembler::call_function(uint32_t defined_index, uint32_t wasm_offset) {
  asm_.reserve();
  relocs_.push_back({asm_.call_rel32(), RelocKind::call, defined_index});
  call_site(wasm_offset);
}

void MacroAssembler::call_import(int32_t imported_func, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, context(imported_func));
  asm_.load(LoadKind::u64, kContext, context(imported_func + 8));
  asm_.load(LoadKind::u64, kMemoryBase, context(kVmMemory0Base));
  asm_.call_r(kScratch);
  call_site(wasm_offset);
  asm_.load(LoadKind::u64, kContext, {Gp::rbp, Gp::none, 0, -8});
  asm_.load(LoadKind::u64, kMemoryBase, context(kVmMemory0Base));
}

void MacroAssembler::call_indirect(int32_t table, uint32_t type_idx, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.alu_rm(X86Alu::cmp, Width::w32, kScratch, context(table + 8));
  trap_if(Cond::ge_u, TrapCode::undefined_element, wasm_offset);
  asm_.reserve();
  asm_.shift_ri(X86Shift::shl, Width::w64, kScratch, std::countr_zero(sizeof(VmFuncRef)));
  asm_.alu_rm(X86Alu::add, Width::w64, kScratch, context(table));
  constexpr int32_t kAnyImm32 = INT32_MAX;  // not a byte, so that there is room for any id
  asm_.alu_mi(X86Alu::cmp, Width::w32, {kScratch, Gp::none, 0, offsetof(VmFuncRef, type_id)},
              kAnyImm32);
  relocs_.push_back({asm_.offset() - 4, RelocKind::type_id, type_idx});
  asm_.jcc(CondCode::ne, defer(Deferred::Kind::indirect_mismatch, wasm_offset).entry);
  asm_.alu_mr(X86Alu::cmp, Width::w64, {kScratch, Gp::none, 0, offsetof(VmFuncRef, context)},
              kContext);
  Deferred& other = defer(Deferred::Kind::indirect_other_instance, wasm_offset);
  asm_.jcc(CondCode::ne, other.entry);
  asm_.call_m({kScratch, Gp::none, 0, offsetof(VmFuncRef, code)});
  call_site(wasm_offset);
  other.resume = asm_.offset();
}

void MacroAssembler::call_builtin(uint32_t builtin, uint32_t wasm_offset) {
  asm_.reserve();
  asm_.load(LoadKind::u64, kScratch, context(kVmBuiltins));
  asm_.call_m({kScratch, Gp::none, 0, static_cast<int32_t>(builtin * 8)});
  call_site(wasm_offset);
}

// --- Traps and other out-of-line parts

void MacroAssembler::trap(TrapCode code, uint32_t wasm_offset) {
  asm_.reserve();
  ud2(code, wasm_offset);
}

void MacroAssembler::trap_if(Cond cond, TrapCode code, uint32_t wasm_offset) {
  asm_.reserve();
  Deferred& part = defer(Deferred::Kind::trap, wasm_offset);
  part.trap = code;
  asm_.jcc(flag_of(cond), part.entry);
}

void MacroAssembler::check_interruption(uint32_t wasm_offset) {
  asm_.alu_rm(X86Alu::cmp, Width::w64, Gp::rsp, context(kVmStackLimit));
  Deferred& part = defer(Deferred::Kind::trap, wasm_offset);
  part.trap = TrapCode::interrupted;
  asm_.jcc(CondCode::be, part.entry);
}

void MacroAssembler::charge(uint64_t cost, uint32_t wasm_offset) {
  asm_.reserve();
  const Mem counter{kFuel, Gp::none, 0, 0};
  if (cost <= INT32_MAX) {
    asm_.alu_mi(X86Alu::sub, Width::w64, counter, static_cast<int32_t>(cost));
  } else {
    asm_.mov_ri(Width::w64, kScratch, static_cast<int64_t>(cost));
    asm_.alu_mr(X86Alu::sub, Width::w64, counter, kScratch);
  }
  trap_if(Cond::lt_u, TrapCode::out_of_fuel, wasm_offset);
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
  switch (part.kind) {
    case Deferred::Kind::trap: ud2(part.trap, part.wasm_offset); return;
    case Deferred::Kind::float_min_max: {
      PatchChain nan;
      asm_.jcc(CondCode::p,
               nan);  // equal: the zeros' signs decide, other equal values are the same bits
      asm_.logic_rrr(part.flag ? FloatLogic::and_ : FloatLogic::or_, xmm(part.d), xmm(part.a),
                     xmm(part.b));
      asm_.jmp_back(part.resume);
      asm_.bind(nan);
      asm_.float_rrr(FloatOp::add, part.float_width, xmm(part.d), xmm(part.a), xmm(part.b));
      asm_.jmp_back(part.resume);
      return;
    }
    case Deferred::Kind::rem_minus_one:
      asm_.zero(Gp::rdx);
      asm_.jmp_back(part.resume);
      return;
    case Deferred::Kind::trunc_signed:
    case Deferred::Kind::trunc_unsigned_32:
    case Deferred::Kind::trunc_unsigned_64: emit_trunc_slow(part); return;
    case Deferred::Kind::convert_u64: {
      // Halve, keeping the lowest bit as sticky so that rounding stays right, convert, double.
      PatchChain even;
      asm_.mov_rr(Width::w64, kScratch, gp(part.a));
      asm_.shift_ri(X86Shift::shr, Width::w64, kScratch, 1);
      asm_.jcc(CondCode::ae, even);
      asm_.alu_ri(X86Alu::or_, Width::w64, kScratch, 1);
      asm_.bind(even);
      asm_.int_to_float(Width::w64, part.float_width, xmm(part.d), kScratch);
      asm_.float_rrr(FloatOp::add, part.float_width, xmm(part.d), xmm(part.d), xmm(part.d));
      asm_.jmp_back(part.resume);
      return;
    }
    case Deferred::Kind::indirect_mismatch: {
      PatchChain mismatch;
      asm_.alu_mi(X86Alu::cmp, Width::w64, {kScratch, Gp::none, 0, offsetof(VmFuncRef, self)}, 0);
      asm_.jcc(CondCode::ne, mismatch);
      ud2(TrapCode::uninitialized_element, part.wasm_offset);
      asm_.bind(mismatch);
      ud2(TrapCode::indirect_call_type_mismatch, part.wasm_offset);
      return;
    }
    case Deferred::Kind::indirect_other_instance:
      enter_try_region(part.try_region);
      asm_.load(LoadKind::u64, kContext, {kScratch, Gp::none, 0, offsetof(VmFuncRef, context)});
      asm_.load(LoadKind::u64, kMemoryBase, context(kVmMemory0Base));
      asm_.call_m({kScratch, Gp::none, 0, offsetof(VmFuncRef, code)});
      call_site(part.wasm_offset);
      asm_.load(LoadKind::u64, kContext, {Gp::rbp, Gp::none, 0, -8});
      asm_.load(LoadKind::u64, kMemoryBase, context(kVmMemory0Base));
      asm_.jmp_back(part.resume);
      return;
  }
}

}  // namespace swoop::jit::x64

// Integer division of the MacroAssembler: by the machine's instructions, and by constants without
// them (jit/division.h).
#include "jit/division.h"

#include "jit/x64/macro_assembler.h"

#include <bit>

namespace swoop::jit::x64 {

void MacroAssembler::divide(DivOp op, Width w, Reg d, Reg a, Operand b, uint32_t wasm_offset) {
  asm_.reserve();
  Gp divisor = kScratch;
  bool may_be_minus_one = true;
  if (b.kind() == Operand::Kind::reg) {
    divisor = gp(b.reg());
    if (kDivideClobbers.has(b.reg())) {
      asm_.mov_rr(w, kScratch, divisor);
      divisor = kScratch;
    }
  } else if (b.kind() == Operand::Kind::slot) {
    asm_.load(w == Width::w64 ? LoadKind::u64 : LoadKind::u32, kScratch, mem(b.slot()));
  } else {
    DCHECK(b.kind() == Operand::Kind::imm);
    asm_.mov_ri(w, kScratch, b.imm());
    may_be_minus_one = b.imm() == -1;
  }
  if (gp(a) != Gp::rax) asm_.mov_rr(w, Gp::rax, gp(a));

  const uint8_t kind =
      static_cast<uint8_t>(CodeSite::kDivide | (w == Width::w64 ? 0x10 : 0) | x64::code(divisor));
  if (is_signed(op)) {
    Deferred* minus_one = nullptr;
    if (op == DivOp::rem_s && may_be_minus_one) {
      minus_one = &defer(Deferred::Kind::rem_minus_one, wasm_offset);
      asm_.alu_ri(X86Alu::cmp, w, divisor, -1);
      asm_.jcc(CondCode::e, minus_one->entry);
    }
    asm_.cdq(w);
    site(kind, wasm_offset);
    asm_.idiv(w, divisor);
    if (minus_one != nullptr) minus_one->resume = asm_.offset();
  } else {
    asm_.zero(Gp::rdx);
    site(kind, wasm_offset);
    asm_.div(w, divisor);
  }
  const Reg result = divide_result(op);
  if (d != result) asm_.mov_rr(w, gp(d), gp(result));
}

void MacroAssembler::divide_by_constant(DivOp op, Width w, Reg d, Reg a, uint64_t divisor) {
  asm_.reserve();
  if (w == Width::w32) divisor = static_cast<uint32_t>(divisor);
  bool negative = false;
  if (is_signed(op) && (divisor >> (bits(w) - 1)) != 0) {
    divisor = w == Width::w32 ? static_cast<uint32_t>(-divisor) : -divisor;
    negative = !is_remainder(op);
  }
  if (std::has_single_bit(divisor)) {
    const auto log = static_cast<unsigned>(std::countr_zero(divisor));
    divide_by_power(op, w, gp(d), gp(a), log, negative);
  } else if (w == Width::w32) {
    divide_32(op, gp(d), gp(a), divisor, negative);
  } else {
    divide_64(op, gp(d), gp(a), divisor, negative);
  }
}

/// d = a - b, where d is not b.
void MacroAssembler::subtract(Width w, Gp d, Gp a, Gp b) {
  if (d != a) asm_.mov_rr(w, d, a);
  asm_.alu_rr(X86Alu::sub, w, d, b);
}

/// Signed only. A shift rounds down, so negative dividends are made larger first.
void MacroAssembler::divide_by_power(DivOp op, Width w, Gp d, Gp a, unsigned log, bool negative) {
  const unsigned size = bits(w);
  if (log < 32) {
    asm_.lea(w, kScratch, {a, Gp::none, 0, static_cast<int32_t>((uint32_t{1} << log) - 1)});
    asm_.test_rr(w, a, a);
    asm_.cmov_rr(CondCode::ns, w, kScratch, a);
  } else {
    asm_.mov_rr(w, kScratch, a);
    asm_.shift_ri(X86Shift::sar, w, kScratch, size - 1);
    asm_.shift_ri(X86Shift::shr, w, kScratch, size - log);
    asm_.alu_rr(X86Alu::add, w, kScratch, a);
  }
  if (!is_remainder(op)) {
    asm_.shift_ri(X86Shift::sar, w, kScratch, log);
    if (negative) asm_.neg(w, kScratch);
    asm_.mov_rr(w, d, kScratch);
    return;
  }
  if (log < 32) {
    asm_.alu_ri(X86Alu::and_, w, kScratch, static_cast<int32_t>(-(int64_t{1} << log)));
  } else {
    asm_.shift_ri(X86Shift::shr, w, kScratch, log);
    asm_.shift_ri(X86Shift::shl, w, kScratch, log);
  }
  subtract(w, d, a, kScratch);
}

/// A 64-bit product has both halves, and its sum with a dividend no carry.
void MacroAssembler::divide_32(DivOp op, Gp d, Gp a, uint64_t magnitude, bool negative) {
  constexpr Width w64 = Width::w64;
  const bool with_sign = is_signed(op);
  const bool remainder = is_remainder(op);
  const DivisionPlan plan = with_sign ? plan_signed_division(Width::w32, magnitude)
                                      : plan_unsigned_division(Width::w32, magnitude);
  Gp q = kScratch;
  if (with_sign) {
    asm_.movsxd(q, a);
    asm_.imul_rri(w64, q, q, static_cast<int32_t>(plan.multiplier));
  } else {
    if (!remainder && (d != a || !plan.add)) q = d;
    if (plan.multiplier <= INT32_MAX) {
      asm_.imul_rri(w64, q, a, static_cast<int32_t>(plan.multiplier));
    } else {
      const Gp multiplier = q == a ? kScratch : q;
      asm_.mov_ri(w64, multiplier, static_cast<int64_t>(plan.multiplier));
      asm_.imul_rr(w64, q, q == a ? multiplier : a);
    }
  }
  const X86Shift shift = with_sign ? X86Shift::sar : X86Shift::shr;
  if (plan.add) {
    const Width sum = with_sign ? Width::w32 : w64;  // unsigned, it has 33 bits
    asm_.shift_ri(X86Shift::shr, w64, q, 32);
    asm_.alu_rr(X86Alu::add, sum, q, a);
    asm_.shift_ri(shift, sum, q, plan.shift);
  } else {
    asm_.shift_ri(shift, w64, q, 32 + plan.shift);
  }
  if (with_sign) {
    asm_.alu_ri(X86Alu::cmp, Width::w32, a, INT32_MIN);  // no borrow if negative: adds 1
    asm_.alu_ri(X86Alu::sbb, Width::w32, q, -1);
    if (negative) asm_.neg(Width::w32, q);
  }
  if (remainder) {
    asm_.imul_rri(Width::w32, q, q, static_cast<int32_t>(magnitude));
    subtract(Width::w32, d, a, q);
  } else if (d != q) {
    asm_.mov_rr(Width::w32, d, q);
  }
}

/// The quotient comes to be in rdx, with rax as scratch register. A remainder is not wanted in rdx.
void MacroAssembler::divide_64(DivOp op, Gp d, Gp a, uint64_t magnitude, bool negative) {
  constexpr Width w = Width::w64;
  constexpr Gp q = Gp::rdx;
  Gp x = a;
  if (a == Gp::rax || a == Gp::rdx) {
    asm_.mov_rr(w, kScratch, a);
    x = kScratch;
  }
  if (is_signed(op)) {
    const DivisionPlan plan = plan_signed_division(w, magnitude);
    asm_.mov_ri(w, Gp::rax, static_cast<int64_t>(plan.multiplier));
    asm_.imul(w, x);
    if (plan.add) asm_.alu_rr(X86Alu::add, w, q, x);
    if (plan.shift != 0) asm_.shift_ri(X86Shift::sar, w, q, plan.shift);
    asm_.mov_rr(w, Gp::rax, x);
    asm_.shift_ri(X86Shift::shr, w, Gp::rax, 63);
    asm_.alu_rr(X86Alu::add, w, q, Gp::rax);
    if (negative) asm_.neg(w, q);
  } else {
    const DivisionPlan plan = plan_unsigned_division(w, magnitude);
    if (plan.pre_shift != 0) {
      asm_.mov_rr(w, Gp::rax, x);
      asm_.shift_ri(X86Shift::shr, w, Gp::rax, plan.pre_shift);
      asm_.mov_ri(w, Gp::rdx, static_cast<int64_t>(plan.multiplier));
      asm_.mul(w, Gp::rdx);
    } else {
      asm_.mov_ri(w, Gp::rax, static_cast<int64_t>(plan.multiplier));
      asm_.mul(w, x);
    }
    unsigned shift = plan.shift;
    if (plan.add) {  // (x + q) / 2 = (x - q) / 2 + q, without the carry
      asm_.mov_rr(w, Gp::rax, x);
      asm_.alu_rr(X86Alu::sub, w, Gp::rax, q);
      asm_.shift_ri(X86Shift::shr, w, Gp::rax, 1);
      asm_.alu_rr(X86Alu::add, w, q, Gp::rax);
      --shift;
    }
    if (shift != 0) asm_.shift_ri(X86Shift::shr, w, q, shift);
  }
  if (!is_remainder(op)) {
    if (d != q) asm_.mov_rr(w, d, q);
    return;
  }
  if (magnitude <= INT32_MAX) {
    asm_.imul_rri(w, q, q, static_cast<int32_t>(magnitude));
  } else {
    asm_.mov_ri(w, Gp::rax, static_cast<int64_t>(magnitude));
    asm_.imul_rr(w, q, Gp::rax);
  }
  subtract(w, d, x, q);
}

}  // namespace swoop::jit::x64

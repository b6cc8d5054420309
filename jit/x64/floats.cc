// Float arithmetic and conversions of the MacroAssembler. What a machine instruction gets right for
// most operands is followed by code out of line for the others.
#include "jit/x64/macro_assembler.h"

#include <bit>

namespace swoop::jit::x64 {

namespace {

constexpr uint64_t sign_bit(FloatWidth w) {
  return w == FloatWidth::f32 ? uint64_t{1} << 31 : uint64_t{1} << 63;
}

}  // namespace

void MacroAssembler::use_constant(uint32_t field, uint64_t bits) {
  // A function rarely has more than a few constants; looking back a bounded distance keeps the
  // search linear.
  constexpr size_t kLookBack = 16;
  size_t i = pool_.size();
  const size_t stop = i > kLookBack ? i - kLookBack : 0;
  while (i > stop && pool_[i - 1].bits != bits) --i;
  if (i == stop) {
    pool_.push_back({bits, {}});
    i = pool_.size();
  }
  PatchChain& uses = pool_[i - 1].uses;
  asm_.patch32(field, uses.last);
  uses.last = field;
}

void MacroAssembler::float_binary(FloatOp op, FloatWidth w, Reg d, Reg a, Operand b) {
  asm_.reserve();
  if (op == FloatOp::min || op == FloatOp::max) {
    DCHECK(b.kind() == Operand::Kind::reg);
    // min and max of the machine treat NaN and zeros of both signs wrongly; ZF covers all three
    // cases.
    Deferred& slow = defer(Deferred::Kind::float_min_max, 0);
    slow.flag = op == FloatOp::max;
    slow.float_width = w;
    slow.d = d, slow.a = a, slow.b = b.reg();
    asm_.ucomis_rr(w, xmm(a), xmm(b.reg()));
    asm_.jcc(CondCode::e, slow.entry);
    asm_.float_rrr(op, w, xmm(d), xmm(a), xmm(b.reg()));
    slow.resume = asm_.offset();
    return;
  }
  switch (b.kind()) {
    case Operand::Kind::reg: asm_.float_rrr(op, w, xmm(d), xmm(a), xmm(b.reg())); return;
    case Operand::Kind::imm:
      use_constant(asm_.float_rrip(op, w, xmm(d), xmm(a)), static_cast<uint64_t>(b.imm()));
      return;
    case Operand::Kind::slot: asm_.float_rrm(op, w, xmm(d), xmm(a), mem(b.slot())); return;
    case Operand::Kind::memory: {
      const Mem at = guest(b.memory(), w == FloatWidth::f64 ? 8 : 4);
      if (!asm_.features().avx &&
          d != a) {  // or the row's own copy would come between the site and the access
        asm_.movaps(xmm(d), xmm(a));
        a = d;
      }
      memory_site(b.memory().wasm_offset);
      asm_.float_rrm(op, w, xmm(d), xmm(a), at);
      return;
    }
  }
}

void MacroAssembler::float_unary(FloatUnary op, FloatWidth w, Reg d, Reg a) {
  asm_.reserve();
  switch (op) {
    case FloatUnary::abs:
      use_constant(asm_.logic_rrip(FloatLogic::and_, xmm(d), xmm(a)), sign_bit(w) - 1);
      return;
    case FloatUnary::neg:
      use_constant(asm_.logic_rrip(FloatLogic::xor_, xmm(d), xmm(a)), sign_bit(w));
      return;
    case FloatUnary::sqrt: asm_.sqrt(w, xmm(d), xmm(a)); return;
    case FloatUnary::ceil: asm_.round(w, xmm(d), xmm(a), RoundMode::ceil); return;
    case FloatUnary::floor: asm_.round(w, xmm(d), xmm(a), RoundMode::floor); return;
    case FloatUnary::trunc: asm_.round(w, xmm(d), xmm(a), RoundMode::trunc); return;
    case FloatUnary::nearest: asm_.round(w, xmm(d), xmm(a), RoundMode::nearest); return;
  }
}

void MacroAssembler::float_copysign(FloatWidth w, Reg d, Reg a, Reg b) {
  asm_.reserve();
  use_constant(asm_.logic_rrip(FloatLogic::and_, kFpScratch, xmm(b)), sign_bit(w));
  use_constant(asm_.logic_rrip(FloatLogic::and_, xmm(d), xmm(a)), sign_bit(w) - 1);
  asm_.logic_rrr(FloatLogic::or_, xmm(d), xmm(d), kFpScratch);
}

void MacroAssembler::trunc(Width to, bool is_signed, FloatWidth from, Reg d, Reg a, bool saturating,
                           uint32_t wasm_offset) {
  asm_.reserve();
  const Deferred::Kind kind = is_signed          ? Deferred::Kind::trunc_signed
                              : to == Width::w32 ? Deferred::Kind::trunc_unsigned_32
                                                 : Deferred::Kind::trunc_unsigned_64;
  Deferred& slow = defer(kind, wasm_offset);
  slow.flag = saturating;
  slow.width = to;
  slow.float_width = from;
  slow.d = d, slow.a = a;
  if (is_signed) {  // the machine answers INT_MIN to everything out of range: the only value from
                    // which 1 overflows
    asm_.float_to_int_trunc(to, from, gp(d), xmm(a));
    asm_.alu_ri(X86Alu::cmp, to, gp(d), 1);
    asm_.jcc(CondCode::o, slow.entry);
  } else if (to == Width::w32) {
    asm_.float_to_int_trunc(Width::w64, from, gp(d), xmm(a));
    asm_.mov_rr(Width::w32, kScratch, gp(d));
    asm_.alu_rr(X86Alu::cmp, Width::w64, kScratch, gp(d));
    asm_.jcc(CondCode::ne, slow.entry);
  } else {
    asm_.float_to_int_trunc(Width::w64, from, gp(d), xmm(a));
    asm_.test_rr(Width::w64, gp(d), gp(d));
    asm_.jcc(CondCode::s, slow.entry);
  }
  slow.resume = asm_.offset();
}

void MacroAssembler::emit_trunc_slow(Deferred& part) {
  const FloatWidth fw = part.float_width;
  const Gp d = gp(part.d);
  const Xmm a = xmm(part.a);
  const bool wide = part.width == Width::w64;
  const auto float_bits = [fw](double value) -> uint64_t {
    return fw == FloatWidth::f32 ? std::bit_cast<uint32_t>(static_cast<float>(value))
                                 : std::bit_cast<uint64_t>(value);
  };
  PatchChain zero, overflow, invalid;
  const auto finish = [&](int64_t largest) {
    if (part.flag) {
      asm_.bind(overflow);
      asm_.mov_ri(part.width, d, largest);
      asm_.jmp_back(part.resume);
      asm_.bind(zero);
      asm_.bind(invalid);
      asm_.zero(d);
      asm_.jmp_back(part.resume);
    } else {
      asm_.bind(zero);
      asm_.bind(overflow);
      ud2(TrapCode::integer_overflow, part.wasm_offset);
      asm_.bind(invalid);
      ud2(TrapCode::invalid_conversion_to_integer, part.wasm_offset);
    }
  };

  asm_.ucomis_rr(fw, a, a);
  asm_.jcc(CondCode::p, invalid);
  if (part.kind == Deferred::Kind::trunc_signed) {
    if (!part.flag) {  // INT_MIN is right for -2^31 itself and, from f64, for the fractions just
                       // below
      const bool fractions = !wide && fw == FloatWidth::f64;
      load_float_bits(fw, kFpScratch,
                      float_bits(fractions ? -2147483649.0
                                 : wide    ? -0x1p63
                                           : -0x1p31));
      asm_.ucomis_rr(fw, a, kFpScratch);
      asm_.jcc(fractions ? CondCode::be : CondCode::b, overflow);
    }
    asm_.zero(kFpScratch);
    asm_.ucomis_rr(fw, a, kFpScratch);
    asm_.jcc_back(CondCode::b, part.resume);
    finish(wide ? INT64_MAX : INT32_MAX);
    return;
  }
  if (part.kind == Deferred::Kind::trunc_unsigned_64) {
    load_float_bits(fw, kFpScratch, float_bits(-0x1p63));
    asm_.float_rrr(FloatOp::add, fw, kFpScratch, kFpScratch, a);
    asm_.float_to_int_trunc(Width::w64, fw, d, kFpScratch);
    PatchChain out_of_range;
    asm_.test_rr(Width::w64, d, d);
    asm_.jcc(CondCode::s, out_of_range);
    asm_.mov_ri(Width::w64, kScratch, INT64_MIN);
    asm_.alu_rr(X86Alu::xor_, Width::w64, d, kScratch);
    asm_.jmp_back(part.resume);
    asm_.bind(out_of_range);
  }
  if (part.flag) {
    asm_.reserve();
    asm_.zero(kFpScratch);
    asm_.ucomis_rr(fw, a, kFpScratch);
    asm_.jcc(CondCode::b, zero);
  }
  finish(wide ? int64_t{-1} : int64_t{0xffffffff});
}

void MacroAssembler::convert(FloatWidth to, Width from, bool is_signed, Reg d, Reg a) {
  asm_.reserve();
  if (is_signed) {
    asm_.int_to_float(from, to, xmm(d), gp(a));
  } else if (from == Width::w32) {
    asm_.int_to_float(Width::w64, to, xmm(d), gp(a));
  } else {
    Deferred& slow = defer(Deferred::Kind::convert_u64, 0);
    slow.float_width = to;
    slow.d = d, slow.a = a;
    asm_.test_rr(Width::w64, gp(a), gp(a));
    asm_.jcc(CondCode::s, slow.entry);
    asm_.int_to_float(Width::w64, to, xmm(d), gp(a));
    slow.resume = asm_.offset();
  }
}

void MacroAssembler::reinterpret(MachineType type, Reg d, Reg a) {
  asm_.reserve();
  const Width w = type == MachineType::i32 || type == MachineType::f32 ? Width::w32 : Width::w64;
  if (is_float(type))
    asm_.mov_xg(w, xmm(d), gp(a));
  else
    asm_.mov_gx(w, gp(d), xmm(a));
}

}  // namespace swoop::jit::x64

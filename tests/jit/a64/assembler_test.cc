// Each form is compared with asmjit's encoding of the same instruction for all registers, address
// shapes and immediate edges, and with Capstone's reading of it: all registers where asmjit is
// wrong or lacks the instruction, one example of each form elsewhere.
#include "jit/a64/assembler.h"

#include "jit/disassemble.h"
#include "tests/jit/a64/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace swoop::jit::a64 {
namespace {

namespace a64 = asmjit::a64;
using Inst = asmjit::a64::Inst;
using asmjit::Imm;
using Generic = Assembler::Generic;

constexpr Width w32 = Width::w32, w64 = Width::w64;
constexpr FloatWidth f32 = FloatWidth::f32, f64 = FloatWidth::f64;
constexpr Width kWidths[] = {w32, w64};
constexpr FloatWidth kFloatWidths[] = {f32, f64};

Gp x(unsigned number) {
  return static_cast<Gp>(number);
}
Vec v(unsigned number) {
  return static_cast<Vec>(number);
}

/// x0 to x30, and zr.
std::vector<Gp> all_gp() {
  std::vector<Gp> out;
  for (unsigned i = 0; i < 32; ++i) out.push_back(x(i));
  return out;
}
/// x0 to x30, and sp.
std::vector<Gp> all_gp_sp() {
  std::vector<Gp> out = all_gp();
  out.back() = Gp::sp;
  return out;
}
std::vector<Vec> all_vec() {
  std::vector<Vec> out;
  for (unsigned i = 0; i < 32; ++i) out.push_back(v(i));
  return out;
}

/// Calls `f` with all pairs of numbers and, as the third, every number several times.
template <class F>
void for_triples(const F& f) {
  for (unsigned d = 0; d < 32; ++d) {
    for (unsigned a = 0; a < 32; ++a) f(d, a, (7 * d + 3 * a + 5) % 32);
  }
}

template <class F>
void for_conditions(const F& f) {
  for (uint8_t cc = 0; cc < 16; ++cc) f(static_cast<CondCode>(cc));
}

/// asmjit counts conditions from al.
Imm condition(CondCode cc) {
  return Imm((static_cast<unsigned>(cc) + 2) % 16);
}

a64::Gp gp(Width width, Gp reg) {
  return to_asmjit(width, reg);
}
a64::Gp gp32(Gp reg) {
  return to_asmjit(w32, reg);
}
a64::Gp gp64(Gp reg) {
  return to_asmjit(w64, reg);
}
a64::Vec fp(FloatWidth width, Vec reg) {
  return width == f64 ? a64::Vec(to_asmjit(reg).d()) : a64::Vec(to_asmjit(reg).s());
}

std::string text_of(std::span<const uint8_t> code) {
  std::string out;
  for (const Instruction& line : disassemble(code, Isa::a64)) {
    out += (out.empty() ? "" : "; ") + line.text;
  }
  return out;
}

/// Emits an instruction with a row, and compares it with asmjit's or Capstone's.
class Comparison {
 public:
  ~Comparison() {
    EXPECT_EQ(differences_, 0u);
    EXPECT_NE(comparisons_, 0u);
  }

  template <class EmitRow, class EmitReference>
  void same(const EmitRow& emit_row, const EmitReference& emit_reference) {
    emit(emit_row);
    reference_.reset();
    emit_reference(reference_.generic());
    const auto got = rows_.code(), expected = reference_.code();
    if (!std::ranges::equal(got, expected)) {
      report() << "is: " << text_of(got) << "\nasmjit: " << text_of(expected);
    }
  }

  template <class EmitRow>
  void reads(const EmitRow& emit_row, const std::string& expected) {
    emit(emit_row);
    const std::string got = text_of(rows_.code());
    if (got != expected) report() << "is: " << got << "\nnot: " << expected;
  }

 private:
  static constexpr uint8_t kUntouched = 0x5a;

  template <class EmitRow>
  void emit(const EmitRow& emit_row) {
    ++comparisons_;
    rows_.reset();
    rows_.reserve();
    rows_.bufferData()[kInstructionSize] = kUntouched;
    emit_row(rows_);
    if (rows_.code().size() != kInstructionSize ||
        rows_.bufferData()[kInstructionSize] != kUntouched) {
      report() << "not one instruction: " << text_of(rows_.code());
    }
  }

  /// One form that is wrong is wrong thousands of times; a few lines are enough.
  std::ostream& report() {
    static std::ostringstream discarded;
    return ++differences_ <= 5 ? std::cerr << "\n" : discarded;
  }

  Assembler rows_;
  Assembler reference_;
  size_t comparisons_ = 0;
  size_t differences_ = 0;
};

// How Capstone writes registers.
std::string w_name(Gp reg) {
  return reg == Gp::zr ? "wzr" : reg == Gp::sp ? "wsp" : "w" + std::to_string(code(reg));
}
std::string x_name(Gp reg) {
  return reg == Gp::zr ? "xzr" : reg == Gp::sp ? "sp" : "x" + std::to_string(code(reg));
}
std::string name(Width width, Gp reg) {
  return width == w64 ? x_name(reg) : w_name(reg);
}

// --- Integer

constexpr asmjit::InstId kArith[] = {Inst::kIdAdd, Inst::kIdAdds, Inst::kIdSub, Inst::kIdSubs};
constexpr asmjit::InstId kLogic[] = {Inst::kIdAnd, Inst::kIdBic, Inst::kIdOrr,  Inst::kIdOrn,
                                     Inst::kIdEor, Inst::kIdEon, Inst::kIdAnds, Inst::kIdBics};

asmjit::arm::Shift shift_of(Shift shift, unsigned amount) {
  switch (shift) {
    case Shift::lsl: return a64::lsl(amount);
    case Shift::lsr: return a64::lsr(amount);
    case Shift::asr: return a64::asr(amount);
    case Shift::ror: return a64::ror(amount);
  }
  return a64::lsl(0);
}

TEST(A64Assembler, EncodesThreeRegistersAsAsmjitDoes) {
  Comparison check;
  for_triples([&](unsigned nd, unsigned na, unsigned nb) {
    const Gp d = x(nd), a = x(na), b = x(nb);
    for (const Width w : kWidths) {
      const a64::Gp rd = gp(w, d), ra = gp(w, a), rb = gp(w, b);
      const auto same = [&](asmjit::InstId id, const auto& row) {
        check.same(row, [&](Generic& g) { g.emit(id, rd, ra, rb); });
      };
      for (unsigned op = 0; op < 4; ++op) {
        same(kArith[op], [&](Assembler& m) { m.arith_rrr(static_cast<Arith>(op), w, d, a, b); });
      }
      for (unsigned op = 0; op < 8; ++op) {
        same(kLogic[op], [&](Assembler& m) { m.logic_rrr(static_cast<Logic>(op), w, d, a, b); });
      }
      same(Inst::kIdLsl, [&](Assembler& m) { m.shift_rrr(Shift::lsl, w, d, a, b); });
      same(Inst::kIdLsr, [&](Assembler& m) { m.shift_rrr(Shift::lsr, w, d, a, b); });
      same(Inst::kIdAsr, [&](Assembler& m) { m.shift_rrr(Shift::asr, w, d, a, b); });
      same(Inst::kIdRor, [&](Assembler& m) { m.shift_rrr(Shift::ror, w, d, a, b); });
      same(Inst::kIdMul, [&](Assembler& m) { m.mul(w, d, a, b); });
      same(Inst::kIdAdc, [&](Assembler& m) { m.adc(w, d, a, b); });
      same(Inst::kIdSbc, [&](Assembler& m) { m.sbc(w, d, a, b); });
      same(Inst::kIdSdiv, [&](Assembler& m) { m.sdiv(w, d, a, b); });
      same(Inst::kIdUdiv, [&](Assembler& m) { m.udiv(w, d, a, b); });
      for (const unsigned nc : {0u, 17u, 31u}) {
        check.same([&](Assembler& m) { m.madd(w, d, a, b, x(nc)); },
                   [&](Generic& g) { g.madd(rd, ra, rb, gp(w, x(nc))); });
        check.same([&](Assembler& m) { m.msub(w, d, a, b, x(nc)); },
                   [&](Generic& g) { g.msub(rd, ra, rb, gp(w, x(nc))); });
      }
      for (const unsigned lsb : {0u, 1u, 15u, 31u, 32u, 63u}) {
        if (lsb >= bits(w)) continue;
        check.same([&](Assembler& m) { m.extr(w, d, a, b, lsb); },
                   [&](Generic& g) { g.extr(rd, ra, rb, lsb); });
      }
      for_conditions([&](CondCode cc) {
        constexpr asmjit::InstId kIds[] = {Inst::kIdCsel, Inst::kIdCsinc, Inst::kIdCsinv,
                                           Inst::kIdCsneg};
        for (unsigned op = 0; op < 4; ++op) {
          check.same([&](Assembler& m) { m.select_rrr(static_cast<Select>(op), cc, w, d, a, b); },
                     [&](Generic& g) { g.emit(kIds[op], rd, ra, rb, condition(cc)); });
        }
        check.same([&](Assembler& m) { m.csel(cc, w, d, a, b); },
                   [&](Generic& g) { g.csel(rd, ra, rb, condition(cc)); });
      });
    }
    const a64::Gp rd = gp64(d);
    check.same([&](Assembler& m) { m.smull(d, a, b); },
               [&](Generic& g) { g.smull(rd, gp32(a), gp32(b)); });
    check.same([&](Assembler& m) { m.umull(d, a, b); },
               [&](Generic& g) { g.umull(rd, gp32(a), gp32(b)); });
    check.same([&](Assembler& m) { m.smulh(d, a, b); },
               [&](Generic& g) { g.smulh(rd, gp64(a), gp64(b)); });
    check.same([&](Assembler& m) { m.umulh(d, a, b); },
               [&](Generic& g) { g.umulh(rd, gp64(a), gp64(b)); });
  });
}

TEST(A64Assembler, EncodesShiftedRegistersAsAsmjitDoes) {
  Comparison check;
  for_triples([&](unsigned nd, unsigned na, unsigned nb) {
    if ((nd + na) % 8 != 0 && nb != 31) return;
    const Gp d = x(nd), a = x(na), b = x(nb);
    for (const Width w : kWidths) {
      for (const Shift shift : {Shift::lsl, Shift::lsr, Shift::asr, Shift::ror}) {
        for (const unsigned amount : {1u, 2u, 15u, 16u, bits(w) / 2, bits(w) - 1}) {
          const Imm operand = Imm(shift_of(shift, amount));
          for (unsigned op = 0; op < 8; ++op) {
            check.same(
                [&](Assembler& m) {
                  m.logic_rrr(static_cast<Logic>(op), w, d, a, b, shift, amount);
                },
                [&](Generic& g) { g.emit(kLogic[op], gp(w, d), gp(w, a), gp(w, b), operand); });
          }
          if (shift == Shift::ror) continue;
          for (unsigned op = 0; op < 4; ++op) {
            check.same(
                [&](Assembler& m) {
                  m.arith_rrr(static_cast<Arith>(op), w, d, a, b, shift, amount);
                },
                [&](Generic& g) { g.emit(kArith[op], gp(w, d), gp(w, a), gp(w, b), operand); });
          }
          check.same([&](Assembler& m) { m.cmp_rr(w, a, b, shift, amount); },
                     [&](Generic& g) { g.cmp(gp(w, a), gp(w, b), operand); });
        }
      }
    }
  });
}

TEST(A64Assembler, EncodesRegisterPairsAsAsmjitDoes) {
  Comparison check;
  for (const Gp d : all_gp()) {
    for (const Gp s : all_gp()) {
      for (const Width w : kWidths) {
        const a64::Gp rd = gp(w, d), rs = gp(w, s);
        const auto same = [&](asmjit::InstId id, const auto& row) {
          check.same(row, [&](Generic& g) { g.emit(id, rd, rs); });
        };
        same(Inst::kIdMov, [&](Assembler& m) { m.mov_rr(w, d, s); });
        same(Inst::kIdMvn, [&](Assembler& m) { m.mvn(w, d, s); });
        same(Inst::kIdNeg, [&](Assembler& m) { m.neg(w, d, s); });
        same(Inst::kIdCmp, [&](Assembler& m) { m.cmp_rr(w, d, s); });
        same(Inst::kIdCmn, [&](Assembler& m) { m.cmn_rr(w, d, s); });
        same(Inst::kIdTst, [&](Assembler& m) { m.tst_rr(w, d, s); });
        same(Inst::kIdClz, [&](Assembler& m) { m.clz(w, d, s); });
        same(Inst::kIdRbit, [&](Assembler& m) { m.rbit(w, d, s); });
        same(Inst::kIdRev, [&](Assembler& m) { m.rev(w, d, s); });
        check.same([&](Assembler& m) { m.sxtb(w, d, s); },
                   [&](Generic& g) { g.sxtb(rd, gp32(s)); });
        check.same([&](Assembler& m) { m.sxth(w, d, s); },
                   [&](Generic& g) { g.sxth(rd, gp32(s)); });
        for (unsigned count = 0; count < bits(w); ++count) {
          if (count > 1 && count + 1 < bits(w) && (code(d) + code(s)) % 8 != 0) continue;
          const auto shift = [&](Shift kind, asmjit::InstId id) {
            check.same([&](Assembler& m) { m.shift_rri(kind, w, d, s, count); },
                       [&](Generic& g) { g.emit(id, rd, rs, Imm(count)); });
          };
          shift(Shift::lsl, Inst::kIdLsl);
          shift(Shift::lsr, Inst::kIdLsr);
          shift(Shift::asr, Inst::kIdAsr);
          shift(Shift::ror, Inst::kIdRor);
        }
        for (const unsigned nzcv : {0u, 1u, 4u, 8u, 15u}) {
          for_conditions([&](CondCode cc) {
            check.same([&](Assembler& m) { m.ccmp_rr(cc, w, d, s, nzcv); },
                       [&](Generic& g) { g.ccmp(rd, rs, nzcv, condition(cc)); });
            check.same([&](Assembler& m) { m.ccmn_rr(cc, w, d, s, nzcv); },
                       [&](Generic& g) { g.ccmn(rd, rs, nzcv, condition(cc)); });
          });
        }
      }
      check.same([&](Assembler& m) { m.sxtw(d, s); },
                 [&](Generic& g) { g.sxtw(gp64(d), gp32(s)); });
      check.same([&](Assembler& m) { m.uxtb(d, s); },
                 [&](Generic& g) { g.uxtb(gp32(d), gp32(s)); });
      check.same([&](Assembler& m) { m.uxth(d, s); },
                 [&](Generic& g) { g.uxth(gp32(d), gp32(s)); });
    }
  }
}

TEST(A64Assembler, EncodesBitFieldsAsAsmjitDoes) {
  Comparison check;
  for (const Width w : kWidths) {
    for (const unsigned number : {0u, 9u, 31u}) {
      const Gp d = x(number), s = x(31 - number);
      const a64::Gp rd = gp(w, d), rs = gp(w, s);
      for (unsigned lsb = 0; lsb < bits(w); ++lsb) {
        for (unsigned size = 1; lsb + size <= bits(w); ++size) {
          check.same([&](Assembler& m) { m.ubfx(w, d, s, lsb, size); },
                     [&](Generic& g) { g.ubfx(rd, rs, lsb, size); });
          check.same([&](Assembler& m) { m.sbfx(w, d, s, lsb, size); },
                     [&](Generic& g) { g.sbfx(rd, rs, lsb, size); });
          check.same([&](Assembler& m) { m.ubfiz(w, d, s, lsb, size); },
                     [&](Generic& g) { g.ubfiz(rd, rs, lsb, size); });
          check.same([&](Assembler& m) { m.bfi(w, d, s, lsb, size); },
                     [&](Generic& g) { g.bfi(rd, rs, lsb, size); });
        }
      }
    }
  }
}

TEST(A64Assembler, EncodesConditionalSetsAsAsmjitDoes) {
  Comparison check;
  for (const Gp r : all_gp()) {
    for (const Width w : kWidths) {
      for (uint8_t i = 0; i < 14; ++i) {
        const auto cc = static_cast<CondCode>(i);
        check.same([&](Assembler& m) { m.cset(cc, w, r); },
                   [&](Generic& g) { g.cset(gp(w, r), condition(cc)); });
        check.same([&](Assembler& m) { m.csetm(cc, w, r); },
                   [&](Generic& g) { g.csetm(gp(w, r), condition(cc)); });
        for (const unsigned value : {0u, 1u, 16u, 31u}) {
          for (const unsigned nzcv : {0u, 2u, 15u}) {
            check.same([&](Assembler& m) { m.ccmp_ri(cc, w, r, value, nzcv); },
                       [&](Generic& g) { g.ccmp(gp(w, r), value, nzcv, condition(cc)); });
            check.same([&](Assembler& m) { m.ccmn_ri(cc, w, r, value, nzcv); },
                       [&](Generic& g) { g.ccmn(gp(w, r), value, nzcv, condition(cc)); });
          }
        }
      }
    }
  }
}

constexpr uint32_t kArithImmediates[] = {0,      1,      2,        0x7ff,    0x800,   0xfff,
                                         0x1000, 0x2000, 0x7ff000, 0xfff000, 0x123000};

TEST(A64Assembler, EncodesAdditionsOfImmediatesAsAsmjitDoes) {
  Comparison check;
  for (const Gp d : all_gp_sp()) {
    for (const Gp a : all_gp_sp()) {
      for (const Width w : kWidths) {
        for (const uint32_t value : kArithImmediates) {
          const auto same = [&](Arith op, Gp destination) {
            check.same([&](Assembler& m) { m.arith_rri(op, w, destination, a, value); },
                       [&](Generic& g) {
                         const auto id = kArith[static_cast<unsigned>(op)];
                         if (value < 0x1000)
                           g.emit(id, gp(w, destination), gp(w, a), Imm(value));
                         else
                           g.emit(id, gp(w, destination), gp(w, a), Imm(value >> 12),
                                  Imm(a64::lsl(12)));
                       });
          };
          same(Arith::add, d);
          same(Arith::sub, d);
          same(Arith::adds, d == Gp::sp ? Gp::zr : d);
          same(Arith::subs, d == Gp::sp ? Gp::zr : d);
        }
      }
      if (d == Gp::sp || a == Gp::sp) {
        check.same([&](Assembler& m) { m.mov_sp(d, a); },
                   [&](Generic& g) { g.mov(gp64(d), gp64(a)); });
      }
    }
    for (const Width w : kWidths) {
      for (const uint32_t value : {0u, 1u, 4095u}) {
        check.same([&](Assembler& m) { m.cmp_ri(w, d, value); },
                   [&](Generic& g) { g.cmp(gp(w, d), value); });
        check.same([&](Assembler& m) { m.cmn_ri(w, d, value); },
                   [&](Generic& g) { g.cmn(gp(w, d), value); });
      }
    }
  }
}

TEST(A64Assembler, KnowsWhichImmediatesAdditionsTake) {
  for (const uint64_t value : {0u, 1u, 0xfffu, 0x1000u, 0xfff000u}) EXPECT_TRUE(fits_arith(value));
  for (const uint64_t value : {uint64_t{0x1001}, uint64_t{0x1fff}, uint64_t{0xfff001},
                               uint64_t{0x1000000}, uint64_t{1} << 32, ~uint64_t{0}}) {
    EXPECT_FALSE(fits_arith(value));
  }
}

TEST(A64Assembler, EncodesAdditionsOfExtendedRegisters) {
  if (!can_disassemble(Isa::a64)) GTEST_SKIP() << "built without Capstone";
  constexpr const char* kOps[] = {"add", "adds", "sub", "subs"};
  constexpr const char* kExtends[] = {"uxtb", "uxth", "uxtw", "uxtx",
                                      "sxtb", "sxth", "sxtw", "sxtx"};
  Comparison check;
  for_triples([&](unsigned nd, unsigned na, unsigned nb) {
    for (const Width w : kWidths) {
      for (unsigned extend = 0; extend < 8; ++extend) {
        for (unsigned op = 0; op < 4; ++op) {
          const bool sets = (op & 1) != 0;
          const Gp d = nd == 31 && !sets ? Gp::sp : x(nd), a = na == 31 ? Gp::sp : x(na), b = x(nb);
          const unsigned amount = (nd + na + extend) % 5;
          // The index is as wide as what is extended.
          const bool wide = w == w64 && (extend & 3) == 3;
          std::string text = kOps[op];
          if (d == Gp::zr)
            text = std::string(op == 1 ? "cmn " : "cmp ") + name(w, a);
          else
            text += " " + name(w, d) + ", " + name(w, a);
          text += ", " + (wide ? x_name(b) : w_name(b));
          const bool is_lsl = (d == Gp::sp || a == Gp::sp) && extend == (w == w64 ? 3u : 2u);
          if (!is_lsl || amount != 0) {
            text += std::string(", ") + (is_lsl ? "lsl" : kExtends[extend]);
            if (amount != 0) text += " #" + std::to_string(amount);
          }
          check.reads(
              [&](Assembler& m) {
                m.arith_rrx(static_cast<Arith>(op), w, d, a, b, static_cast<Extend>(extend),
                            amount);
              },
              text);
        }
      }
    }
  });
}

TEST(A64Assembler, ComparesExtendedRegisters) {
  Comparison check;
  for (const Gp a : all_gp_sp()) {
    for (const Gp b : all_gp()) {
      // asmjit wants an x register where the manual has a w register.
      check.same([&](Assembler& m) { m.cmp_rx(w64, a, b, Extend::uxtw, 2); },
                 [&](Generic& g) { g.cmp(gp64(a), gp64(b), Imm(a64::uxtw(2))); });
      check.same([&](Assembler& m) { m.arith_rrx(Arith::add, w64, x(3), a, b, Extend::sxtw); },
                 [&](Generic& g) { g.add(gp64(x(3)), gp64(a), gp64(b), Imm(a64::sxtw(0))); });
    }
  }
}

TEST(A64Assembler, EncodesLogicImmediatesAsAsmjitDoes) {
  constexpr Logic kOps[] = {Logic::and_, Logic::orr, Logic::eor, Logic::ands};
  Comparison check;
  for (const Width w : kWidths) {
    for (const Logic op : kOps) {
      const auto id = kLogic[static_cast<unsigned>(op)];
      const auto same = [&](Gp d, Gp a, uint64_t value) {
        check.same([&](Assembler& m) { m.logic_rri(op, w, d, a, *logic_imm(w, value)); },
                   [&](Generic& g) { g.emit(id, gp(w, d), gp(w, a), Imm(value)); });
      };
      unsigned n = 0;
      for (const uint64_t value : logic_immediates(w)) {
        same(x(n % 31), x((n + 1) % 31), value);
        ++n;
      }
      for (const Gp d : op == Logic::ands ? all_gp() : all_gp_sp()) {
        for (const Gp a : all_gp()) same(d, a, 0xf0);
      }
    }
    for (const Gp a : all_gp()) {
      check.same([&](Assembler& m) { m.tst_ri(w, a, *logic_imm(w, 0x80)); },
                 [&](Generic& g) { g.tst(gp(w, a), 0x80); });
    }
  }
}

TEST(A64Assembler, EncodesWideMovesAsAsmjitDoes) {
  Comparison check;
  for (const Gp d : all_gp()) {
    for (const Width w : kWidths) {
      for (const unsigned value : {0u, 1u, 0x1234u, 0x8000u, 0xffffu}) {
        const auto imm = static_cast<uint16_t>(value);
        for (unsigned shift = 0; shift < bits(w); shift += 16) {
          check.same([&](Assembler& m) { m.movz(w, d, imm, shift); },
                     [&](Generic& g) { g.movz(gp(w, d), imm, shift); });
          check.same([&](Assembler& m) { m.movn(w, d, imm, shift); },
                     [&](Generic& g) { g.movn(gp(w, d), imm, shift); });
          check.same([&](Assembler& m) { m.movk(w, d, imm, shift); },
                     [&](Generic& g) { g.movk(gp(w, d), imm, shift); });
        }
      }
    }
  }
}

// --- Loads and stores

struct Access {
  LoadKind kind;
  asmjit::InstId scaled, unscaled;
  Width width;
  unsigned size_log2;
};
constexpr Access kLoadForms[] = {
    {LoadKind::u8, Inst::kIdLdrb, Inst::kIdLdurb, w32, 0},
    {LoadKind::u16, Inst::kIdLdrh, Inst::kIdLdurh, w32, 1},
    {LoadKind::u32, Inst::kIdLdr, Inst::kIdLdur, w32, 2},
    {LoadKind::u64, Inst::kIdLdr, Inst::kIdLdur, w64, 3},
    {LoadKind::s8_32, Inst::kIdLdrsb, Inst::kIdLdursb, w32, 0},
    {LoadKind::s16_32, Inst::kIdLdrsh, Inst::kIdLdursh, w32, 1},
    {LoadKind::s8_64, Inst::kIdLdrsb, Inst::kIdLdursb, w64, 0},
    {LoadKind::s16_64, Inst::kIdLdrsh, Inst::kIdLdursh, w64, 1},
    {LoadKind::s32_64, Inst::kIdLdrsw, Inst::kIdLdursw, w64, 2},
};
constexpr Access kStoreForms[] = {
    {LoadKind::u8, Inst::kIdStrb, Inst::kIdSturb, w32, 0},
    {LoadKind::u16, Inst::kIdStrh, Inst::kIdSturh, w32, 1},
    {LoadKind::u32, Inst::kIdStr, Inst::kIdStur, w32, 2},
    {LoadKind::u64, Inst::kIdStr, Inst::kIdStur, w64, 3},
};

/// Checks all rows with `mem` as the rows know it and `operand` as asmjit does. `written`: the
/// register that must not be the data.
template <class M>
void check_accesses(Comparison& check, unsigned data, unsigned size_log2, const M& mem,
                    const a64::Mem& operand, bool unscaled, Gp written = Gp::zr) {
  const Gp r = x(data);
  const bool usable = r == Gp::zr || r != written;
  for (const Access& form : kLoadForms) {
    if (form.size_log2 != size_log2 || !usable) continue;
    // asmjit swaps the widths of ldrsb and ldrsh when they write their base.
    const bool swapped = !std::same_as<M, Mem> && !std::same_as<M, MemIndexed> &&
                         form.kind >= LoadKind::s8_32 && form.kind <= LoadKind::s16_64;
    const Width width = swapped ? (form.width == w64 ? w32 : w64) : form.width;
    check.same(
        [&](Assembler& m) { m.load(form.kind, r, mem); },
        [&](Generic& g) { g.emit(unscaled ? form.unscaled : form.scaled, gp(width, r), operand); });
  }
  for (const Access& form : kStoreForms) {
    if (form.size_log2 != size_log2 || !usable) continue;
    check.same([&](Assembler& m) { m.store(size_log2, mem, r); },
               [&](Generic& g) {
                 g.emit(unscaled ? form.unscaled : form.scaled, gp(form.width, r), operand);
               });
  }
  const Vec q = v(data);
  const auto load = unscaled ? Inst::kIdLdur_v : Inst::kIdLdr_v;
  const auto store = unscaled ? Inst::kIdStur_v : Inst::kIdStr_v;
  for (const FloatWidth w : kFloatWidths) {
    if (size_log2 != (w == f64 ? 3u : 2u)) continue;
    check.same([&](Assembler& m) { m.load_float(w, q, mem); },
               [&](Generic& g) { g.emit(load, fp(w, q), operand); });
    check.same([&](Assembler& m) { m.store_float(w, mem, q); },
               [&](Generic& g) { g.emit(store, fp(w, q), operand); });
  }
  if (size_log2 == 4) {
    check.same([&](Assembler& m) { m.load_v128(q, mem); },
               [&](Generic& g) { g.emit(load, to_asmjit(q).q(), operand); });
    check.same([&](Assembler& m) { m.store_v128(mem, q); },
               [&](Generic& g) { g.emit(store, to_asmjit(q).q(), operand); });
  }
}

TEST(A64Assembler, EncodesOffsetsOfAccessesAsAsmjitDoes) {
  Comparison check;
  for (unsigned size_log2 = 0; size_log2 <= 4; ++size_log2) {
    const int32_t size = 1 << size_log2;
    for (const Gp base : all_gp_sp()) {
      for (unsigned data = 0; data < 32; ++data) {
        if (data % 5 != 0 && code_sp(base) % 4 != 0) continue;
        for (const int32_t offset : {0, size, 2 * size, 256 * size, 2048 * size, 4095 * size}) {
          EXPECT_TRUE(fits_offset(offset, size_log2));
          check_accesses(check, data, size_log2, Mem{base, offset}, a64::ptr(gp64(base), offset),
                         false);
        }
        for (const int32_t offset :
             {-1, -8, -255, -256, size == 1 ? -2 : 1, size == 1 ? -3 : 255}) {
          EXPECT_TRUE(fits_offset(offset, size_log2));
          check_accesses(check, data, size_log2, Mem{base, offset}, a64::ptr(gp64(base), offset),
                         true);
        }
      }
    }
    EXPECT_FALSE(fits_offset(4096 * size, size_log2));
    EXPECT_FALSE(fits_offset(-257, size_log2));
    if (size != 1) {
      EXPECT_FALSE(fits_offset(256 + size / 2, size_log2));
    }
    EXPECT_FALSE(fits_offset(int64_t{1} << 32, size_log2));
  }
}

TEST(A64Assembler, EncodesIndexedAccessesAsAsmjitDoes) {
  Comparison check;
  for (unsigned size_log2 = 0; size_log2 <= 4; ++size_log2) {
    for_triples([&](unsigned data, unsigned nb, unsigned ni) {
      const Gp base = nb == 31 ? Gp::sp : x(nb), index = x(ni);
      for (const bool scaled : {false, true}) {
        // For bytes asmjit cannot say that the amount of 0 is written out.
        if (scaled && size_log2 == 0) continue;
        const unsigned amount = scaled ? size_log2 : 0;
        const auto same = [&](Extend extend, const a64::Mem& operand) {
          check_accesses(check, data, size_log2, MemIndexed{base, index, extend, scaled}, operand,
                         false);
        };
        same(Extend::uxtw, a64::ptr(gp64(base), gp32(index), a64::uxtw(amount)));
        same(Extend::sxtw, a64::ptr(gp64(base), gp32(index), a64::sxtw(amount)));
        same(Extend::uxtx, a64::ptr(gp64(base), gp64(index), a64::lsl(amount)));
        same(Extend::sxtx, a64::ptr(gp64(base), gp64(index), a64::sxtx(amount)));
      }
    });
  }
}

TEST(A64Assembler, EncodesWriteBackAsAsmjitDoes) {
  Comparison check;
  for (unsigned size_log2 = 0; size_log2 <= 4; ++size_log2) {
    for (const Gp base : all_gp_sp()) {
      for (unsigned data = 0; data < 32; ++data) {
        for (const int32_t offset : {0, 1, -1, 16, -16, 255, -256}) {
          check_accesses(check, data, size_log2, MemPre{base, offset},
                         a64::ptr_pre(gp64(base), offset), false, base);
          check_accesses(check, data, size_log2, MemPost{base, offset},
                         a64::ptr_post(gp64(base), offset), false, base);
        }
      }
    }
  }
}

template <class M>
void check_pairs(Comparison& check, unsigned na, unsigned nb, unsigned size_log2, const M& mem,
                 const a64::Mem& operand, Gp written = Gp::zr) {
  const Gp a = x(na), b = x(nb);
  if (size_log2 <= 3 && (a == Gp::zr || a != written) && (b == Gp::zr || b != written)) {
    const Width w = size_log2 == 3 ? w64 : w32;
    check.same([&](Assembler& m) { m.stp(w, a, b, mem); },
               [&](Generic& g) { g.stp(gp(w, a), gp(w, b), operand); });
    if (a != b) {
      check.same([&](Assembler& m) { m.ldp(w, a, b, mem); },
                 [&](Generic& g) { g.ldp(gp(w, a), gp(w, b), operand); });
    }
  }
  const Vec va = v(na), vb = v(nb);
  const auto store = [&](Assembler& m) {
    if (size_log2 == 4)
      m.stp_v128(va, vb, mem);
    else
      m.stp(size_log2 == 3 ? f64 : f32, va, vb, mem);
  };
  const auto load = [&](Assembler& m) {
    if (size_log2 == 4)
      m.ldp_v128(va, vb, mem);
    else
      m.ldp(size_log2 == 3 ? f64 : f32, va, vb, mem);
  };
  const auto vec = [&](Vec r) {
    return size_log2 == 4 ? a64::Vec(to_asmjit(r).q()) : fp(size_log2 == 3 ? f64 : f32, r);
  };
  check.same(store, [&](Generic& g) { g.stp(vec(va), vec(vb), operand); });
  if (va != vb) check.same(load, [&](Generic& g) { g.ldp(vec(va), vec(vb), operand); });
}

TEST(A64Assembler, EncodesPairsAsAsmjitDoes) {
  Comparison check;
  for (unsigned size_log2 = 2; size_log2 <= 4; ++size_log2) {
    const int32_t size = 1 << size_log2;
    for_triples([&](unsigned na, unsigned nb, unsigned nbase) {
      const Gp base = nbase == 31 ? Gp::sp : x(nbase);
      for (const int32_t offset : {0, size, -size, 63 * size, -64 * size}) {
        EXPECT_TRUE(fits_pair(offset, size_log2));
        const a64::Gp b = gp64(base);
        check_pairs(check, na, nb, size_log2, Mem{base, offset}, a64::ptr(b, offset));
        if (offset == 0) continue;  // asmjit then does not write the base
        check_pairs(check, na, nb, size_log2, MemPre{base, offset}, a64::ptr_pre(b, offset), base);
        check_pairs(check, na, nb, size_log2, MemPost{base, offset}, a64::ptr_post(b, offset),
                    base);
      }
    });
    EXPECT_FALSE(fits_pair(64 * size, size_log2));
    EXPECT_FALSE(fits_pair(-65 * size, size_log2));
    EXPECT_FALSE(fits_pair(size / 2, size_log2));
  }
}

// --- Float

constexpr asmjit::InstId kFloatOps[] = {Inst::kIdFadd_v, Inst::kIdFsub_v, Inst::kIdFmul_v,
                                        Inst::kIdFdiv_v, Inst::kIdFmin_v, Inst::kIdFmax_v};
constexpr asmjit::InstId kFloatUnaries[] = {Inst::kIdFmov_v, Inst::kIdFabs_v, Inst::kIdFneg_v,
                                            Inst::kIdFsqrt_v};
constexpr asmjit::InstId kRounds[] = {Inst::kIdFrintn_v, Inst::kIdFrintp_v, Inst::kIdFrintm_v,
                                      Inst::kIdFrintz_v};
constexpr asmjit::InstId kVecLogics[] = {Inst::kIdAnd_v, Inst::kIdBic_v, Inst::kIdOrr_v,
                                         Inst::kIdOrn_v, Inst::kIdEor_v, Inst::kIdBsl_v,
                                         Inst::kIdBit_v, Inst::kIdBif_v};

TEST(A64Assembler, EncodesThreeFloatRegistersAsAsmjitDoes) {
  Comparison check;
  for_triples([&](unsigned nd, unsigned na, unsigned nb) {
    const Vec d = v(nd), a = v(na), b = v(nb);
    for (const FloatWidth w : kFloatWidths) {
      for (unsigned op = 0; op < 6; ++op) {
        check.same([&](Assembler& m) { m.float_rrr(static_cast<FloatOp>(op), w, d, a, b); },
                   [&](Generic& g) { g.emit(kFloatOps[op], fp(w, d), fp(w, a), fp(w, b)); });
      }
      for_conditions([&](CondCode cc) {
        check.same([&](Assembler& m) { m.fcsel(cc, w, d, a, b); },
                   [&](Generic& g) { g.fcsel(fp(w, d), fp(w, a), fp(w, b), condition(cc)); });
      });
    }
    for (unsigned op = 0; op < 8; ++op) {
      const auto logic = static_cast<VecLogic>(op);
      check.same([&](Assembler& m) { m.vec_logic(logic, d, a, b); },
                 [&](Generic& g) {
                   g.emit(kVecLogics[op], to_asmjit(d).b8(), to_asmjit(a).b8(), to_asmjit(b).b8());
                 });
      check.same([&](Assembler& m) { m.vec_logic_128(logic, d, a, b); },
                 [&](Generic& g) {
                   g.emit(kVecLogics[op], to_asmjit(d).b16(), to_asmjit(a).b16(),
                          to_asmjit(b).b16());
                 });
    }
  });
}

TEST(A64Assembler, EncodesTwoFloatRegistersAsAsmjitDoes) {
  Comparison check;
  for (const Vec d : all_vec()) {
    for (const Vec s : all_vec()) {
      const a64::Vec vd = to_asmjit(d), vs = to_asmjit(s);
      for (const FloatWidth w : kFloatWidths) {
        for (unsigned op = 0; op < 4; ++op) {
          check.same([&](Assembler& m) { m.float_rr(static_cast<FloatUnaryRow>(op), w, d, s); },
                     [&](Generic& g) { g.emit(kFloatUnaries[op], fp(w, d), fp(w, s)); });
          check.same([&](Assembler& m) { m.round(w, d, s, static_cast<RoundMode>(op)); },
                     [&](Generic& g) { g.emit(kRounds[op], fp(w, d), fp(w, s)); });
        }
        check.same([&](Assembler& m) { m.fmov(w, d, s); },
                   [&](Generic& g) { g.fmov(fp(w, d), fp(w, s)); });
        check.same([&](Assembler& m) { m.fabs(w, d, s); },
                   [&](Generic& g) { g.fabs(fp(w, d), fp(w, s)); });
        check.same([&](Assembler& m) { m.fneg(w, d, s); },
                   [&](Generic& g) { g.fneg(fp(w, d), fp(w, s)); });
        check.same([&](Assembler& m) { m.fsqrt(w, d, s); },
                   [&](Generic& g) { g.fsqrt(fp(w, d), fp(w, s)); });
        check.same([&](Assembler& m) { m.fcmp_rr(w, d, s); },
                   [&](Generic& g) { g.fcmp(fp(w, d), fp(w, s)); });
        const unsigned size = w == f64 ? 64 : 32;
        const a64::Vec lanes_d = w == f64 ? a64::Vec(vd.d()) : a64::Vec(vd.s2());
        const a64::Vec lanes_s = w == f64 ? a64::Vec(vs.d()) : a64::Vec(vs.s2());
        for (const unsigned count : {0u, 1u, 7u, size / 2, size - 1, size}) {
          // asmjit refuses shifts of 64 bits by 64.
          if (count != 0 && count != 64) {
            check.same([&](Assembler& m) { m.vec_shift(VecShift::ushr, w, d, s, count); },
                       [&](Generic& g) { g.ushr(lanes_d, lanes_s, count); });
            check.same([&](Assembler& m) { m.vec_shift(VecShift::sshr, w, d, s, count); },
                       [&](Generic& g) { g.sshr(lanes_d, lanes_s, count); });
          }
          if (count != size) {
            check.same([&](Assembler& m) { m.vec_shift(VecShift::shl, w, d, s, count); },
                       [&](Generic& g) { g.shl(lanes_d, lanes_s, count); });
            check.same([&](Assembler& m) { m.vec_shift(VecShift::sli, w, d, s, count); },
                       [&](Generic& g) { g.sli(lanes_d, lanes_s, count); });
          }
        }
      }
      check.same([&](Assembler& m) { m.f32_to_f64(d, s); },
                 [&](Generic& g) { g.fcvt(vd.d(), vs.s()); });
      check.same([&](Assembler& m) { m.f64_to_f32(d, s); },
                 [&](Generic& g) { g.fcvt(vd.s(), vs.d()); });
      check.same([&](Assembler& m) { m.mov_v128(d, s); },
                 [&](Generic& g) { g.mov(vd.b16(), vs.b16()); });
      check.same([&](Assembler& m) { m.cnt_8b(d, s); },
                 [&](Generic& g) { g.cnt(vd.b8(), vs.b8()); });
      check.same([&](Assembler& m) { m.addv_8b(d, s); },
                 [&](Generic& g) { g.addv(vd.b(), vs.b8()); });
    }
  }
}

TEST(A64Assembler, EncodesConversionsAsAsmjitDoes) {
  Comparison check;
  for (const Gp r : all_gp()) {
    for (const Vec s : all_vec()) {
      for (const Width w : kWidths) {
        const a64::Gp reg = gp(w, r);
        for (const FloatWidth f : kFloatWidths) {
          const a64::Vec vec = fp(f, s);
          check.same([&](Assembler& m) { m.float_to_int(true, w, f, r, s); },
                     [&](Generic& g) { g.fcvtzs(reg, vec); });
          check.same([&](Assembler& m) { m.float_to_int(false, w, f, r, s); },
                     [&](Generic& g) { g.fcvtzu(reg, vec); });
          check.same([&](Assembler& m) { m.int_to_float(true, w, f, s, r); },
                     [&](Generic& g) { g.scvtf(vec, reg); });
          check.same([&](Assembler& m) { m.int_to_float(false, w, f, s, r); },
                     [&](Generic& g) { g.ucvtf(vec, reg); });
        }
        const a64::Vec vec = fp(w == w64 ? f64 : f32, s);
        check.same([&](Assembler& m) { m.fmov_vg(w, s, r); },
                   [&](Generic& g) { g.fmov(vec, reg); });
        check.same([&](Assembler& m) { m.fmov_gv(w, r, s); },
                   [&](Generic& g) { g.fmov(reg, vec); });
      }
      if (!can_disassemble(Isa::a64)) continue;
      const std::string upper = "v" + std::to_string(code(s)) + ".d[1]";
      check.reads([&](Assembler& m) { m.fmov_upper_vg(s, r); }, "fmov " + upper + ", " + x_name(r));
      check.reads([&](Assembler& m) { m.fmov_upper_gv(r, s); }, "fmov " + x_name(r) + ", " + upper);
    }
  }
}

/// The float that fmov makes of an 8-bit immediate: VFPExpandImm of the manual.
double expand_float_imm(uint8_t imm) {
  const double magnitude = (16 + (imm & 15)) / 16.0;
  const int exponent = ((imm >> 4 & 7) ^ 4) - 3;
  const double value = std::ldexp(magnitude, exponent);
  return (imm & 0x80) != 0 ? -value : value;
}

TEST(A64Assembler, EncodesAllFloatImmediates) {
  Comparison check;
  std::set<uint64_t> doubles;
  std::set<uint32_t> floats;
  for (unsigned i = 0; i < 256; ++i) {
    const auto imm = static_cast<uint8_t>(i);
    const double value = expand_float_imm(imm);
    const auto wide = std::bit_cast<uint64_t>(value);
    const auto narrow = std::bit_cast<uint32_t>(static_cast<float>(value));
    EXPECT_EQ(float_imm(f64, wide), imm) << value;
    EXPECT_EQ(float_imm(f32, narrow), imm) << value;
    doubles.insert(wide);
    floats.insert(narrow);
    for (const FloatWidth w : kFloatWidths) {
      for (const Vec d : all_vec()) {
        check.same([&](Assembler& m) { m.fmov_ri(w, d, imm); },
                   [&](Generic& g) { g.fmov(fp(w, d), value); });
      }
    }
  }
  // Others, among them those one bit away, are refused.
  for (const uint64_t value : doubles) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      const uint64_t other = value ^ uint64_t { 1 } << bit;
      EXPECT_EQ(float_imm(f64, other).has_value(), doubles.contains(other)) << std::hex << other;
    }
  }
  for (const uint32_t value : floats) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      const uint32_t other = value ^ uint32_t { 1 } << bit;
      EXPECT_EQ(float_imm(f32, other).has_value(), floats.contains(other)) << std::hex << other;
    }
  }
  EXPECT_FALSE(float_imm(f64, 0));
  EXPECT_FALSE(float_imm(f32, 0));
}

TEST(A64Assembler, EncodesVectorConstantsAsAsmjitDoes) {
  Comparison check;
  for (const Vec d : all_vec()) {
    check.same([&](Assembler& m) { m.zero(d); }, [&](Generic& g) { g.movi(to_asmjit(d).d2(), 0); });
    check.same([&](Assembler& m) { m.fcmp_zero(f32, d); },
               [&](Generic& g) { g.fcmp(to_asmjit(d).s(), 0.0); });
    check.same([&](Assembler& m) { m.fcmp_zero(f64, d); },
               [&](Generic& g) { g.fcmp(to_asmjit(d).d(), 0.0); });
    for (unsigned i = 0; i < 256; ++i) {
      const auto imm = static_cast<uint8_t>(i);
      uint64_t value = 0;
      for (unsigned bit = 0; bit < 8; ++bit) {
        if ((i >> bit & 1) != 0) value |= uint64_t{0xff} << 8 * bit;
      }
      EXPECT_EQ(byte_mask(value), imm);
      EXPECT_FALSE(byte_mask(value ^ 2));
      EXPECT_FALSE(byte_mask(value ^ uint64_t{1} << 56));
      check.same([&](Assembler& m) { m.movi_bytes(d, imm); },
                 [&](Generic& g) { g.movi(to_asmjit(d).d(), value); });
      if (!can_disassemble(Isa::a64)) continue;
      for (const unsigned shift : {0u, 8u, 16u, 24u}) {
        std::ostringstream text;
        text << "movi v" << code(d) << ".2s, #" << (i > 0 ? "0x" : "") << std::hex << i;
        if (shift != 0) text << ", lsl #" << std::dec << shift;
        check.reads([&](Assembler& m) { m.movi_2s(d, imm, shift); }, text.str());
      }
    }
  }
}

// --- Atomics

TEST(A64Assembler, EncodesAtomicsOfLseAsAsmjitDoes) {
  // By AtomicOp, then by size.
  constexpr asmjit::InstId kIds[5][4] = {
      {Inst::kIdLdaddalb, Inst::kIdLdaddalh, Inst::kIdLdaddal, Inst::kIdLdaddal},
      {Inst::kIdLdclralb, Inst::kIdLdclralh, Inst::kIdLdclral, Inst::kIdLdclral},
      {Inst::kIdLdeoralb, Inst::kIdLdeoralh, Inst::kIdLdeoral, Inst::kIdLdeoral},
      {Inst::kIdLdsetalb, Inst::kIdLdsetalh, Inst::kIdLdsetal, Inst::kIdLdsetal},
      {Inst::kIdSwpalb, Inst::kIdSwpalh, Inst::kIdSwpal, Inst::kIdSwpal}};
  constexpr asmjit::InstId kCas[] = {Inst::kIdCasalb, Inst::kIdCasalh, Inst::kIdCasal,
                                     Inst::kIdCasal};
  Comparison check;
  for_triples([&](unsigned nd, unsigned ns, unsigned nbase) {
    const Gp d = x(nd), s = x(ns), base = nbase == 31 ? Gp::sp : x(nbase);
    for (unsigned size_log2 = 0; size_log2 < 4; ++size_log2) {
      const Width w = size_log2 == 3 ? w64 : w32;
      for (unsigned op = 0; op < 5; ++op) {
        check.same(
            [&](Assembler& m) { m.atomic_rmw(static_cast<AtomicOp>(op), size_log2, d, s, base); },
            [&](Generic& g) {
              g.emit(kIds[op][size_log2], gp(w, s), gp(w, d), a64::ptr(gp64(base)));
            });
      }
      check.same(
          [&](Assembler& m) { m.casal(size_log2, d, s, base); },
          [&](Generic& g) { g.emit(kCas[size_log2], gp(w, d), gp(w, s), a64::ptr(gp64(base))); });
    }
  });
}

TEST(A64Assembler, EncodesOrderedAccesses) {
  if (!can_disassemble(Isa::a64)) GTEST_SKIP() << "built without Capstone";
  constexpr const char* kSuffixes[] = {"b ", "h ", " ", " "};
  Comparison check;
  for_triples([&](unsigned nstatus, unsigned nr, unsigned nbase) {
    const Gp status = x(nstatus), r = x(nr), base = nbase == 31 ? Gp::sp : x(nbase);
    for (unsigned size_log2 = 0; size_log2 < 4; ++size_log2) {
      const Width w = size_log2 == 3 ? w64 : w32;
      const std::string suffix = kSuffixes[size_log2];
      const std::string operands = name(w, r) + ", [" + x_name(base) + "]";
      check.reads([&](Assembler& m) { m.ldar(size_log2, r, base); }, "ldar" + suffix + operands);
      check.reads([&](Assembler& m) { m.stlr(size_log2, r, base); }, "stlr" + suffix + operands);
      check.reads([&](Assembler& m) { m.ldaxr(size_log2, r, base); }, "ldaxr" + suffix + operands);
      if (status == r || status == base) continue;
      check.reads([&](Assembler& m) { m.stlxr(size_log2, status, r, base); },
                  "stlxr" + suffix + w_name(status) + ", " + operands);
    }
  });
}

// --- Control

TEST(A64Assembler, EncodesJumpsToRegistersAsAsmjitDoes) {
  Comparison check;
  for (const Gp r : all_gp()) {
    check.same([&](Assembler& m) { m.br(r); }, [&](Generic& g) { g.br(gp64(r)); });
    check.same([&](Assembler& m) { m.blr(r); }, [&](Generic& g) { g.blr(gp64(r)); });
    check.same([&](Assembler& m) { m.ret(r); }, [&](Generic& g) { g.ret(gp64(r)); });
  }
  check.same([](Assembler& m) { m.ret(); }, [](Generic& g) { g.ret(a64::x30); });
}

TEST(A64Assembler, EncodesSystemInstructionsAsAsmjitDoes) {
  Comparison check;
  for (const unsigned value : {0u, 1u, 0x1234u, 0xffffu}) {
    const auto number = static_cast<uint16_t>(value);
    check.same([&](Assembler& m) { m.brk(number); }, [&](Generic& g) { g.brk(number); });
    check.same([&](Assembler& m) { m.udf(number); }, [&](Generic& g) { g.udf(number); });
  }
  for (const Hint hint : {Hint::nop, Hint::yield, Hint::csdb, Hint::paciasp, Hint::autiasp,
                          Hint::bti, Hint::bti_c, Hint::bti_j, Hint::bti_jc}) {
    check.same([&](Assembler& m) { m.hint(hint); },
               [&](Generic& g) { g.hint(static_cast<unsigned>(hint)); });
  }
  check.same([](Assembler& m) { m.nop(); }, [](Generic& g) { g.nop(); });
  for (const Barrier barrier : {Barrier::loads, Barrier::stores, Barrier::all}) {
    check.same([&](Assembler& m) { m.dmb(barrier); },
               [&](Generic& g) { g.dmb(static_cast<unsigned>(barrier)); });
    check.same([&](Assembler& m) { m.dsb(barrier); },
               [&](Generic& g) { g.dsb(static_cast<unsigned>(barrier)); });
  }
  check.same([](Assembler& m) { m.isb(); }, [](Generic& g) { g.isb(15); });
}

struct NamedSysReg {
  SysReg reg;
  const char* name;
};
constexpr NamedSysReg kSysRegs[] = {{SysReg::nzcv, "nzcv"},
                                    {SysReg::fpcr, "fpcr"},
                                    {SysReg::fpsr, "fpsr"},
                                    {SysReg::tpidr_el0, "tpidr_el0"},
                                    {SysReg::cntvct_el0, "cntvct_el0"}};

TEST(A64Assembler, MovesSystemRegisters) {
  if (!can_disassemble(Isa::a64)) GTEST_SKIP() << "built without Capstone";
  Comparison check;
  for (const Gp r : all_gp()) {
    for (const NamedSysReg& named : kSysRegs) {
      check.reads([&](Assembler& m) { m.mrs(r, named.reg); },
                  "mrs " + x_name(r) + ", " + named.name);
      if (named.reg == SysReg::cntvct_el0) continue;  // cannot be written
      check.reads([&](Assembler& m) { m.msr(named.reg, r); },
                  "msr " + std::string(named.name) + ", " + x_name(r));
    }
  }
}

TEST(A64Assembler, EncodesInstructionsRelativeToThePcAsAsmjitDoes) {
  Comparison check;
  const auto same = [&](const auto& row, const auto& reference) {
    check.same(row, [&](Generic& g) {
      const asmjit::Label here = g.newLabel();
      g.bind(here);
      reference(g, here);
    });
  };
  using asmjit::Label;
  for (const Gp r : all_gp()) {
    for (const Width w : kWidths) {
      same([&](Assembler& m) { m.load_literal(w, r); },
           [&](Generic& g, const Label& here) { g.ldr(gp(w, r), a64::ptr(here)); });
      same([&](Assembler& m) { m.cbz_back(w, r, 0); },
           [&](Generic& g, const Label& here) { g.cbz(gp(w, r), here); });
      same([&](Assembler& m) { m.cbnz_back(w, r, 0); },
           [&](Generic& g, const Label& here) { g.cbnz(gp(w, r), here); });
    }
    for (unsigned bit = 0; bit < 64; ++bit) {
      same([&](Assembler& m) { m.tbz_back(r, bit, 0); },
           [&](Generic& g, const Label& here) { g.tbz(gp64(r), bit, here); });
      same([&](Assembler& m) { m.tbnz_back(r, bit, 0); },
           [&](Generic& g, const Label& here) { g.tbnz(gp64(r), bit, here); });
    }
    same([&](Assembler& m) { m.adr(r); },
         [&](Generic& g, const Label& here) { g.adr(gp64(r), here); });
    check.same([&](Assembler& m) { m.adrp(r); }, [&](Generic& g) { g.adrp(gp64(r), 0); });
  }
  for (const Vec r : all_vec()) {
    for (const FloatWidth w : kFloatWidths) {
      same([&](Assembler& m) { m.load_literal(w, r); },
           [&](Generic& g, const Label& here) { g.ldr(fp(w, r), a64::ptr(here)); });
    }
    same([&](Assembler& m) { m.load_literal_v128(r); },
         [&](Generic& g, const Label& here) { g.ldr(to_asmjit(r).q(), a64::ptr(here)); });
  }
  for (uint8_t i = 0; i < 14; ++i) {
    const auto cc = static_cast<asmjit::arm::CondCode>((i + 2) % 16);
    same([&](Assembler& m) { m.b_cond_back(static_cast<CondCode>(i), 0); },
         [&](Generic& g, const Label& here) {
           g.emit(asmjit::BaseInst::composeARMInstId(Inst::kIdB, cc), here);
         });
  }
  same([](Assembler& m) { m.b(); }, [](Generic& g, const Label& here) { g.b(here); });
  same([](Assembler& m) { m.b_back(0); }, [](Generic& g, const Label& here) { g.b(here); });
  same([](Assembler& m) { m.bl(); }, [](Generic& g, const Label& here) { g.bl(here); });
}

TEST(A64AssemblerDeathTest, RefusesWhatAsmjitCannotEncode) {
  Assembler a;
  EXPECT_DEATH(a.generic().emit(Inst::kIdAdd, a64::w0, a64::x1, a64::x2), "kErrorOk");
}

#ifndef NDEBUG
TEST(A64AssemblerDeathTest, RefusesRegistersAndImmediatesThatTheRowHasNot) {
  Assembler a;
  a.reserve();
  EXPECT_DEATH(a.mov_rr(w64, Gp::x0, Gp::sp), "sp would be read as zr");
  EXPECT_DEATH(a.arith_rri(Arith::add, w64, Gp::zr, Gp::x0, 1), "zr would be read as sp");
  EXPECT_DEATH(a.arith_rri(Arith::adds, w64, Gp::sp, Gp::x0, 1), "sp would be read as zr");
  EXPECT_DEATH(a.load(LoadKind::u32, Gp::x0, Mem{Gp::zr, 0}), "zr would be read as sp");
  EXPECT_DEATH(a.mov_ri(w64, Gp::zr, -65537 * 5), "orr would write sp");
  EXPECT_DEATH(a.arith_rri(Arith::add, w64, Gp::x0, Gp::x0, 4097), "fits_arith");
  EXPECT_DEATH(a.load(LoadKind::u32, Gp::x0, Mem{Gp::x1, 16384}), "fits_unscaled");
  EXPECT_DEATH(a.load(LoadKind::u64, Gp::x1, MemPost{Gp::x1, 8}), "written_base");
  EXPECT_DEATH(a.ldp(w64, Gp::x1, Gp::x1, Mem{Gp::x2, 0}), "unpredictable");
  EXPECT_DEATH(a.stlxr(2, Gp::x1, Gp::x1, Gp::x2), "unpredictable");
}
#endif

// --- One example of each form in words, independent of asmjit

struct Example {
  const char* text;
  void (*emit)(Assembler&);
};

// clang-format off
using enum Gp;
using enum Vec;
constexpr Mem kSlot = {x29, -24};
constexpr MemIndexed kElement = {x27, x3, Extend::uxtw, true};
constexpr Example kExamples[] = {
  {"mov w0, w9; mov x0, x9", [](Assembler& a) { a.mov_rr(w32, x0, x9); a.mov_rr(w64, x0, x9); }},
  {"mov x29, sp; mov sp, x29", [](Assembler& a) { a.mov_sp(x29, sp); a.mov_sp(sp, x29); }},
  {"movz w1, #0x7", [](Assembler& a) { a.mov_ri(w32, x1, 7); }},
  {"movn x1, #0x1", [](Assembler& a) { a.mov_ri(w64, x1, -2); }},
  {"orr x1, xzr, #0xff00ff00ff00ff00", [](Assembler& a) { a.mov_ri(w64, x1, static_cast<int64_t>(0xff00ff00ff00ff00)); }},
  {"movz w1, #0x5678; movk w1, #0x1234, lsl #16", [](Assembler& a) { a.mov_ri(w32, x1, 0x12345678); }},
  {"movz x1, #0x1, lsl #32; movk x1, #0x2, lsl #48", [](Assembler& a) { a.mov_ri(w64, x1, 0x0002000100000000); }},
  {"movn x1, #0x1233; movk x1, #0xfff0, lsl #32", [](Assembler& a) { a.mov_ri(w64, x1, static_cast<int64_t>(0xfffffff0ffffedcc)); }},
  {"movz x1, #0x8000, lsl #48; movn w1, #0x7, lsl #16; movk x1, #0x5, lsl #32", [](Assembler& a) {
     a.movz(w64, x1, 0x8000, 48); a.movn(w32, x1, 7, 16); a.movk(w64, x1, 5, 32); }},
  {"add w0, w1, w2; adds x0, x1, x2, lsl #4; sub x0, x1, x2, asr #63; subs w0, w1, w2, lsr #1", [](Assembler& a) {
     a.arith_rrr(Arith::add, w32, x0, x1, x2); a.arith_rrr(Arith::adds, w64, x0, x1, x2, Shift::lsl, 4);
     a.arith_rrr(Arith::sub, w64, x0, x1, x2, Shift::asr, 63); a.arith_rrr(Arith::subs, w32, x0, x1, x2, Shift::lsr, 1); }},
  {"add x0, sp, #0xfff; sub sp, sp, #1, lsl #12; adds w0, w1, #1; subs x0, sp, #8", [](Assembler& a) {
     a.arith_rri(Arith::add, w64, x0, sp, 4095); a.arith_rri(Arith::sub, w64, sp, sp, 4096);
     a.arith_rri(Arith::adds, w32, x0, x1, 1); a.arith_rri(Arith::subs, w64, x0, sp, 8); }},
  {"add x16, x27, w1, uxtw #3; sub x0, sp, w1, sxtw", [](Assembler& a) {
     a.arith_rrx(Arith::add, w64, x16, x27, x1, Extend::uxtw, 3); a.arith_rrx(Arith::sub, w64, x0, sp, x1, Extend::sxtw); }},
  {"cmp w1, w2; cmp x1, x2, lsl #3; cmp sp, #0x10; cmp x1, w2, uxtw; cmn x1, x2; cmn w1, #1; neg x1, x2", [](Assembler& a) {
     a.cmp_rr(w32, x1, x2); a.cmp_rr(w64, x1, x2, Shift::lsl, 3); a.cmp_ri(w64, sp, 16); a.cmp_rx(w64, x1, x2, Extend::uxtw);
     a.cmn_rr(w64, x1, x2); a.cmn_ri(w32, x1, 1); a.neg(w64, x1, x2); }},
  {"and w0, w1, w2; bic x0, x1, x2; orr w0, w1, w2, ror #7; orn x0, x1, x2", [](Assembler& a) {
     a.logic_rrr(Logic::and_, w32, x0, x1, x2); a.logic_rrr(Logic::bic, w64, x0, x1, x2);
     a.logic_rrr(Logic::orr, w32, x0, x1, x2, Shift::ror, 7); a.logic_rrr(Logic::orn, w64, x0, x1, x2); }},
  {"eor w0, w1, w2; eon x0, x1, x2, asr #2; ands w0, w1, w2; bics x0, x1, x2", [](Assembler& a) {
     a.logic_rrr(Logic::eor, w32, x0, x1, x2); a.logic_rrr(Logic::eon, w64, x0, x1, x2, Shift::asr, 2);
     a.logic_rrr(Logic::ands, w32, x0, x1, x2); a.logic_rrr(Logic::bics, w64, x0, x1, x2); }},
  {"and sp, x1, #0xfffffffffffffff0; eor w0, w1, #0x80000000; orr x0, x1, #7; ands w0, w1, #0xff", [](Assembler& a) {
     a.logic_rri(Logic::and_, w64, sp, x1, *logic_imm(w64, ~uint64_t{15})); a.logic_rri(Logic::eor, w32, x0, x1, *logic_imm(w32, 0x80000000));
     a.logic_rri(Logic::orr, w64, x0, x1, *logic_imm(w64, 7)); a.logic_rri(Logic::ands, w32, x0, x1, *logic_imm(w32, 255)); }},
  {"tst w1, w2; tst x1, #1; mvn w1, w2", [](Assembler& a) {
     a.tst_rr(w32, x1, x2); a.tst_ri(w64, x1, *logic_imm(w64, 1)); a.mvn(w32, x1, x2); }},
  {"lsl w0, w1, #5; lsr x0, x1, #0x3f; asr w0, w1, #0x1f; ror x0, x1, #9", [](Assembler& a) {
     a.shift_rri(Shift::lsl, w32, x0, x1, 5); a.shift_rri(Shift::lsr, w64, x0, x1, 63);
     a.shift_rri(Shift::asr, w32, x0, x1, 31); a.shift_rri(Shift::ror, w64, x0, x1, 9); }},
  {"lsl w0, w1, w2; lsr x0, x1, x2; asr w0, w1, w2; ror x0, x1, x2", [](Assembler& a) {
     a.shift_rrr(Shift::lsl, w32, x0, x1, x2); a.shift_rrr(Shift::lsr, w64, x0, x1, x2);
     a.shift_rrr(Shift::asr, w32, x0, x1, x2); a.shift_rrr(Shift::ror, w64, x0, x1, x2); }},
  {"extr x0, x1, x2, #7; ubfx w0, w1, #3, #4; sbfx x0, x1, #3, #4; ubfiz w0, w1, #3, #4; bfi x0, x1, #3, #4", [](Assembler& a) {
     a.extr(w64, x0, x1, x2, 7); a.ubfx(w32, x0, x1, 3, 4); a.sbfx(w64, x0, x1, 3, 4); a.ubfiz(w32, x0, x1, 3, 4); a.bfi(w64, x0, x1, 3, 4); }},
  {"sxtb w0, w1; sxtb x0, w1; sxth w0, w1; sxth x0, w1; sxtw x0, w1; uxtb w0, w1; uxth w0, w1", [](Assembler& a) {
     a.sxtb(w32, x0, x1); a.sxtb(w64, x0, x1); a.sxth(w32, x0, x1); a.sxth(w64, x0, x1); a.sxtw(x0, x1); a.uxtb(x0, x1); a.uxth(x0, x1); }},
  {"madd w0, w1, w2, w3; msub x0, x1, x2, x3; mul w0, w1, w2; smull x0, w1, w2; umull x0, w1, w2", [](Assembler& a) {
     a.madd(w32, x0, x1, x2, x3); a.msub(w64, x0, x1, x2, x3); a.mul(w32, x0, x1, x2); a.smull(x0, x1, x2); a.umull(x0, x1, x2); }},
  {"adc x0, x1, x2; sbc w0, w1, w2", [](Assembler& a) { a.adc(w64, x0, x1, x2); a.sbc(w32, x0, x1, x2); }},
  {"smulh x0, x1, x2; umulh x0, x1, x2; sdiv w0, w1, w2; udiv x0, x1, x2", [](Assembler& a) {
     a.smulh(x0, x1, x2); a.umulh(x0, x1, x2); a.sdiv(w32, x0, x1, x2); a.udiv(w64, x0, x1, x2); }},
  {"clz w0, w1; rbit x0, x1; rev w0, w1; rev x0, x1", [](Assembler& a) {
     a.clz(w32, x0, x1); a.rbit(w64, x0, x1); a.rev(w32, x0, x1); a.rev(w64, x0, x1); }},
  {"csel w0, w1, w2, hi; csinc x0, x1, x2, lt; csinv w0, w1, w2, mi; csneg x0, x1, x2, vs; cset w0, lo; csetm x0, ne", [](Assembler& a) {
     a.csel(CondCode::hi, w32, x0, x1, x2); a.select_rrr(Select::csinc, CondCode::lt, w64, x0, x1, x2);
     a.select_rrr(Select::csinv, CondCode::mi, w32, x0, x1, x2); a.select_rrr(Select::csneg, CondCode::vs, w64, x0, x1, x2);
     a.cset(CondCode::lo, w32, x0); a.csetm(CondCode::ne, w64, x0); }},
  {"ccmp w0, w1, #0, eq; ccmp x0, #0x1f, #4, ne; ccmn w0, w1, #0xf, ge; ccmn x0, #1, #0, le", [](Assembler& a) {
     a.ccmp_rr(CondCode::eq, w32, x0, x1, 0); a.ccmp_ri(CondCode::ne, w64, x0, 31, 4);
     a.ccmn_rr(CondCode::ge, w32, x0, x1, 15); a.ccmn_ri(CondCode::le, w64, x0, 1, 0); }},
  {"ldurb w0, [x29, #-0x18]; ldurh w0, [x29, #-0x18]; ldur w0, [x29, #-0x18]; ldur x0, [x29, #-0x18]", [](Assembler& a) {
     for (const LoadKind kind : {LoadKind::u8, LoadKind::u16, LoadKind::u32, LoadKind::u64}) a.load(kind, x0, kSlot); }},
  {"ldrsb w0, [x27, w3, uxtw #0]; ldrsh w0, [x27, w3, uxtw #1]; ldrsb x0, [x27, w3, uxtw #0]; ldrsh x0, [x27, w3, uxtw #1]; ldrsw x0, [x27, w3, uxtw #2]", [](Assembler& a) {
     for (const LoadKind kind : {LoadKind::s8_32, LoadKind::s16_32, LoadKind::s8_64, LoadKind::s16_64, LoadKind::s32_64}) a.load(kind, x0, kElement); }},
  {"ldr w0, [x27, w3, uxtw]; ldr x0, [x1, x2, lsl #3]; ldr x0, [sp, w2, sxtw]; ldr w0, [x1, #0x3ffc]; ldrb wzr, [sp]", [](Assembler& a) {
     a.load(LoadKind::u32, x0, MemIndexed{x27, x3}); a.load(LoadKind::u64, x0, MemIndexed{x1, x2, Extend::uxtx, true});
     a.load(LoadKind::u64, x0, MemIndexed{sp, x2, Extend::sxtw}); a.load(LoadKind::u32, x0, Mem{x1, 0x3ffc}); a.load(LoadKind::u8, zr, Mem{sp}); }},
  {"ldrsb w0, [x1, #1]!; ldrsb x0, [x1], #1; ldrsh w0, [x1], #2; ldrsh x0, [x1, #2]!; ldrsw x0, [x1], #4", [](Assembler& a) {
     a.load(LoadKind::s8_32, x0, MemPre{x1, 1}); a.load(LoadKind::s8_64, x0, MemPost{x1, 1}); a.load(LoadKind::s16_32, x0, MemPost{x1, 2});
     a.load(LoadKind::s16_64, x0, MemPre{x1, 2}); a.load(LoadKind::s32_64, x0, MemPost{x1, 4}); }},
  {"strb w0, [x1]; strh w0, [x1, #2]; str w0, [x1, #-4]!; str xzr, [x1], #0xff", [](Assembler& a) {
     a.store(0, Mem{x1}, x0); a.store(1, Mem{x1, 2}, x0); a.store(2, MemPre{x1, -4}, x0); a.store(3, MemPost{x1, 255}, zr); }},
  {"ldr s0, [x1, #4]; ldur d0, [x29, #-0x18]; str d9, [x27, w3, uxtw #3]; str s0, [x1, #0x10]!; ldr q1, [x2, #0x20]; str q1, [sp], #0x10", [](Assembler& a) {
     a.load_float(f32, v0, Mem{x1, 4}); a.load_float(f64, v0, kSlot); a.store_float(f64, kElement, v9); a.store_float(f32, MemPre{x1, 16}, v0);
     a.load_v128(v1, Mem{x2, 32}); a.store_v128(MemPost{sp, 16}, v1); }},
  {"stp x29, x30, [sp, #-0x40]!; ldp x29, x30, [sp], #0x40; ldp w1, w2, [x3, #-0x100]; stp xzr, xzr, [x3, #8]; stp w1, w2, [x3, #0]!; ldp x1, x2, [x3], #0", [](Assembler& a) {
     a.stp(w64, x29, x30, MemPre{sp, -64}); a.ldp(w64, x29, x30, MemPost{sp, 64}); a.ldp(w32, x1, x2, Mem{x3, -256}); a.stp(w64, zr, zr, Mem{x3, 8});
     a.stp(w32, x1, x2, MemPre{x3, 0}); a.ldp(w64, x1, x2, MemPost{x3, 0}); }},
  {"stp d8, d9, [sp, #0x10]; ldp s1, s2, [x3], #8; ldp q1, q2, [x3, #0x20]; stp q1, q2, [x3, #-0x20]!", [](Assembler& a) {
     a.stp(f64, v8, v9, Mem{sp, 16}); a.ldp(f32, v1, v2, MemPost{x3, 8}); a.ldp_v128(v1, v2, Mem{x3, 32}); a.stp_v128(v1, v2, MemPre{x3, -32}); }},
  {"ldr w1, #0; ldr x1, #4; ldr s1, #8; ldr d1, #0xc; ldr q1, #0x10; adr x1, #0x14; adrp x1, #0", [](Assembler& a) {
     a.load_literal(w32, x1); a.load_literal(w64, x1); a.load_literal(f32, v1); a.load_literal(f64, v1); a.load_literal_v128(v1); a.adr(x1); a.adrp(x1); }},
  {"b #0xc; b.ls #0xc; cbz w1, #0xc", [](Assembler& a) {
     PatchChain c; a.b(c); a.b_cond(CondCode::ls, c); a.cbz(w32, x1, c); a.bind(c); }},
  {"cbnz x1, #0xc; tbz w1, #3, #0xc; tbnz x1, #0x28, #0xc", [](Assembler& a) {
     PatchChain c; a.cbnz(w64, x1, c); a.tbz(x1, 3, c); a.tbnz(x1, 40, c); a.bind(c); }},
  {"nop; b #0; b.eq #0; cbz x1, #0; cbnz w1, #0; tbz w1, #0, #0; tbnz w1, #0x1f, #0", [](Assembler& a) {
     a.nop(); a.b_back(0); a.b_cond_back(CondCode::eq, 0); a.cbz_back(w64, x1, 0); a.cbnz_back(w32, x1, 0); a.tbz_back(x1, 0, 0); a.tbnz_back(x1, 31, 0); }},
  {"bl #0; b #4; br x16; blr x17; ret; ret x1", [](Assembler& a) { a.bl(); a.b(); a.br(x16); a.blr(x17); a.ret(); a.ret(x1); }},
  {"udf #0x3; brk #0x7; bti c; bti j; bti jc; bti; paciasp; autiasp; csdb; yield", [](Assembler& a) {
     a.udf(3); a.brk(7); a.hint(Hint::bti_c); a.hint(Hint::bti_j); a.hint(Hint::bti_jc); a.hint(Hint::bti); a.hint(Hint::paciasp); a.hint(Hint::autiasp);
     a.hint(Hint::csdb); a.hint(Hint::yield); }},
  {"dmb ish; dmb ishld; dmb ishst; dsb ish; isb", [](Assembler& a) {
     a.dmb(Barrier::all); a.dmb(Barrier::loads); a.dmb(Barrier::stores); a.dsb(Barrier::all); a.isb(); }},
  {"fadd s0, s1, s2; fsub d0, d1, d2; fmul s0, s1, s2; fdiv d0, d1, d2; fmin s0, s1, s2; fmax d0, d1, d2", [](Assembler& a) {
     a.float_rrr(FloatOp::add, f32, v0, v1, v2); a.float_rrr(FloatOp::sub, f64, v0, v1, v2); a.float_rrr(FloatOp::mul, f32, v0, v1, v2);
     a.float_rrr(FloatOp::div, f64, v0, v1, v2); a.float_rrr(FloatOp::min, f32, v0, v1, v2); a.float_rrr(FloatOp::max, f64, v0, v1, v2); }},
  {"fmov d0, d1; fabs s0, s1; fneg d0, d1; fsqrt s0, s1; fcvt d0, s1; fcvt s0, d1", [](Assembler& a) {
     a.fmov(f64, v0, v1); a.fabs(f32, v0, v1); a.fneg(f64, v0, v1); a.fsqrt(f32, v0, v1); a.f32_to_f64(v0, v1); a.f64_to_f32(v0, v1); }},
  {"frintn s0, s1; frintp d0, d1; frintm s0, s1; frintz d0, d1", [](Assembler& a) {
     a.round(f32, v0, v1, RoundMode::nearest); a.round(f64, v0, v1, RoundMode::ceil); a.round(f32, v0, v1, RoundMode::floor); a.round(f64, v0, v1, RoundMode::trunc); }},
  {"fcmp s0, s1; fcmp d0, #0.0; fcsel d0, d1, d2, mi", [](Assembler& a) { a.fcmp_rr(f32, v0, v1); a.fcmp_zero(f64, v0); a.fcsel(CondCode::mi, f64, v0, v1, v2); }},
  {"fmov d0, #-1.50000000; fmov s0, #31.00000000; movi v0.2d, #0000000000000000; movi d0, #0xff000000000000ff; movi v0.2s, #0x80, lsl #24", [](Assembler& a) {
     a.fmov_ri(f64, v0, *float_imm(f64, std::bit_cast<uint64_t>(-1.5))); a.fmov_ri(f32, v0, *float_imm(f32, std::bit_cast<uint32_t>(31.0f)));
     a.zero(v0); a.movi_bytes(v0, 0x81); a.movi_2s(v0, 0x80, 24); }},
  {"fmov s0, w1; fmov d0, x1; fmov w0, s1; fmov x0, d1", [](Assembler& a) {
     a.fmov_vg(w32, v0, x1); a.fmov_vg(w64, v0, x1); a.fmov_gv(w32, x0, v1); a.fmov_gv(w64, x0, v1); }},
  {"fcvtzs w0, d1; fcvtzu x0, s1; scvtf s0, x1; ucvtf d0, w1", [](Assembler& a) {
     a.float_to_int(true, w32, f64, x0, v1); a.float_to_int(false, w64, f32, x0, v1);
     a.int_to_float(true, w64, f32, v0, x1); a.int_to_float(false, w32, f64, v0, x1); }},
  {"and v0.8b, v1.8b, v2.8b; bic v0.8b, v1.8b, v2.8b; orr v0.8b, v1.8b, v2.8b; orn v0.8b, v1.8b, v2.8b", [](Assembler& a) {
     for (const VecLogic op : {VecLogic::and_, VecLogic::bic, VecLogic::orr, VecLogic::orn}) a.vec_logic(op, v0, v1, v2); }},
  {"eor v0.16b, v1.16b, v2.16b; bsl v0.16b, v1.16b, v2.16b; bit v0.16b, v1.16b, v2.16b; bif v0.16b, v1.16b, v2.16b; mov v0.16b, v1.16b", [](Assembler& a) {
     for (const VecLogic op : {VecLogic::eor, VecLogic::bsl, VecLogic::bit, VecLogic::bif}) a.vec_logic_128(op, v0, v1, v2);
     a.mov_v128(v0, v1); }},
  {"shl d0, d1, #0x3f; ushr d0, d1, #0x40; sshr d0, d1, #0x40; sli d0, d1, #0x3f", [](Assembler& a) {
     a.vec_shift(VecShift::shl, f64, v0, v1, 63); a.vec_shift(VecShift::ushr, f64, v0, v1, 64);
     a.vec_shift(VecShift::sshr, f64, v0, v1, 64); a.vec_shift(VecShift::sli, f64, v0, v1, 63); }},
  {"shl v0.2s, v1.2s, #0x1f; ushr v0.2s, v1.2s, #0x1f; sshr v0.2s, v1.2s, #1; sli v0.2s, v1.2s, #0x1f", [](Assembler& a) {
     a.vec_shift(VecShift::shl, f32, v0, v1, 31); a.vec_shift(VecShift::ushr, f32, v0, v1, 31);
     a.vec_shift(VecShift::sshr, f32, v0, v1, 1); a.vec_shift(VecShift::sli, f32, v0, v1, 31); }},
  {"cnt v0.8b, v1.8b; addv b0, v1.8b", [](Assembler& a) { a.cnt_8b(v0, v1); a.addv_8b(v0, v1); }},
  {"ldar w0, [x1]; stlr x0, [sp]; ldaxrb w0, [x1]; stlxrh w2, w0, [x1]", [](Assembler& a) {
     a.ldar(2, x0, x1); a.stlr(3, x0, sp); a.ldaxr(0, x0, x1); a.stlxr(1, x2, x0, x1); }},
};
// clang-format on

TEST(A64Assembler, WritesWhatCapstoneReads) {
  if (!can_disassemble(Isa::a64)) GTEST_SKIP() << "built without Capstone";
  Assembler a;
  for (const Example& example : kExamples) {
    a.reset();
    a.reserve();
    example.emit(a);
    EXPECT_EQ(text_of(a.code()), example.text);
  }
}

/// Capstone 4 does not know LSE: the words are what GNU as 2.40 makes of the text.
struct AssembledExample {
  const char* text;
  uint32_t word;
  void (*emit)(Assembler&);
};
// clang-format off
constexpr AssembledExample kAssembled[] = {
  {"ldaddalb w2, w3, [x9]", 0x38e20123, [](Assembler& a) { a.atomic_rmw(AtomicOp::add, 0, x3, x2, x9); }},
  {"ldaddalh w2, w3, [x9]", 0x78e20123, [](Assembler& a) { a.atomic_rmw(AtomicOp::add, 1, x3, x2, x9); }},
  {"ldaddal w2, w3, [x9]", 0xb8e20123, [](Assembler& a) { a.atomic_rmw(AtomicOp::add, 2, x3, x2, x9); }},
  {"ldaddal x2, x3, [x9]", 0xf8e20123, [](Assembler& a) { a.atomic_rmw(AtomicOp::add, 3, x3, x2, x9); }},
  {"ldclralb w2, w4, [x10]", 0x38e21144, [](Assembler& a) { a.atomic_rmw(AtomicOp::clr, 0, x4, x2, x10); }},
  {"ldclralh w2, w4, [x10]", 0x78e21144, [](Assembler& a) { a.atomic_rmw(AtomicOp::clr, 1, x4, x2, x10); }},
  {"ldclral w2, w4, [x10]", 0xb8e21144, [](Assembler& a) { a.atomic_rmw(AtomicOp::clr, 2, x4, x2, x10); }},
  {"ldclral x2, x4, [x10]", 0xf8e21144, [](Assembler& a) { a.atomic_rmw(AtomicOp::clr, 3, x4, x2, x10); }},
  {"ldeoralb w2, w5, [x11]", 0x38e22165, [](Assembler& a) { a.atomic_rmw(AtomicOp::eor, 0, x5, x2, x11); }},
  {"ldeoralh w2, w5, [x11]", 0x78e22165, [](Assembler& a) { a.atomic_rmw(AtomicOp::eor, 1, x5, x2, x11); }},
  {"ldeoral w2, w5, [x11]", 0xb8e22165, [](Assembler& a) { a.atomic_rmw(AtomicOp::eor, 2, x5, x2, x11); }},
  {"ldeoral x2, x5, [x11]", 0xf8e22165, [](Assembler& a) { a.atomic_rmw(AtomicOp::eor, 3, x5, x2, x11); }},
  {"ldsetalb w2, w6, [x12]", 0x38e23186, [](Assembler& a) { a.atomic_rmw(AtomicOp::set, 0, x6, x2, x12); }},
  {"ldsetalh w2, w6, [x12]", 0x78e23186, [](Assembler& a) { a.atomic_rmw(AtomicOp::set, 1, x6, x2, x12); }},
  {"ldsetal w2, w6, [x12]", 0xb8e23186, [](Assembler& a) { a.atomic_rmw(AtomicOp::set, 2, x6, x2, x12); }},
  {"ldsetal x2, x6, [x12]", 0xf8e23186, [](Assembler& a) { a.atomic_rmw(AtomicOp::set, 3, x6, x2, x12); }},
  {"swpalb w2, w7, [x13]", 0x38e281a7, [](Assembler& a) { a.atomic_rmw(AtomicOp::swp, 0, x7, x2, x13); }},
  {"swpalh w2, w7, [x13]", 0x78e281a7, [](Assembler& a) { a.atomic_rmw(AtomicOp::swp, 1, x7, x2, x13); }},
  {"swpal w2, w7, [x13]", 0xb8e281a7, [](Assembler& a) { a.atomic_rmw(AtomicOp::swp, 2, x7, x2, x13); }},
  {"swpal x2, x7, [x13]", 0xf8e281a7, [](Assembler& a) { a.atomic_rmw(AtomicOp::swp, 3, x7, x2, x13); }},
  {"casalb w4, w5, [sp]", 0x08e4ffe5, [](Assembler& a) { a.casal(0, x4, x5, sp); }},
  {"casalh w4, w5, [sp]", 0x48e4ffe5, [](Assembler& a) { a.casal(1, x4, x5, sp); }},
  {"casal w4, w5, [sp]", 0x88e4ffe5, [](Assembler& a) { a.casal(2, x4, x5, sp); }},
  {"casal x4, x5, [sp]", 0xc8e4ffe5, [](Assembler& a) { a.casal(3, x4, x5, sp); }},
};
// clang-format on

TEST(A64Assembler, WritesAtomicsAsGnuAsDoes) {
  Assembler a;
  for (const AssembledExample& example : kAssembled) {
    a.reset();
    a.reserve();
    example.emit(a);
    EXPECT_EQ(word_at(a.code(), 0), example.word) << example.text;
    if (can_disassemble(Isa::a64)) {
      EXPECT_EQ(text_of(a.code()), example.text);
    }
  }
}

}  // namespace
}  // namespace swoop::jit::a64

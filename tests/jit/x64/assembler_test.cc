// Each form is compared with asmjit's encoding of the same instruction for all registers, address
// shapes and immediate edges; one example of each is also compared with Zydis' reading of it.
#include "jit/x64/assembler.h"

#include "jit/disassemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace swoop::jit::x64 {
namespace {

namespace x86 = asmjit::x86;
namespace Inst = asmjit::x86::Inst;
using Generic = Assembler::Generic;

constexpr Width kWidths[] = {Width::w32, Width::w64};
constexpr FloatWidth kFloatWidths[] = {FloatWidth::f32, FloatWidth::f64};
constexpr int32_t kImmediates[] = {0,    1,   -1,  2,     0x7e,   127,     128,    -128,
                                   -129, 255, 256, 65535, -32769, INT_MAX, INT_MIN};
constexpr int32_t kDisplacements[] = {0, 1, -1, 127, 128, -128, -129, INT_MAX, INT_MIN};

std::vector<Gp> all_gp() {
  std::vector<Gp> out;
  for (uint8_t i = 0; i < 16; ++i) out.push_back(static_cast<Gp>(i));
  return out;
}

std::vector<Xmm> all_xmm() {
  std::vector<Xmm> out;
  for (uint8_t i = 0; i < 16; ++i) out.push_back(static_cast<Xmm>(i));
  return out;
}

std::vector<CondCode> all_cond_codes() {
  std::vector<CondCode> out;
  for (uint8_t i = 0; i < 16; ++i) out.push_back(static_cast<CondCode>(i));
  return out;
}

std::vector<Mem> make_mems(const std::vector<Gp>& bases, const std::vector<Gp>& indexes,
                           std::span<const int32_t> displacements) {
  std::vector<Mem> out;
  for (const Gp base : bases) {
    for (const int32_t disp : displacements) {
      out.push_back({base, Gp::none, 0, disp});
      for (const Gp index : indexes) {
        if (index == Gp::rsp) continue;
        for (uint8_t scale = 0; scale < 4; ++scale) out.push_back({base, index, scale, disp});
      }
    }
  }
  return out;
}

/// Every base, index and scale with every class of displacement.
const std::vector<Mem>& all_mems() {
  static const auto mems = make_mems(all_gp(), all_gp(), kDisplacements);
  return mems;
}

/// The bases and indexes that are encoded in a special way, and two that are not.
const std::vector<Mem>& tricky_mems() {
  static const auto mems =
      make_mems({Gp::rax, Gp::rsp, Gp::rbp, Gp::r8, Gp::r12, Gp::r13},
                {Gp::rcx, Gp::rbp, Gp::r12, Gp::r13}, std::span(kDisplacements).first(5));
  return mems;
}

std::string text_of(std::span<const uint8_t> code) {
  std::string out;
  for (const Instruction& line : disassemble(code, Isa::x64)) {
    out += (out.empty() ? "" : "; ") + line.text;
  }
  return out;
}

CpuFeatures make_features(bool avx) {
  CpuFeatures features;
  features.lzcnt = features.bmi1 = features.bmi2 = true;
  features.avx = features.fma = avx;
  return features;
}

/// Emits the same instruction with a row and with asmjit.
class Comparison {
 public:
  explicit Comparison(bool avx) : rows_(make_features(avx)), reference_(make_features(avx)) {}
  ~Comparison() { EXPECT_EQ(differences_, 0u); }

  template <class EmitRow, class EmitReference>
  void same(const EmitRow& emit_row, const EmitReference& emit_reference) {
    rows_.reset();
    rows_.reserve();
    std::fill_n(rows_.bufferData() + kMaxInstruction, kMaxInstruction, kUntouched);
    emit_row(rows_);
    reference_.reset();
    emit_reference(reference_.generic());

    const auto got = rows_.code(), expected = reference_.code();
    if (!std::ranges::equal(got, expected)) {
      report() << "is: " << text_of(got) << "\nasmjit: " << text_of(expected);
    }
    if (got.size() < kMaxInstruction && rows_.bufferData()[kMaxInstruction] != kUntouched) {
      report() << "writes too far: " << text_of(got);
    }
  }

 private:
  static constexpr uint8_t kUntouched = 0x5a;

  /// One form that is wrong is wrong thousands of times; a few lines are enough.
  std::ostream& report() {
    static std::ostringstream discarded;
    return ++differences_ <= 5 ? std::cerr << "\n" : discarded;
  }

  Assembler rows_;
  Assembler reference_;
  size_t differences_ = 0;
};

x86::Gp gp(Width width, Gp reg) {
  return to_asmjit(width, reg);
}
x86::Gp gp32(Gp reg) {
  return to_asmjit(Width::w32, reg);
}
x86::Gp gp64(Gp reg) {
  return to_asmjit(Width::w64, reg);
}
x86::Gp gp16(Gp reg) {
  return x86::gpw(code(reg));
}
x86::Gp gp8(Gp reg) {
  return x86::gpb(code(reg));
}
x86::Xmm xmm(Xmm reg) {
  return to_asmjit(reg);
}
x86::Mem mem(Width width, const Mem& m) {
  return to_asmjit(m, width == Width::w64 ? 8 : 4);
}

// By number of X86Alu.
constexpr asmjit::InstId kAlu[] = {Inst::kIdAdd, Inst::kIdOr,  Inst::kIdAdc, Inst::kIdSbb,
                                   Inst::kIdAnd, Inst::kIdSub, Inst::kIdXor, Inst::kIdCmp};

struct ShiftForm {
  X86Shift shift;
  asmjit::InstId id;
};
constexpr ShiftForm kShifts[] = {{X86Shift::rol, Inst::kIdRol},
                                 {X86Shift::ror, Inst::kIdRor},
                                 {X86Shift::shl, Inst::kIdShl},
                                 {X86Shift::shr, Inst::kIdShr},
                                 {X86Shift::sar, Inst::kIdSar}};

// asmjit numbers conditions in its own order.
struct Condition {
  CondCode cc;
  asmjit::InstId set, cmov;
};
constexpr Condition kConditions[] = {{CondCode::o, Inst::kIdSeto, Inst::kIdCmovo},
                                     {CondCode::no, Inst::kIdSetno, Inst::kIdCmovno},
                                     {CondCode::b, Inst::kIdSetb, Inst::kIdCmovb},
                                     {CondCode::ae, Inst::kIdSetae, Inst::kIdCmovae},
                                     {CondCode::e, Inst::kIdSete, Inst::kIdCmove},
                                     {CondCode::ne, Inst::kIdSetne, Inst::kIdCmovne},
                                     {CondCode::be, Inst::kIdSetbe, Inst::kIdCmovbe},
                                     {CondCode::a, Inst::kIdSeta, Inst::kIdCmova},
                                     {CondCode::s, Inst::kIdSets, Inst::kIdCmovs},
                                     {CondCode::ns, Inst::kIdSetns, Inst::kIdCmovns},
                                     {CondCode::p, Inst::kIdSetp, Inst::kIdCmovp},
                                     {CondCode::np, Inst::kIdSetnp, Inst::kIdCmovnp},
                                     {CondCode::l, Inst::kIdSetl, Inst::kIdCmovl},
                                     {CondCode::ge, Inst::kIdSetge, Inst::kIdCmovge},
                                     {CondCode::le, Inst::kIdSetle, Inst::kIdCmovle},
                                     {CondCode::g, Inst::kIdSetg, Inst::kIdCmovg}};

TEST(X64Assembler, EncodesRegisterPairsAsAsmjitDoes) {
  Comparison check(true);
  for (const Gp d : all_gp()) {
    for (const Gp s : all_gp()) {
      for (const Width w : kWidths) {
        const x86::Gp rd = gp(w, d), rs = gp(w, s);
        const auto same = [&](asmjit::InstId id, const auto& row) {
          check.same(row, [&](Generic& g) { g.emit(id, rd, rs); });
        };
        same(Inst::kIdMov, [&](Assembler& a) { a.mov_rr(w, d, s); });
        for (unsigned alu = 0; alu < 8; ++alu) {
          same(kAlu[alu], [&](Assembler& a) { a.alu_rr(static_cast<X86Alu>(alu), w, d, s); });
        }
        same(Inst::kIdTest, [&](Assembler& a) { a.test_rr(w, d, s); });
        same(Inst::kIdImul, [&](Assembler& a) { a.imul_rr(w, d, s); });
        same(Inst::kIdLzcnt, [&](Assembler& a) { a.lzcnt(w, d, s); });
        same(Inst::kIdTzcnt, [&](Assembler& a) { a.tzcnt(w, d, s); });
        same(Inst::kIdPopcnt, [&](Assembler& a) { a.popcnt(w, d, s); });
        same(Inst::kIdBsr, [&](Assembler& a) { a.bsr(w, d, s); });
        same(Inst::kIdBsf, [&](Assembler& a) { a.bsf(w, d, s); });
        for (const Condition& c : kConditions) {
          same(c.cmov, [&](Assembler& a) { a.cmov_rr(c.cc, w, d, s); });
        }
        check.same([&](Assembler& a) { a.movsx8(w, d, s); },
                   [&](Generic& g) { g.movsx(rd, gp8(s)); });
        check.same([&](Assembler& a) { a.movsx16(w, d, s); },
                   [&](Generic& g) { g.movsx(rd, gp16(s)); });
        // asmjit turns this one into a nop, which for eax would not clear the upper half.
        if (d == Gp::rax && s == Gp::rax) continue;
        same(Inst::kIdXchg, [&](Assembler& a) { a.xchg_rr(w, d, s); });
      }
      check.same([&](Assembler& a) { a.movzx8(d, s); },
                 [&](Generic& g) { g.movzx(gp32(d), gp8(s)); });
      check.same([&](Assembler& a) { a.movzx16(d, s); },
                 [&](Generic& g) { g.movzx(gp32(d), gp16(s)); });
      check.same([&](Assembler& a) { a.movsxd(d, s); },
                 [&](Generic& g) { g.movsxd(gp64(d), gp32(s)); });
    }
  }
}

TEST(X64Assembler, EncodesSingleRegistersAsAsmjitDoes) {
  Comparison check(true);
  for (const Gp r : all_gp()) {
    for (const Width w : kWidths) {
      const x86::Gp reg = gp(w, r);
      check.same([&](Assembler& a) { a.neg(w, r); }, [&](Generic& g) { g.neg(reg); });
      check.same([&](Assembler& a) { a.not_(w, r); }, [&](Generic& g) { g.not_(reg); });
      check.same([&](Assembler& a) { a.mul(w, r); },
                 [&](Generic& g) { g.emit(Inst::kIdMul, gp(w, Gp::rdx), gp(w, Gp::rax), reg); });
      check.same([&](Assembler& a) { a.imul(w, r); },
                 [&](Generic& g) { g.emit(Inst::kIdImul, gp(w, Gp::rdx), gp(w, Gp::rax), reg); });
      check.same([&](Assembler& a) { a.div(w, r); },
                 [&](Generic& g) { g.emit(Inst::kIdDiv, gp(w, Gp::rdx), gp(w, Gp::rax), reg); });
      check.same([&](Assembler& a) { a.idiv(w, r); },
                 [&](Generic& g) { g.emit(Inst::kIdIdiv, gp(w, Gp::rdx), gp(w, Gp::rax), reg); });
      for (const ShiftForm& form : kShifts) {
        check.same([&](Assembler& a) { a.shift_rcl(form.shift, w, r); },
                   [&](Generic& g) { g.emit(form.id, reg, x86::cl); });
        for (unsigned count = 0; count < bits(w); ++count) {
          check.same([&](Assembler& a) { a.shift_ri(form.shift, w, r, count); },
                     [&](Generic& g) { g.emit(form.id, reg, asmjit::Imm(count)); });
        }
      }
    }
    check.same([&](Assembler& a) { a.zero(r); }, [&](Generic& g) { g.xor_(gp32(r), gp32(r)); });
    check.same([&](Assembler& a) { a.push(r); }, [&](Generic& g) { g.push(gp64(r)); });
    check.same([&](Assembler& a) { a.pop(r); }, [&](Generic& g) { g.pop(gp64(r)); });
    check.same([&](Assembler& a) { a.call_r(r); }, [&](Generic& g) { g.call(gp64(r)); });
    check.same([&](Assembler& a) { a.jmp_r(r); }, [&](Generic& g) { g.jmp(gp64(r)); });
    for (const Condition& c : kConditions) {
      check.same([&](Assembler& a) { a.setcc(c.cc, r); },
                 [&](Generic& g) { g.emit(c.set, gp8(r)); });
    }
  }
}

TEST(X64Assembler, EncodesOperandlessInstructionsAsAsmjitDoes) {
  Comparison check(true);
  check.same([](Assembler& a) { a.cdq(Width::w32); }, [](Generic& g) { g.cdq(); });
  check.same([](Assembler& a) { a.cdq(Width::w64); }, [](Generic& g) { g.cqo(); });
  check.same([](Assembler& a) { a.ret(); }, [](Generic& g) { g.ret(); });
  check.same([](Assembler& a) { a.leave(); }, [](Generic& g) { g.leave(); });
  check.same([](Assembler& a) { a.ud2(); }, [](Generic& g) { g.ud2(); });
}

TEST(X64Assembler, EncodesImmediatesAsAsmjitDoes) {
  Comparison check(true);
  for (const Gp d : all_gp()) {
    for (const Width w : kWidths) {
      for (const int32_t value : kImmediates) {
        for (unsigned alu = 0; alu < 8; ++alu) {
          check.same([&](Assembler& a) { a.alu_ri(static_cast<X86Alu>(alu), w, d, value); },
                     [&](Generic& g) { g.emit(kAlu[alu], gp(w, d), asmjit::Imm(value)); });
        }
        for (const Gp s : all_gp()) {
          check.same([&](Assembler& a) { a.imul_rri(w, d, s, value); },
                     [&](Generic& g) { g.imul(gp(w, d), gp(w, s), value); });
        }
      }
    }
  }
}

TEST(X64Assembler, TestsTheNarrowestPartThatSetsTheSameFlags) {
  Comparison check(true);
  for (const Gp r : all_gp()) {
    for (const Width w : kWidths) {
      for (const int32_t value : {0, 1, 127}) {
        check.same([&](Assembler& a) { a.test_ri(w, r, value); },
                   [&](Generic& g) { g.test(gp8(r), value); });
      }
      for (const int32_t value : {128, 255, 0x7fffffff}) {
        check.same([&](Assembler& a) { a.test_ri(w, r, value); },
                   [&](Generic& g) { g.test(gp32(r), value); });
      }
      for (const int32_t value : {-1, -128, INT_MIN}) {
        check.same([&](Assembler& a) { a.test_ri(w, r, value); },
                   [&](Generic& g) { g.test(gp(w, r), value); });
      }
    }
  }
}

TEST(X64Assembler, MovesConstantsByTheShortestForm) {
  Comparison check(true);
  for (const Gp d : all_gp()) {
    for (const int64_t value :
         {int64_t{0}, int64_t{1}, int64_t{INT_MAX}, int64_t{UINT32_MAX}, int64_t{INT_MAX} + 1}) {
      check.same([&](Assembler& a) { a.mov_ri(Width::w64, d, value); },
                 [&](Generic& g) { g.mov(gp32(d), value); });
    }
    for (const int64_t value : {int64_t{-1}, int64_t{INT_MIN}, int64_t{-129}}) {
      check.same([&](Assembler& a) { a.mov_ri(Width::w64, d, value); },
                 [&](Generic& g) { g.mov(gp64(d), value); });
      check.same([&](Assembler& a) { a.mov_ri(Width::w32, d, value); },
                 [&](Generic& g) { g.mov(gp32(d), static_cast<uint32_t>(value)); });
    }
    for (const int64_t value : {INT64_MIN, INT64_MAX, int64_t{UINT32_MAX} + 1, int64_t{INT_MIN} - 1,
                                int64_t{0x0123456789abcdef}}) {
      check.same([&](Assembler& a) { a.mov_ri(Width::w64, d, value); },
                 [&](Generic& g) { g.movabs(gp64(d), value); });
      check.same([&](Assembler& a) { a.mov_ri(Width::w32, d, value); },
                 [&](Generic& g) { g.mov(gp32(d), static_cast<uint32_t>(value)); });
    }
  }
}

struct LoadForm {
  LoadKind kind;
  asmjit::InstId id;
  Width width;
  uint32_t size;
};
constexpr LoadForm kLoadForms[] = {{LoadKind::u8, Inst::kIdMovzx, Width::w32, 1},
                                   {LoadKind::u16, Inst::kIdMovzx, Width::w32, 2},
                                   {LoadKind::u32, Inst::kIdMov, Width::w32, 4},
                                   {LoadKind::u64, Inst::kIdMov, Width::w64, 8},
                                   {LoadKind::s8_32, Inst::kIdMovsx, Width::w32, 1},
                                   {LoadKind::s16_32, Inst::kIdMovsx, Width::w32, 2},
                                   {LoadKind::s8_64, Inst::kIdMovsx, Width::w64, 1},
                                   {LoadKind::s16_64, Inst::kIdMovsx, Width::w64, 2},
                                   {LoadKind::s32_64, Inst::kIdMovsxd, Width::w64, 4}};

void check_load(Comparison& check, const LoadForm& form, Gp d, const Mem& m) {
  check.same([&](Assembler& a) { a.load(form.kind, d, m); },
             [&](Generic& g) { g.emit(form.id, gp(form.width, d), to_asmjit(m, form.size)); });
}

void check_store(Comparison& check, unsigned size_log2, const Mem& m, Gp s) {
  const x86::Gp regs[] = {gp8(s), gp16(s), gp32(s), gp64(s)};
  check.same([&](Assembler& a) { a.store(size_log2, m, s); },
             [&](Generic& g) { g.mov(to_asmjit(m, 1u << size_log2), regs[size_log2]); });
}

TEST(X64Assembler, EncodesEveryAddressAsAsmjitDoes) {
  Comparison check(true);
  for (const Mem& m : all_mems()) {
    for (const Gp r : {Gp::rsi, Gp::r9}) {
      for (const LoadForm& form : kLoadForms) check_load(check, form, r, m);
      for (unsigned size_log2 = 0; size_log2 < 4; ++size_log2) check_store(check, size_log2, m, r);
      for (const Width w : kWidths) {
        check.same([&](Assembler& a) { a.lea(w, r, m); },
                   [&](Generic& g) { g.lea(gp(w, r), to_asmjit(m, 0)); });
      }
    }
  }
}

TEST(X64Assembler, EncodesEveryRegisterWithMemoryAsAsmjitDoes) {
  Comparison check(true);
  for (const Mem& m : tricky_mems()) {
    for (const Gp r : all_gp()) {
      for (const LoadForm& form : kLoadForms) check_load(check, form, r, m);
      for (unsigned size_log2 = 0; size_log2 < 4; ++size_log2) check_store(check, size_log2, m, r);
      for (const Width w : kWidths) {
        for (unsigned alu = 0; alu < 8; ++alu) {
          check.same([&](Assembler& a) { a.alu_rm(static_cast<X86Alu>(alu), w, r, m); },
                     [&](Generic& g) { g.emit(kAlu[alu], gp(w, r), mem(w, m)); });
          check.same([&](Assembler& a) { a.alu_mr(static_cast<X86Alu>(alu), w, m, r); },
                     [&](Generic& g) { g.emit(kAlu[alu], mem(w, m), gp(w, r)); });
        }
        check.same([&](Assembler& a) { a.imul_rm(w, r, m); },
                   [&](Generic& g) { g.imul(gp(w, r), mem(w, m)); });
        for (const int32_t value : {1, -128, 128, INT_MIN}) {
          check.same([&](Assembler& a) { a.imul_rmi(w, r, m, value); },
                     [&](Generic& g) { g.imul(gp(w, r), mem(w, m), value); });
        }
        for (const Condition& c : kConditions) {
          check.same([&](Assembler& a) { a.cmov_rm(c.cc, w, r, m); },
                     [&](Generic& g) { g.emit(c.cmov, gp(w, r), mem(w, m)); });
        }
      }
    }
  }
}

TEST(X64Assembler, EncodesMemoryWithImmediatesAsAsmjitDoes) {
  Comparison check(true);
  for (const Mem& m : tricky_mems()) {
    for (const int32_t value : kImmediates) {
      for (const Width w : kWidths) {
        for (unsigned alu = 0; alu < 8; ++alu) {
          check.same([&](Assembler& a) { a.alu_mi(static_cast<X86Alu>(alu), w, m, value); },
                     [&](Generic& g) { g.emit(kAlu[alu], mem(w, m), asmjit::Imm(value)); });
        }
      }
      check.same([&](Assembler& a) { a.store_imm(0, m, value); },
                 [&](Generic& g) { g.mov(to_asmjit(m, 1), static_cast<int8_t>(value)); });
      check.same([&](Assembler& a) { a.store_imm(1, m, value); },
                 [&](Generic& g) { g.mov(to_asmjit(m, 2), static_cast<int16_t>(value)); });
      check.same([&](Assembler& a) { a.store_imm(2, m, value); },
                 [&](Generic& g) { g.mov(to_asmjit(m, 4), value); });
      check.same([&](Assembler& a) { a.store_imm(3, m, value); },
                 [&](Generic& g) { g.mov(to_asmjit(m, 8), value); });
    }
    check.same([&](Assembler& a) { a.call_m(m); }, [&](Generic& g) { g.call(to_asmjit(m, 8)); });
    check.same([&](Assembler& a) { a.jmp_m(m); }, [&](Generic& g) { g.jmp(to_asmjit(m, 8)); });
  }
}

TEST(X64Assembler, EncodesBmi2AsAsmjitDoes) {
  Comparison check(true);
  for (const Gp d : all_gp()) {
    for (const Gp s : all_gp()) {
      for (const Width w : kWidths) {
        for (const Gp count : all_gp()) {
          const auto same = [&](X86Shift shift, asmjit::InstId id) {
            check.same([&](Assembler& a) { a.shiftx(shift, w, d, s, count); },
                       [&](Generic& g) { g.emit(id, gp(w, d), gp(w, s), gp(w, count)); });
          };
          check.same([&](Assembler& a) { a.andn(w, d, s, count); },
                     [&](Generic& g) { g.andn(gp(w, d), gp(w, s), gp(w, count)); });
          same(X86Shift::shl, Inst::kIdShlx);
          same(X86Shift::shr, Inst::kIdShrx);
          same(X86Shift::sar, Inst::kIdSarx);
        }
        for (unsigned n = 0; n < bits(w); ++n) {
          check.same([&](Assembler& a) { a.rorx(w, d, s, n); },
                     [&](Generic& g) { g.rorx(gp(w, d), gp(w, s), n); });
        }
      }
    }
  }
}

// --- Float

struct FloatForm {
  asmjit::InstId sse[2], vex[2];  // by FloatWidth
};
// By FloatOp.
constexpr FloatForm kFloatForms[] = {
    {{Inst::kIdAddss, Inst::kIdAddsd}, {Inst::kIdVaddss, Inst::kIdVaddsd}},
    {{Inst::kIdSubss, Inst::kIdSubsd}, {Inst::kIdVsubss, Inst::kIdVsubsd}},
    {{Inst::kIdMulss, Inst::kIdMulsd}, {Inst::kIdVmulss, Inst::kIdVmulsd}},
    {{Inst::kIdDivss, Inst::kIdDivsd}, {Inst::kIdVdivss, Inst::kIdVdivsd}},
    {{Inst::kIdMinss, Inst::kIdMinsd}, {Inst::kIdVminss, Inst::kIdVminsd}},
    {{Inst::kIdMaxss, Inst::kIdMaxsd}, {Inst::kIdVmaxss, Inst::kIdVmaxsd}},
};
// By FloatLogic.
constexpr asmjit::InstId kLogicSse[] = {Inst::kIdAndps, Inst::kIdAndnps, Inst::kIdOrps,
                                        Inst::kIdXorps};
constexpr asmjit::InstId kLogicVex[] = {Inst::kIdVandps, Inst::kIdVandnps, Inst::kIdVorps,
                                        Inst::kIdVxorps};

constexpr size_t index_of(FloatWidth width) {
  return static_cast<size_t>(width);
}
x86::Mem mem(FloatWidth width, const Mem& m) {
  return to_asmjit(m, width == FloatWidth::f64 ? 8 : 4);
}

TEST(X64Assembler, EncodesThreeOperandFloatFormsAsAsmjitDoes) {
  Comparison check(/*avx=*/true);
  for (const Xmm d : all_xmm()) {
    for (const Xmm x : all_xmm()) {
      for (const Xmm y : all_xmm()) {
        for (unsigned op = 0; op < 6; ++op) {
          for (const FloatWidth w : kFloatWidths) {
            check.same([&](Assembler& a) { a.float_rrr(static_cast<FloatOp>(op), w, d, x, y); },
                       [&](Generic& g) {
                         g.emit(kFloatForms[op].vex[index_of(w)], xmm(d), xmm(x), xmm(y));
                       });
          }
        }
        for (unsigned op = 0; op < 4; ++op) {
          check.same([&](Assembler& a) { a.logic_rrr(static_cast<FloatLogic>(op), d, x, y); },
                     [&](Generic& g) { g.emit(kLogicVex[op], xmm(d), xmm(x), xmm(y)); });
        }
      }
      for (const Mem& m : {Mem{Gp::r14, Gp::rax, 0, 8}, Mem{Gp::rbp, Gp::none, 0, -128},
                           Mem{Gp::rax, Gp::r12, 3, INT_MAX}}) {
        for (unsigned op = 0; op < 6; ++op) {
          for (const FloatWidth w : kFloatWidths) {
            check.same([&](Assembler& a) { a.float_rrm(static_cast<FloatOp>(op), w, d, x, m); },
                       [&](Generic& g) {
                         g.emit(kFloatForms[op].vex[index_of(w)], xmm(d), xmm(x), mem(w, m));
                       });
          }
        }
      }
    }
  }
}

TEST(X64Assembler, EncodesTwoOperandFloatFormsAsAsmjitDoes) {
  Comparison check(/*avx=*/false);
  for (const Xmm d : all_xmm()) {
    for (const Xmm s : all_xmm()) {
      for (const FloatWidth w : kFloatWidths) {
        for (unsigned op = 0; op < 6; ++op) {
          check.same([&](Assembler& a) { a.float_rrr(static_cast<FloatOp>(op), w, d, d, s); },
                     [&](Generic& g) { g.emit(kFloatForms[op].sse[index_of(w)], xmm(d), xmm(s)); });
        }
      }
      for (unsigned op = 0; op < 4; ++op) {
        check.same([&](Assembler& a) { a.logic_rrr(static_cast<FloatLogic>(op), d, d, s); },
                   [&](Generic& g) { g.emit(kLogicSse[op], xmm(d), xmm(s)); });
      }
    }
  }
}

class X64AssemblerFloat : public testing::TestWithParam<bool> {
 protected:
  bool avx() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(, X64AssemblerFloat, testing::Bool(),
                         [](const auto& mode) { return mode.param ? "Vex" : "Sse"; });

TEST_P(X64AssemblerFloat, EncodesEveryAddressAsAsmjitDoes) {
  Comparison check(avx());
  for (const Mem& m : all_mems()) {
    for (const Xmm r : {Xmm::xmm1, Xmm::xmm9}) {
      for (const FloatWidth w : kFloatWidths) {
        const bool f32 = w == FloatWidth::f32;
        check.same([&](Assembler& a) { a.load_float(w, r, m); },
                   [&](Generic& g) {
                     if (avx())
                       g.emit(f32 ? Inst::kIdVmovss : Inst::kIdVmovsd, xmm(r), mem(w, m));
                     else
                       g.emit(f32 ? Inst::kIdMovss : Inst::kIdMovsd, xmm(r), mem(w, m));
                   });
        check.same([&](Assembler& a) { a.store_float(w, m, r); },
                   [&](Generic& g) {
                     if (avx())
                       g.emit(f32 ? Inst::kIdVmovss : Inst::kIdVmovsd, mem(w, m), xmm(r));
                     else
                       g.emit(f32 ? Inst::kIdMovss : Inst::kIdMovsd, mem(w, m), xmm(r));
                   });
        check.same([&](Assembler& a) { a.ucomis_rm(w, r, m); },
                   [&](Generic& g) {
                     if (avx())
                       g.emit(f32 ? Inst::kIdVucomiss : Inst::kIdVucomisd, xmm(r), mem(w, m));
                     else
                       g.emit(f32 ? Inst::kIdUcomiss : Inst::kIdUcomisd, xmm(r), mem(w, m));
                   });
        for (unsigned op = 0; op < 6; ++op) {
          check.same([&](Assembler& a) { a.float_rrm(static_cast<FloatOp>(op), w, r, r, m); },
                     [&](Generic& g) {
                       const FloatForm& form = kFloatForms[op];
                       if (avx())
                         g.emit(form.vex[index_of(w)], xmm(r), xmm(r), mem(w, m));
                       else
                         g.emit(form.sse[index_of(w)], xmm(r), mem(w, m));
                     });
        }
      }
      check.same([&](Assembler& a) { a.load_v128(r, m); },
                 [&](Generic& g) {
                   g.emit(avx() ? Inst::kIdVmovups : Inst::kIdMovups, xmm(r), to_asmjit(m, 16));
                 });
      check.same([&](Assembler& a) { a.store_v128(m, r); },
                 [&](Generic& g) {
                   g.emit(avx() ? Inst::kIdVmovups : Inst::kIdMovups, to_asmjit(m, 16), xmm(r));
                 });
    }
  }
}

TEST_P(X64AssemblerFloat, EncodesRegisterPairsAsAsmjitDoes) {
  Comparison check(avx());
  for (const Xmm d : all_xmm()) {
    for (const Xmm s : all_xmm()) {
      check.same(
          [&](Assembler& a) { a.movaps(d, s); },
          [&](Generic& g) { g.emit(avx() ? Inst::kIdVmovaps : Inst::kIdMovaps, xmm(d), xmm(s)); });

      // One source: VEX names it twice, SSE copies it first.
      const auto unary = [&](asmjit::InstId sse, asmjit::InstId vex, const auto& row) {
        check.same(row, [&](Generic& g) {
          if (avx()) {
            g.emit(vex, xmm(d), xmm(s), xmm(s));
          } else {
            if (d != s) g.movaps(xmm(d), xmm(s));
            g.emit(sse, xmm(d), xmm(d));
          }
        });
      };
      unary(Inst::kIdSqrtss, Inst::kIdVsqrtss,
            [&](Assembler& a) { a.sqrt(FloatWidth::f32, d, s); });
      unary(Inst::kIdSqrtsd, Inst::kIdVsqrtsd,
            [&](Assembler& a) { a.sqrt(FloatWidth::f64, d, s); });
      unary(Inst::kIdCvtss2sd, Inst::kIdVcvtss2sd, [&](Assembler& a) { a.f32_to_f64(d, s); });
      unary(Inst::kIdCvtsd2ss, Inst::kIdVcvtsd2ss, [&](Assembler& a) { a.f64_to_f32(d, s); });

      for (const FloatWidth w : kFloatWidths) {
        const bool f32 = w == FloatWidth::f32;
        check.same([&](Assembler& a) { a.ucomis_rr(w, d, s); },
                   [&](Generic& g) {
                     if (avx())
                       g.emit(f32 ? Inst::kIdVucomiss : Inst::kIdVucomisd, xmm(d), xmm(s));
                     else
                       g.emit(f32 ? Inst::kIdUcomiss : Inst::kIdUcomisd, xmm(d), xmm(s));
                   });
        for (const RoundMode mode :
             {RoundMode::nearest, RoundMode::floor, RoundMode::ceil, RoundMode::trunc}) {
          check.same([&](Assembler& a) { a.round(w, d, s, mode); },
                     [&](Generic& g) {
                       const asmjit::Imm imm(static_cast<int>(mode));
                       if (avx()) {
                         g.emit(f32 ? Inst::kIdVroundss : Inst::kIdVroundsd, xmm(d), xmm(s), xmm(s),
                                imm);
                       } else {
                         if (d != s) g.movaps(xmm(d), xmm(s));
                         g.emit(f32 ? Inst::kIdRoundss : Inst::kIdRoundsd, xmm(d), xmm(d), imm);
                       }
                     });
        }
      }
    }
    check.same([&](Assembler& a) { a.zero(d); },
               [&](Generic& g) {
                 if (avx())
                   g.vxorps(xmm(d), xmm(d), xmm(d));
                 else
                   g.xorps(xmm(d), xmm(d));
               });
  }
}

TEST_P(X64AssemblerFloat, EncodesMovesBetweenRegisterFilesAsAsmjitDoes) {
  Comparison check(avx());
  for (const Xmm x : all_xmm()) {
    for (const Gp r : all_gp()) {
      for (const Width w : kWidths) {
        const bool w64 = w == Width::w64;
        const asmjit::InstId move =
            avx() ? (w64 ? Inst::kIdVmovq : Inst::kIdVmovd) : (w64 ? Inst::kIdMovq : Inst::kIdMovd);
        check.same([&](Assembler& a) { a.mov_xg(w, x, r); },
                   [&](Generic& g) { g.emit(move, xmm(x), gp(w, r)); });
        check.same([&](Assembler& a) { a.mov_gx(w, r, x); },
                   [&](Generic& g) { g.emit(move, gp(w, r), xmm(x)); });
        for (const FloatWidth fw : kFloatWidths) {
          const bool f32 = fw == FloatWidth::f32;
          check.same([&](Assembler& a) { a.int_to_float(w, fw, x, r); },
                     [&](Generic& g) {
                       if (avx()) {
                         g.vxorps(xmm(x), xmm(x), xmm(x));
                         g.emit(f32 ? Inst::kIdVcvtsi2ss : Inst::kIdVcvtsi2sd, xmm(x), xmm(x),
                                gp(w, r));
                       } else {
                         g.xorps(xmm(x), xmm(x));
                         g.emit(f32 ? Inst::kIdCvtsi2ss : Inst::kIdCvtsi2sd, xmm(x), gp(w, r));
                       }
                     });
          check.same([&](Assembler& a) { a.float_to_int_trunc(w, fw, r, x); },
                     [&](Generic& g) {
                       if (avx()) {
                         g.emit(f32 ? Inst::kIdVcvttss2si : Inst::kIdVcvttsd2si, gp(w, r), xmm(x));
                       } else {
                         g.emit(f32 ? Inst::kIdCvttss2si : Inst::kIdCvttsd2si, gp(w, r), xmm(x));
                       }
                     });
        }
      }
    }
  }
}

/// Runs the two-operand instructions of `code` on registers that hold their own names.
std::map<std::string, std::string> evaluate(std::span<const uint8_t> code) {
  std::map<std::string, std::string> regs;
  const auto value = [&](const std::string& name) {
    const auto found = regs.find(name);
    return found == regs.end() ? name : found->second;
  };
  for (const Instruction& line : disassemble(code, Isa::x64)) {
    std::istringstream words(line.text);
    std::string operation, d, s;
    words >> operation >> d >> std::ws;
    std::getline(words, s);
    d.pop_back();  // the comma
    regs[d] = operation == "movaps" ? value(s) : operation + "(" + value(d) + "," + value(s) + ")";
  }
  return regs;
}

TEST(X64Assembler, ComputesThreeOperandFormsWithSseAndChangesOnlyTheScratchRegister) {
  if (!can_disassemble(Isa::x64)) GTEST_SKIP() << "built without Zydis";
  constexpr Xmm kSome[] = {Xmm::xmm0, Xmm::xmm1, Xmm::xmm7, Xmm::xmm8, Xmm::xmm14, Xmm::xmm15};
  const char* const kNames[] = {"addsd", "subsd", "mulsd",  "divsd", "minsd",
                                "maxsd", "andps", "andnps", "orps",  "xorps"};
  const auto name = [](Xmm reg) { return "xmm" + std::to_string(code(reg)); };
  Assembler a(make_features(false));
  for (unsigned op = 0; op < 10; ++op) {
    const bool commutes = op != 7 && (op >= 6 || op == 0 || op == 2);
    for (const Xmm d : kSome) {
      for (const Xmm x : kSome) {
        for (const Xmm y : kSome) {
          if (d == y && d != x && d == Assembler::kScratch) continue;  // not allowed
          a.reset();
          a.reserve();
          if (op < 6)
            a.float_rrr(static_cast<FloatOp>(op), FloatWidth::f64, d, x, y);
          else
            a.logic_rrr(static_cast<FloatLogic>(op - 6), d, x, y);
          auto regs = evaluate(a.code());
          const std::string call = kNames[op];
          const std::string in_order = call + "(" + name(x) + "," + name(y) + ")";
          const std::string swapped = call + "(" + name(y) + "," + name(x) + ")";
          EXPECT_TRUE(regs[name(d)] == in_order || (commutes && regs[name(d)] == swapped))
              << text_of(a.code()) << " for " << name(d) << " = " << in_order;
          for (const auto& [reg, value] : regs) {
            EXPECT_TRUE(reg == name(d) || reg == "xmm15" || value == reg) << text_of(a.code());
          }
        }
      }
    }
  }
}

// --- Rip-relative forms and patching

TEST_P(X64AssemblerFloat, EncodesRipRelativeFormsAsAsmjitDoes) {
  Comparison check(avx());
  const auto rip = [](uint32_t size) { return x86::ptr(x86::rip, 0, size); };
  for (const Xmm d : all_xmm()) {
    for (const FloatWidth w : kFloatWidths) {
      const bool f32 = w == FloatWidth::f32;
      const uint32_t size = f32 ? 4 : 8;
      check.same([&](Assembler& a) { a.load_rip(d, w); },
                 [&](Generic& g) {
                   if (avx())
                     g.emit(f32 ? Inst::kIdVmovss : Inst::kIdVmovsd, xmm(d), rip(size));
                   else
                     g.emit(f32 ? Inst::kIdMovss : Inst::kIdMovsd, xmm(d), rip(size));
                 });
      for (unsigned op = 0; op < 6; ++op) {
        check.same([&](Assembler& a) { a.float_rrip(static_cast<FloatOp>(op), w, d, d); },
                   [&](Generic& g) {
                     const FloatForm& form = kFloatForms[op];
                     if (avx())
                       g.emit(form.vex[index_of(w)], xmm(d), xmm(d), rip(size));
                     else
                       g.emit(form.sse[index_of(w)], xmm(d), rip(size));
                   });
      }
    }
    check.same(
        [&](Assembler& a) { a.load_rip_v128(d); },
        [&](Generic& g) { g.emit(avx() ? Inst::kIdVmovups : Inst::kIdMovups, xmm(d), rip(16)); });
    for (const Xmm s : all_xmm()) {
      for (unsigned op = 0; op < 4; ++op) {
        check.same([&](Assembler& a) { a.logic_rrip(static_cast<FloatLogic>(op), d, s); },
                   [&](Generic& g) {
                     if (avx()) {
                       g.emit(kLogicVex[op], xmm(d), xmm(s), rip(16));
                     } else {
                       if (d != s) g.movaps(xmm(d), xmm(s));
                       g.emit(kLogicSse[op], xmm(d), rip(16));
                     }
                   });
      }
    }
  }
  for (const Gp d : all_gp()) {
    check.same([&](Assembler& a) { a.lea_rip(d); }, [&](Generic& g) { g.lea(gp64(d), rip(0)); });
    for (const Width w : kWidths) {
      check.same([&](Assembler& a) { a.load_rip(d, w); },
                 [&](Generic& g) { g.mov(gp(w, d), rip(w == Width::w64 ? 8 : 4)); });
    }
  }
}

uint32_t read32(const Assembler& a, uint32_t offset) {
  const auto bytes = a.code().subspan(offset, 4);
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | uint32_t{bytes[3]} << 24;
}

/// Where the rel32 at `field` goes.
uint32_t target_of(const Assembler& a, uint32_t field) {
  return field + 4 + read32(a, field);
}

TEST(X64Assembler, PatchesRipRelativeFields) {
  Assembler a(make_features(true));
  a.reserve();
  const uint32_t lea = a.lea_rip(Gp::r10);
  const uint32_t load = a.load_rip(Xmm::xmm9, FloatWidth::f64);
  const uint32_t call = a.call_rel32();
  a.ret();
  a.patch_to_here(lea);
  a.emit_u32(0x12345678);
  a.patch_to_here(load);
  a.patch32(call, 7);
  EXPECT_EQ(target_of(a, lea), a.offset() - 4);
  EXPECT_EQ(target_of(a, load), a.offset());
  EXPECT_EQ(target_of(a, call), call + 4 + 7);
  EXPECT_EQ(read32(a, a.offset() - 4), 0x12345678u);
}

// --- Jumps

TEST(X64Assembler, BindsAnEmptyChainToNothing) {
  Assembler a(make_features(true));
  a.reserve();
  a.ret();
  PatchChain chain;
  EXPECT_TRUE(chain.empty());
  a.bind(chain);
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(a.code().size(), 1u);
}

TEST(X64Assembler, BindsAJumpAtTheVeryStart) {
  Assembler a(make_features(true));
  a.reserve();
  PatchChain chain;
  a.jmp(chain);
  EXPECT_FALSE(chain.empty());
  a.bind(chain);
  EXPECT_EQ(target_of(a, 1), 5u);
}

TEST(X64Assembler, BindsEveryJumpOfInterleavedChains) {
  Assembler a(make_features(true));
  PatchChain chains[2];
  std::vector<uint32_t> fields[2];
  for (unsigned i = 0; i < 2000; ++i) {
    a.reserve();
    PatchChain& chain = chains[i % 2];
    if (i % 3 == 0)
      a.jmp(chain);
    else
      a.jcc(static_cast<CondCode>(i % 16), chain);
    fields[i % 2].push_back(a.offset() - 4);
    for (unsigned n = 0; n < i % 5; ++n) a.ret();
  }
  for (unsigned c = 0; c < 2; ++c) {
    a.ret();
    a.bind(chains[c]);
    EXPECT_TRUE(chains[c].empty());
    for (const uint32_t field : fields[c]) ASSERT_EQ(target_of(a, field), a.offset());
  }
}

TEST(X64Assembler, ReusesAChainAfterBinding) {
  Assembler a(make_features(true));
  a.reserve();
  PatchChain chain;
  a.jmp(chain);
  a.bind(chain);
  a.jcc(CondCode::e, chain);
  a.ret();
  a.bind(chain);
  EXPECT_EQ(target_of(a, 1), 5u);
  EXPECT_EQ(target_of(a, 7), 12u);
}

TEST(X64Assembler, EncodesConditionsOfForwardJumps) {
  constexpr Cond kConds[] = {Cond::eq,   Cond::ne,   Cond::lt_s, Cond::ge_s, Cond::lt_u,
                             Cond::ge_u, Cond::gt_s, Cond::le_s, Cond::gt_u, Cond::le_u};
  constexpr uint8_t kSecondByte[] = {0x84, 0x85, 0x8c, 0x8d, 0x82, 0x83, 0x8f, 0x8e, 0x87, 0x86};
  for (size_t i = 0; i < std::size(kConds); ++i) {
    Assembler a(make_features(true));
    a.reserve();
    PatchChain chain;
    a.jcc(cond_code(kConds[i]), chain);
    EXPECT_EQ(a.code()[0], 0x0f);
    EXPECT_EQ(a.code()[1], kSecondByte[i]);
    EXPECT_EQ(invert(cond_code(kConds[i])), cond_code(invert(kConds[i])));
    EXPECT_EQ(swap_operands(swap_operands(kConds[i])), kConds[i]);
  }
}

TEST(X64Assembler, JumpsBackByRel8ExactlyWhereItReaches) {
  for (const uint32_t distance : {0u, 1u, 100u, 125u, 126u, 127u, 128u, 129u, 130u, 5000u}) {
    for (const uint32_t target : {0u, 3u}) {
      Assembler a(make_features(true));
      a.reserve(10000);
      for (uint32_t i = 0; i < target + distance; ++i) a.ret();
      const uint32_t start = a.offset();
      const bool near = distance + 2 <= 128;

      a.jmp_back(target);
      ASSERT_EQ(a.offset() - start, near ? 2u : 5u) << distance;
      if (near)
        EXPECT_EQ(start + 2 + static_cast<int8_t>(a.code()[start + 1]), target);
      else
        EXPECT_EQ(target_of(a, start + 1), target);
      EXPECT_EQ(a.code()[start], near ? 0xeb : 0xe9);

      for (const CondCode cc : all_cond_codes()) {
        const uint32_t at = a.offset();
        const bool cc_near = at + 2 - target <= 128;
        a.jcc_back(cc, target);
        const auto number = static_cast<uint8_t>(cc);
        ASSERT_EQ(a.offset() - at, cc_near ? 2u : 6u);
        if (cc_near) {
          EXPECT_EQ(a.code()[at], 0x70 | number);
          EXPECT_EQ(at + 2 + static_cast<int8_t>(a.code()[at + 1]), target);
        } else {
          EXPECT_EQ(a.code()[at + 1], 0x80 | number);
          EXPECT_EQ(target_of(a, at + 2), target);
        }
      }
    }
  }
}

TEST(X64Assembler, JumpsToItself) {
  Assembler a(make_features(true));
  a.reserve();
  a.jmp_back(a.offset());
  EXPECT_THAT(a.code(), testing::ElementsAre(0xeb, 0xfe));
}

TEST(X64Assembler, AlignsWithNopsOnly) {
  for (const unsigned alignment : {1u, 2u, 4u, 8u, 16u, 32u, 64u}) {
    for (uint32_t before = 0; before < 64; ++before) {
      Assembler a(make_features(true));
      a.reserve();
      for (uint32_t i = 0; i < before; ++i) a.ret();
      a.align(alignment);
      ASSERT_EQ(a.offset() % alignment, 0u);
      ASSERT_LT(a.offset() - before, alignment);
      if (!can_disassemble(Isa::x64)) continue;
      for (const Instruction& nop : disassemble(a.code().subspan(before), Isa::x64)) {
        ASSERT_TRUE(nop.text.starts_with("nop") || nop.text == "xchg ax, ax") << nop.text;
      }
    }
  }
}

// --- The buffer

/// Rows and asmjit in turn; returns what one turn emits.
void emit_turn(Assembler& a, uint32_t n) {
  a.reserve();
  for (uint32_t i = 0; i <= n % 40; ++i) {
    a.alu_ri(X86Alu::add, Width::w64, Gp::r9, static_cast<int32_t>(n * 77 + i));
  }
  if (n % 3 != 0) a.generic().vpshufb(x86::xmm1, x86::xmm2, x86::xmm3);
}

TEST(X64Assembler, KeepsAllCodeWhileTheBufferGrows) {
  Assembler whole(make_features(true));
  std::vector<uint8_t> expected;
  Assembler turn(make_features(true));
  for (uint32_t n = 0; n < 3000; ++n) {
    emit_turn(whole, n);
    turn.reset();
    emit_turn(turn, n);
    expected.insert(expected.end(), turn.code().begin(), turn.code().end());
  }
  EXPECT_GT(whole.code().size(), 300000u);
  EXPECT_TRUE(std::ranges::equal(whole.code(), expected));
}

TEST(X64Assembler, GrowsForRowsAlone) {
  Assembler a(make_features(true));
  constexpr uint32_t kCount = 100000;
  for (uint32_t n = 0; n < kCount; ++n) {
    a.reserve(4);
    a.emit_u32(n * 77);
  }
  ASSERT_EQ(a.code().size(), 4 * kCount);
  for (uint32_t n = 0; n < kCount; ++n) ASSERT_EQ(read32(a, 4 * n), n * 77);
}

/// Leaves six bytes of room, of which asmjit has not been told.
void fill(Assembler& a) {
  a.reserve();
  while (a.remainingSpace() > kMaxInstruction) a.ret();
  a.mov_ri(Width::w64, Gp::rax, INT64_MAX);
  ASSERT_EQ(a.remainingSpace(), kMaxInstruction - 10);
}

TEST(X64Assembler, GrowsWhenAsmjitMeetsABufferThatRowsHaveFilled) {
  const uint8_t bytes[100] = {};
  // `held` is generic() from before the rows.
  using Emit = std::function<void(Assembler & a, Generic & held)>;
  const Emit emits[] = {
      [&](Assembler&, Generic& held) { held.vpshufb(x86::xmm1, x86::xmm2, x86::xmm3); },
      [&](Assembler&, Generic& held) { held.align(asmjit::AlignMode::kCode, 64); },
      [&](Assembler&, Generic& held) { held.embed(bytes, sizeof bytes); },
      [&](Assembler& a, Generic&) {
        a.generic().embedDataArray(asmjit::TypeId::kUInt8, bytes, sizeof bytes);
      },
  };
  for (const Emit& emit : emits) {
    Assembler a(make_features(true));
    Generic& held = a.generic();
    fill(a);
    const size_t capacity = a.bufferCapacity(), filled = a.code().size();
    emit(a, held);
    EXPECT_GT(a.bufferCapacity(), capacity);
    EXPECT_GT(a.code().size(), filled);
    EXPECT_EQ(a.code()[0], 0xc3);
    EXPECT_EQ(a.code()[filled - 1], 0x7f);
  }
}

TEST(X64Assembler, GrowsByMoreThanItHas) {
  Assembler a(make_features(true));
  a.reserve();
  a.ret();
  a.reserve(1 << 20);
  EXPECT_GE(a.remainingSpace(), size_t{1} << 20);
  EXPECT_THAT(a.code(), testing::ElementsAre(0xc3));
}

TEST(X64Assembler, ForgetsCodeAndKeepsMemoryOnReset) {
  Assembler a(make_features(true));
  a.reserve(100000);
  const uint8_t* const memory = a.code().data();
  const size_t capacity = a.bufferCapacity();
  a.ret();
  a.generic().nop();
  a.reset();
  EXPECT_EQ(a.offset(), 0u);
  EXPECT_TRUE(a.code().empty());
  EXPECT_EQ(a.bufferCapacity(), capacity);
  EXPECT_EQ(a.code().data(), memory);
}

TEST(X64Assembler, ForgetsLabelsOnReset) {
  Assembler a(make_features(true));
  for (int round = 0; round < 3; ++round) {
    a.reset();
    a.reserve();
    const asmjit::Label label = a.newLabel();
    EXPECT_EQ(label.id(), 0u);
    a.generic().jmp(label);
    a.ret();
    a.bind(label);
    EXPECT_THAT(a.code(), testing::ElementsAre(0xe9, 1, 0, 0, 0, 0xc3));
  }
}

TEST(X64Assembler, BindsLabelsOfAsmjitBehindRows) {
  Assembler a(make_features(true));
  a.reserve();
  const asmjit::Label label = a.newLabel();
  a.ret();
  a.bind(label);
  a.ret();
  a.generic().jmp(label);
  EXPECT_THAT(a.code(), testing::ElementsAre(0xc3, 0xc3, 0xeb, 0xfd));
}

TEST(X64AssemblerDeathTest, RefusesWhatAsmjitCannotEncode) {
  Assembler a(make_features(true));
  EXPECT_DEATH(a.generic().emit(Inst::kIdAdd, x86::eax, x86::rcx), "kErrorOk");
}

// --- One example of each form in words, independent of asmjit

struct Example {
  const char* vex;
  const char* sse;
  void (*emit)(Assembler&);
};

// clang-format off
constexpr Width w32 = Width::w32, w64 = Width::w64;
constexpr FloatWidth f32 = FloatWidth::f32, f64 = FloatWidth::f64;
constexpr Mem kSlot = {Gp::rbp, Gp::none, 0, -24};
constexpr Mem kElement = {Gp::r14, Gp::rcx, 3, 0x1000};
constexpr Example kExamples[] = {
  {"mov eax, r9d", nullptr, [](Assembler& a) { a.mov_rr(w32, Gp::rax, Gp::r9); }},
  {"mov rdi, 0x123456789a", nullptr, [](Assembler& a) { a.mov_ri(w64, Gp::rdi, 0x123456789a); }},
  {"mov rdi, -0x2", nullptr, [](Assembler& a) { a.mov_ri(w64, Gp::rdi, -2); }},
  {"xor ecx, ecx", nullptr, [](Assembler& a) { a.zero(Gp::rcx); }},
  {"xchg r12, rax", nullptr, [](Assembler& a) { a.xchg_rr(w64, Gp::r12, Gp::rax); }},
  {"xchg eax, eax", nullptr, [](Assembler& a) { a.xchg_rr(w32, Gp::rax, Gp::rax); }},
  {"movzx eax, sil", nullptr, [](Assembler& a) { a.movzx8(Gp::rax, Gp::rsi); }},
  {"movzx eax, si", nullptr, [](Assembler& a) { a.movzx16(Gp::rax, Gp::rsi); }},
  {"movsx rax, sil", nullptr, [](Assembler& a) { a.movsx8(w64, Gp::rax, Gp::rsi); }},
  {"movsx eax, si", nullptr, [](Assembler& a) { a.movsx16(w32, Gp::rax, Gp::rsi); }},
  {"movsxd rax, r8d", nullptr, [](Assembler& a) { a.movsxd(Gp::rax, Gp::r8); }},
  {"mov eax, [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::u32, Gp::rax, kSlot); }},
  {"mov rax, [r14+rcx*8+0x1000]", nullptr, [](Assembler& a) { a.load(LoadKind::u64, Gp::rax, kElement); }},
  {"movzx eax, byte ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::u8, Gp::rax, kSlot); }},
  {"movzx eax, word ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::u16, Gp::rax, kSlot); }},
  {"movsx eax, byte ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::s8_32, Gp::rax, kSlot); }},
  {"movsx eax, word ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::s16_32, Gp::rax, kSlot); }},
  {"movsx rax, byte ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::s8_64, Gp::rax, kSlot); }},
  {"movsx rax, word ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::s16_64, Gp::rax, kSlot); }},
  {"movsxd rax, dword ptr [rbp-0x18]", nullptr, [](Assembler& a) { a.load(LoadKind::s32_64, Gp::rax, kSlot); }},
  {"mov [rbp-0x18], dil", nullptr, [](Assembler& a) { a.store(0, kSlot, Gp::rdi); }},
  {"mov [rbp-0x18], di", nullptr, [](Assembler& a) { a.store(1, kSlot, Gp::rdi); }},
  {"mov [rbp-0x18], edi", nullptr, [](Assembler& a) { a.store(2, kSlot, Gp::rdi); }},
  {"mov [rbp-0x18], rdi", nullptr, [](Assembler& a) { a.store(3, kSlot, Gp::rdi); }},
  {"mov byte ptr [rbp-0x18], -0x1", nullptr, [](Assembler& a) { a.store_imm(0, kSlot, -1); }},
  {"mov word ptr [rbp-0x18], 0x100", nullptr, [](Assembler& a) { a.store_imm(1, kSlot, 256); }},
  {"mov dword ptr [rbp-0x18], 0x100", nullptr, [](Assembler& a) { a.store_imm(2, kSlot, 256); }},
  {"mov qword ptr [rbp-0x18], -0x1", nullptr, [](Assembler& a) { a.store_imm(3, kSlot, -1); }},
  {"lea eax, [r14+rcx*8+0x1000]", nullptr, [](Assembler& a) { a.lea(w32, Gp::rax, kElement); }},
  {"cmovb rax, r10", nullptr, [](Assembler& a) { a.cmov_rr(CondCode::b, w64, Gp::rax, Gp::r10); }},
  {"cmovnle eax, [rbp-0x18]", nullptr, [](Assembler& a) { a.cmov_rm(CondCode::g, w32, Gp::rax, kSlot); }},
  {"setz sil", nullptr, [](Assembler& a) { a.setcc(CondCode::e, Gp::rsi); }},
  {"push r12; pop rbx", nullptr, [](Assembler& a) { a.push(Gp::r12); a.pop(Gp::rbx); }},
  {"sub r8, rax", nullptr, [](Assembler& a) { a.alu_rr(X86Alu::sub, w64, Gp::r8, Gp::rax); }},
  {"cmp eax, 0x3e8", nullptr, [](Assembler& a) { a.alu_ri(X86Alu::cmp, w32, Gp::rax, 1000); }},
  {"and rdx, -0x10", nullptr, [](Assembler& a) { a.alu_ri(X86Alu::and_, w64, Gp::rdx, -16); }},
  {"add edx, [rbp-0x18]", nullptr, [](Assembler& a) { a.alu_rm(X86Alu::add, w32, Gp::rdx, kSlot); }},
  {"xor [rbp-0x18], rdx", nullptr, [](Assembler& a) { a.alu_mr(X86Alu::xor_, w64, kSlot, Gp::rdx); }},
  {"or qword ptr [rbp-0x18], 0x5", nullptr, [](Assembler& a) { a.alu_mi(X86Alu::or_, w64, kSlot, 5); }},
  {"test r9, rax", nullptr, [](Assembler& a) { a.test_rr(w64, Gp::r9, Gp::rax); }},
  {"test sil, 0x1", nullptr, [](Assembler& a) { a.test_ri(w64, Gp::rsi, 1); }},
  {"imul eax, r11d", nullptr, [](Assembler& a) { a.imul_rr(w32, Gp::rax, Gp::r11); }},
  {"imul rax, [rbp-0x18]", nullptr, [](Assembler& a) { a.imul_rm(w64, Gp::rax, kSlot); }},
  {"imul rax, r11, 0x64", nullptr, [](Assembler& a) { a.imul_rri(w64, Gp::rax, Gp::r11, 100); }},
  {"imul eax, [rbp-0x18], 0x3e8", nullptr, [](Assembler& a) { a.imul_rmi(w32, Gp::rax, kSlot, 1000); }},
  {"mul r8; imul ecx", nullptr, [](Assembler& a) {
     a.mul(w64, Gp::r8); a.imul(w32, Gp::rcx); }},
  {"neg r8d; not rax; div ecx; idiv r9", nullptr, [](Assembler& a) {
     a.neg(w32, Gp::r8); a.not_(w64, Gp::rax); a.div(w32, Gp::rcx); a.idiv(w64, Gp::r9); }},
  {"cdq; cqo", nullptr, [](Assembler& a) { a.cdq(w32); a.cdq(w64); }},
  {"shl eax, 0x1; sar r8, 0x3f; ror ecx, 0x7", nullptr, [](Assembler& a) {
     a.shift_ri(X86Shift::shl, w32, Gp::rax, 1); a.shift_ri(X86Shift::sar, w64, Gp::r8, 63);
     a.shift_ri(X86Shift::ror, w32, Gp::rcx, 7); }},
  {"rol rbx, cl; shr edx, cl", nullptr, [](Assembler& a) {
     a.shift_rcl(X86Shift::rol, w64, Gp::rbx); a.shift_rcl(X86Shift::shr, w32, Gp::rdx); }},
  {"shlx eax, r8d, ebx", nullptr, [](Assembler& a) { a.shiftx(X86Shift::shl, w32, Gp::rax, Gp::r8, Gp::rbx); }},
  {"andn eax, r8d, ebx", nullptr, [](Assembler& a) { a.andn(w32, Gp::rax, Gp::r8, Gp::rbx); }},
  {"rorx rax, r8, 0x7", nullptr, [](Assembler& a) { a.rorx(w64, Gp::rax, Gp::r8, 7); }},
  {"lzcnt eax, ecx; tzcnt rax, r9; popcnt eax, ecx", nullptr, [](Assembler& a) {
     a.lzcnt(w32, Gp::rax, Gp::rcx); a.tzcnt(w64, Gp::rax, Gp::r9); a.popcnt(w32, Gp::rax, Gp::rcx); }},
  {"bsr rax, rcx; bsf eax, ecx", nullptr, [](Assembler& a) {
     a.bsr(w64, Gp::rax, Gp::rcx); a.bsf(w32, Gp::rax, Gp::rcx); }},
  {"call r10; call [rbp-0x18]", nullptr, [](Assembler& a) { a.call_r(Gp::r10); a.call_m(kSlot); }},
  {"jmp rax; jmp [rbp-0x18]", nullptr, [](Assembler& a) { a.jmp_r(Gp::rax); a.jmp_m(kSlot); }},
  {"leave; ret; ud2", nullptr, [](Assembler& a) { a.leave(); a.ret(); a.ud2(); }},
  {"jnbe 0xb; jmp 0xb", nullptr, [](Assembler& a) {
     PatchChain c; a.jcc(CondCode::a, c); a.jmp(c); a.bind(c); }},
  {"call 0x5", nullptr, [](Assembler& a) { a.call_rel32(); }},
  {"lea r10, [0x7]", nullptr, [](Assembler& a) { a.lea_rip(Gp::r10); }},
  {"vmovsd xmm1, qword ptr [0x8]", "movsd xmm1, qword ptr [0x8]", [](Assembler& a) { a.load_rip(Xmm::xmm1, f64); }},
  {"vaddss xmm1, xmm2, xmm9", "movaps xmm1, xmm2; addss xmm1, xmm9", [](Assembler& a) {
     a.float_rrr(FloatOp::add, f32, Xmm::xmm1, Xmm::xmm2, Xmm::xmm9); }},
  {"vdivsd xmm1, xmm2, xmm1", "movaps xmm15, xmm2; divsd xmm15, xmm1; movaps xmm1, xmm15", [](Assembler& a) {
     a.float_rrr(FloatOp::div, f64, Xmm::xmm1, Xmm::xmm2, Xmm::xmm1); }},
  {"vmaxsd xmm1, xmm2, qword ptr [rbp-0x18]", "movaps xmm1, xmm2; maxsd xmm1, [rbp-0x18]", [](Assembler& a) {
     a.float_rrm(FloatOp::max, f64, Xmm::xmm1, Xmm::xmm2, kSlot); }},
  {"vandnps xmm1, xmm1, xmm2", "andnps xmm1, xmm2", [](Assembler& a) {
     a.logic_rrr(FloatLogic::andn, Xmm::xmm1, Xmm::xmm1, Xmm::xmm2); }},
  {"vsqrtsd xmm1, xmm2, xmm2", "movaps xmm1, xmm2; sqrtsd xmm1, xmm1", [](Assembler& a) {
     a.sqrt(f64, Xmm::xmm1, Xmm::xmm2); }},
  {"vroundss xmm1, xmm2, xmm2, 0xb", "movaps xmm1, xmm2; roundss xmm1, xmm1, 0xb", [](Assembler& a) {
     a.round(f32, Xmm::xmm1, Xmm::xmm2, RoundMode::trunc); }},
  {"vcvtss2sd xmm1, xmm1, xmm1", "cvtss2sd xmm1, xmm1", [](Assembler& a) { a.f32_to_f64(Xmm::xmm1, Xmm::xmm1); }},
  {"vcvtsd2ss xmm1, xmm1, xmm1", "cvtsd2ss xmm1, xmm1", [](Assembler& a) { a.f64_to_f32(Xmm::xmm1, Xmm::xmm1); }},
  {"vucomisd xmm1, xmm9", "ucomisd xmm1, xmm9", [](Assembler& a) { a.ucomis_rr(f64, Xmm::xmm1, Xmm::xmm9); }},
  {"vucomiss xmm1, dword ptr [rbp-0x18]", "ucomiss xmm1, [rbp-0x18]", [](Assembler& a) { a.ucomis_rm(f32, Xmm::xmm1, kSlot); }},
  {"vmovaps xmm1, xmm9", "movaps xmm1, xmm9", [](Assembler& a) { a.movaps(Xmm::xmm1, Xmm::xmm9); }},
  {"vmovss xmm1, dword ptr [rbp-0x18]", "movss xmm1, dword ptr [rbp-0x18]", [](Assembler& a) { a.load_float(f32, Xmm::xmm1, kSlot); }},
  {"vmovsd [r14+rcx*8+0x1000], xmm9", "movsd [r14+rcx*8+0x1000], xmm9", [](Assembler& a) {
     a.store_float(f64, kElement, Xmm::xmm9); }},
  {"vmovups xmm1, [rbp-0x18]", "movups xmm1, [rbp-0x18]", [](Assembler& a) { a.load_v128(Xmm::xmm1, kSlot); }},
  {"vmovups [rbp-0x18], xmm1", "movups [rbp-0x18], xmm1", [](Assembler& a) { a.store_v128(kSlot, Xmm::xmm1); }},
  {"vmovd xmm1, r9d; vmovq xmm1, r9", "movd xmm1, r9d; movq xmm1, r9", [](Assembler& a) {
     a.mov_xg(w32, Xmm::xmm1, Gp::r9); a.mov_xg(w64, Xmm::xmm1, Gp::r9); }},
  {"vmovd r9d, xmm1; vmovq r9, xmm1", "movd r9d, xmm1; movq r9, xmm1", [](Assembler& a) {
     a.mov_gx(w32, Gp::r9, Xmm::xmm1); a.mov_gx(w64, Gp::r9, Xmm::xmm1); }},
  {"vxorps xmm1, xmm1, xmm1; vcvtsi2sd xmm1, xmm1, r9", "xorps xmm1, xmm1; cvtsi2sd xmm1, r9", [](Assembler& a) {
     a.int_to_float(w64, f64, Xmm::xmm1, Gp::r9); }},
  {"vcvttss2si eax, xmm1", "cvttss2si eax, xmm1", [](Assembler& a) {
     a.float_to_int_trunc(w32, f32, Gp::rax, Xmm::xmm1); }},
};
// clang-format on

TEST_P(X64AssemblerFloat, WritesWhatZydisReads) {
  if (!can_disassemble(Isa::x64)) GTEST_SKIP() << "built without Zydis";
  Assembler a(make_features(avx()));
  for (const Example& example : kExamples) {
    a.reset();
    a.reserve();
    example.emit(a);
    EXPECT_EQ(text_of(a.code()), avx() || !example.sse ? example.vex : example.sse);
  }
}

}  // namespace
}  // namespace swoop::jit::x64

// The x86-64 assembler: hot instructions are rows of our own that write straight into asmjit's
// buffer, every other instruction is asmjit's. Tests: tests/jit/x64/assembler_test.cc.
//
// Surprises of the instructions themselves (those of their encoding: encoding.h):
//   * a 32-bit operation clears the upper half of its destination, an 8- or 16-bit one does not;
//   * shifts by cl take the count modulo 32 or 64 and leave all flags alone when it is 0;
//   * bsr and bsf leave the destination undefined for 0, lzcnt and tzcnt do not; on a CPU without
//     the latter their encodings silently run as the former;
//   * div and idiv fault on overflow as well as on a zero divisor;
//   * scalar float instructions merge into the old destination: a false dependency that sqrt,
//     conversions and rounding here avoid;
//   * minss and maxss return their second operand for NaN and for two zeros;
//   * ucomis sets ZF, PF and CF for unordered operands: NaN takes `jb` and `je`, but not `ja`.
// Reference: Intel SDM volume 2; calling convention: System V AMD64 psABI (gitlab.com/x86-psABIs).
//
// Safety: writers do not check for room. One reserve() before a group of instructions guarantees
// it; debug builds check at each instruction. Handing over to asmjit records the size of the code,
// because asmjit grows its buffer from the recorded size, not from the position.
#pragma once

#include "base/check.h"
#include "jit/buffered_assembler.h"
#include "jit/cpu_features.h"
#include "jit/ops.h"
#include "jit/x64/encoding.h"
#include "jit/x64/registers.h"

#include <asmjit/x86.h>

#include <cstdint>
#include <span>

namespace swoop::jit::x64 {

enum class X86Alu : uint8_t { add, or_, adc, sbb, and_, sub, xor_, cmp };
enum class X86Shift : uint8_t { rol = 0, ror = 1, shl = 4, shr = 5, sar = 7 };

/// Rounding as roundss encodes it, exceptions suppressed.
enum class RoundMode : uint8_t { nearest = 8, floor = 9, ceil = 10, trunc = 11 };

/// Forward jumps to one place that is not known yet, linked through their own displacement fields.
struct PatchChain {
  uint32_t last = 0;  // code offset of the last field; 0, which no field can have, ends the chain
  bool empty() const { return last == 0; }
};

/// Emits one function at a time: reset(), instructions, code().
///
/// Names read `<operation>_<operand forms>`: r register, i immediate, m memory; the destination
/// comes first. Asmjit's own instructions are reached through generic(), in any order with ours.
/// xmm15 is clobbered where a row says so. Not thread safe; each worker has its own.
class Assembler final
    : public BufferedAssembler<asmjit::x86::Assembler, asmjit::Arch::kX64, kMaxInstruction> {
 public:
  static constexpr Xmm kScratch = Xmm::xmm15;

  explicit Assembler(const CpuFeatures& features) : features_(features) {}

  const CpuFeatures& features() const { return features_; }

  // --- Position and space

  using BufferedAssembler::align;
  using BufferedAssembler::bind;

  /// Drops all code and keeps the memory.
  void reset() { drop_code(); }

  /// Pads with nops (each up to 9 bytes) to a multiple of `alignment`, a power of two up to 64.
  void align(unsigned alignment);

  SWOOP_INLINE void emit_u32(uint32_t value) {
    Cursor at = begin();
    at.bytes(value, 4);
    commit(at);
  }

  SWOOP_INLINE void patch32(uint32_t field, uint32_t value) {
    DCHECK(field + 4 <= offset() && "patch behind the code");
    reinterpret_cast<Word<uint32_t>*>(_bufferData + field)->value = value;
  }

  /// Makes the rip-relative or branch displacement at `field` refer to the current position.
  SWOOP_INLINE void patch_to_here(uint32_t field) { patch32(field, offset() - (field + 4)); }

  // --- Moves

  SWOOP_INLINE void mov_rr(Width width, Gp d, Gp s) { reg_reg(op(0x89), width, s, d); }

  /// The shortest of mov r32,imm32, mov r64,simm32 and mov r64,imm64. Keeps the flags.
  /// At w32 the upper half of `value` is ignored.
  SWOOP_INLINE void mov_ri(Width width, Gp d, int64_t value) {
    if (width == Width::w32 || (static_cast<uint64_t>(value) >> 32) == 0) {
      Cursor at = begin();
      at.opcode_reg(0xb8, false, x64::code(d));
      at.imm(static_cast<int32_t>(value), 4);
      commit(at);
    } else {
      mov_ri64(d, value);
    }
  }

  /// xor d, d. Clobbers the flags.
  SWOOP_INLINE void zero(Gp d) { reg_reg(op(0x31), Width::w32, d, d); }

  SWOOP_INLINE void xchg_rr(Width width, Gp a, Gp b) {
    const Gp other = a == Gp::rax ? b : a;
    if ((a == Gp::rax || b == Gp::rax) && other != Gp::rax) {
      opcode_reg(0x90, width, other);
    } else {
      reg_reg(op(0x87), width, b, a);
    }
  }

  SWOOP_INLINE void movzx8(Gp d, Gp s) { reg_reg(op_0f(0xb6), Width::w32, d, s, x64::code(s)); }
  SWOOP_INLINE void movzx16(Gp d, Gp s) { reg_reg(op_0f(0xb7), Width::w32, d, s); }
  SWOOP_INLINE void movsx8(Width width, Gp d, Gp s) {
    reg_reg(op_0f(0xbe), width, d, s, x64::code(s));
  }
  SWOOP_INLINE void movsx16(Width width, Gp d, Gp s) { reg_reg(op_0f(0xbf), width, d, s); }
  /// Sign-extends 32 to 64 bits.
  SWOOP_INLINE void movsxd(Gp d, Gp s) { reg_reg(op(0x63), Width::w64, d, s); }

  SWOOP_INLINE void load(LoadKind kind, Gp d, const Mem& mem) {
    const LoadRow row = kLoads[static_cast<unsigned>(kind)];
    Cursor at = begin();
    at.reg_mem(row.opcode, row.size, row.w, x64::code(d), mem);
    commit(at);
  }

  /// Stores the low 1 << `size_log2` bytes of `s`.
  SWOOP_INLINE void store(unsigned size_log2, const Mem& mem, Gp s) {
    DCHECK(size_log2 <= 3);
    const Opcode opcode = op(size_log2 == 0 ? 0x88 : 0x89, size_log2 == 1 ? 0x66 : 0);
    Cursor at = begin();
    at.reg_mem(opcode, size_log2 == 3, x64::code(s), mem, size_log2 == 0 ? x64::code(s) : 0);
    commit(at);
  }

  /// Stores the low 1 << `size_log2` bytes of `value`, sign-extended when that is 8.
  SWOOP_INLINE void store_imm(unsigned size_log2, const Mem& mem, int32_t value) {
    DCHECK(size_log2 <= 3);
    const Opcode opcode = op(size_log2 == 0 ? 0xc6 : 0xc7, size_log2 == 1 ? 0x66 : 0);
    Cursor at = begin();
    at.reg_mem(opcode, size_log2 == 3, 0, mem);
    at.imm(value, size_log2 >= 2 ? 4 : 1 << size_log2);
    commit(at);
  }

  SWOOP_INLINE void lea(Width width, Gp d, const Mem& mem) {
    reg_mem(op(0x8d), width, x64::code(d), mem);
  }

  SWOOP_INLINE void cmov_rr(CondCode cc, Width width, Gp d, Gp s) {
    reg_reg(op_0f(0x40 | number(cc)), width, d, s);
  }
  SWOOP_INLINE void cmov_rm(CondCode cc, Width width, Gp d, const Mem& mem) {
    reg_mem(op_0f(0x40 | number(cc)), width, x64::code(d), mem);
  }

  /// Sets the low byte of `d` to 0 or 1; the other bits stay.
  SWOOP_INLINE void setcc(CondCode cc, Gp d) {
    Cursor at = begin();
    at.reg_reg(op_0f(0x90 | number(cc)), false, 0, x64::code(d), x64::code(d));
    commit(at);
  }

  SWOOP_INLINE void push(Gp reg) { opcode_reg(0x50, Width::w32, reg); }
  SWOOP_INLINE void pop(Gp reg) { opcode_reg(0x58, Width::w32, reg); }

  // --- Integer arithmetic

  SWOOP_INLINE void alu_rr(X86Alu alu, Width width, Gp d, Gp s) {
    reg_reg(op(number(alu) << 3 | 1), width, s, d);
  }
  SWOOP_INLINE void alu_ri(X86Alu alu, Width width, Gp d, int32_t value) {
    const bool imm8 = fits_int8(value);
    Cursor at = begin();
    if (d == Gp::rax && !imm8) {
      at.bytes(0x48, width == Width::w64);
      at.bytes(number(alu) << 3 | 5, 1);
    } else {
      at.reg_reg(op(imm8 ? 0x83 : 0x81), width == Width::w64, number(alu), x64::code(d));
    }
    at.imm(value, imm8 ? 1 : 4);
    commit(at);
  }
  SWOOP_INLINE void alu_rm(X86Alu alu, Width width, Gp d, const Mem& mem) {
    reg_mem(op(number(alu) << 3 | 3), width, x64::code(d), mem);
  }
  SWOOP_INLINE void alu_mr(X86Alu alu, Width width, const Mem& mem, Gp s) {
    reg_mem(op(number(alu) << 3 | 1), width, x64::code(s), mem);
  }
  SWOOP_INLINE void alu_mi(X86Alu alu, Width width, const Mem& mem, int32_t value) {
    const bool imm8 = fits_int8(value);
    Cursor at = begin();
    at.reg_mem(op(imm8 ? 0x83 : 0x81), width == Width::w64, number(alu), mem);
    at.imm(value, imm8 ? 1 : 4);
    commit(at);
  }

  SWOOP_INLINE void test_rr(Width width, Gp a, Gp b) { reg_reg(op(0x85), width, b, a); }

  /// Flags of `a & value`. Uses a narrower test that sets the same ZF and SF where there is one.
  SWOOP_INLINE void test_ri(Width width, Gp a, int32_t value) {
    Cursor at = begin();
    const bool byte = value >= 0 && value <= 0x7f;
    const bool w = width == Width::w64 && value < 0;
    if (a == Gp::rax) {
      at.bytes(0x48, w);
      at.bytes(byte ? 0xa8 : 0xa9, 1);
    } else {
      at.reg_reg(op(byte ? 0xf6 : 0xf7), w, 0, x64::code(a), byte ? x64::code(a) : 0);
    }
    at.imm(value, byte ? 1 : 4);
    commit(at);
  }

  SWOOP_INLINE void imul_rr(Width width, Gp d, Gp s) { reg_reg(op_0f(0xaf), width, d, s); }
  SWOOP_INLINE void imul_rm(Width width, Gp d, const Mem& mem) {
    reg_mem(op_0f(0xaf), width, x64::code(d), mem);
  }
  SWOOP_INLINE void imul_rri(Width width, Gp d, Gp s, int32_t value) {
    const bool imm8 = fits_int8(value);
    Cursor at = begin();
    at.reg_reg(op(imm8 ? 0x6b : 0x69), width == Width::w64, x64::code(d), x64::code(s));
    at.imm(value, imm8 ? 1 : 4);
    commit(at);
  }
  SWOOP_INLINE void imul_rmi(Width width, Gp d, const Mem& mem, int32_t value) {
    const bool imm8 = fits_int8(value);
    Cursor at = begin();
    at.reg_mem(op(imm8 ? 0x6b : 0x69), width == Width::w64, x64::code(d), mem);
    at.imm(value, imm8 ? 1 : 4);
    commit(at);
  }

  SWOOP_INLINE void neg(Width width, Gp d) { group(0xf7, 3, width, d); }
  SWOOP_INLINE void not_(Width width, Gp d) { group(0xf7, 2, width, d); }
  /// rax * r -> rdx:rax, unsigned and signed.
  SWOOP_INLINE void mul(Width width, Gp r) { group(0xf7, 4, width, r); }
  SWOOP_INLINE void imul(Width width, Gp r) { group(0xf7, 5, width, r); }
  /// rdx:rax / r -> quotient rax, remainder rdx.
  SWOOP_INLINE void div(Width width, Gp r) { group(0xf7, 6, width, r); }
  SWOOP_INLINE void idiv(Width width, Gp r) { group(0xf7, 7, width, r); }
  /// Sign-extends rax into rdx:rax (cdq or cqo).
  SWOOP_INLINE void cdq(Width width) {
    if (width == Width::w64)
      fixed(0x9948, 2);
    else
      fixed(0x99, 1);
  }

  SWOOP_INLINE void shift_ri(X86Shift shift, Width width, Gp d, unsigned count) {
    DCHECK(count < bits(width));
    const bool by_one = count == 1;
    Cursor at = begin();
    at.reg_reg(op(by_one ? 0xd1 : 0xc1), width == Width::w64, number(shift), x64::code(d));
    at.bytes(count, by_one ? 0 : 1);
    commit(at);
  }
  SWOOP_INLINE void shift_rcl(X86Shift shift, Width width, Gp d) {
    group(0xd3, number(shift), width, d);
  }
  /// shlx, shrx, sarx: any count register, flags kept. Needs BMI2.
  SWOOP_INLINE void shiftx(X86Shift shift, Width width, Gp d, Gp s, Gp count) {
    DCHECK(features_.bmi2);
    DCHECK(shift == X86Shift::shl || shift == X86Shift::shr || shift == X86Shift::sar);
    const Prefix prefix = shift == X86Shift::shl   ? Prefix::x66
                          : shift == X86Shift::shr ? Prefix::xf2
                                                   : Prefix::xf3;
    Cursor at = begin();
    at.vex_reg({0xf7, prefix, Map::x0f38}, width == Width::w64, x64::code(d), x64::code(count),
               x64::code(s));
    commit(at);
  }
  /// Rotate right, flags kept. Needs BMI2.
  SWOOP_INLINE void rorx(Width width, Gp d, Gp s, unsigned count) {
    DCHECK(features_.bmi2 && count < bits(width));
    Cursor at = begin();
    at.vex_reg({0xf0, Prefix::xf2, Map::x0f3a}, width == Width::w64, x64::code(d), 0, x64::code(s));
    at.bytes(count, 1);
    commit(at);
  }

  /// d = ~a & b. Needs BMI1.
  SWOOP_INLINE void andn(Width width, Gp d, Gp a, Gp b) {
    DCHECK(features_.bmi1);
    Cursor at = begin();
    at.vex_reg({0xf2, Prefix::none, Map::x0f38}, width == Width::w64, x64::code(d), x64::code(a),
               x64::code(b));
    commit(at);
  }

  SWOOP_INLINE void lzcnt(Width width, Gp d, Gp s) { reg_reg(op_0f(0xbd, 0xf3), width, d, s); }
  SWOOP_INLINE void tzcnt(Width width, Gp d, Gp s) { reg_reg(op_0f(0xbc, 0xf3), width, d, s); }
  SWOOP_INLINE void popcnt(Width width, Gp d, Gp s) { reg_reg(op_0f(0xb8, 0xf3), width, d, s); }
  SWOOP_INLINE void bsr(Width width, Gp d, Gp s) { reg_reg(op_0f(0xbd), width, d, s); }
  SWOOP_INLINE void bsf(Width width, Gp d, Gp s) { reg_reg(op_0f(0xbc), width, d, s); }

  // --- Control

  SWOOP_INLINE void jcc(CondCode cc, PatchChain& chain) {
    Cursor at = begin();
    at.bytes(0x800f | number(cc) << 8, 2);
    link(at, chain);
  }
  SWOOP_INLINE void jmp(PatchChain& chain) {
    Cursor at = begin();
    at.bytes(0xe9, 1);
    link(at, chain);
  }

  /// Makes every jump of `chain` go to the current position and empties it.
  SWOOP_INLINE void bind(PatchChain& chain) {
    for (uint32_t field = chain.last; field != 0;) {
      const uint32_t previous = reinterpret_cast<Word<uint32_t>*>(_bufferData + field)->value;
      patch_to_here(field);
      field = previous;
    }
    chain.last = 0;
  }

  /// Jumps to code that is already there, by rel8 where it reaches.
  SWOOP_INLINE void jcc_back(CondCode cc, uint32_t target) {
    jump_back(0x70 | number(cc), 0x800f | number(cc) << 8, 2, target);
  }
  SWOOP_INLINE void jmp_back(uint32_t target) { jump_back(0xeb, 0xe9, 1, target); }

  /// Returns the offset of the rel32 field, which holds 0.
  SWOOP_INLINE uint32_t call_rel32() {
    Cursor at = begin();
    at.bytes(0xe8, 1);
    at.bytes(0, 4);
    commit(at);
    return offset() - 4;
  }

  SWOOP_INLINE void call_r(Gp target) { group(0xff, 2, Width::w32, target); }
  SWOOP_INLINE void jmp_r(Gp target) { group(0xff, 4, Width::w32, target); }
  SWOOP_INLINE void call_m(const Mem& mem) { reg_mem(op(0xff), Width::w32, 2, mem); }
  SWOOP_INLINE void jmp_m(const Mem& mem) { reg_mem(op(0xff), Width::w32, 4, mem); }
  SWOOP_INLINE void ret() { fixed(0xc3, 1); }
  SWOOP_INLINE void leave() { fixed(0xc9, 1); }
  SWOOP_INLINE void ud2() { fixed(0x0b0f, 2); }

  // --- Rip-relative: these return the offset of the displacement field, which holds 0, for
  //     patch_to_here() or a relocation

  SWOOP_INLINE uint32_t lea_rip(Gp d) { return reg_rip(op(0x8d), Width::w64, x64::code(d)); }
  SWOOP_INLINE uint32_t load_rip(Gp d, Width width) {
    return reg_rip(op(0x8b), width, x64::code(d));
  }
  SWOOP_INLINE uint32_t load_rip(Xmm d, FloatWidth width) {
    return simd_rip(scalar(0x10, width), d, Xmm::xmm0);
  }
  SWOOP_INLINE uint32_t load_rip_v128(Xmm d) { return simd_rip({0x10}, d, Xmm::xmm0); }
  /// d = a op [rip]
  SWOOP_INLINE uint32_t float_rrip(FloatOp op, FloatWidth width, Xmm d, Xmm a) {
    copy_for_sse(d, a);
    return simd_rip(scalar(kFloatOps[static_cast<unsigned>(op)], width), d, a);
  }
  /// d = a op [rip]; the SSE form needs the operand aligned to 16.
  SWOOP_INLINE uint32_t logic_rrip(FloatLogic op, Xmm d, Xmm a) {
    copy_for_sse(d, a);
    return simd_rip({kFloatLogic[static_cast<unsigned>(op)]}, d, a);
  }

  // --- Float: VEX where the target has AVX, else SSE, from the same row

  /// d = a op b. SSE clobbers xmm15 when d is b and the operation is not commutative.
  SWOOP_INLINE void float_rrr(FloatOp op, FloatWidth width, Xmm d, Xmm a, Xmm b) {
    const bool commutes = op == FloatOp::add || op == FloatOp::mul;
    simd_rrr(scalar(kFloatOps[static_cast<unsigned>(op)], width), commutes, d, a, b);
  }
  SWOOP_INLINE void float_rrm(FloatOp op, FloatWidth width, Xmm d, Xmm a, const Mem& mem) {
    copy_for_sse(d, a);
    simd_mem(scalar(kFloatOps[static_cast<unsigned>(op)], width), d, a, mem);
  }
  /// d = a op b, all 128 bits. SSE clobbers xmm15 when d is b and the operation is andn.
  SWOOP_INLINE void logic_rrr(FloatLogic op, Xmm d, Xmm a, Xmm b) {
    simd_rrr({kFloatLogic[static_cast<unsigned>(op)]}, op != FloatLogic::andn, d, a, b);
  }

  SWOOP_INLINE void sqrt(FloatWidth width, Xmm d, Xmm s) { simd_unary(scalar(0x51, width), d, s); }
  SWOOP_INLINE void f32_to_f64(Xmm d, Xmm s) { simd_unary(scalar(0x5a, FloatWidth::f32), d, s); }
  SWOOP_INLINE void f64_to_f32(Xmm d, Xmm s) { simd_unary(scalar(0x5a, FloatWidth::f64), d, s); }
  SWOOP_INLINE void round(FloatWidth width, Xmm d, Xmm s, RoundMode mode) {
    const uint8_t opcode = width == FloatWidth::f32 ? 0x0a : 0x0b;
    simd_unary({opcode, Prefix::x66, Map::x0f3a}, d, s);
    Cursor at = begin();
    at.bytes(static_cast<uint32_t>(mode), 1);
    commit(at);
  }

  /// Compares a with b into ZF, PF and CF.
  SWOOP_INLINE void ucomis_rr(FloatWidth width, Xmm a, Xmm b) {
    simd_reg(compare_row(width), false, x64::code(a), 0, x64::code(b));
  }
  SWOOP_INLINE void ucomis_rm(FloatWidth width, Xmm a, const Mem& mem) {
    simd_mem(compare_row(width), a, Xmm::xmm0, mem);
  }

  /// Copies all 128 bits.
  SWOOP_INLINE void movaps(Xmm d, Xmm s) { simd_reg({0x28}, false, x64::code(d), 0, x64::code(s)); }
  /// d ^= d: all 128 bits zero, no dependency on the old value.
  SWOOP_INLINE void zero(Xmm d) {
    simd_reg({0x57}, false, x64::code(d), x64::code(d), x64::code(d));
  }

  SWOOP_INLINE void load_float(FloatWidth width, Xmm d, const Mem& mem) {
    simd_mem(scalar(0x10, width), d, Xmm::xmm0, mem);
  }
  SWOOP_INLINE void store_float(FloatWidth width, const Mem& mem, Xmm s) {
    simd_mem(scalar(0x11, width), s, Xmm::xmm0, mem);
  }
  /// 16 bytes at any alignment.
  SWOOP_INLINE void load_v128(Xmm d, const Mem& mem) { simd_mem({0x10}, d, Xmm::xmm0, mem); }
  SWOOP_INLINE void store_v128(const Mem& mem, Xmm s) { simd_mem({0x11}, s, Xmm::xmm0, mem); }

  /// The bits of a general register into a float register, and back (movd or movq).
  SWOOP_INLINE void mov_xg(Width width, Xmm d, Gp s) {
    simd_reg({0x6e, Prefix::x66}, width == Width::w64, x64::code(d), 0, x64::code(s));
  }
  SWOOP_INLINE void mov_gx(Width width, Gp d, Xmm s) {
    simd_reg({0x7e, Prefix::x66}, width == Width::w64, x64::code(s), 0, x64::code(d));
  }

  /// Signed integer to float.
  SWOOP_INLINE void int_to_float(Width from, FloatWidth to, Xmm d, Gp s) {
    zero(d);
    simd_reg(scalar(0x2a, to), from == Width::w64, x64::code(d), x64::code(d), x64::code(s));
  }
  /// Float to signed integer, toward zero; out of range and NaN give the smallest integer.
  SWOOP_INLINE void float_to_int_trunc(Width to, FloatWidth from, Gp d, Xmm s) {
    simd_reg(scalar(0x2c, from), to == Width::w64, x64::code(d), 0, x64::code(s));
  }

 private:
  // By LoadKind.
  static constexpr LoadRow kLoads[] = {
      {op_0f(0xb6), Width::w32}, {op_0f(0xb7), Width::w32}, {op(0x8b), Width::w32},
      {op(0x8b), Width::w64},    {op_0f(0xbe), Width::w32}, {op_0f(0xbf), Width::w32},
      {op_0f(0xbe), Width::w64}, {op_0f(0xbf), Width::w64}, {op(0x63), Width::w64},
  };
  // By FloatOp: add, sub, mul, div, min, max.
  static constexpr uint8_t kFloatOps[] = {0x58, 0x5c, 0x59, 0x5e, 0x5d, 0x5f};
  // By FloatLogic: and, andn, or, xor.
  static constexpr uint8_t kFloatLogic[] = {0x54, 0x55, 0x56, 0x57};

  static constexpr uint32_t number(X86Alu alu) { return static_cast<uint32_t>(alu); }
  static constexpr uint32_t number(X86Shift shift) { return static_cast<uint32_t>(shift); }
  static constexpr uint32_t number(CondCode cc) { return static_cast<uint32_t>(cc); }

  static constexpr Row scalar(uint8_t opcode, FloatWidth width) {
    return {opcode, width == FloatWidth::f32 ? Prefix::xf3 : Prefix::xf2};
  }
  static constexpr Row compare_row(FloatWidth width) {
    return {0x2e, width == FloatWidth::f32 ? Prefix::none : Prefix::x66};
  }

  SWOOP_INLINE Cursor begin() const {
    DCHECK(remainingSpace() >= kMaxInstruction && "missing reserve()");
    return Cursor(_bufferPtr);
  }
  SWOOP_INLINE void commit(Cursor at) { _bufferPtr = at.position(); }

  SWOOP_INLINE void fixed(uint32_t value, unsigned size) {
    Cursor at = begin();
    at.bytes(value, size);
    commit(at);
  }

  SWOOP_INLINE void reg_reg(Opcode opcode, Width width, Gp reg, Gp rm, uint32_t byte_reg = 0) {
    Cursor at = begin();
    at.reg_reg(opcode, width == Width::w64, x64::code(reg), x64::code(rm), byte_reg);
    commit(at);
  }

  SWOOP_INLINE void opcode_reg(uint8_t opcode, Width width, Gp reg) {
    Cursor at = begin();
    at.opcode_reg(opcode, width == Width::w64, x64::code(reg));
    commit(at);
  }

  /// An instruction of a group: `extension` takes the place of a register in ModRM.
  SWOOP_INLINE void group(uint8_t opcode, uint32_t extension, Width width, Gp rm) {
    Cursor at = begin();
    at.reg_reg(op(opcode), width == Width::w64, extension, x64::code(rm));
    commit(at);
  }

  SWOOP_INLINE void reg_mem(Opcode opcode, Width width, uint32_t reg, const Mem& mem) {
    DCHECK(mem.index != Gp::rsp && mem.base != Gp::none);
    Cursor at = begin();
    at.reg_mem(opcode, width == Width::w64, reg, mem);
    commit(at);
  }

  SWOOP_INLINE uint32_t reg_rip(Opcode opcode, Width width, uint32_t reg) {
    Cursor at = begin();
    at.reg_rip(opcode, width == Width::w64, reg);
    commit(at);
    return offset() - 4;
  }

  SWOOP_INLINE void link(Cursor at, PatchChain& chain) {
    const uint32_t previous = chain.last;
    chain.last = static_cast<uint32_t>(at.position() - _bufferData);
    at.bytes(previous, 4);
    commit(at);
  }

  SWOOP_INLINE void jump_back(uint32_t near_opcode, uint32_t far_opcode, unsigned far_opcode_size,
                              uint32_t target) {
    DCHECK(target <= offset());
    const int32_t to_start = static_cast<int32_t>(target - offset());
    Cursor at = begin();
    if (fits_int8(to_start - 2)) {
      at.bytes(near_opcode, 1);
      at.imm(to_start - 2, 1);
    } else {
      at.bytes(far_opcode, far_opcode_size);
      at.imm(to_start - static_cast<int32_t>(far_opcode_size) - 4, 4);
    }
    commit(at);
  }

  // Forms of float instructions. `a` is what VEX reads besides the last operand, 0 for none; the
  // SSE form has no place for it.

  SWOOP_INLINE void simd_reg(Row row, bool w, uint32_t d, uint32_t a, uint32_t b) {
    Cursor at = begin();
    if (features_.avx)
      at.vex_reg(row, w, d, a, b);
    else
      at.reg_reg(row.legacy(), w, d, b);
    commit(at);
  }

  SWOOP_INLINE void simd_mem(Row row, Xmm d, Xmm a, const Mem& mem) {
    DCHECK(mem.index != Gp::rsp && mem.base != Gp::none);
    Cursor at = begin();
    if (features_.avx)
      at.vex_mem(row, false, x64::code(d), x64::code(a), mem);
    else
      at.reg_mem(row.legacy(), false, x64::code(d), mem);
    commit(at);
  }

  SWOOP_INLINE uint32_t simd_rip(Row row, Xmm d, Xmm a) {
    Cursor at = begin();
    if (features_.avx)
      at.vex_rip(row, false, x64::code(d), x64::code(a));
    else
      at.reg_rip(row.legacy(), false, x64::code(d));
    commit(at);
    return offset() - 4;
  }

  SWOOP_INLINE void simd_rrr(Row row, bool commutes, Xmm d, Xmm a, Xmm b) {
    if (features_.avx)
      simd_reg(row, false, x64::code(d), x64::code(a), x64::code(b));
    else
      sse_rrr(row, commutes, d, a, b);
  }

  /// d = op(s). Reads s twice or copies it first, so that the old value of d does not matter.
  SWOOP_INLINE void simd_unary(Row row, Xmm d, Xmm s) {
    copy_for_sse(d, s);
    if (features_.avx)
      simd_reg(row, false, x64::code(d), x64::code(s), x64::code(s));
    else
      simd_reg(row, false, x64::code(d), 0, x64::code(d));
  }

  SWOOP_INLINE void copy_for_sse(Xmm d, Xmm a) {
    if (!features_.avx && d != a) movaps(d, a);
  }

  void mov_ri64(Gp d, int64_t value);
  void sse_rrr(Row row, bool commutes, Xmm d, Xmm a, Xmm b);

  CpuFeatures features_;
};

/// Operands for generic().
constexpr asmjit::x86::Gp to_asmjit(Width width, Gp reg) {
  return width == Width::w64 ? asmjit::x86::Gp(asmjit::x86::gpq(code(reg)))
                             : asmjit::x86::Gp(asmjit::x86::gpd(code(reg)));
}
constexpr asmjit::x86::Xmm to_asmjit(Xmm reg) {
  return asmjit::x86::xmm(code(reg));
}
/// `size` in bytes, 0 where the other operand says it.
asmjit::x86::Mem to_asmjit(const Mem& mem, uint32_t size);

}  // namespace swoop::jit::x64

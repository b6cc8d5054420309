// The AArch64 assembler: hot instructions are rows of our own that write straight into asmjit's
// buffer, every other instruction is asmjit's. Tests: tests/jit/a64/assembler_test.cc.
//
// Surprises of the instructions themselves (those of their encoding: encoding.h):
//   * a 32-bit operation clears the upper half of its destination, so does a load of less;
//   * register 31 is zr in most places, but sp as base of an access, in additions of immediates and
//     of extended registers, and as the destination of and, orr and eor with immediates;
//   * sdiv and udiv never fault: x / 0 is 0, and the smallest integer / -1 is itself;
//   * variable shifts take the count modulo 32 or 64, as WebAssembly does; shifts set no flags;
//   * after a subtraction carry is set when there was no borrow (hs means unsigned >=);
//   * conversions of floats to integers saturate, and NaN gives 0;
//   * fcmp leaves NaN with C and V set: see cond_code(Cond);
//   * fmin and fmax are WebAssembly's; fminnm and fmaxnm prefer the number to NaN;
//   * scalar float instructions clear the rest of the vector register;
//   * a store that crosses into a page that faults may have written the other page already;
//   * an exclusive store may always fail, so it stands in a loop without other memory accesses.
// Surprises of asmjit in Debian 12, none of which can be met through a row: typed stlr, stlrb and
// stlrh emit stllr, which is no release for other cores; ldrsb and ldrsh that write their base swap
// w and x; ldp and stp by 0 do not write theirs; right shifts by 64 and stlxr of a 64-bit value are
// refused; fmov of an immediate to a 64- or 128-bit vector writes another register.
// Reference: Arm Architecture Reference Manual (DDI 0487), chapters C6 and C7; calling convention:
// AAPCS64 (github.com/ARM-software/abi-aa).
//
// Safety: writers do not check for room. One reserve() before a group of instructions guarantees
// it; debug builds check at each instruction. Handing over to asmjit records the size of the code,
// because asmjit grows its buffer from the recorded size, not from the position. Code with a branch
// that does not reach its target is wrong and must not be used: in_reach() says so.
#pragma once

#include "base/check.h"
#include "jit/a64/encoding.h"
#include "jit/a64/registers.h"
#include "jit/buffered_assembler.h"
#include "jit/ops.h"

#include <asmjit/arm/a64assembler.h>

#include <concepts>
#include <cstdint>
#include <span>

namespace swoop::jit::a64 {

/// Forward branches to one place that is not known yet, linked through their own displacement
/// fields: each holds its distance to the one before, in instructions; 0 ends the chain.
struct PatchChain {
  uint32_t last = 0;  // code offset behind the last branch; 0 if there is none
  bool empty() const { return last == 0; }
};

/// Addresses that a single load or store can have, and those that ldp and stp can.
template <class M>
concept PairAddress = std::same_as<M, Mem> || std::same_as<M, MemPre> || std::same_as<M, MemPost>;
template <class M>
concept Address = PairAddress<M> || std::same_as<M, MemIndexed>;

/// Emits one function at a time: reset(), instructions, code().
///
/// Names read `<operation>_<operand forms>`: r register, i immediate, x extended register; the
/// destination comes first. Asmjit's own instructions are reached through generic(), in any order
/// with ours. No row needs a scratch register. Not thread safe; each worker has its own.
class Assembler final
    : public BufferedAssembler<asmjit::a64::Assembler, asmjit::Arch::kAArch64, 0> {
 public:
  // --- Position and space

  using BufferedAssembler::align;
  using BufferedAssembler::bind;

  /// Drops all code and keeps the memory.
  void reset(BranchMode mode = BranchMode::near) {
    drop_code();
    mode_ = mode;
    in_reach_ = true;
  }

  /// Whether all branches and patched fields since reset() reach their targets. If not, the code is
  /// wrong; far branches may help.
  bool in_reach() const { return in_reach_; }

  /// Pads with nops to a multiple of `alignment`, a power of two from 4 to 64.
  void align(unsigned alignment);

  /// An instruction, or data.
  SWOOP_INLINE void emit_u32(uint32_t value) {
    DCHECK(remainingSpace() >= kInstructionSize && "missing reserve()");
    reinterpret_cast<Word*>(_bufferPtr)->value = value;
    _bufferPtr += kInstructionSize;
  }

  SWOOP_INLINE void patch32(uint32_t at, uint32_t value) {
    DCHECK(at + 4 <= offset() && "patch behind the code");
    word_at(at).value = value;
  }

  /// Forgets the last instruction, which nothing refers to.
  SWOOP_INLINE void take_back() { _bufferPtr -= kInstructionSize; }

  /// Gives the movz, movn or movk at `at`, whose immediate is 0, another.
  SWOOP_INLINE void patch_imm16(uint32_t at, uint16_t imm) {
    word_at(at).value |= uint32_t{imm} << 5;
  }

  /// Makes the branch, load of a literal, adr or adrp at `at` refer to the code offset `target`.
  void patch(uint32_t at, uint32_t target);
  void patch_to_here(uint32_t at) { patch(at, offset()); }

  // --- Moves. All of them keep the flags

  SWOOP_INLINE void mov_rr(Width width, Gp d, Gp s) { logic_rrr(Logic::orr, width, d, Gp::zr, s); }
  /// Either may be sp.
  SWOOP_INLINE void mov_sp(Gp d, Gp s) { arith_rri(Arith::add, Width::w64, d, s, 0); }

  /// One to four instructions; see plan_move(). At w32 the upper half of `value` is ignored.
  SWOOP_INLINE void mov_ri(Width width, Gp d, int64_t value) {
    const auto unsigned_value = static_cast<uint64_t>(value);
    if (unsigned_value <= 0xffff)
      emit_u32(kMovz | sf(width) | static_cast<uint32_t>(unsigned_value) << 5 | rd(d));
    else
      mov_planned(width, d, unsigned_value);
  }

  /// d = imm << shift, its inverse, and the insertion of 16 bits into d.
  SWOOP_INLINE void movz(Width width, Gp d, uint16_t imm, unsigned shift = 0) {
    move_wide(kMovz, width, d, imm, shift);
  }
  SWOOP_INLINE void movn(Width width, Gp d, uint16_t imm, unsigned shift = 0) {
    move_wide(kMovn, width, d, imm, shift);
  }
  SWOOP_INLINE void movk(Width width, Gp d, uint16_t imm, unsigned shift = 0) {
    move_wide(kMovk, width, d, imm, shift);
  }

  // --- Additions. d = zr makes a comparison of adds and subs

  SWOOP_INLINE void arith_rrr(Arith op, Width width, Gp d, Gp a, Gp b, Shift shift = Shift::lsl,
                              unsigned amount = 0) {
    DCHECK(shift != Shift::ror);
    emit_u32(kArithShifted | bits_of(op) | shifted(width, b, shift, amount) | rn(a) | rd(d));
  }
  /// `value` is one of fits_arith(). `a` may be sp, and `d` if the flags are not set.
  SWOOP_INLINE void arith_rri(Arith op, Width width, Gp d, Gp a, uint32_t value) {
    emit_u32(kArithImm | bits_of(op) | sf(width) | arith_field(value) | rn_sp(a) | arith_rd(op, d));
  }
  /// Adds `b` after widening and a left shift by up to 4. sp may stand where it may in arith_rri.
  SWOOP_INLINE void arith_rrx(Arith op, Width width, Gp d, Gp a, Gp b, Extend extend,
                              unsigned amount = 0) {
    DCHECK(amount <= 4);
    emit_u32(kArithExtended | bits_of(op) | sf(width) | rm(b) |
             static_cast<uint32_t>(extend) << 13 | amount << 10 | rn_sp(a) | arith_rd(op, d));
  }

  SWOOP_INLINE void cmp_rr(Width width, Gp a, Gp b, Shift shift = Shift::lsl, unsigned amount = 0) {
    arith_rrr(Arith::subs, width, Gp::zr, a, b, shift, amount);
  }
  SWOOP_INLINE void cmp_ri(Width width, Gp a, uint32_t value) {
    arith_rri(Arith::subs, width, Gp::zr, a, value);
  }
  SWOOP_INLINE void cmp_rx(Width width, Gp a, Gp b, Extend extend, unsigned amount = 0) {
    arith_rrx(Arith::subs, width, Gp::zr, a, b, extend, amount);
  }
  /// Flags of a + b.
  SWOOP_INLINE void cmn_rr(Width width, Gp a, Gp b) { arith_rrr(Arith::adds, width, Gp::zr, a, b); }
  SWOOP_INLINE void cmn_ri(Width width, Gp a, uint32_t value) {
    arith_rri(Arith::adds, width, Gp::zr, a, value);
  }
  /// d = a + b + carry, and a - b - 1 + carry: the upper part after adds, or subs, of the lower.
  SWOOP_INLINE void adc(Width width, Gp d, Gp a, Gp b) { rrr(0x1a000000 | sf(width), d, a, b); }
  SWOOP_INLINE void sbc(Width width, Gp d, Gp a, Gp b) { rrr(0x5a000000 | sf(width), d, a, b); }
  SWOOP_INLINE void neg(Width width, Gp d, Gp s) { arith_rrr(Arith::sub, width, d, Gp::zr, s); }

  // --- Logic

  SWOOP_INLINE void logic_rrr(Logic op, Width width, Gp d, Gp a, Gp b, Shift shift = Shift::lsl,
                              unsigned amount = 0) {
    emit_u32(kLogicShifted | bits_of(op) | shifted(width, b, shift, amount) | rn(a) | rd(d));
  }
  /// `imm` is logic_imm() for this width. `d` may be sp if the flags are not set.
  SWOOP_INLINE void logic_rri(Logic op, Width width, Gp d, Gp a, LogicImm imm) {
    DCHECK(!inverts(op) && "invert the immediate");
    DCHECK(width == Width::w64 || (imm.field >> 22 & 1) == 0);
    const uint32_t destination = op == Logic::ands ? rd(d) : rd_sp(d);
    emit_u32(kLogicImm | bits_of(op) | sf(width) | imm.field | rn(a) | destination);
  }

  /// Flags of a & b.
  SWOOP_INLINE void tst_rr(Width width, Gp a, Gp b) { logic_rrr(Logic::ands, width, Gp::zr, a, b); }
  SWOOP_INLINE void tst_ri(Width width, Gp a, LogicImm imm) {
    logic_rri(Logic::ands, width, Gp::zr, a, imm);
  }
  SWOOP_INLINE void mvn(Width width, Gp d, Gp s) { logic_rrr(Logic::orn, width, d, Gp::zr, s); }

  // --- Shifts and bit fields

  SWOOP_INLINE void shift_rri(Shift shift, Width width, Gp d, Gp s, unsigned count) {
    DCHECK(count < bits(width));
    switch (shift) {
      case Shift::lsl: {
        const unsigned last = bits(width) - 1;
        return bitfield(Bitfield::ubfm, width, d, s, -count & last, last - count);
      }
      case Shift::lsr: return bitfield(Bitfield::ubfm, width, d, s, count, bits(width) - 1);
      case Shift::asr: return bitfield(Bitfield::sbfm, width, d, s, count, bits(width) - 1);
      case Shift::ror: return extr(width, d, s, s, count);
    }
  }
  SWOOP_INLINE void shift_rrr(Shift shift, Width width, Gp d, Gp s, Gp count) {
    rrr(kVariableShifts[static_cast<unsigned>(shift)] | sf(width), d, s, count);
  }

  /// The bits of high:low from bit `lsb` of low on.
  SWOOP_INLINE void extr(Width width, Gp d, Gp high, Gp low, unsigned lsb) {
    DCHECK(lsb < bits(width));
    rrr(0x13800000 | sf(width) | sf(width) >> 31 << 22 | lsb << 10, d, high, low);
  }

  /// The bit field move that all others here are; see encoding.h for its reference.
  SWOOP_INLINE void bitfield(Bitfield op, Width width, Gp d, Gp s, unsigned immr, unsigned imms) {
    rr(bitfield_word(op, width, immr, imms), d, s);
  }
  /// `size` bits of s from bit `lsb` on, with zeros or copies of the highest above them.
  SWOOP_INLINE void ubfx(Width width, Gp d, Gp s, unsigned lsb, unsigned size) {
    bitfield(Bitfield::ubfm, width, d, s, lsb, lsb + size - 1);
  }
  SWOOP_INLINE void sbfx(Width width, Gp d, Gp s, unsigned lsb, unsigned size) {
    bitfield(Bitfield::sbfm, width, d, s, lsb, lsb + size - 1);
  }
  /// The lowest `size` bits of s at bit `lsb`; around them zeros, or what d has (bfi).
  SWOOP_INLINE void ubfiz(Width width, Gp d, Gp s, unsigned lsb, unsigned size) {
    DCHECK(size >= 1 && lsb + size <= bits(width));
    bitfield(Bitfield::ubfm, width, d, s, -lsb & (bits(width) - 1), size - 1);
  }
  SWOOP_INLINE void bfi(Width width, Gp d, Gp s, unsigned lsb, unsigned size) {
    DCHECK(size >= 1 && lsb + size <= bits(width));
    bitfield(Bitfield::bfm, width, d, s, -lsb & (bits(width) - 1), size - 1);
  }

  SWOOP_INLINE void sxtb(Width width, Gp d, Gp s) { sbfx(width, d, s, 0, 8); }
  SWOOP_INLINE void sxth(Width width, Gp d, Gp s) { sbfx(width, d, s, 0, 16); }
  SWOOP_INLINE void sxtw(Gp d, Gp s) { sbfx(Width::w64, d, s, 0, 32); }
  SWOOP_INLINE void uxtb(Gp d, Gp s) { ubfx(Width::w32, d, s, 0, 8); }
  SWOOP_INLINE void uxth(Gp d, Gp s) { ubfx(Width::w32, d, s, 0, 16); }

  // --- Multiplication, division, counting

  /// d = c + a * b and c - a * b.
  SWOOP_INLINE void madd(Width width, Gp d, Gp a, Gp b, Gp c) {
    rrr(0x1b000000 | sf(width) | ra(c), d, a, b);
  }
  SWOOP_INLINE void msub(Width width, Gp d, Gp a, Gp b, Gp c) {
    rrr(0x1b008000 | sf(width) | ra(c), d, a, b);
  }
  SWOOP_INLINE void mul(Width width, Gp d, Gp a, Gp b) { madd(width, d, a, b, Gp::zr); }
  /// 32 * 32 -> 64 bits.
  SWOOP_INLINE void smull(Gp d, Gp a, Gp b) { rrr(0x9b207c00, d, a, b); }
  SWOOP_INLINE void umull(Gp d, Gp a, Gp b) { rrr(0x9ba07c00, d, a, b); }
  /// The upper half of 64 * 64 -> 128 bits.
  SWOOP_INLINE void smulh(Gp d, Gp a, Gp b) { rrr(0x9b407c00, d, a, b); }
  SWOOP_INLINE void umulh(Gp d, Gp a, Gp b) { rrr(0x9bc07c00, d, a, b); }
  SWOOP_INLINE void sdiv(Width width, Gp d, Gp a, Gp b) { rrr(0x1ac00c00 | sf(width), d, a, b); }
  SWOOP_INLINE void udiv(Width width, Gp d, Gp a, Gp b) { rrr(0x1ac00800 | sf(width), d, a, b); }

  /// clz gives the width for 0.
  SWOOP_INLINE void clz(Width width, Gp d, Gp s) { rr(0x5ac01000 | sf(width), d, s); }
  SWOOP_INLINE void rbit(Width width, Gp d, Gp s) { rr(0x5ac00000 | sf(width), d, s); }
  /// Reverses the bytes.
  SWOOP_INLINE void rev(Width width, Gp d, Gp s) {
    rr(0x5ac00800 | sf(width) | sf(width) >> 31 << 10, d, s);
  }

  // --- Conditional operations

  /// d = cc ? a : op(b).
  SWOOP_INLINE void select_rrr(Select op, CondCode cc, Width width, Gp d, Gp a, Gp b) {
    rrr(kSelects[static_cast<unsigned>(op)] | sf(width) | cond_field(cc), d, a, b);
  }
  SWOOP_INLINE void csel(CondCode cc, Width width, Gp d, Gp a, Gp b) {
    select_rrr(Select::csel, cc, width, d, a, b);
  }
  /// d = cc ? 1 : 0, and cc ? -1 : 0.
  SWOOP_INLINE void cset(CondCode cc, Width width, Gp d) {
    select_rrr(Select::csinc, invert(cc), width, d, Gp::zr, Gp::zr);
  }
  SWOOP_INLINE void csetm(CondCode cc, Width width, Gp d) {
    select_rrr(Select::csinv, invert(cc), width, d, Gp::zr, Gp::zr);
  }

  /// Flags of a - b if cc holds, else `nzcv` (N is 8, Z 4, C 2, V 1).
  SWOOP_INLINE void ccmp_rr(CondCode cc, Width width, Gp a, Gp b, unsigned nzcv) {
    emit_u32(conditional_compare(0x7a400000, cc, width, a, nzcv) | rm(b));
  }
  /// `value` is less than 32.
  SWOOP_INLINE void ccmp_ri(CondCode cc, Width width, Gp a, unsigned value, unsigned nzcv) {
    DCHECK(value < 32);
    emit_u32(conditional_compare(0x7a400800, cc, width, a, nzcv) | value << 16);
  }
  /// Flags of a + b if cc holds.
  SWOOP_INLINE void ccmn_rr(CondCode cc, Width width, Gp a, Gp b, unsigned nzcv) {
    emit_u32(conditional_compare(0x3a400000, cc, width, a, nzcv) | rm(b));
  }
  SWOOP_INLINE void ccmn_ri(CondCode cc, Width width, Gp a, unsigned value, unsigned nzcv) {
    DCHECK(value < 32);
    emit_u32(conditional_compare(0x3a400800, cc, width, a, nzcv) | value << 16);
  }

  // --- Loads and stores. Offsets are those of fits_offset(), or fits_pair() for pairs

  template <Address M>
  SWOOP_INLINE void load(LoadKind kind, Gp d, const M& mem) {
    DCHECK(d == Gp::zr || written_base(mem) != d);
    emit_u32(address_word(kLoads[static_cast<unsigned>(kind)], mem) | rd(d));
  }
  /// Stores the low 1 << `size_log2` bytes of `s`, which may be zr.
  template <Address M>
  SWOOP_INLINE void store(unsigned size_log2, const M& mem, Gp s) {
    DCHECK(size_log2 <= 3 && (s == Gp::zr || written_base(mem) != s));
    emit_u32(address_word(access_row(size_log2, 0), mem) | rd(s));
  }

  template <Address M>
  SWOOP_INLINE void load_float(FloatWidth width, Vec d, const M& mem) {
    emit_u32(address_word(float_access_row(size_log2(width), true), mem) | rd(d));
  }
  template <Address M>
  SWOOP_INLINE void store_float(FloatWidth width, const M& mem, Vec s) {
    emit_u32(address_word(float_access_row(size_log2(width), false), mem) | rd(s));
  }
  /// 16 bytes at any alignment.
  template <Address M>
  SWOOP_INLINE void load_v128(Vec d, const M& mem) {
    emit_u32(address_word(float_access_row(4, true), mem) | rd(d));
  }
  template <Address M>
  SWOOP_INLINE void store_v128(const M& mem, Vec s) {
    emit_u32(address_word(float_access_row(4, false), mem) | rd(s));
  }

  template <PairAddress M>
  SWOOP_INLINE void ldp(Width width, Gp a, Gp b, const M& mem) {
    DCHECK(a != b && "unpredictable");
    check_pair(a, b, mem);
    emit_u32(address_word(pair_row(width), mem) | kPairLoad | ra(b) | rd(a));
  }
  template <PairAddress M>
  SWOOP_INLINE void stp(Width width, Gp a, Gp b, const M& mem) {
    check_pair(a, b, mem);
    emit_u32(address_word(pair_row(width), mem) | ra(b) | rd(a));
  }
  template <PairAddress M>
  SWOOP_INLINE void ldp(FloatWidth width, Vec a, Vec b, const M& mem) {
    DCHECK(a != b && "unpredictable");
    emit_u32(address_word(float_pair_row(size_log2(width)), mem) | kPairLoad | ra(b) | rd(a));
  }
  template <PairAddress M>
  SWOOP_INLINE void stp(FloatWidth width, Vec a, Vec b, const M& mem) {
    emit_u32(address_word(float_pair_row(size_log2(width)), mem) | ra(b) | rd(a));
  }
  template <PairAddress M>
  SWOOP_INLINE void ldp_v128(Vec a, Vec b, const M& mem) {
    DCHECK(a != b && "unpredictable");
    emit_u32(address_word(float_pair_row(4), mem) | kPairLoad | ra(b) | rd(a));
  }
  template <PairAddress M>
  SWOOP_INLINE void stp_v128(Vec a, Vec b, const M& mem) {
    emit_u32(address_word(float_pair_row(4), mem) | ra(b) | rd(a));
  }

  // --- Relative to the program counter: these return the offset of the instruction, whose
  //     displacement is 0, for patch() or a relocation

  SWOOP_INLINE uint32_t load_literal(Width width, Gp d) {
    return relative(0x18000000 | sf(width) >> 1 | rd(d));
  }
  SWOOP_INLINE uint32_t load_literal(FloatWidth width, Vec d) {
    return relative(0x1c000000 | static_cast<uint32_t>(width) << 30 | rd(d));
  }
  SWOOP_INLINE uint32_t load_literal_v128(Vec d) { return relative(0x9c000000 | rd(d)); }
  /// The address of a byte within 1 MiB.
  SWOOP_INLINE uint32_t adr(Gp d) { return relative(0x10000000 | rd(d)); }
  /// The address of a page of 4 KiB within 4 GiB.
  SWOOP_INLINE uint32_t adrp(Gp d) { return relative(0x90000000 | rd(d)); }
  SWOOP_INLINE uint32_t bl() { return relative(kBl); }
  /// A jump to a place that is not in this code.
  SWOOP_INLINE uint32_t b() { return relative(kB); }

  // --- Control

  SWOOP_INLINE void b(PatchChain& chain) { link(kB, kFieldB, chain); }
  SWOOP_INLINE void b_cond(CondCode cc, PatchChain& chain) {
    branch(b_cond_word(cc), kFieldBCond, chain);
  }
  SWOOP_INLINE void cbz(Width width, Gp r, PatchChain& chain) {
    branch(kCbz | sf(width) | rd(r), kFieldBCond, chain);
  }
  SWOOP_INLINE void cbnz(Width width, Gp r, PatchChain& chain) {
    branch(kCbnz | sf(width) | rd(r), kFieldBCond, chain);
  }
  /// Branches if a bit of r is 0, or 1. A forward branch reaches 32 KiB only.
  SWOOP_INLINE void tbz(Gp r, unsigned bit, PatchChain& chain) {
    branch(kTbz | tested_bit(bit) | rd(r), kFieldTbz, chain);
  }
  SWOOP_INLINE void tbnz(Gp r, unsigned bit, PatchChain& chain) {
    branch(kTbnz | tested_bit(bit) | rd(r), kFieldTbz, chain);
  }

  /// Makes every branch of `chain` go to the current position and empties it.
  SWOOP_INLINE void bind(PatchChain& chain) {
    for (uint32_t end = chain.last; end != 0;) {
      Word& branch = word_at(end - kInstructionSize);
      const uint32_t word = branch.value;
      const DisplacementField field = displacement_field(word);
      const uint32_t before = (word & field.mask()) >> field.shift;
      const uint32_t distance = (offset() - end) / kInstructionSize + 1;
      in_reach_ &= distance < uint32_t{1} << (field.size - 1);
      branch.value = (word & ~field.mask()) | (distance << field.shift & field.mask());
      end = before == 0 ? 0 : end - before * kInstructionSize;
    }
    chain.last = 0;
  }

  /// Branches to code that is already there, around a b where one instruction does not reach.
  SWOOP_INLINE void b_back(uint32_t target) { emit_u32(with_distance(kB, kFieldB, target)); }
  SWOOP_INLINE void b_cond_back(CondCode cc, uint32_t target) {
    branch_back(b_cond_word(cc), kFieldBCond, target);
  }
  SWOOP_INLINE void cbz_back(Width width, Gp r, uint32_t target) {
    branch_back(kCbz | sf(width) | rd(r), kFieldBCond, target);
  }
  SWOOP_INLINE void cbnz_back(Width width, Gp r, uint32_t target) {
    branch_back(kCbnz | sf(width) | rd(r), kFieldBCond, target);
  }
  SWOOP_INLINE void tbz_back(Gp r, unsigned bit, uint32_t target) {
    branch_back(kTbz | tested_bit(bit) | rd(r), kFieldTbz, target);
  }
  SWOOP_INLINE void tbnz_back(Gp r, unsigned bit, uint32_t target) {
    branch_back(kTbnz | tested_bit(bit) | rd(r), kFieldTbz, target);
  }

  /// Branches over the next `count` instructions.
  SWOOP_INLINE void b_over(unsigned count) { branch_over(kB, kFieldB, count); }
  SWOOP_INLINE void b_cond_over(CondCode cc, unsigned count) {
    branch_over(b_cond_word(cc), kFieldBCond, count);
  }
  SWOOP_INLINE void cbz_over(Width width, Gp r, unsigned count) {
    branch_over(kCbz | sf(width) | rd(r), kFieldBCond, count);
  }
  SWOOP_INLINE void cbnz_over(Width width, Gp r, unsigned count) {
    branch_over(kCbnz | sf(width) | rd(r), kFieldBCond, count);
  }

  SWOOP_INLINE void br(Gp target) { emit_u32(0xd61f0000 | rn(target)); }
  SWOOP_INLINE void blr(Gp target) { emit_u32(0xd63f0000 | rn(target)); }
  SWOOP_INLINE void ret(Gp target = Gp::x30) { emit_u32(0xd65f0000 | rn(target)); }
  /// An instruction that is undefined for ever (SIGILL), with a number that nobody decodes.
  SWOOP_INLINE void udf(uint16_t number) { emit_u32(number); }
  /// A breakpoint (SIGTRAP).
  SWOOP_INLINE void brk(uint16_t number) { emit_u32(0xd4200000 | uint32_t{number} << 5); }
  SWOOP_INLINE void hint(Hint which) { emit_u32(kHint | static_cast<uint32_t>(which) << 5); }
  SWOOP_INLINE void nop() { hint(Hint::nop); }

  SWOOP_INLINE void dmb(Barrier barrier) {
    emit_u32(0xd50330bf | static_cast<uint32_t>(barrier) << 8);
  }
  SWOOP_INLINE void dsb(Barrier barrier) {
    emit_u32(0xd503309f | static_cast<uint32_t>(barrier) << 8);
  }
  SWOOP_INLINE void isb() { emit_u32(0xd5033fdf); }
  SWOOP_INLINE void mrs(Gp d, SysReg reg) {
    emit_u32(0xd5300000 | static_cast<uint32_t>(reg) << 5 | rd(d));
  }
  SWOOP_INLINE void msr(SysReg reg, Gp s) {
    emit_u32(0xd5100000 | static_cast<uint32_t>(reg) << 5 | rd(s));
  }

  // --- Float

  SWOOP_INLINE void float_rrr(FloatOp op, FloatWidth width, Vec d, Vec a, Vec b) {
    rrr(kFloatBinary[static_cast<unsigned>(op)] | ftype(width), d, a, b);
  }
  SWOOP_INLINE void float_rr(FloatUnaryRow op, FloatWidth width, Vec d, Vec s) {
    rr(kFloatUnary[static_cast<unsigned>(op)] | ftype(width), d, s);
  }
  SWOOP_INLINE void fmov(FloatWidth width, Vec d, Vec s) {
    float_rr(FloatUnaryRow::fmov, width, d, s);
  }
  SWOOP_INLINE void fabs(FloatWidth width, Vec d, Vec s) {
    float_rr(FloatUnaryRow::fabs, width, d, s);
  }
  SWOOP_INLINE void fneg(FloatWidth width, Vec d, Vec s) {
    float_rr(FloatUnaryRow::fneg, width, d, s);
  }
  SWOOP_INLINE void fsqrt(FloatWidth width, Vec d, Vec s) {
    float_rr(FloatUnaryRow::fsqrt, width, d, s);
  }
  SWOOP_INLINE void round(FloatWidth width, Vec d, Vec s, RoundMode mode) {
    rr(round_word(mode) | ftype(width), d, s);
  }
  SWOOP_INLINE void f32_to_f64(Vec d, Vec s) { rr(0x1e22c000, d, s); }
  SWOOP_INLINE void f64_to_f32(Vec d, Vec s) { rr(0x1e624000, d, s); }

  SWOOP_INLINE void fcmp_rr(FloatWidth width, Vec a, Vec b) {
    emit_u32(0x1e202000 | ftype(width) | rm(b) | rn(a));
  }
  SWOOP_INLINE void fcmp_zero(FloatWidth width, Vec a) {
    emit_u32(0x1e202008 | ftype(width) | rn(a));
  }
  /// d = cc ? a : b.
  SWOOP_INLINE void fcsel(CondCode cc, FloatWidth width, Vec d, Vec a, Vec b) {
    rrr(0x1e200c00 | ftype(width) | cond_field(cc), d, a, b);
  }

  /// `imm` is float_imm() for this width.
  SWOOP_INLINE void fmov_ri(FloatWidth width, Vec d, uint8_t imm) {
    emit_u32(0x1e201000 | ftype(width) | uint32_t{imm} << 13 | rd(d));
  }
  /// All 128 bits zero.
  SWOOP_INLINE void zero(Vec d) { emit_u32(0x6f00e400 | rd(d)); }
  /// Each bit of `mask` becomes a byte of zeros or ones of the lower 64 bits; the upper are zero.
  SWOOP_INLINE void movi_bytes(Vec d, uint8_t mask) {
    emit_u32(0x2f00e400 | modified_imm_field(mask) | rd(d));
  }
  /// `imm` << `shift` (0, 8, 16 or 24) in both 32-bit lanes of the lower 64 bits.
  SWOOP_INLINE void movi_2s(Vec d, uint8_t imm, unsigned shift) {
    DCHECK(shift <= 24 && shift % 8 == 0);
    emit_u32(0x0f000400 | shift / 8 << 13 | modified_imm_field(imm) | rd(d));
  }

  /// The bits of a general register into a float register, and back.
  SWOOP_INLINE void fmov_vg(Width width, Vec d, Gp s) {
    emit_u32(0x1e270000 | wide_scalar(width) | rn(s) | rd(d));
  }
  SWOOP_INLINE void fmov_gv(Width width, Gp d, Vec s) {
    emit_u32(0x1e260000 | wide_scalar(width) | rn(s) | rd(d));
  }
  /// The upper 64 bits of a vector register.
  SWOOP_INLINE void fmov_upper_vg(Vec d, Gp s) { emit_u32(0x9eaf0000 | rn(s) | rd(d)); }
  SWOOP_INLINE void fmov_upper_gv(Gp d, Vec s) { emit_u32(0x9eae0000 | rn(s) | rd(d)); }

  /// Float to integer toward zero, saturating; NaN gives 0.
  SWOOP_INLINE void float_to_int(bool is_signed, Width to, FloatWidth from, Gp d, Vec s) {
    emit_u32((is_signed ? 0x1e380000 : 0x1e390000) | sf(to) | ftype(from) | rn(s) | rd(d));
  }
  SWOOP_INLINE void int_to_float(bool is_signed, Width from, FloatWidth to, Vec d, Gp s) {
    emit_u32((is_signed ? 0x1e220000 : 0x1e230000) | sf(from) | ftype(to) | rn(s) | rd(d));
  }

  // --- Vectors, as far as scalar operators need them

  /// Of the lower 64 bits; the upper become zero.
  SWOOP_INLINE void vec_logic(VecLogic op, Vec d, Vec a, Vec b) {
    rrr(kVecLogic[static_cast<unsigned>(op)], d, a, b);
  }
  /// Of all 128 bits.
  SWOOP_INLINE void vec_logic_128(VecLogic op, Vec d, Vec a, Vec b) {
    rrr(kVecLogic[static_cast<unsigned>(op)] | uint32_t{1} << 30, d, a, b);
  }
  /// Copies all 128 bits.
  SWOOP_INLINE void mov_v128(Vec d, Vec s) { vec_logic_128(VecLogic::orr, d, s, s); }
  /// Shifts 64 bits, or each of two 32-bit lanes. To the right by 1 to 64 or 32, to the left by 0
  /// to 63 or 31.
  SWOOP_INLINE void vec_shift(VecShift shift, FloatWidth width, Vec d, Vec s, unsigned count) {
    rr(vec_shift_word(shift, width, count), d, s);
  }
  /// Counts the ones of each of 8 bytes.
  SWOOP_INLINE void cnt_8b(Vec d, Vec s) { rr(0x0e205800, d, s); }
  /// The sum of 8 bytes, modulo 256.
  SWOOP_INLINE void addv_8b(Vec d, Vec s) { rr(0x0e31b800, d, s); }

  // --- Atomics. Addresses are aligned to the size, and have no offset

  /// Load with acquire, store with release semantics, of 1 << `size_log2` bytes, zero-extended.
  SWOOP_INLINE void ldar(unsigned size_log2, Gp d, Gp base) {
    exclusive(0x08dffc00, size_log2, d, base);
  }
  SWOOP_INLINE void stlr(unsigned size_log2, Gp s, Gp base) {
    exclusive(0x089ffc00, size_log2, s, base);
  }
  /// The same as a pair: status = 0 if nobody wrote between them, else 1 and nothing is stored.
  SWOOP_INLINE void ldaxr(unsigned size_log2, Gp d, Gp base) {
    exclusive(0x085ffc00, size_log2, d, base);
  }
  SWOOP_INLINE void stlxr(unsigned size_log2, Gp status, Gp s, Gp base) {
    DCHECK(status != s && status != base && "unpredictable");
    exclusive(0x0800fc00 | rm(status), size_log2, s, base);
  }

  /// Needs LSE: d = [base]; [base] = d op s. Zero-extends d.
  SWOOP_INLINE void atomic_rmw(AtomicOp op, unsigned size_log2, Gp d, Gp s, Gp base) {
    exclusive(kAtomics[static_cast<unsigned>(op)] | rm(s), size_log2, d, base);
  }
  /// Needs LSE: stores `s` if [base] equals `expected`; either way `expected` becomes the old
  /// value.
  SWOOP_INLINE void casal(unsigned size_log2, Gp expected, Gp s, Gp base) {
    exclusive(0x08e0fc00 | rm(expected), size_log2, s, base);
  }

 private:
  static constexpr uint32_t kB = 0x14000000;
  static constexpr uint32_t kCbz = 0x34000000;
  static constexpr uint32_t kCbnz = 0x35000000;
  static constexpr uint32_t kTbz = 0x36000000;
  static constexpr uint32_t kTbnz = 0x37000000;
  static constexpr uint32_t kHint = 0xd503201f;

  static constexpr unsigned size_log2(FloatWidth width) { return width == FloatWidth::f64 ? 3 : 2; }
  static constexpr uint32_t wide_scalar(Width width) {
    return width == Width::w64 ? 0x80400000 : 0;
  }
  static constexpr uint32_t shifted(Width width, Gp reg, Shift shift, unsigned amount) {
    DCHECK(amount < bits(width));
    return sf(width) | static_cast<uint32_t>(shift) << 22 | rm(reg) | amount << 10;
  }
  static constexpr uint32_t arith_rd(Arith op, Gp d) { return sets_flags(op) ? rd(d) : rd_sp(d); }
  static constexpr uint32_t conditional_compare(uint32_t word, CondCode cc, Width width, Gp a,
                                                unsigned nzcv) {
    DCHECK(nzcv < 16);
    return word | sf(width) | cond_field(cc) | rn(a) | nzcv;
  }
  static constexpr uint32_t b_cond_word(CondCode cc) {
    DCHECK(cc < CondCode::al && "use b");
    return 0x54000000 | static_cast<uint32_t>(cc);
  }
  static constexpr uint32_t tested_bit(unsigned bit) {
    DCHECK(bit < 64);
    return bit >> 5 << 31 | (bit & 31) << 19;
  }

  template <class Register>
  SWOOP_INLINE void rr(uint32_t word, Register d, Register s) {
    emit_u32(word | rn(s) | rd(d));
  }
  template <class Register>
  SWOOP_INLINE void rrr(uint32_t word, Register d, Register a, Register b) {
    emit_u32(word | rm(b) | rn(a) | rd(d));
  }
  SWOOP_INLINE void move_wide(uint32_t word, Width width, Gp d, uint16_t imm, unsigned shift) {
    DCHECK(shift % 16 == 0 && shift < bits(width));
    emit_u32(word | sf(width) | shift / 16 << 21 | uint32_t{imm} << 5 | rd(d));
  }
  template <PairAddress M>
  SWOOP_INLINE void check_pair([[maybe_unused]] Gp a, [[maybe_unused]] Gp b,
                               [[maybe_unused]] const M& mem) {
    DCHECK(a == Gp::zr || written_base(mem) != a);
    DCHECK(b == Gp::zr || written_base(mem) != b);
  }
  SWOOP_INLINE void exclusive(uint32_t word, unsigned size_log2, Gp data, Gp base) {
    DCHECK(size_log2 <= 3);
    emit_u32(word | size_log2 << 30 | rn_sp(base) | rd(data));
  }
  SWOOP_INLINE uint32_t relative(uint32_t word) {
    emit_u32(word);
    return offset() - kInstructionSize;
  }

  SWOOP_INLINE Word& word_at(uint32_t at) { return *reinterpret_cast<Word*>(_bufferData + at); }

  SWOOP_INLINE void link(uint32_t word, DisplacementField field, PatchChain& chain) {
    uint32_t distance = 0;
    if (!chain.empty()) {
      distance = (offset() + kInstructionSize - chain.last) / kInstructionSize;
      // The chain breaks here; the code is not used anyway.
      if (distance >> field.size != 0) [[unlikely]] {
        in_reach_ = false;
        distance = 0;
      }
    }
    emit_u32(word | distance << field.shift);
    chain.last = offset();
  }

  SWOOP_INLINE void branch(uint32_t word, DisplacementField field, PatchChain& chain) {
    if (mode_ == BranchMode::near) {
      link(word, field, chain);
    } else {
      branch_over(invert_branch(word), field, 1);
      b(chain);
    }
  }

  SWOOP_INLINE void branch_over(uint32_t word, DisplacementField field, unsigned count) {
    DCHECK(count < 1000);
    emit_u32(word | (count + 1) << field.shift);
  }

  SWOOP_INLINE void branch_back(uint32_t word, DisplacementField field, uint32_t target) {
    if (reaches(field, -int64_t{offset() - target})) {
      emit_u32(with_distance(word, field, target));
    } else {
      branch_over(invert_branch(word), field, 1);
      b_back(target);
    }
  }

  /// `word` as a branch from the current position back to `target`.
  SWOOP_INLINE uint32_t with_distance(uint32_t word, DisplacementField field, uint32_t target) {
    DCHECK(target <= offset());
    const uint32_t distance = offset() - target;
    in_reach_ &= reaches(field, -int64_t{distance});
    return word | (-(distance / kInstructionSize) << field.shift & field.mask());
  }

  void mov_planned(Width width, Gp d, uint64_t value);

  BranchMode mode_ = BranchMode::near;
  bool in_reach_ = true;
};

/// Operands for generic().
constexpr asmjit::a64::Gp to_asmjit(Width width, Gp reg) {
  const uint32_t id = reg == Gp::zr   ? asmjit::a64::Gp::kIdZr
                      : reg == Gp::sp ? asmjit::a64::Gp::kIdSp
                                      : code(reg);
  return width == Width::w64 ? asmjit::a64::Gp(asmjit::a64::GpX(id))
                             : asmjit::a64::Gp(asmjit::a64::GpW(id));
}
inline asmjit::a64::Vec to_asmjit(Vec reg) {
  return asmjit::a64::v(code(reg));
}

}  // namespace swoop::jit::a64

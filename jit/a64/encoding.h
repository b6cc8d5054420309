// How AArch64 instructions are put together: base words, operand fields, and what fits into them.
//
// Every instruction is one 32-bit word. The usual places are Rd (or Rt) at bit 0, Rn at 5, Rm at
// 16, Ra (or Rt2) at 10, and sf, the width, at 31. Reference: Arm Architecture Reference Manual
// (DDI 0487), chapters C4 and C6. Surprises of the encoding, all handled here and only here:
//   * an immediate of and, orr and eor is a rotated run of ones, repeated: not 0 and not -1;
//   * offsets of loads and stores are unsigned multiples of the size, or signed bytes of 9 bits;
//   * "no shift" of a 64-bit index is called uxtx with amount 0, and the amount is one bit;
//   * displacements of branches count instructions from the branch itself;
//   * left shifts by constants are bit field moves whose fields depend on the width.
#pragma once

#include "base/inline.h"
#include "jit/a64/registers.h"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

namespace swoop::jit::a64 {

inline constexpr unsigned kInstructionSize = 4;

/// A store of an instruction anywhere: asmjit may have embedded data of any size before.
struct [[gnu::packed]] Word {
  uint32_t value;
};

// --- Operand fields

// clang-format off
constexpr uint32_t rd(Gp reg) { return code(reg); }
constexpr uint32_t rn(Gp reg) { return code(reg) << 5; }
constexpr uint32_t ra(Gp reg) { return code(reg) << 10; }
constexpr uint32_t rm(Gp reg) { return code(reg) << 16; }
constexpr uint32_t rd_sp(Gp reg) { return code_sp(reg); }
constexpr uint32_t rn_sp(Gp reg) { return code_sp(reg) << 5; }
constexpr uint32_t rd(Vec reg) { return code(reg); }
constexpr uint32_t rn(Vec reg) { return code(reg) << 5; }
constexpr uint32_t ra(Vec reg) { return code(reg) << 10; }
constexpr uint32_t rm(Vec reg) { return code(reg) << 16; }
// clang-format on

constexpr uint32_t sf(Width width) {
  return static_cast<uint32_t>(width) << 31;
}
/// The width of a scalar float.
constexpr uint32_t ftype(FloatWidth width) {
  return static_cast<uint32_t>(width) << 22;
}
constexpr uint32_t cond_field(CondCode cc) {
  return static_cast<uint32_t>(cc) << 12;
}

// --- Base words, in families whose members differ in a few bits

/// add, sub and their forms that set the flags. With sp as destination these do not exist.
enum class Arith : uint8_t { add, adds, sub, subs };

inline constexpr uint32_t kArithImm = 0x11000000;
inline constexpr uint32_t kArithShifted = 0x0b000000;
inline constexpr uint32_t kArithExtended = 0x0b200000;

constexpr uint32_t bits_of(Arith op) {
  return static_cast<uint32_t>(op) << 29;
}
constexpr bool sets_flags(Arith op) {
  return (static_cast<unsigned>(op) & 1) != 0;
}

/// Each operation is followed by the one with its right operand inverted.
enum class Logic : uint8_t { and_, bic, orr, orn, eor, eon, ands, bics };

inline constexpr uint32_t kLogicImm = 0x12000000;
inline constexpr uint32_t kLogicShifted = 0x0a000000;

constexpr uint32_t bits_of(Logic op) {
  return static_cast<uint32_t>(op) >> 1 << 29 | (static_cast<uint32_t>(op) & 1) << 21;
}
constexpr bool inverts(Logic op) {
  return (static_cast<unsigned>(op) & 1) != 0;
}

enum class Bitfield : uint8_t { sbfm, bfm, ubfm };

constexpr uint32_t bitfield_word(Bitfield op, Width width, unsigned immr, unsigned imms) {
  DCHECK(immr < bits(width) && imms < bits(width));
  return 0x13000000 | static_cast<uint32_t>(op) << 29 | sf(width) | sf(width) >> 31 << 22 |
         immr << 16 | imms << 10;
}

/// By Shift.
inline constexpr uint32_t kVariableShifts[] = {0x1ac02000, 0x1ac02400, 0x1ac02800, 0x1ac02c00};

/// csel, csinc, csinv, csneg: the right operand as it is, plus 1, inverted, negated.
enum class Select : uint8_t { csel, csinc, csinv, csneg };
inline constexpr uint32_t kSelects[] = {0x1a800000, 0x1a800400, 0x5a800000, 0x5a800400};

/// The bits of a load or store that are the same for all addressing modes: size, register file,
/// operation. Scaled offsets and indexes count in units of 1 << `size_log2`.
struct AccessRow {
  uint32_t bits;
  uint8_t size_log2;
};

constexpr AccessRow access_row(unsigned size_log2, unsigned opc) {
  return {size_log2 << 30 | opc << 22, static_cast<uint8_t>(size_log2)};
}
constexpr AccessRow float_access_row(unsigned size_log2, bool load) {
  const uint32_t opc = (size_log2 == 4 ? 2u : 0u) | (load ? 1u : 0u);
  return {(size_log2 & 3) << 30 | uint32_t{1} << 26 | opc << 22, static_cast<uint8_t>(size_log2)};
}

/// By LoadKind.
inline constexpr AccessRow kLoads[] = {access_row(0, 1), access_row(1, 1), access_row(2, 1),
                                       access_row(3, 1), access_row(0, 3), access_row(1, 3),
                                       access_row(0, 2), access_row(1, 2), access_row(2, 2)};

inline constexpr uint32_t kAccessScaled = 0x39000000;
inline constexpr uint32_t kAccessUnscaled = 0x38000000;
inline constexpr uint32_t kAccessPost = 0x38000400;
inline constexpr uint32_t kAccessPre = 0x38000c00;
inline constexpr uint32_t kAccessIndexed = 0x38200800;

/// ldp and stp. Offsets count in units of 1 << `size_log2`.
struct PairRow {
  uint32_t bits;
  uint8_t size_log2;
};
constexpr PairRow pair_row(Width width) {
  return {sf(width), static_cast<uint8_t>(width == Width::w64 ? 3 : 2)};
}
/// Of 4, 8 or 16 bytes each.
constexpr PairRow float_pair_row(unsigned size_log2) {
  return {(size_log2 - 2) << 30 | uint32_t{1} << 26, static_cast<uint8_t>(size_log2)};
}

inline constexpr uint32_t kPairLoad = uint32_t{1} << 22;
inline constexpr uint32_t kPairOffset = 0x29000000;
inline constexpr uint32_t kPairPost = 0x28800000;
inline constexpr uint32_t kPairPre = 0x29800000;

/// By FloatOp: add, sub, mul, div, min, max. fmin and fmax give NaN if an operand is NaN, and -0 is
/// less than +0, as WebAssembly wants; fminnm and fmaxnm do not.
inline constexpr uint32_t kFloatBinary[] = {0x1e202800, 0x1e203800, 0x1e200800,
                                            0x1e201800, 0x1e205800, 0x1e204800};

enum class FloatUnaryRow : uint8_t { fmov, fabs, fneg, fsqrt };
inline constexpr uint32_t kFloatUnary[] = {0x1e204000, 0x1e20c000, 0x1e214000, 0x1e21c000};

/// frintn (to nearest, ties to even), frintp (up), frintm (down), frintz (toward zero).
enum class RoundMode : uint8_t { nearest, ceil, floor, trunc };
constexpr uint32_t round_word(RoundMode mode) {
  return 0x1e244000 | static_cast<uint32_t>(mode) << 15;
}

/// Bitwise operations on vectors. bsl, bit and bif read their destination: d = d ? a : b by the old
/// bits of d, or b's bits of a into d where b has ones (bit) or zeros (bif).
enum class VecLogic : uint8_t { and_, bic, orr, orn, eor, bsl, bit, bif };
inline constexpr uint32_t kVecLogic[] = {0x0e201c00, 0x0e601c00, 0x0ea01c00, 0x0ee01c00,
                                         0x2e201c00, 0x2e601c00, 0x2ea01c00, 0x2ee01c00};

/// Shifts of a float register's bits by a constant. sli shifts left and keeps the low bits of d.
enum class VecShift : uint8_t { shl, ushr, sshr, sli };

/// Of all 64 bits, or of both 32-bit lanes: one of them is the scalar in question.
constexpr uint32_t vec_shift_word(VecShift shift, FloatWidth width, unsigned count) {
  constexpr uint32_t kOperations[] = {0x0f005400, 0x2f000400, 0x0f000400, 0x2f005400};
  const unsigned size = width == FloatWidth::f64 ? 64 : 32;
  const bool right = shift == VecShift::ushr || shift == VecShift::sshr;
  DCHECK(right ? count >= 1 && count <= size : count < size);
  const uint32_t scalar = width == FloatWidth::f64 ? uint32_t{1} << 30 | uint32_t{1} << 28 : 0;
  return kOperations[static_cast<unsigned>(shift)] | scalar |
         (right ? 2 * size - count : size + count) << 16;
}

/// Read-modify-write operations of LSE; each gives the old value. clr clears the bits set in its
/// operand. Their forms here acquire and release, so all together are in one order.
enum class AtomicOp : uint8_t { add, clr, eor, set, swp };
inline constexpr uint32_t kAtomics[] = {0x38e00000, 0x38e01000, 0x38e02000, 0x38e03000, 0x38e08000};

/// Hints: nops on a CPU that does not know them.
enum class Hint : uint8_t {
  nop = 0,
  yield = 1,
  csdb = 20,
  paciasp = 25,
  autiasp = 29,
  bti = 32,
  bti_c = 34,  // where blr lands, and br through x16 or x17
  bti_j = 36,  // where br lands
  bti_jc = 38,
};

/// What dmb and dsb wait for, in the inner shareable domain.
enum class Barrier : uint8_t { loads = 9, stores = 10, all = 11 };

/// System registers, by their field in mrs and msr.
enum class SysReg : uint16_t {
  nzcv = 0x5a10,
  fpcr = 0x5a20,
  fpsr = 0x5a21,
  tpidr_el0 = 0x5e82,
  cntvct_el0 = 0x5f02,
};

// --- Immediates

/// Whether add, sub, cmp and cmn take `value`: 12 bits, or 12 bits and 12 zeros.
constexpr bool fits_arith(uint64_t value) {
  return value < 0x1000 || ((value & 0xfff) == 0 && value < 0x1000000);
}

constexpr uint32_t arith_field(uint32_t value) {
  DCHECK(fits_arith(value));
  return value < 0x1000 ? value << 10 : uint32_t{1} << 22 | value >> 12 << 10;
}

/// An immediate of and, orr, eor and ands in its place in the instruction.
struct LogicImm {
  uint32_t field;
};

/// None if the instructions cannot have `value`. At w32 the upper half is ignored.
/// Normalizes the pattern so that its lowest run of ones begins at bit 0, then reads the element's
/// size off its first run of zeros and ones (Dougall Johnson, "Bit-Twiddling: Optimising AArch64
/// Logical Immediate Encoding (and Decoding)", 2021).
constexpr std::optional<LogicImm> logic_imm(Width width, uint64_t value) {
  if (width == Width::w32) value = value << 32 | (value & UINT32_MAX);
  if (value + 1 <= 1) return {};  // 0 or -1
  const int rotation = std::countr_zero(value & (value + 1)) & 63;
  const uint64_t normalized = std::rotr(value, rotation);
  const int ones = std::countr_one(normalized);
  const int size = std::countl_zero(normalized) + ones;
  if (std::rotr(value, size & 63) != value) return {};
  const auto n = static_cast<uint32_t>(size >> 6);
  const auto immr = static_cast<uint32_t>(-rotation & (size - 1));
  const auto imms = static_cast<uint32_t>((-size * 2 | (ones - 1)) & 63);
  return LogicImm{n << 22 | immr << 16 | imms << 10};
}

/// The 8-bit immediate of fmov for the float with these bits, or none: +-n/16 * 2^e with
/// n = 16..31 and e = -3..4.
constexpr std::optional<uint8_t> float_imm(FloatWidth width, uint64_t value) {
  // Sign, then the inverse of b, b five or eight times, cd, and efgh at the top of the fraction.
  const unsigned repeats = width == FloatWidth::f64 ? 8 : 5;
  const unsigned fraction = width == FloatWidth::f64 ? 48 : 19;  // bits that have to be zero
  const unsigned b = fraction + 6;
  const uint64_t exponent = value >> b & ((uint64_t{2} << repeats) - 1);
  const bool valid =
      (value & ((uint64_t{1} << fraction) - 1)) == 0 &&
      (exponent == uint64_t{1} << repeats || exponent == (uint64_t{1} << repeats) - 1);
  if (!valid) return {};
  return static_cast<uint8_t>((value >> (b + repeats + 1) & 1) << 7 | (value >> fraction & 0x7f));
}

/// The 8 bits of `movi` for a constant whose bytes are all 0 or 255.
constexpr std::optional<uint8_t> byte_mask(uint64_t value) {
  if ((value & 0x0101010101010101) * 0xff != value) return {};
  return static_cast<uint8_t>((value & 0x0101010101010101) * 0x0102040810204080 >> 56);
}

constexpr uint32_t modified_imm_field(uint8_t imm) {
  return (imm >> 5u) << 16 | (imm & 31u) << 5;
}

constexpr bool fits_scaled(int64_t offset, unsigned size_log2) {
  return offset >= 0 && (offset & ((1 << size_log2) - 1)) == 0 && offset >> size_log2 < 0x1000;
}
constexpr bool fits_unscaled(int64_t offset) {
  return offset >= -256 && offset < 256;
}
/// Whether one load or store of 1 << `size_log2` bytes takes `offset`.
constexpr bool fits_offset(int64_t offset, unsigned size_log2) {
  return fits_scaled(offset, size_log2) || fits_unscaled(offset);
}
/// The same for ldp and stp of two times 1 << `size_log2` bytes.
constexpr bool fits_pair(int64_t offset, unsigned size_log2) {
  return (offset & ((1 << size_log2) - 1)) == 0 && offset >> size_log2 >= -64 &&
         offset >> size_log2 < 64;
}

// --- Addresses

/// Addressing mode, base and offset of a load or store.
constexpr uint32_t address_word(AccessRow row, Mem mem) {
  const uint32_t base = row.bits | rn_sp(mem.base);
  const auto offset = static_cast<uint32_t>(mem.offset);
  if (fits_scaled(mem.offset, row.size_log2)) {
    return kAccessScaled | base | offset >> row.size_log2 << 10;
  }
  DCHECK(fits_unscaled(mem.offset));
  return kAccessUnscaled | base | (offset & 0x1ff) << 12;
}
constexpr uint32_t address_word(AccessRow row, MemIndexed mem) {
  DCHECK((static_cast<unsigned>(mem.extend) & 2) != 0 && "an index has 32 or 64 bits");
  return kAccessIndexed | row.bits | rn_sp(mem.base) | rm(mem.index) |
         static_cast<uint32_t>(mem.extend) << 13 | uint32_t{mem.scaled} << 12;
}
constexpr uint32_t address_word(AccessRow row, MemPre mem) {
  DCHECK(fits_unscaled(mem.offset));
  return kAccessPre | row.bits | rn_sp(mem.base) |
         (static_cast<uint32_t>(mem.offset) & 0x1ff) << 12;
}
constexpr uint32_t address_word(AccessRow row, MemPost mem) {
  DCHECK(fits_unscaled(mem.offset));
  return kAccessPost | row.bits | rn_sp(mem.base) |
         (static_cast<uint32_t>(mem.offset) & 0x1ff) << 12;
}

constexpr uint32_t pair_word(uint32_t mode, PairRow row, Gp base, int32_t offset) {
  DCHECK(fits_pair(offset, row.size_log2));
  return mode | row.bits | rn_sp(base) |
         (static_cast<uint32_t>(offset >> row.size_log2) & 0x7f) << 15;
}
constexpr uint32_t address_word(PairRow row, Mem mem) {
  return pair_word(kPairOffset, row, mem.base, mem.offset);
}
constexpr uint32_t address_word(PairRow row, MemPre mem) {
  return pair_word(kPairPre, row, mem.base, mem.offset);
}
constexpr uint32_t address_word(PairRow row, MemPost mem) {
  return pair_word(kPairPost, row, mem.base, mem.offset);
}

/// The register that an access changes besides its data, or zr.
constexpr Gp written_base(Mem) {
  return Gp::zr;
}
constexpr Gp written_base(MemIndexed) {
  return Gp::zr;
}
constexpr Gp written_base(MemPre mem) {
  return mem.base;
}
constexpr Gp written_base(MemPost mem) {
  return mem.base;
}

// --- Displacements

/// Where an instruction keeps its displacement in instructions, which is signed. Not for adr, adrp.
struct DisplacementField {
  uint8_t shift;
  uint8_t size;

  constexpr uint32_t mask() const { return ((uint32_t{1} << size) - 1) << shift; }
  /// How far it reaches, in bytes: [-reach, reach).
  constexpr int64_t reach() const { return int64_t{2} << size; }
};

inline constexpr uint32_t kBl = 0x94000000;

inline constexpr DisplacementField kFieldB = {0, 26};      // b, bl: +-128 MiB
inline constexpr DisplacementField kFieldBCond = {5, 19};  // b.cond, cbz, ldr literal: +-1 MiB
inline constexpr DisplacementField kFieldTbz = {5, 14};    // tbz, tbnz: +-32 KiB

constexpr bool is_adr(uint32_t word) {
  return (word & 0x1f000000) == 0x10000000;
}

/// The field of a branch or of a load of a literal.
constexpr DisplacementField displacement_field(uint32_t word) {
  if ((word & 0x7c000000) == 0x14000000) return kFieldB;
  if ((word & 0x7e000000) == 0x36000000) return kFieldTbz;
  DCHECK(((word & 0xff000000) == 0x54000000 || (word & 0x7e000000) == 0x34000000 ||
          (word & 0x3b000000) == 0x18000000) &&
         "not relative to the program counter");
  return kFieldBCond;
}

constexpr bool reaches(DisplacementField field, int64_t bytes) {
  return bytes >= -field.reach() && bytes < field.reach();
}

/// `word` with a displacement of `bytes` from its own address, or none if that is out of its reach:
/// for branches, loads of literals, adr (+-1 MiB in bytes) and adrp (+-4 GiB in pages of 4 KiB).
constexpr std::optional<uint32_t> with_displacement(uint32_t word, int64_t bytes) {
  if (is_adr(word)) {
    const bool pages = word >> 31 != 0;
    if (pages && (bytes & 0xfff) != 0) return {};
    const int64_t value = pages ? bytes >> 12 : bytes;
    if (value < -(1 << 20) || value >= 1 << 20) return {};
    const auto low = static_cast<uint32_t>(value & 3), high = static_cast<uint32_t>(value >> 2);
    return (word & 0x9f00001f) | low << 29 | (high & 0x7ffff) << 5;
  }
  const DisplacementField field = displacement_field(word);
  if ((bytes & 3) != 0 || !reaches(field, bytes)) return {};
  const auto count = static_cast<uint32_t>(bytes >> 2);
  return (word & ~field.mask()) | (count << field.shift & field.mask());
}

/// The conditional branch that is taken exactly when that of `word` is not.
constexpr uint32_t invert_branch(uint32_t word) {
  return word ^ ((word & 0xff000000) == 0x54000000 ? 1 : uint32_t{1} << 24);
}

// --- Moving constants

inline constexpr uint32_t kMovz = 0x52800000;
inline constexpr uint32_t kMovn = 0x12800000;
inline constexpr uint32_t kMovk = 0x72800000;

/// Instructions that make a constant, with register 0 as destination of all of them.
struct MovePlan {
  std::array<uint32_t, 4> words = {};
  unsigned size = 0;

  constexpr void add(uint32_t word) { words[size++] = word; }
};

/// The shortest sequence of movz, movn or orr followed by movks for the low bits of `value`.
MovePlan plan_move(Width width, uint64_t value);

}  // namespace swoop::jit::a64

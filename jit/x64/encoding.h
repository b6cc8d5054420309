// How x86-64 instructions are put together: opcode rows and a cursor that writes them.
//
//   legacy: [66|F2|F3] [REX] opcode(1-3 bytes) ModRM [SIB] [disp8|disp32] [imm]
//   VEX:    C5 xx | C4 xx xx,  opcode(1 byte)  ModRM [SIB] [disp8|disp32] [imm]
//
// Reference: Intel SDM volume 2, chapter 2 (instruction format) and appendix A (opcode maps).
// Surprises of the encoding, all handled here and only here:
//   * rm=100 means "a SIB byte follows", so rsp and r12 as base need one;
//   * mod=00 rm=101 means rip+disp32, so rbp and r13 as base need at least a disp8 of zero;
//   * SIB index=100 means "no index", so rsp cannot be one (r12 can: REX.X makes it 1100);
//   * byte registers 4-7 are ah..bh without a REX prefix and spl..dil with any, even an empty one;
//   * a mandatory 66/F2/F3 prefix comes before REX, or the CPU ignores the REX.
//
// Speed: a cursor stores whole words and then advances by the length really used, so that nothing
// branches on the operands. Everything is inlined, so that what a caller knows, such as the base of
// a memory operand, costs nothing. That scribbles on bytes behind the end, but never on one
// kMaxInstruction or more behind the start. Stores go through Word<T>, not through `uint8_t*`,
// which for the C++ compiler may alias everything.
#pragma once

#include "base/inline.h"
#include "jit/x64/registers.h"

#include <cstdint>

namespace swoop::jit::x64 {

/// Room that writing one instruction needs. The architecture's limit of its length is 15 bytes.
inline constexpr unsigned kMaxInstruction = 16;

/// A store of any width at any address.
template <class T>
struct [[gnu::packed]] Word {
  T value;
};

/// Opcode of a legacy instruction: mandatory prefix (0 = none), then `size` bytes in memory order.
struct Opcode {
  uint32_t bytes;
  uint8_t size;
  uint8_t prefix;
};

constexpr Opcode op(unsigned byte, uint8_t prefix = 0) {
  return {byte, 1, prefix};
}
constexpr Opcode op_0f(unsigned byte, uint8_t prefix = 0) {
  return {0x0f | byte << 8, 2, prefix};
}

/// Mandatory prefixes by the number that VEX gives them.
enum class Prefix : uint8_t { none, x66, xf3, xf2 };
/// Opcode maps by the number that VEX gives them.
enum class Map : uint8_t { x0f = 1, x0f38 = 2, x0f3a = 3 };

/// By Prefix.
inline constexpr uint8_t kLegacyPrefixes[] = {0, 0x66, 0xf3, 0xf2};

/// An instruction that has a VEX form and, unless it came with VEX, a legacy form.
struct Row {
  uint8_t opcode;
  Prefix prefix = Prefix::none;
  Map map = Map::x0f;

  SWOOP_INLINE constexpr Opcode legacy() const {
    const uint8_t byte = kLegacyPrefixes[static_cast<unsigned>(prefix)];
    if (map == Map::x0f) return {0x0fu | uint32_t{opcode} << 8, 2, byte};
    const uint32_t escape = map == Map::x0f38 ? 0x380f : 0x3a0f;
    return {escape | uint32_t{opcode} << 16, 3, byte};
  }
};

/// A load: small enough to be read at once, so without a mandatory prefix, which none has.
struct LoadRow {
  uint16_t opcode;
  uint8_t size;
  bool w;
  constexpr LoadRow(Opcode row, Width width)
      : opcode(static_cast<uint16_t>(row.bytes)), size(row.size), w(width == Width::w64) {}
};

constexpr bool fits_int8(int32_t value) {
  return value == static_cast<int8_t>(value);
}

/// Writes one instruction after another from a position on. Passed and kept by value, so that the
/// position lives in a register while an instruction is put together.
class Cursor {
 public:
  SWOOP_INLINE explicit Cursor(uint8_t* position) : at_(position) {}

  SWOOP_INLINE uint8_t* position() const { return at_; }

  /// The low `size` bytes of `value`, lowest first.
  SWOOP_INLINE void bytes(uint32_t value, unsigned size) {
    store<uint32_t>(value);
    at_ += size;
  }
  SWOOP_INLINE void bytes64(uint64_t value, unsigned size) {
    store<uint64_t>(value);
    at_ += size;
  }
  SWOOP_INLINE void imm(int32_t value, unsigned size) { bytes(static_cast<uint32_t>(value), size); }

  /// Opcode with a register number in its low three bits: push, pop, mov r,imm.
  SWOOP_INLINE void opcode_reg(unsigned opcode, bool w, uint32_t reg) {
    rex(w, 0, 0, reg, false);
    bytes(opcode | (reg & 7), 1);
  }

  /// Legacy instruction with both operands in registers. `reg` may be an opcode extension.
  /// `byte_reg`: an 8-bit operand is `byte_reg`, for which 4-7 need a REX prefix.
  SWOOP_INLINE void reg_reg(Opcode opcode, bool w, uint32_t reg, uint32_t rm,
                            uint32_t byte_reg = 0) {
    mandatory_prefix(opcode.prefix);
    rex(w, reg, 0, rm, byte_reg >= 4);
    bytes(opcode.bytes | register_modrm(reg, rm) << 8 * opcode.size, opcode.size + 1u);
  }

  /// Legacy instruction with a memory operand.
  SWOOP_INLINE void reg_mem(Opcode opcode, bool w, uint32_t reg, const Mem& mem,
                            uint32_t byte_reg = 0) {
    mandatory_prefix(opcode.prefix);
    rex(w, reg, index_field(mem), code(mem.base), byte_reg >= 4);
    opcode_modrm_mem(opcode.bytes, opcode.size, reg, mem);
  }

  /// The same without a mandatory prefix.
  SWOOP_INLINE void reg_mem(uint32_t opcode, unsigned opcode_size, bool w, uint32_t reg,
                            const Mem& mem) {
    rex(w, reg, index_field(mem), code(mem.base), false);
    opcode_modrm_mem(opcode, opcode_size, reg, mem);
  }

  /// Legacy instruction with a rip-relative operand whose displacement is still zero.
  SWOOP_INLINE void reg_rip(Opcode opcode, bool w, uint32_t reg) {
    mandatory_prefix(opcode.prefix);
    rex(w, reg, 0, 0, false);
    bytes(opcode.bytes | rip_modrm(reg) << 8 * opcode.size, opcode.size + 1u);
    bytes(0, 4);
  }

  SWOOP_INLINE void vex_reg(Row row, bool w, uint32_t reg, uint32_t vvvv, uint32_t rm) {
    vex(row, w, reg, vvvv, 0, rm);
    bytes(row.opcode | register_modrm(reg, rm) << 8, 2);
  }

  SWOOP_INLINE void vex_mem(Row row, bool w, uint32_t reg, uint32_t vvvv, const Mem& mem) {
    vex(row, w, reg, vvvv, index_field(mem), code(mem.base));
    opcode_modrm_mem(row.opcode, 1, reg, mem);
  }

  SWOOP_INLINE void vex_rip(Row row, bool w, uint32_t reg, uint32_t vvvv) {
    vex(row, w, reg, vvvv, 0, 0);
    bytes(row.opcode | rip_modrm(reg) << 8, 2);
    bytes(0, 4);
  }

 private:
  template <class T>
  SWOOP_INLINE void store(T value) {
    reinterpret_cast<Word<T>*>(at_)->value = value;
  }

  SWOOP_INLINE static uint32_t register_modrm(uint32_t reg, uint32_t rm) {
    return 0xc0 | (reg & 7) << 3 | (rm & 7);
  }
  SWOOP_INLINE static uint32_t rip_modrm(uint32_t reg) { return 0x05 | (reg & 7) << 3; }

  SWOOP_INLINE static uint32_t index_field(const Mem& mem) {
    return mem.index == Gp::none ? 4 : code(mem.index);
  }

  SWOOP_INLINE void mandatory_prefix(uint8_t prefix) {
    store<uint8_t>(prefix);
    at_ += prefix != 0;
  }

  /// Writes a REX prefix and keeps it if any of its bits is needed.
  SWOOP_INLINE void rex(bool w, uint32_t reg, uint32_t index, uint32_t base, bool forced) {
    const uint32_t low = uint32_t{w} << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3;
    store(static_cast<uint8_t>(0x40 | low));
    at_ += (low != 0) | forced;
  }

  SWOOP_INLINE void vex(Row row, bool w, uint32_t reg, uint32_t vvvv, uint32_t index,
                        uint32_t base) {
    // VEX holds register numbers inverted, so that C5 and C4 stay invalid LES and LDS elsewhere.
    const uint32_t not_r = (~reg >> 3 & 1) << 7;
    const uint32_t last = (~vvvv & 15) << 3 | static_cast<uint32_t>(row.prefix);
    if (row.map == Map::x0f && !w && (index | base) < 8) {
      bytes(0xc5 | (not_r | last) << 8, 2);
    } else {
      const uint32_t first =
          not_r | (~index >> 3 & 1) << 6 | (~base >> 3 & 1) << 5 | static_cast<uint32_t>(row.map);
      bytes(0xc4 | first << 8 | (uint32_t{w} << 7 | last) << 16, 3);
    }
  }

  SWOOP_INLINE void opcode_modrm_mem(uint32_t opcode, unsigned opcode_size, uint32_t reg,
                                     const Mem& mem) {
    const uint32_t base = code(mem.base) & 7;
    const uint32_t index = index_field(mem);
    const bool has_sib = mem.index != Gp::none || base == 4;
    // 0, 1 and 2 for no, an 8-bit and a 32-bit displacement.
    const bool has_disp = (mem.disp != 0) | (base == 5);
    const uint32_t mod = uint32_t{has_disp} + !fits_int8(mem.disp);
    const uint32_t modrm = mod << 6 | (reg & 7) << 3 | (has_sib ? 4 : base);
    const uint32_t sib = uint32_t{mem.scale_log2} << 6 | (index & 7) << 3 | base;
    bytes64(opcode | uint64_t{modrm | sib << 8} << 8 * opcode_size, opcode_size + 1 + has_sib);
    imm(mem.disp, mod * mod);  // 0, 1 or 4 bytes
  }

  uint8_t* at_;
};

}  // namespace swoop::jit::x64

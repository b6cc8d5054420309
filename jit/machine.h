// What the compiler knows of any machine: registers as numbers, places of values, memory
// references. Which registers exist and what they are for, a MacroAssembler says
// (jit/macro_assembler.h).
#pragma once

#include "base/check.h"
#include "jit/ops.h"
#include "jit/target.h"
#include "vm/trap_code.h"
#include "wasm/types.h"

#include <bit>
#include <cstdint>

namespace swoop::jit {

/// How a value lies in a register or slot. References are i64.
enum class MachineType : uint8_t { i32, i64, f32, f64 };

constexpr bool is_float(MachineType type) {
  return type >= MachineType::f32;
}
constexpr Width width_of(MachineType type) {
  return type == MachineType::i32 ? Width::w32 : Width::w64;
}
constexpr FloatWidth float_width_of(MachineType type) {
  return type == MachineType::f32 ? FloatWidth::f32 : FloatWidth::f64;
}
constexpr MachineType machine_type(ValType type) {
  switch (type.kind()) {
    case ValType::Kind::i32: return MachineType::i32;
    case ValType::Kind::f32: return MachineType::f32;
    case ValType::Kind::f64: return MachineType::f64;
    default: return MachineType::i64;
  }
}

/// A machine register: general ones are 0-31, floating-point ones 32-63, by their number in the
/// encoding.
class Reg {
 public:
  constexpr Reg() = default;
  static constexpr Reg gp(unsigned number) { return Reg(static_cast<uint8_t>(number)); }
  static constexpr Reg fp(unsigned number) { return Reg(static_cast<uint8_t>(number + 32)); }
  static constexpr Reg from_index(unsigned index) { return Reg(static_cast<uint8_t>(index)); }

  constexpr bool valid() const { return index_ != 0xff; }
  constexpr bool is_fp() const { return index_ >= 32; }
  constexpr unsigned index() const { return index_; }
  constexpr unsigned number() const { return index_ & 31; }
  friend constexpr bool operator==(Reg, Reg) = default;

 private:
  explicit constexpr Reg(uint8_t index) : index_(index) {}
  uint8_t index_ = 0xff;
};

/// A set of registers of both classes.
class RegSet {
 public:
  constexpr RegSet() = default;
  explicit constexpr RegSet(uint64_t bits) : bits_(bits) {}
  template <class... Regs>
  static constexpr RegSet of(Regs... regs) {
    return RegSet(((uint64_t{1} << regs.index()) | ... | 0));
  }

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(Reg reg) const { return (bits_ >> reg.index() & 1) != 0; }
  constexpr void add(Reg reg) { bits_ |= uint64_t{1} << reg.index(); }
  constexpr void remove(Reg reg) { bits_ &= ~(uint64_t{1} << reg.index()); }
  constexpr Reg first() const {
    DCHECK(bits_ != 0);
    return Reg::from_index(static_cast<unsigned>(std::countr_zero(bits_)));
  }
  constexpr Reg take_first() {
    const Reg reg = first();
    bits_ &= bits_ - 1;
    return reg;
  }
  constexpr uint64_t bits() const { return bits_; }
  friend constexpr RegSet operator|(RegSet a, RegSet b) { return RegSet(a.bits_ | b.bits_); }
  friend constexpr RegSet operator&(RegSet a, RegSet b) { return RegSet(a.bits_ & b.bits_); }
  friend constexpr RegSet operator-(RegSet a, RegSet b) { return RegSet(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(RegSet, RegSet) = default;

 private:
  uint64_t bits_ = 0;
};

inline constexpr RegSet kAllGp{0xffffffff};
inline constexpr RegSet kAllFp{0xffffffff00000000};

/// A place in the frame, in bytes from the frame pointer.
struct Slot {
  int32_t offset = 0;
};

/// An access to a memory at (zero-extended) `index` + `offset`. No index: a constant address.
struct MemRef {
  static constexpr uint32_t kInBounds = UINT32_MAX;  // as wasm_offset: it cannot trap

  Reg index;
  uint32_t offset = 0;
  uint32_t wasm_offset = 0;  // of the operator that traps, from the start of the body
  int32_t memory = 0;        // where its base and size lie in the context: VmContextLayout::memory
  uint8_t scale_log2 = 0;    // of the index; what it gives fits in 32 bits
};

/// The right operand of an instruction: the machine chooses the form, and has one for each kind.
/// 16 bytes, passed in registers.
class Operand {
 public:
  enum class Kind : uint8_t { reg, imm, slot, memory };

  static constexpr Operand of(Reg reg) { return {Kind::reg, reg, 0, 0}; }
  static constexpr Operand of(Slot slot) { return {Kind::slot, {}, 0, slot.offset}; }
  static constexpr Operand of(const MemRef& memory) {
    Operand operand{Kind::memory, memory.index, memory.wasm_offset,
                    static_cast<int64_t>(memory.memory) << 32 | memory.offset};
    operand.scale_log2_ = memory.scale_log2;
    return operand;
  }
  /// Integers as such, floats as bits.
  static constexpr Operand immediate(int64_t value) { return {Kind::imm, {}, 0, value}; }

  constexpr Kind kind() const { return kind_; }
  constexpr Reg reg() const { return reg_; }  // also the index of `memory`
  constexpr int64_t imm() const { return value_; }
  constexpr Slot slot() const { return {static_cast<int32_t>(value_)}; }
  constexpr MemRef memory() const {
    return {reg_, static_cast<uint32_t>(value_), wasm_offset_, static_cast<int32_t>(value_ >> 32),
            scale_log2_};
  }

 private:
  constexpr Operand(Kind kind, Reg reg, uint32_t wasm_offset, int64_t value)
      : kind_(kind), reg_(reg), wasm_offset_(wasm_offset), value_(value) {}
  Kind kind_;
  Reg reg_;
  uint8_t scale_log2_ = 0;
  uint32_t wasm_offset_;
  int64_t value_;
};
static_assert(sizeof(Operand) == 16);

/// Loads and stores of memory: the name gives the result and the bytes read.
enum class LoadOp : uint8_t {
  i32_u8,
  i32_s8,
  i32_u16,
  i32_s16,
  i32,
  i64_u8,
  i64_s8,
  i64_u16,
  i64_s16,
  i64_u32,
  i64_s32,
  i64,
  f32,
  f64,
};
enum class StoreOp : uint8_t { i8, i16, i32, i64, f32, f64 };

// Tables stand outside of the functions: as locals they would be built anew at each call.
inline constexpr uint8_t kLoadSizes[] = {1, 1, 2, 2, 4, 1, 1, 2, 2, 4, 4, 8, 4, 8};
inline constexpr uint8_t kLoadWidths[] = {8, 0, 16, 0, 0, 8, 0, 16, 0, 0, 0, 0, 0, 0};
inline constexpr uint8_t kStoreSizes[] = {1, 2, 4, 8, 4, 8};

constexpr uint32_t access_size(LoadOp op) {
  return kLoadSizes[static_cast<uint8_t>(op)];
}
constexpr uint32_t access_size(StoreOp op) {
  return kStoreSizes[static_cast<uint8_t>(op)];
}
/// How many bits a loaded integer has, if that is less than 32; else 0.
constexpr uint32_t loaded_width(LoadOp op) {
  return kLoadWidths[static_cast<uint8_t>(op)];
}
constexpr MachineType result_type(LoadOp op) {
  if (op == LoadOp::f32) return MachineType::f32;
  if (op == LoadOp::f64) return MachineType::f64;
  return op <= LoadOp::i32 ? MachineType::i32 : MachineType::i64;
}

enum class FloatUnary : uint8_t { abs, neg, sqrt, ceil, floor, trunc, nearest };
enum class BitCount : uint8_t { clz, ctz, popcnt };
enum class DivOp : uint8_t { div_s, div_u, rem_s, rem_u };

constexpr bool is_signed(DivOp op) {
  return op == DivOp::div_s || op == DivOp::rem_s;
}
constexpr bool is_remainder(DivOp op) {
  return op >= DivOp::rem_s;
}

/// Everything about a frame that its prologue and epilogue need.
struct Frame {
  uint32_t size = 0;             // bytes below the saved frame pointer, a multiple of 16
  RegSet saved;                  // registers of the caller to preserve
  bool leaves_instance = false;  // keeps its context in the frame's first word
  bool is_leaf = false;          // calls nothing, not even a builtin
  uint32_t body_bytes = 0;       // of the wasm code: how long branches may get
};

}  // namespace swoop::jit

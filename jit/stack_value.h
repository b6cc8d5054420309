// Where an operand of the wasm stack is while code is generated: 8 bytes, copied freely.
//
// Invariants. (1) A temporary register belongs to one entry at most; copies of locals stay aliases.
// (2) An i32 in a register is zero-extended unless kHighDirty says otherwise; its slot is 8 bytes,
// of which the low 4 count. (3) flags, memory and scaled are on top of the stack only, and the next
// operator takes them. (4) At a control boundary only home, constant and pool are left. (5) `reg`
// is valid if and only if the value itself is in that register.
#pragma once

#include "jit/machine.h"

#include <cstdint>

namespace swoop::jit {

struct StackValue {
  enum class Kind : uint8_t {
    constant,  // aux: an i32, an i64 that fits in 32 bits, the bits of an f32, or an f64 that is +0
    pool,      // aux: index of another 64-bit constant in the function's pool
    reg,       // in `reg`, owned
    local,     // alias of local `aux`, in `reg` if that one is pinned
    home,      // in the home slot of stack position aux
    flags,     // `bits` is a Cond that the machine's flags hold
    memory,    // not loaded yet: the compiler's pending_load_
    scaled,    // register number aux << kShift of `bits`, or its bits inverted; not computed yet
  };
  // In `bits`:
  static constexpr uint8_t kHighDirty = 1;    // of reg and local
  static constexpr unsigned kWidthShift = 1;  // of those not dirty: above, the value's width
  static constexpr uint8_t kShift = 3;        // of scaled
  static constexpr uint8_t kOwnsIndex =
      0x80;  // of memory and scaled: their register is a temporary

  Kind kind = Kind::constant;
  MachineType type = MachineType::i32;
  Reg reg;
  uint8_t bits = 0;
  int32_t aux = 0;

  bool is_high_dirty() const { return (bits & kHighDirty) != 0; }
  /// The value of an integer in a register is less than 2 to this.
  unsigned width() const {
    if (has_width()) return static_cast<unsigned>(bits >> kWidthShift);
    return type == MachineType::i32 ? 32 : 64;
  }
  /// Whether that is less than its type tells.
  bool has_width() const {
    return bits > kHighDirty && kind != Kind::memory && kind != Kind::scaled;
  }
  void set_width(unsigned width) { bits = static_cast<uint8_t>(width << kWidthShift); }
  bool is_const() const { return kind == Kind::constant; }
};
static_assert(sizeof(StackValue) == 8);

}  // namespace swoop::jit

// Register names, memory operands and condition numbers of AArch64, by their encoding.
#pragma once

#include "base/check.h"
#include "jit/ops.h"

#include <cstdint>

namespace swoop::jit::a64 {

/// Number 31 is the zero register or the stack pointer, depending on the instruction and operand.
/// They have two names here, so that a row can refuse the one that it would not get.
// clang-format off
enum class Gp : uint8_t {
  x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15,
  x16, x17, x18, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, x30,
  zr = 31, sp = 63
};

enum class Vec : uint8_t {
  v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15,
  v16, v17, v18, v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30, v31
};
// clang-format on

/// The number of a register where 31 means zero.
constexpr uint32_t code(Gp reg) {
  DCHECK(reg <= Gp::zr && "sp would be read as zr");
  return static_cast<uint32_t>(reg);
}
/// The number of a register where 31 means the stack pointer.
constexpr uint32_t code_sp(Gp reg) {
  DCHECK(reg != Gp::zr && "zr would be read as sp");
  return static_cast<uint32_t>(reg) & 31;
}
constexpr uint32_t code(Vec reg) {
  return static_cast<uint32_t>(reg);
}

/// How a register operand is shifted. Additions cannot rotate theirs.
enum class Shift : uint8_t { lsl, lsr, asr, ror };

/// How a register operand is widened; uxtx and sxtx take all 64 bits.
enum class Extend : uint8_t { uxtb, uxth, uxtw, uxtx, sxtb, sxth, sxtw, sxtx };

/// `[base, #offset]`. The base of every memory operand may be sp, and cannot be zr.
struct Mem {
  Gp base;
  int32_t offset = 0;
};

/// `[base, index, extend #size_log2 or 0]`: the index is extended from 32 bits (uxtw, sxtw) or is
/// 64 bits wide (uxtx, sxtx), and is counted in elements if `scaled`.
struct MemIndexed {
  Gp base;
  Gp index;
  Extend extend = Extend::uxtw;
  bool scaled = false;
};

/// `[base, #offset]!`: the sum is the address and the new base.
struct MemPre {
  Gp base;
  int32_t offset;
};

/// `[base], #offset`: the base is the address, the sum the new base.
struct MemPost {
  Gp base;
  int32_t offset;
};

/// Condition numbers (Arm ARM, C1.2.4). Those of a pair (0,1), (2,3)... are opposite, except that
/// al and nv both always hold.
enum class CondCode : uint8_t { eq, ne, hs, lo, mi, pl, vs, vc, hi, ls, ge, lt, gt, le, al, nv };

constexpr CondCode invert(CondCode cc) {
  DCHECK(cc < CondCode::al);
  return static_cast<CondCode>(static_cast<uint8_t>(cc) ^ 1);
}

inline constexpr CondCode kCondCodes[] = {
    CondCode::eq, CondCode::ne, CondCode::lt, CondCode::ge, CondCode::lo, CondCode::hs,
    CondCode::gt, CondCode::le, CondCode::hi, CondCode::ls,
    // After fcmp, NaN leaves C and V set: eq, mi, gt, ls and ge do not hold, their opposites do.
    CondCode::eq, CondCode::ne, CondCode::mi, CondCode::pl, CondCode::gt, CondCode::le,
    CondCode::ls, CondCode::hi, CondCode::ge, CondCode::lt};

/// The flags test for `cond` after `cmp a, b`, or after `fcmp a, b` for a float condition.
constexpr CondCode cond_code(Cond cond) {
  return kCondCodes[static_cast<uint8_t>(cond)];
}

}  // namespace swoop::jit::a64

// The compiler's vocabulary for operations of a machine, without naming a machine: operand widths,
// operation families, integer conditions. Each ISA maps them to its own encodings.
#pragma once

#include <cstdint>

namespace swoop::jit {

enum class Width : uint8_t { w32, w64 };
enum class FloatWidth : uint8_t { f32, f64 };

enum class AluOp : uint8_t { add, sub, and_, or_, xor_ };
enum class ShiftOp : uint8_t { shl, shr_s, shr_u, rotl, rotr };
enum class FloatOp : uint8_t { add, sub, mul, div, min, max };
/// Bitwise operations on float registers; `andn` is `~a & b`.
enum class FloatLogic : uint8_t { and_, andn, or_, xor_ };

/// What a load reads, and how wide the result is. Zero-extending loads fill all 64 bits.
enum class LoadKind : uint8_t { u8, u16, u32, u64, s8_32, s16_32, s8_64, s16_64, s32_64 };

constexpr unsigned bits(Width width) {
  return width == Width::w64 ? 64 : 32;
}

/// How far conditional forward branches reach, where that is a question: a far one is its opposite
/// around a jump.
enum class BranchMode : uint8_t { near, far };

/// Results of comparing two integers, then of comparing two floats. Each pair (0,1), (2,3)... is a
/// condition and its opposite; that of `f_lt` is `f_not_lt`, not `f_ge`, because of NaN.
// clang-format off
enum class Cond : uint8_t {
  eq, ne, lt_s, ge_s, lt_u, ge_u, gt_s, le_s, gt_u, le_u,
  f_eq, f_ne, f_lt, f_not_lt, f_gt, f_not_gt, f_le, f_not_le, f_ge, f_not_ge,
};
// clang-format on

/// The condition that holds exactly when `cond` does not.
constexpr Cond invert(Cond cond) {
  return static_cast<Cond>(static_cast<uint8_t>(cond) ^ 1);
}

/// The condition that holds for (b, a) exactly when the integer condition `cond` holds for (a, b).
constexpr Cond swap_operands(Cond cond) {
  switch (cond) {
    case Cond::eq:
    case Cond::ne: return cond;
    case Cond::lt_s: return Cond::gt_s;
    case Cond::ge_s: return Cond::le_s;
    case Cond::lt_u: return Cond::gt_u;
    case Cond::ge_u: return Cond::le_u;
    case Cond::gt_s: return Cond::lt_s;
    case Cond::le_s: return Cond::ge_s;
    case Cond::gt_u: return Cond::lt_u;
    case Cond::le_u: return Cond::ge_u;
    default: break;
  }
  return cond;
}

}  // namespace swoop::jit

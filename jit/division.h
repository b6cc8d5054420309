// Division by a constant as multiplication. For a divisor d there are a multiplier m and a shift s
// so that the high half of x * m, shifted right by s, is x / d for every x: m is 2^(N+s) / d,
// rounded up, and s is large enough for the error not to be seen.
// Reference: Granlund and Montgomery, "Division by Invariant Integers using Multiplication" (1994);
// Hacker's Delight, chapter 10.
#pragma once

#include "base/check.h"
#include "jit/ops.h"

#include <bit>
#include <cstdint>

namespace swoop::jit {

struct DivisionPlan {
  uint64_t multiplier = 0;  // its low N bits
  unsigned shift = 0;       // of the high half
  bool add = false;         // the multiplier has a bit more: x is added to the high half first
  unsigned pre_shift = 0;   // of x, instead of `add`
};

namespace detail {

__extension__ using Uint128 = unsigned __int128;

struct Quotient {
  uint64_t quotient;
  uint64_t remainder;
};
/// 2^exponent / d, where d > 2^(exponent - 64).
constexpr Quotient divide_power(unsigned exponent, uint64_t d) {
  const Uint128 power = Uint128{1} << exponent;
  return {static_cast<uint64_t>(power / d), static_cast<uint64_t>(power % d)};
}

}  // namespace detail

/// For x / d, unsigned, N = bits(w). `d` is neither 0 nor a power of two. With `add`, the sum of x
/// and the high half has N + 1 bits.
constexpr DivisionPlan plan_unsigned_division(Width w, uint64_t d) {
  DCHECK(d != 0 && !std::has_single_bit(d));
  const unsigned log = static_cast<unsigned>(std::bit_width(d)) - 1;
  const auto [quotient, remainder] = detail::divide_power(bits(w) + log, d);
  if (d - remainder < uint64_t{1} << log) return {quotient + 1, log, false, 0};
  if (d % 2 == 0 && w == Width::w64) {
    // What is left of x has fewer bits, for which any error is small enough.
    const unsigned zeros = static_cast<unsigned>(std::countr_zero(d));
    const detail::Quotient odd = detail::divide_power(bits(w) + log - zeros, d >> zeros);
    return {odd.quotient + 1, log - zeros, false, zeros};
  }
  const bool carry = remainder >= d - remainder;
  const uint64_t multiplier = 2 * quotient + carry + 1;
  return {w == Width::w32 ? static_cast<uint32_t>(multiplier) : multiplier, log + 1, true, 0};
}

/// For the floor of x / d, signed, which is one less than the quotient of a negative x. `d` is
/// positive and no power of two.
constexpr DivisionPlan plan_signed_division(Width w, uint64_t d) {
  DCHECK(d != 0 && !std::has_single_bit(d));
  const unsigned log = static_cast<unsigned>(std::bit_width(d)) - 1;
  const auto [quotient, remainder] = detail::divide_power(bits(w) - 1 + log, d);
  if (d - remainder < uint64_t{1} << log) return {quotient + 1, log - 1, false, 0};
  const bool carry = remainder >= d - remainder;
  return {2 * quotient + carry + 1, log, true, 0};
}

}  // namespace swoop::jit

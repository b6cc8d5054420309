#include "jit/a64/encoding.h"

namespace swoop::jit::a64 {
namespace {

constexpr uint64_t kHalf = 0xffff;

constexpr uint64_t half(uint64_t value, unsigned index) {
  return value >> 16 * index & kHalf;
}
constexpr uint32_t half_fields(uint64_t value, unsigned index) {
  return index << 21 | static_cast<uint32_t>(half(value, index)) << 5;
}

/// How many of the four 16-bit parts of `a` and `b` differ.
constexpr unsigned count_different(uint64_t a, uint64_t b) {
  unsigned count = 0;
  for (unsigned i = 0; i < 4; ++i) count += half(a, i) != half(b, i);
  return count;
}

/// Whether the 16 bits are one run of ones, seen as a ring, or none or all.
constexpr bool is_run(uint64_t part) {
  uint64_t changes = (part ^ (part << 1 | part >> 15)) & kHalf;
  changes &= changes - 1;
  changes &= changes - 1;
  return changes == 0;
}

/// Whether two parts of `value` can be those of an immediate of orr: with an element of up to 16
/// bits they are equal, with a longer one each is a run. Nearly no constant of 64 bits passes.
constexpr bool may_be_near_logic_imm(uint64_t value) {
  unsigned runs = 0;
  bool repeats = false;
  for (unsigned i = 0; i < 4; ++i) {
    runs += is_run(half(value, i));
    for (unsigned j = 0; j < i; ++j) repeats |= half(value, i) == half(value, j);
  }
  return repeats || runs >= 2;
}

/// The immediate of orr from which the fewest movks lead to `value`, if these are fewer than
/// `limit`. All that agree with `value` in two parts or more and are worth trying: a 32-bit element
/// made of parts of `value`, or a 16-bit one that is two of them; `value` with one part all zeros
/// or ones; and a run of ones that begins and ends in two parts of `value`.
std::optional<uint64_t> find_near_logic_imm(uint64_t value, unsigned limit) {
  std::optional<uint64_t> best;
  const auto consider = [&](uint64_t candidate) {
    const unsigned movks = count_different(candidate, value);
    if (movks >= limit || !logic_imm(Width::w64, candidate)) return;
    best = candidate;
    limit = movks;
  };
  for (const unsigned low : {0u, 2u}) {
    for (const unsigned high : {1u, 3u}) {
      consider((half(value, low) | half(value, high) << 16) * 0x0000000100000001);
    }
  }
  for (const unsigned i : {0u, 1u}) {
    if (half(value, i) == half(value, i + 2)) consider(half(value, i) * 0x0001000100010001);
  }
  for (unsigned i = 0; i < 4; ++i) {
    consider(value & ~(kHalf << 16 * i));
    consider(value | kHalf << 16 * i);
    for (unsigned j = i + 1; j < 4; ++j) {
      const uint64_t kept = value & (kHalf << 16 * i | kHalf << 16 * j);
      const uint64_t between = (uint64_t{1} << 16 * j) - (uint64_t{1} << 16 * (i + 1));
      const uint64_t outside = ~(between | kHalf << 16 * i | kHalf << 16 * j);
      consider(kept | between);
      consider(kept | outside);
    }
  }
  return best;
}

}  // namespace

MovePlan plan_move(Width width, uint64_t value) {
  const unsigned halves = bits(width) / 16;
  if (width == Width::w32) value &= UINT32_MAX;
  unsigned zeros = 0, ones = 0;
  for (unsigned i = 0; i < halves; ++i) {
    zeros += half(value, i) == 0;
    ones += half(value, i) == kHalf;
  }
  const bool invert = ones > zeros;
  const unsigned filled = invert ? ones : zeros;

  MovePlan plan;
  // What the parts that no movk writes hold already.
  uint64_t made = 0;
  const auto orr = [&](LogicImm imm) {
    plan.add(kLogicImm | bits_of(Logic::orr) | sf(width) | rn(Gp::zr) | imm.field);
  };
  if (halves - filled >= 2) {
    if (const auto imm = logic_imm(width, value)) {
      orr(*imm);
      return plan;
    }
    if (halves - filled >= 3 && may_be_near_logic_imm(value)) {
      if (const auto near = find_near_logic_imm(value, halves - filled - 1)) {
        orr(*logic_imm(width, *near));
        made = *near;
      }
    }
  }
  if (plan.size == 0) {
    const uint64_t fill = invert ? kHalf : 0;
    unsigned first = 0;
    while (first + 1 < halves && half(value, first) == fill) ++first;
    const uint64_t written = invert ? ~value : value;
    plan.add((invert ? kMovn : kMovz) | sf(width) | half_fields(written, first));
    made = (invert ? ~uint64_t{0} : 0) & ~(kHalf << 16 * first);
    made |= half(value, first) << 16 * first;
  }
  for (unsigned i = 0; i < halves; ++i) {
    if (half(value, i) != half(made, i)) plan.add(kMovk | sf(width) | half_fields(value, i));
  }
  return plan;
}

}  // namespace swoop::jit::a64

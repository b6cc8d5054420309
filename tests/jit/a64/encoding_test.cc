// Which immediates and displacements fit, against the formats of the manual and by trying
// everything.
#include "jit/a64/encoding.h"

#include "tests/jit/a64/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <random>
#include <vector>

namespace swoop::jit::a64 {
namespace {

constexpr Width w32 = Width::w32, w64 = Width::w64;
constexpr Width kWidths[] = {w32, w64};

// --- Immediates of and, orr and eor

void expect_right_logic_imm(Width width, uint64_t value) {
  const auto imm = logic_imm(width, value);
  ASSERT_EQ(imm.has_value(), logic_immediates(width).contains(value)) << std::hex << value;
  if (!imm) return;
  const uint32_t field = imm->field >> 10;
  ASSERT_EQ(imm->field, field << 10);
  ASSERT_EQ(decode_bit_masks(width, field >> 12, field >> 6 & 63, field & 63), value)
      << std::hex << value;
}

TEST(A64LogicImmediate, EncodesAllThatThereAre) {
  ASSERT_EQ(logic_immediates(w64).size(), 5334u);
  ASSERT_EQ(logic_immediates(w32).size(), 1302u);
  for (const Width w : kWidths) {
    for (const uint64_t value : logic_immediates(w)) expect_right_logic_imm(w, value);
  }
}

TEST(A64LogicImmediate, RefusesAllOthers) {
  std::mt19937_64 random(1);
  for (const Width w : kWidths) {
    const uint64_t mask = w == w64 ? ~uint64_t{0} : UINT32_MAX;
    expect_right_logic_imm(w, 0);
    expect_right_logic_imm(w, mask);
    for (const uint64_t value : logic_immediates(w)) {
      // One bit, and one aligned part, away from a good one.
      expect_right_logic_imm(w, value ^ uint64_t{1} << random() % bits(w));
      expect_right_logic_imm(w, (value ^ uint64_t{0xff} << random() % 8 * 8) & mask);
      expect_right_logic_imm(w, random() & mask);
      expect_right_logic_imm(w, random() & random() & random() & mask);
    }
    for (uint64_t value = 0; value < 0x20000; ++value) expect_right_logic_imm(w, value);
  }
}

TEST(A64LogicImmediate, IgnoresTheUpperHalfAtW32) {
  EXPECT_EQ(logic_imm(w32, 0xffffffff00000001)->field, logic_imm(w32, 1)->field);
  EXPECT_FALSE(logic_imm(w32, 0xffffffffffffffff));
}

// --- Moves of constants

/// What the instructions leave in a register, or none if one of them is not such an instruction.
std::optional<uint64_t> run_moves(std::span<const uint32_t> words) {
  uint64_t value = 0x5aa5123498765aa5;
  for (const uint32_t word : words) {
    const Width width = static_cast<Width>(word >> 31);
    const unsigned shift = (word >> 21 & 3) * 16;
    const uint64_t imm = uint64_t{word >> 5 & 0xffff} << shift;
    if (width == w32 && shift >= 32 && (word & 0x1f800000) == 0x12800000) return {};
    switch (word & 0x7f800000) {
      case 0x52800000: value = imm; break;
      case 0x12800000: value = ~imm; break;
      case 0x72800000: value = (value & ~(uint64_t{0xffff} << shift)) | imm; break;
      default: {
        if ((word & 0x7f8003e0) != 0x320003e0) return {};
        const auto mask = decode_bit_masks(width, word >> 22 & 1, word >> 16 & 63, word >> 10 & 63);
        if (!mask) return {};
        value = *mask;
      }
    }
    if (width == w32) value &= UINT32_MAX;
  }
  return value;
}

/// The least number of instructions, by trying everything.
unsigned shortest_move(Width width, uint64_t value) {
  const auto movks = [&](uint64_t from) {
    unsigned count = 0;
    for (unsigned shift = 0; shift < bits(width); shift += 16) {
      count += ((from ^ value) >> shift & 0xffff) != 0;
    }
    return count;
  };
  // movz and movn make one part right; if all are right already it makes no difference.
  unsigned best = std::min(std::max(movks(0), 1u), std::max(movks(~uint64_t{0}), 1u));
  for (const uint64_t start : logic_immediates(width)) best = std::min(best, 1 + movks(start));
  return best;
}

void expect_shortest_move(Width width, uint64_t value) {
  if (width == w32) value &= UINT32_MAX;
  const MovePlan plan = plan_move(width, value);
  ASSERT_EQ(run_moves(std::span(plan.words).first(plan.size)), value) << std::hex << value;
  ASSERT_EQ(plan.size, shortest_move(width, value)) << std::hex << value;
}

TEST(A64MovePlan, IsRightAndShortest) {
  constexpr uint64_t kParts[] = {0,      0xffff, 1,      0x8000, 0x00ff, 0xff00,
                                 0xfff0, 0x0fff, 0x5555, 0x1234, 0x7fff, 0xf00f};
  for (const uint64_t a : kParts) {
    for (const uint64_t b : kParts) {
      expect_shortest_move(w32, a << 16 | b);
      for (const uint64_t c : kParts) {
        for (const uint64_t d : {0x0000, 0xffff, 0x0ff0, 0x5555, 0x8000}) {
          expect_shortest_move(w64, a << 48 | b << 32 | c << 16 | d);
        }
      }
    }
  }
}

TEST(A64MovePlan, IsShortestNearLogicImmediates) {
  std::mt19937_64 random(1);
  unsigned round = 0;
  for (const uint64_t start : logic_immediates(w64)) {
    if (++round % 4 != 0) continue;
    uint64_t value = start;
    for (unsigned i = 0; i < round / 4 % 3; ++i) {
      const unsigned shift = static_cast<unsigned>(random() % 4) * 16;
      value = (value & ~(uint64_t{0xffff} << shift)) | (random() & 0xffff) << shift;
    }
    expect_shortest_move(w64, value);
    expect_shortest_move(w32, value);
  }
  for (int i = 0; i < 500; ++i) expect_shortest_move(w64, random());
}

TEST(A64MovePlan, IgnoresTheUpperHalfAtW32) {
  const MovePlan plan = plan_move(w32, 0x123456780000abcd);
  EXPECT_EQ(plan.size, 1u);
  EXPECT_EQ(plan.words[0], 0x52800000u | 0xabcd << 5);
}

TEST(A64Assembler, MovesConstants) {
  Assembler a;
  const auto expect = [&](Width w, Gp d, int64_t value, unsigned size) {
    a.reset();
    a.reserve();
    a.mov_ri(w, d, value);
    std::vector<uint32_t> words;
    for (uint32_t at = 0; at < a.offset(); at += 4) words.push_back(word_at(a.code(), at));
    for (uint32_t& word : words) {
      ASSERT_EQ(word & 31, code(d));
      word &= ~uint32_t{31};
    }
    ASSERT_EQ(words.size(), size) << value;
    const auto expected = static_cast<uint64_t>(value) & (w == w64 ? ~uint64_t{0} : UINT32_MAX);
    ASSERT_EQ(run_moves(words), expected) << value;
  };
  for (unsigned number = 0; number < 31; ++number) {
    const Gp d = static_cast<Gp>(number);
    for (const Width w : kWidths) {
      for (const int64_t value : {0, 1, 0xffff, 0x10000, -1, -2, -65536, -65537, INT_MIN}) {
        expect(w, d, value, 1);
      }
      expect(w, d, 0x12345678, 2);
      expect(w, d, 0x00ffff00, 1);
    }
    expect(w64, d, INT64_MIN, 1);
    expect(w64, d, 0x123456789abcdef0, 4);
    expect(w32, d, 0x123456789abc0000, 1);
    expect(w64, d, 0x5555555512345555, 2);
  }
}

// --- Displacements

struct Reach {
  uint32_t word;
  int64_t lowest, highest;
  unsigned step;
};
constexpr int64_t kKi = 1 << 10, kMi = 1 << 20;
constexpr Reach kReaches[] = {
    {0x14000000, -128 * kMi, 128 * kMi - 4, 4},  // b
    {0x94000000, -128 * kMi, 128 * kMi - 4, 4},  // bl
    {0x54000001, -kMi, kMi - 4, 4},              // b.ne
    {0x3400001f, -kMi, kMi - 4, 4},              // cbz wzr
    {0xb500001f, -kMi, kMi - 4, 4},              // cbnz xzr
    {0x3600001f, -32 * kKi, 32 * kKi - 4, 4},    // tbz w31, #0
    {0xb7f8001f, -32 * kKi, 32 * kKi - 4, 4},    // tbnz x31, #63
    {0x1800001f, -kMi, kMi - 4, 4},              // ldr wzr
    {0x9c00001f, -kMi, kMi - 4, 4},              // ldr q31
    {0x1000001f, -kMi, kMi - 1, 1},              // adr xzr
    {0x9000001f, -4096 * kMi, 4096 * kMi - 4096, 4096},
};

TEST(A64Displacement, FitsExactlyWhereTheInstructionReaches) {
  for (const Reach& reach : kReaches) {
    for (const int64_t bytes : {reach.lowest, reach.lowest + reach.step, -int64_t{reach.step},
                                int64_t{0}, int64_t{reach.step}, reach.highest}) {
      const auto word = with_displacement(reach.word, bytes);
      ASSERT_TRUE(word) << std::hex << reach.word << " " << bytes;
      // Whatever was there before goes.
      EXPECT_EQ(with_displacement(*word, 0), reach.word);
      EXPECT_EQ(with_displacement(*with_displacement(reach.word, reach.lowest), bytes), word);
      if (reach.step == 4096) continue;
      Assembler a;
      a.reserve();
      a.emit_u32(*word);
      EXPECT_EQ(target_of(a, 0), bytes) << std::hex << *word;
    }
    EXPECT_FALSE(with_displacement(reach.word, reach.lowest - reach.step));
    EXPECT_FALSE(with_displacement(reach.word, reach.highest + reach.step));
    EXPECT_FALSE(with_displacement(reach.word, int64_t{1} << 40));
    EXPECT_FALSE(with_displacement(reach.word, -(int64_t{1} << 40)));
    if (reach.step != 1) {
      EXPECT_FALSE(with_displacement(reach.word, reach.step / 2));
      EXPECT_FALSE(with_displacement(reach.word, 1));
    }
  }
  EXPECT_EQ(with_displacement(0x90000000, 5 * 4096), 0x90000000u | 1u << 29 | 1u << 5);
}

TEST(A64Displacement, InvertsBranches) {
  EXPECT_EQ(invert_branch(0x54000000), 0x54000001u);  // b.eq, b.ne
  EXPECT_EQ(invert_branch(0x5400000d), 0x5400000cu);
  EXPECT_EQ(invert_branch(0xb4000005), 0xb5000005u);
  EXPECT_EQ(invert_branch(0x35000005), 0x34000005u);
  EXPECT_EQ(invert_branch(0x36180005), 0x37180005u);
  EXPECT_EQ(invert_branch(0xb7180005), 0xb6180005u);
}

// --- Conditions

TEST(A64CondCode, HoldsWhenTheConditionDoes) {
  // N, Z, C, V as compare instructions leave them.
  struct Flags {
    bool n, z, c, v;
  };
  const auto holds = [](CondCode cc, Flags f) {
    const bool conditions[] = {f.z, f.c, f.n, f.v, f.c && !f.z, f.n == f.v, !f.z && f.n == f.v};
    return conditions[static_cast<unsigned>(cc) / 2] != (static_cast<unsigned>(cc) % 2 != 0);
  };
  const auto integer_holds = [](Cond cond, int8_t a, int8_t b) {
    const auto ua = static_cast<uint8_t>(a), ub = static_cast<uint8_t>(b);
    const bool results[] = {a == b, a != b, a<b, a >= b, ua<ub, ua >= ub, a> b, a <= b, ua> ub,
                            ua <= ub};
    return results[static_cast<unsigned>(cond)];
  };
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      const auto difference = static_cast<int8_t>(a - b);
      const Flags flags = {difference < 0, a == b,
                           static_cast<uint8_t>(a) >= static_cast<uint8_t>(b), difference != a - b};
      for (unsigned i = 0; i < 10; ++i) {
        const auto cond = static_cast<Cond>(i);
        ASSERT_EQ(holds(cond_code(cond), flags),
                  integer_holds(cond, static_cast<int8_t>(a), static_cast<int8_t>(b)));
      }
    }
  }
  // Less, equal, greater, unordered: what fcmp sets (Arm ARM, FPCompare).
  constexpr Flags kFloat[] = {{true, false, false, false},
                              {false, true, true, false},
                              {false, false, true, false},
                              {false, false, true, true}};
  // By condition from f_eq on, for each of the four outcomes.
  constexpr bool kResults[10][4] = {{0, 1, 0, 0}, {1, 0, 1, 1}, {1, 0, 0, 0}, {0, 1, 1, 1},
                                    {0, 0, 1, 0}, {1, 1, 0, 1}, {1, 1, 0, 0}, {0, 0, 1, 1},
                                    {0, 1, 1, 0}, {1, 0, 0, 1}};
  for (unsigned i = 0; i < 10; ++i) {
    const auto cond = static_cast<Cond>(i + 10);
    for (unsigned outcome = 0; outcome < 4; ++outcome) {
      EXPECT_EQ(holds(cond_code(cond), kFloat[outcome]), kResults[i][outcome]) << i;
    }
    EXPECT_EQ(invert(cond_code(cond)), cond_code(invert(cond)));
  }
}

}  // namespace
}  // namespace swoop::jit::a64

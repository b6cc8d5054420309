// Branches to places that are not known yet or far away, and the buffer behind them.
#include "jit/a64/assembler.h"
#include "tests/jit/a64/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace swoop::jit::a64 {
namespace {

namespace a64 = asmjit::a64;
using Generic = Assembler::Generic;

constexpr Width w32 = Width::w32, w64 = Width::w64;
constexpr int64_t kKi = 1 << 10, kMi = 1 << 20;

TEST(A64Assembler, PatchesFieldsAndSaysIfOneIsOutOfReach) {
  Assembler a;
  a.reserve();
  const uint32_t adr = a.adr(Gp::x16);
  const uint32_t load = a.load_literal(FloatWidth::f64, Vec::v9);
  const uint32_t call = a.bl();
  a.ret();
  a.patch_to_here(adr);
  a.emit_u32(0x12345678);
  a.patch_to_here(load);
  a.patch(call, 0);
  EXPECT_EQ(target_of(a, adr), 16);
  EXPECT_EQ(target_of(a, load), 20);
  EXPECT_EQ(target_of(a, call), 0);
  EXPECT_EQ(word_at(a.code(), 16), 0x12345678u);
  a.patch32(16, 7);
  EXPECT_EQ(word_at(a.code(), 16), 7u);
  EXPECT_TRUE(a.in_reach());

  a.patch(load, load + kMi);
  EXPECT_FALSE(a.in_reach());
  EXPECT_EQ(target_of(a, load), 20);
  a.patch(load, 0);
  EXPECT_FALSE(a.in_reach());
  a.reset();
  EXPECT_TRUE(a.in_reach());
}

// --- Branches

TEST(A64Assembler, BindsAnEmptyChainToNothing) {
  Assembler a;
  a.reserve();
  a.ret();
  PatchChain chain;
  EXPECT_TRUE(chain.empty());
  a.bind(chain);
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(a.code().size(), 4u);
}

TEST(A64Assembler, BindsABranchAtTheVeryStart) {
  Assembler a;
  a.reserve();
  PatchChain chain;
  a.b(chain);
  EXPECT_FALSE(chain.empty());
  a.bind(chain);
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(word_at(a.code(), 0), 0x14000001u);
}

/// Emits a forward branch of one of six kinds, and returns its offset.
uint32_t emit_branch(Assembler& a, unsigned kind, PatchChain& chain) {
  const uint32_t at = a.offset();
  switch (kind % 6) {
    case 0: a.b(chain); break;
    case 1: a.b_cond(CondCode::hi, chain); break;
    case 2: a.cbz(w32, Gp::x9, chain); break;
    case 3: a.cbnz(w64, Gp::x10, chain); break;
    case 4: a.tbz(Gp::x11, 3, chain); break;
    case 5: a.tbnz(Gp::x12, 60, chain); break;
  }
  return at;
}
constexpr uint32_t kBranchWords[] = {0x14000000, 0x54000008, 0x34000009,
                                     0xb500000a, 0x3618000b, 0xb7e0000c};

/// The branch with its displacement taken out.
uint32_t without_displacement(uint32_t word) {
  return *with_displacement(word, 0);
}

TEST(A64Assembler, BindsEveryBranchOfInterleavedChains) {
  for (const BranchMode mode : {BranchMode::near, BranchMode::far}) {
    Assembler a;
    a.reset(mode);
    PatchChain chains[2];
    std::vector<std::pair<uint32_t, unsigned>> branches[2];
    for (unsigned i = 0; i < 1200; ++i) {
      a.reserve();
      const unsigned kind = i * 5 / 3;
      branches[i % 2].emplace_back(emit_branch(a, kind, chains[i % 2]), kind % 6);
      for (unsigned n = 0; n < i % 5; ++n) a.ret();
    }
    for (unsigned c = 0; c < 2; ++c) {
      a.ret();
      a.bind(chains[c]);
      EXPECT_TRUE(chains[c].empty());
      for (const auto& [at, kind] : branches[c]) {
        const uint32_t word = word_at(a.code(), at);
        if (mode == BranchMode::near || kind == 0) {
          ASSERT_EQ(without_displacement(word), kBranchWords[kind]);
          ASSERT_EQ(target_of(a, at), a.offset());
        } else {
          ASSERT_EQ(without_displacement(word), invert_branch(kBranchWords[kind]));
          ASSERT_EQ(target_of(a, at), at + 8);
          ASSERT_EQ(word_at(a.code(), at + 4) >> 26, 5u);
          ASSERT_EQ(target_of(a, at + 4), a.offset());
        }
      }
    }
    EXPECT_TRUE(a.in_reach());
  }
}

TEST(A64Assembler, ReusesAChainAfterBinding) {
  Assembler a;
  a.reserve();
  PatchChain chain;
  a.b(chain);
  a.bind(chain);
  a.b_cond(CondCode::eq, chain);
  a.ret();
  a.bind(chain);
  EXPECT_EQ(target_of(a, 0), 4);
  EXPECT_EQ(target_of(a, 4), 12);
}

/// How far a forward branch of each kind reaches.
constexpr int64_t kForwardReach[] = {128 * kMi - 4, kMi - 4,      kMi - 4,
                                     kMi - 4,       32 * kKi - 4, 32 * kKi - 4};

void fill_up_to(Assembler& a, int64_t offset) {
  if (a.offset() < offset) a.reserve(static_cast<uint32_t>(offset) - a.offset() + 64);
  while (a.offset() < offset) a.nop();
}

TEST(A64Assembler, SaysWhenABoundBranchIsOutOfReach) {
  Assembler a;
  for (unsigned kind = 0; kind < 6; ++kind) {
    for (const int64_t beyond : {0, 4}) {
      a.reset();
      a.reserve();
      PatchChain chain;
      emit_branch(a, kind, chain);
      fill_up_to(a, kForwardReach[kind] + beyond);
      a.bind(chain);
      EXPECT_EQ(a.in_reach(), beyond == 0) << kind;
      if (beyond == 0) {
        EXPECT_EQ(target_of(a, 0), kForwardReach[kind]);
      }
    }
  }
}

TEST(A64Assembler, ReachesFartherInFarMode) {
  for (unsigned kind = 1; kind < 6; ++kind) {
    Assembler a;
    a.reset(BranchMode::far);
    a.reserve();
    PatchChain chain;
    emit_branch(a, kind, chain);
    fill_up_to(a, 3 * kMi);
    emit_branch(a, kind, chain);
    a.bind(chain);
    EXPECT_TRUE(a.in_reach());
    EXPECT_EQ(target_of(a, 4), a.offset());
    EXPECT_EQ(target_of(a, a.offset() - 4), a.offset());
  }
}

TEST(A64Assembler, SaysWhenAChainHasTooWideAGap) {
  // A field holds distances up to twice its reach forward.
  for (unsigned kind = 1; kind < 6; ++kind) {
    for (const bool too_wide : {false, true}) {
      Assembler a;
      a.reserve();
      PatchChain chain;
      a.b(chain);
      const int64_t widest = 2 * (kForwardReach[kind] + 4) - 4;
      fill_up_to(a, widest + (too_wide ? 4 : 0));
      const uint32_t at = emit_branch(a, kind, chain);
      EXPECT_EQ(a.in_reach(), !too_wide);
      a.bind(chain);
      EXPECT_EQ(a.in_reach(), !too_wide);
      if (!too_wide) {
        EXPECT_EQ(target_of(a, 0), a.offset());
      }
      EXPECT_EQ(target_of(a, at), a.offset());
    }
  }
}

void emit_branch_back(Assembler& a, unsigned kind, uint32_t target) {
  switch (kind % 6) {
    case 0: a.b_back(target); break;
    case 1: a.b_cond_back(CondCode::hi, target); break;
    case 2: a.cbz_back(w32, Gp::x9, target); break;
    case 3: a.cbnz_back(w64, Gp::x10, target); break;
    case 4: a.tbz_back(Gp::x11, 3, target); break;
    case 5: a.tbnz_back(Gp::x12, 60, target); break;
  }
}

TEST(A64Assembler, BranchesBackByOneInstructionExactlyWhereItReaches) {
  constexpr uint32_t kFarthest[] = {0, 1 << 20, 1 << 20, 1 << 20, 1 << 15, 1 << 15};
  for (unsigned kind = 1; kind < 6; ++kind) {
    for (const uint32_t target : {0u, 12u}) {
      for (const uint32_t distance : {0u, 4u, 1000u, kFarthest[kind], kFarthest[kind] + 4}) {
        Assembler a;
        a.reserve();
        fill_up_to(a, target + distance);
        const uint32_t at = a.offset();
        emit_branch_back(a, kind, target);
        EXPECT_TRUE(a.in_reach());
        const uint32_t word = word_at(a.code(), at);
        if (distance <= kFarthest[kind]) {
          ASSERT_EQ(a.offset() - at, 4u) << distance;
          EXPECT_EQ(without_displacement(word), kBranchWords[kind]);
          EXPECT_EQ(target_of(a, at), target);
        } else {
          ASSERT_EQ(a.offset() - at, 8u) << distance;
          EXPECT_EQ(without_displacement(word), invert_branch(kBranchWords[kind]));
          EXPECT_EQ(target_of(a, at), at + 8);
          EXPECT_EQ(target_of(a, at + 4), target);
        }
      }
    }
  }
}

TEST(A64Assembler, BranchesBackByBUpToItsReach) {
  Assembler a;
  a.reserve();
  fill_up_to(a, 128 * kMi);
  a.b_back(0);
  EXPECT_TRUE(a.in_reach());
  EXPECT_EQ(target_of(a, a.offset() - 4), 0);
  a.b_cond_back(CondCode::eq, 0);
  EXPECT_FALSE(a.in_reach());
}

TEST(A64Assembler, BranchesOverInstructions) {
  Assembler a;
  a.reserve();
  a.b_cond_over(CondCode::hi, 1);
  a.cbz_over(w32, Gp::x9, 2);
  a.cbnz_over(w64, Gp::x10, 999);
  constexpr uint32_t kTargets[] = {8, 16, 8 + 4000};
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(without_displacement(word_at(a.code(), 4 * i)), kBranchWords[i + 1]);
    EXPECT_EQ(target_of(a, 4 * i), kTargets[i]);
  }
}

TEST(A64Assembler, AlignsWithNops) {
  for (const unsigned alignment : {4u, 8u, 16u, 32u, 64u}) {
    for (uint32_t before = 0; before < 64; before += 4) {
      Assembler a;
      a.reserve();
      while (a.offset() < before) a.ret();
      a.align(alignment);
      ASSERT_EQ(a.offset() % alignment, 0u);
      ASSERT_LT(a.offset() - before, alignment);
      for (uint32_t at = before; at < a.offset(); at += 4) {
        ASSERT_EQ(word_at(a.code(), at), 0xd503201fu);
      }
    }
  }
}

// --- The buffer

constexpr uint32_t kRet = 0xd65f03c0;

/// Rows and asmjit in turn; returns what one turn emits.
void emit_turn(Assembler& a, uint32_t n) {
  a.reserve();
  for (uint32_t i = 0; i <= n % 60; ++i) a.mov_ri(w64, Gp::x9, (n * 77 + i) & 0xffff);
  if (n % 3 != 0) a.generic().tbl(a64::v1.b16(), a64::v2.b16(), a64::v3.b16());
}

TEST(A64Assembler, KeepsAllCodeWhileTheBufferGrows) {
  Assembler whole;
  std::vector<uint8_t> expected;
  Assembler turn;
  for (uint32_t n = 0; n < 3000; ++n) {
    emit_turn(whole, n);
    turn.reset();
    emit_turn(turn, n);
    expected.insert(expected.end(), turn.code().begin(), turn.code().end());
  }
  EXPECT_GT(whole.code().size(), 300000u);
  EXPECT_TRUE(std::ranges::equal(whole.code(), expected));
}

TEST(A64Assembler, GrowsForRowsAlone) {
  Assembler a;
  constexpr uint32_t kCount = 100000;
  for (uint32_t n = 0; n < kCount; ++n) {
    a.reserve(4);
    a.emit_u32(n * 77);
  }
  ASSERT_EQ(a.code().size(), 4 * kCount);
  for (uint32_t n = 0; n < kCount; ++n) ASSERT_EQ(word_at(a.code(), 4 * n), n * 77);
}

/// Leaves no room, of which asmjit has not been told.
void fill(Assembler& a) {
  a.reserve();
  while (a.remainingSpace() >= kInstructionSize) a.ret();
}

TEST(A64Assembler, GrowsWhenAsmjitMeetsABufferThatRowsHaveFilled) {
  const uint8_t bytes[100] = {};
  // `held` is generic() from before the rows.
  using Emit = std::function<void(Assembler & a, Generic & held)>;
  const Emit emits[] = {
      [&](Assembler&, Generic& held) { held.tbl(a64::v1.b16(), a64::v2.b16(), a64::v3.b16()); },
      [&](Assembler&, Generic& held) {
        held.ret(a64::x30);
        held.align(asmjit::AlignMode::kCode, 64);
      },
      [&](Assembler&, Generic& held) { held.embed(bytes, sizeof bytes); },
      [&](Assembler& a, Generic&) {
        a.generic().embedDataArray(asmjit::TypeId::kUInt8, bytes, sizeof bytes);
      },
  };
  for (const Emit& emit : emits) {
    Assembler a;
    Generic& held = a.generic();
    fill(a);
    const size_t capacity = a.bufferCapacity(), filled = a.code().size();
    emit(a, held);
    EXPECT_GT(a.bufferCapacity(), capacity);
    EXPECT_GT(a.code().size(), filled);
    EXPECT_EQ(word_at(a.code(), 0), kRet);
    EXPECT_EQ(word_at(a.code(), filled - 4), kRet);
  }
}

TEST(A64Assembler, WritesBehindDataOfAnySize) {
  Assembler a;
  a.reserve();
  const uint8_t byte = 7;
  a.generic().embed(&byte, 1);
  a.reserve();
  a.ret();
  EXPECT_THAT(a.code(), testing::ElementsAre(7, 0xc0, 0x03, 0x5f, 0xd6));
}

TEST(A64Assembler, GrowsByMoreThanItHas) {
  Assembler a;
  a.reserve();
  a.ret();
  a.reserve(1 << 20);
  EXPECT_GE(a.remainingSpace(), size_t{1} << 20);
  EXPECT_THAT(a.code(), testing::ElementsAre(0xc0, 0x03, 0x5f, 0xd6));
}

TEST(A64Assembler, ForgetsCodeAndKeepsMemoryOnReset) {
  Assembler a;
  a.reserve(100000);
  const uint8_t* const memory = a.code().data();
  const size_t capacity = a.bufferCapacity();
  a.ret();
  a.generic().nop();
  a.reset();
  EXPECT_EQ(a.offset(), 0u);
  EXPECT_TRUE(a.code().empty());
  EXPECT_EQ(a.bufferCapacity(), capacity);
  EXPECT_EQ(a.code().data(), memory);
}

TEST(A64Assembler, ForgetsLabelsOnReset) {
  Assembler a;
  for (int round = 0; round < 3; ++round) {
    a.reset();
    a.reserve();
    const asmjit::Label label = a.newLabel();
    EXPECT_EQ(label.id(), 0u);
    a.generic().b(label);
    a.ret();
    a.bind(label);
    EXPECT_EQ(word_at(a.code(), 0), 0x14000002u);
    EXPECT_EQ(word_at(a.code(), 4), kRet);
  }
}

TEST(A64Assembler, BindsLabelsOfAsmjitBehindRows) {
  Assembler a;
  a.reserve();
  const asmjit::Label label = a.newLabel();
  a.ret();
  a.bind(label);
  a.ret();
  a.generic().b(label);
  EXPECT_EQ(word_at(a.code(), 8), 0x17ffffffu);
}

}  // namespace
}  // namespace swoop::jit::a64

#include "platform/code_memory.h"

#include "tests/support/machine_code.h"
#include "tests/support/memory_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace swoop::platform {
namespace {

TEST(CodeMemory, IsNeverWritableAndExecutable) {
  CodeMemory code = CodeMemory::allocate(100).value();
  EXPECT_EQ(protection_of(code.data()), "rw-p");
  ASSERT_TRUE(code.seal());
  EXPECT_EQ(protection_of(code.data()), "r-xp");
}

TEST(CodeMemory, RoundsUpToPages) {
  CodeMemory code = CodeMemory::allocate(100).value();
  EXPECT_EQ(code.size_bytes(), page_size());
  EXPECT_EQ(code.writable().size(), page_size());
  EXPECT_TRUE(code.contains(reinterpret_cast<uintptr_t>(code.data()) + page_size() - 1));
}

TEST(CodeMemory, LiesInHugePagesFromAMegabyteOn) {
  constexpr size_t kHugePage = size_t{2} << 20;
  CodeMemory code = CodeMemory::allocate(kHugePage + 1).value();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(code.data()) % kHugePage, 0u);
  EXPECT_EQ(code.size_bytes(), 2 * kHugePage);
  std::ranges::fill(code.writable(), uint8_t{0x90});
  EXPECT_FALSE(code.contains(reinterpret_cast<uintptr_t>(code.data()) + 2 * kHugePage));
  ASSERT_TRUE(code.seal());
  EXPECT_EQ(protection_of(code.data()), "r-xp");
  EXPECT_EQ(protection_of(code.data() + 2 * kHugePage - 1), "r-xp");
}

TEST(CodeMemory, SealsNothing) {
  CodeMemory code = CodeMemory::allocate(0).value();
  EXPECT_TRUE(code.seal());
  EXPECT_TRUE(code.sealed());
}

TEST(CodeMemory, ReportsRefusedMemory) {
  EXPECT_FALSE(CodeMemory::allocate(SIZE_MAX / 2));
}

TEST(CodeMemoryDeathTest, IsImmutableOnceSealed) {
  CodeMemory code = CodeMemory::allocate(16).value();
  uint8_t* const begin = code.writable().data();
  ASSERT_TRUE(code.seal());
  EXPECT_DEATH(*static_cast<volatile uint8_t*>(begin) = 1, "");
  EXPECT_DEATH(code.writable(), "immutable");
  EXPECT_DEATH((void)code.seal(), "sealed twice");
}

TEST(CodeMemory, IsAsNewOnceRenewed) {
  CodeMemory code = CodeMemory::allocate(3 * page_size()).value();
  const size_t used = page_size() + 5;
  for (int round = 0; round < 2; ++round) {
    std::ranges::fill(code.writable().first(used), uint8_t{0xc3});
    ASSERT_TRUE(code.seal());
    ASSERT_TRUE(code.renew(used));
    EXPECT_FALSE(code.sealed());
    EXPECT_EQ(protection_of(code.data()), "rw-p");
    EXPECT_TRUE(std::ranges::all_of(code.writable(), [](uint8_t byte) { return byte == 0; }));
  }
  ASSERT_TRUE(code.seal());
  EXPECT_EQ(protection_of(code.data() + 2 * page_size()), "r-xp");
}

TEST(CodeMemoryDeathTest, IsNotExecutableOnceRenewed) {
  CodeMemory code = CodeMemory::allocate(16).value();
  std::memcpy(code.writable().data(), kReturn42, sizeof kReturn42);
  const auto call = [&] {
    reinterpret_cast<void (*)()>(reinterpret_cast<uintptr_t>(code.data()))();
  };
  ASSERT_TRUE(code.seal());
  call();
  ASSERT_TRUE(code.renew(0));
  EXPECT_DEATH(call(), "");
}

TEST(CodeMemory, RunsWhatWasWritten) {
  CodeMemory code = CodeMemory::allocate(16).value();
  std::memcpy(code.writable().data(), kReturn42, sizeof kReturn42);
  ASSERT_TRUE(code.seal());
  EXPECT_EQ(reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(code.data()))(), 42);
}

TEST(CodeMemoryDeathTest, LetsIndirectBranchesLandOnPadsOnly) {
  CodeMemory code = CodeMemory::allocate(16).value();
  std::memcpy(code.writable().data(), kReturn42, sizeof kReturn42);  // begins with no pad
  ASSERT_TRUE(code.seal(/*has_landing_pads=*/true));
  const auto call = [&] {
    return reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(code.data()))();
  };
  if (CodeMemory::enforces_landing_pads()) {
    EXPECT_EXIT(call(), testing::KilledBySignal(SIGILL), "");
  } else {
    EXPECT_EQ(call(), 42);
  }
}

}  // namespace
}  // namespace swoop::platform

// What a memory leaves behind must be as good as new to the next one.
#include "runtime/memory_pool.h"

#include "runtime/memory.h"
#include "tests/support/address_space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sys/mman.h>
#include <vector>

namespace swoop {
namespace {

constexpr size_t kPage = 65536;

class MemoryPoolTest : public testing::Test {
 protected:
  std::unique_ptr<Memory> make(uint64_t pages, const MemoryImage* image = nullptr) {
    MemoryType type;
    type.limits = {pages, std::nullopt};
    Result<std::unique_ptr<Memory>> memory =
        Memory::create(type, {jit::BoundsMode::guard, UINT64_MAX, &pool_}, image);
    CHECK(memory.ok());
    return std::move(memory).value();
  }
  static MemoryImage make_image(size_t offset, size_t size) {
    return {platform::MemoryFile::create(std::vector<uint8_t>(size, 0x77)).value(), offset};
  }
  static bool is_zero(const Memory& memory) {
    return std::ranges::all_of(memory.bytes(), [](uint8_t byte) { return byte == 0; });
  }
  static void write(const Memory& memory, size_t at) {
    *static_cast<volatile uint8_t*>(memory.data() + at) = 1;
  }

  MemoryPool pool_;
};
using MemoryPoolDeathTest = MemoryPoolTest;

TEST_F(MemoryPoolTest, ARecycledMemoryIsZero) {
  auto memory = make(3);
  const uint8_t* const place = memory->data();
  std::ranges::fill(memory->bytes(), uint8_t{0xee});
  memory.reset();
  memory = make(3);
  EXPECT_EQ(memory->data(), place) << "it was not recycled";
  EXPECT_TRUE(is_zero(*memory));
}

TEST_F(MemoryPoolTest, ARecycledMemoryGrowsByZeros) {
  auto memory = make(1);
  const uint8_t* const place = memory->data();
  ASSERT_EQ(memory->grow(4), 1u);
  std::ranges::fill(memory->bytes(), uint8_t{0xee});
  memory.reset();
  memory = make(1);
  EXPECT_EQ(memory->data(), place);
  ASSERT_EQ(memory->grow(4), 1u);
  EXPECT_TRUE(is_zero(*memory));
}

TEST_F(MemoryPoolDeathTest, ARecycledMemoryIsGuardedBeyondItsSize) {
  auto memory = make(1);
  const uint8_t* const place = memory->data();
  ASSERT_EQ(memory->grow(4), 1u);
  write(*memory, 5 * kPage - 1);
  memory.reset();
  memory = make(1);
  ASSERT_EQ(memory->data(), place);
  write(*memory, kPage - 1);
  for (const size_t at :
       {kPage, 5 * kPage - 1, 5 * kPage, size_t{1} << 32, (size_t{6} << 30) - 1}) {
    EXPECT_DEATH(write(*memory, at), "") << at;
  }
  EXPECT_DEATH(write(*memory, ~size_t{0}), "");
  EXPECT_TRUE(memory->is_guard_address(reinterpret_cast<uintptr_t>(place) + kPage));
}

TEST_F(MemoryPoolTest, AnotherSizeIsNotRecycled) {
  auto small = make(1);
  const uint8_t* const place = small->data();
  ASSERT_EQ(small->grow(1), 1u);
  small.reset();
  const auto large = make(2);
  EXPECT_NE(large->data(), place);
  large->data()[2 * kPage - 1] = 1;
}

TEST_F(MemoryPoolTest, TwoLivingMemoriesAreApart) {
  make(1).reset();
  const auto first = make(1), second = make(1);
  EXPECT_NE(first->data(), second->data());
}

TEST_F(MemoryPoolTest, AnImageComesBackWithoutWhatWasWritten) {
  const MemoryImage image = make_image(4096, 5000);
  auto memory = make(1, &image);
  const uint8_t* const place = memory->data();
  std::ranges::fill(memory->bytes(), uint8_t{0xee});
  memory.reset();
  memory = make(1, &image);
  EXPECT_EQ(memory->data(), place);
  for (size_t i = 0; i < kPage; ++i) {
    ASSERT_EQ(memory->data()[i], i >= 4096 && i < 4096 + 5000 ? 0x77 : 0) << i;
  }
}

TEST_F(MemoryPoolTest, AnImageIsSeenByNoMemoryWithoutIt) {
  const MemoryImage image = make_image(0, 5000), other = make_image(0, 100);
  make(1, &image).reset();
  EXPECT_TRUE(is_zero(*make(1)));
  EXPECT_EQ(make(1, &other)->data()[100], 0);
}

TEST_F(MemoryPoolTest, AnImageThatWasGivenLaterIsGoneAfterwards) {
  const MemoryImage image = make_image(8192, 5000);
  auto memory = make(1);
  ASSERT_TRUE(memory->is_pristine());
  ASSERT_TRUE(memory->map_image(image));
  const uint8_t* const place = memory->data();
  EXPECT_EQ(place[8191], 0);
  EXPECT_EQ(place[8192], 0x77);
  write(*memory, 8193);
  memory.reset();
  memory = make(1);
  EXPECT_TRUE(memory->is_pristine());
  EXPECT_EQ(memory->data(), place);
  EXPECT_TRUE(is_zero(*memory));
}

TEST_F(MemoryPoolTest, AMemoryIsPristineUntilSomebodyKnowsItsPlace) {
  const auto seen = make(1), mirrored = make(1);
  EXPECT_EQ(seen->size_bytes(), kPage);
  EXPECT_EQ(seen->grow(1), 1u);
  EXPECT_TRUE(seen->is_pristine());
  (void)seen->bytes();
  EXPECT_FALSE(seen->is_pristine());
  VmSpan mirror;
  mirrored->add_mirror(&mirror);
  EXPECT_FALSE(mirrored->is_pristine());
}

TEST_F(MemoryPoolTest, LockedPagesAreNotRecycledWithTheirContents) {
  auto memory = make(1);
  write(*memory, 5);
  if (mlock(memory->data(), 4096) != 0) GTEST_SKIP() << "this process may not lock pages";
  memory.reset();
  EXPECT_TRUE(is_zero(*make(1)));
}

TEST_F(MemoryPoolTest, KeepsFewAndGivesThemBack) {
  std::vector<std::unique_ptr<Memory>> memories;
  for (int i = 0; i < 100; ++i) memories.push_back(make(1));
  std::vector<const uint8_t*> places;
  for (const auto& memory : memories) places.push_back(memory->data());
  memories.clear();
  int kept = 0;
  while (pool_.take({kPage, 0})) ++kept;
  EXPECT_GT(kept, 0);
  EXPECT_LE(kept, 32);

  make(1).reset();
  EXPECT_TRUE(pool_.clear());
  EXPECT_FALSE(pool_.clear());
  EXPECT_FALSE(pool_.take({kPage, 0}));
}

TEST_F(MemoryPoolDeathTest, KeepsNothingWhereAddressSpaceIsLimited) {
  expect_in_address_space(size_t{100} << 30, [&] {
    make(1).reset();
    return !pool_.clear();
  });
}

TEST_F(MemoryPoolTest, DoesNotKeepWhatIsVeryLarge) {
  make(65536).reset();
  EXPECT_FALSE(pool_.clear());
}

}  // namespace
}  // namespace swoop

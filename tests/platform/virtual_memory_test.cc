#include "platform/virtual_memory.h"

#include "tests/support/address_space.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

namespace swoop::platform {
namespace {

constexpr size_t kGiB = size_t{1} << 30;

TEST(VirtualMemory, ReservesMoreThanTheMachineHas) {
  std::optional<VirtualMemory> memory = VirtualMemory::reserve(64 * kGiB);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->size_bytes(), 64 * kGiB);
  EXPECT_TRUE(memory->contains(reinterpret_cast<uintptr_t>(memory->data()) + 64 * kGiB - 1));
  EXPECT_FALSE(memory->contains(reinterpret_cast<uintptr_t>(memory->data()) + 64 * kGiB));
  EXPECT_FALSE(memory->contains(reinterpret_cast<uintptr_t>(memory->data()) - 1));
}

TEST(VirtualMemory, RoundsUpToPages) {
  std::optional<VirtualMemory> memory = VirtualMemory::reserve(1);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->size_bytes(), page_size());
}

TEST(VirtualMemory, RefusesWhatCannotBeMapped) {
  EXPECT_FALSE(VirtualMemory::reserve(SIZE_MAX));
  EXPECT_FALSE(VirtualMemory::reserve(SIZE_MAX - 2 * page_size()));
}

TEST(VirtualMemory, CommittedPagesAreZeroAndWritable) {
  VirtualMemory memory = VirtualMemory::reserve(4 * page_size()).value();
  ASSERT_TRUE(memory.commit(page_size(), 2 * page_size()));
  uint8_t* const begin = memory.data() + page_size();
  for (size_t i = 0; i < 2 * page_size(); ++i) ASSERT_EQ(begin[i], 0);
  begin[0] = 1;
  begin[2 * page_size() - 1] = 2;
  ASSERT_TRUE(memory.commit(0, 4 * page_size()));
  EXPECT_EQ(begin[0], 1) << "a second commit must keep the content";
}

TEST(VirtualMemory, DecommittedPagesComeBackAsZeros) {
  VirtualMemory memory = VirtualMemory::reserve(2 * page_size()).value();
  ASSERT_TRUE(memory.commit(0, 2 * page_size()));
  std::memset(memory.data(), 0xab, 2 * page_size());
  ASSERT_TRUE(memory.decommit(page_size(), page_size()));
  ASSERT_TRUE(memory.commit(page_size(), page_size()));
  EXPECT_EQ(memory.data()[0], 0xab);
  for (size_t i = page_size(); i < 2 * page_size(); ++i) ASSERT_EQ(memory.data()[i], 0);
}

TEST(VirtualMemory, DiscardedPagesAreZerosThatCanBeWritten) {
  VirtualMemory memory = VirtualMemory::reserve(3 * page_size()).value();
  ASSERT_TRUE(memory.commit(0, 3 * page_size()));
  std::memset(memory.data(), 0xab, 3 * page_size());
  ASSERT_TRUE(memory.discard(page_size(), page_size()));
  EXPECT_EQ(memory.data()[page_size() - 1], 0xab);
  for (size_t i = page_size(); i < 2 * page_size(); ++i) ASSERT_EQ(memory.data()[i]++, 0);
  EXPECT_EQ(memory.data()[2 * page_size()], 0xab);
}

TEST(VirtualMemoryDeathTest, UncommittedPagesFault) {
  VirtualMemory memory = VirtualMemory::reserve(2 * page_size()).value();
  ASSERT_TRUE(memory.commit(0, page_size()));
  EXPECT_DEATH(*static_cast<volatile uint8_t*>(memory.data() + page_size()) = 1, "");
  ASSERT_TRUE(memory.decommit(0, page_size()));
  EXPECT_DEATH(*static_cast<volatile uint8_t*>(memory.data()) = 1, "");
}

TEST(VirtualMemoryDeathTest, RangesOutsideTheReservationAreOurBug) {
  VirtualMemory memory = VirtualMemory::reserve(2 * page_size()).value();
  EXPECT_DEATH((void)memory.commit(page_size(), 2 * page_size()), "is_page_range");
  EXPECT_DEATH((void)memory.commit(1, page_size()), "is_page_range");
  EXPECT_DEATH((void)memory.decommit(SIZE_MAX - page_size() + 1, 2 * page_size()), "is_page_range");
}

TEST(VirtualMemory, MovesItsRange) {
  VirtualMemory first = VirtualMemory::reserve(page_size()).value();
  uint8_t* const address = first.data();
  VirtualMemory second(std::move(first));
  EXPECT_EQ(first.data(),
            nullptr);  // NOLINT(bugprone-use-after-move): the state after a move is the claim
  EXPECT_EQ(second.data(), address);
  second = VirtualMemory::reserve(page_size()).value();
  EXPECT_NE(second.data(), nullptr);
}

TEST(VirtualMemory, ResizesWhatIsCommitted) {
  VirtualMemory memory;
  ASSERT_TRUE(memory.resize_committed(1));
  memory.data()[0] = 7;
  for (size_t pages = 2; pages <= 1024; pages *= 2) {
    ASSERT_TRUE(memory.resize_committed(pages * page_size()));
    EXPECT_EQ(memory.data()[0], 7);
    EXPECT_EQ(memory.data()[pages * page_size() - 1], 0);
  }
  EXPECT_FALSE(memory.resize_committed(SIZE_MAX / 2));
  EXPECT_EQ(memory.size_bytes(), 1024 * page_size());
  EXPECT_EQ(memory.data()[0], 7);
}

TEST(VirtualMemory, GivesItsRangeBack) {
  // More in total than a 47-bit address space holds, unless each is unmapped in turn.
  for (int i = 0; i < 1000; ++i) {
    std::optional<VirtualMemory> memory = VirtualMemory::reserve(1024 * kGiB);
    ASSERT_TRUE(memory) << i;
    ASSERT_TRUE(memory->commit(0, page_size()));
  }
}

TEST(VirtualMemory, ReportsALimitedAddressSpace) {
  expect_in_address_space(4 * kGiB, [] {
    const bool refused = !VirtualMemory::reserve(8 * kGiB);
    const bool smaller_works = VirtualMemory::reserve(kGiB / 4).has_value();
    return refused && smaller_works;
  });
}

}  // namespace
}  // namespace swoop::platform

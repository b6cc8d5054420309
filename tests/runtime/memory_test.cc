#include "runtime/memory.h"

#include "runtime/engine.h"
#include "tests/runtime/assembled_module.h"
#include "tests/support/address_space.h"

#include <gtest/gtest.h>

namespace swoop {
namespace {

using jit::BoundsMode;

MemoryType memory_type(uint64_t min, std::optional<uint64_t> max = std::nullopt) {
  MemoryType type;
  type.limits = {min, max};
  return type;
}

std::unique_ptr<Memory> make(const MemoryType& type, BoundsMode bounds,
                             uint64_t max_bytes = UINT64_MAX) {
  Result<std::unique_ptr<Memory>> memory = Memory::create(type, {bounds, max_bytes});
  return memory.ok() ? std::move(memory).value() : nullptr;
}

class MemoryTest : public testing::TestWithParam<BoundsMode> {};
INSTANTIATE_TEST_SUITE_P(Bounds, MemoryTest,
                         testing::Values(BoundsMode::guard, BoundsMode::explicit_));

TEST_P(MemoryTest, StartsWithZeros) {
  const auto memory = make(memory_type(2), GetParam());
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(memory->size_pages(), 2u);
  EXPECT_EQ(memory->size_bytes(), 2u * 65536);
  for (const uint8_t byte : memory->bytes()) ASSERT_EQ(byte, 0);
  memory->bytes().back() = 1;
}

TEST_P(MemoryTest, NamesTheLimitThatItExceeds) {
  const Result<std::unique_ptr<Memory>> memory =
      Memory::create(memory_type(3), {GetParam(), 2 * 65536});
  ASSERT_FALSE(memory.ok());
  EXPECT_EQ(memory.error().message,
            "memory of 196608 bytes is larger than the engine's limit of 131072");
}

TEST_P(MemoryTest, GrowsUpToItsMaximum) {
  const auto memory = make(memory_type(1, 3), GetParam());
  memory->data()[65535] = 7;
  EXPECT_EQ(memory->grow(0), 1u);
  EXPECT_EQ(memory->grow(3), std::nullopt);
  EXPECT_EQ(memory->grow(UINT64_MAX), std::nullopt);
  EXPECT_EQ(memory->grow(2), 1u);
  EXPECT_EQ(memory->size_pages(), 3u);
  EXPECT_EQ(memory->data()[65535], 7);
  EXPECT_EQ(memory->data()[3 * 65536 - 1], 0);
  EXPECT_EQ(memory->grow(1), std::nullopt);
  EXPECT_EQ(memory->grow(0), 3u);
}

TEST_P(MemoryTest, GrowsFromNothing) {
  const auto memory = make(memory_type(0), GetParam());
  EXPECT_EQ(memory->size_bytes(), 0u);
  EXPECT_EQ(memory->grow(1), 0u);
  memory->data()[65535] = 1;
}

TEST_P(MemoryTest, HoldsAllThatA32BitIndexReaches) {
  const auto memory = make(memory_type(65535), GetParam());
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(memory->grow(1), 65535u);
  memory->data()[0xffff'ffff] = 1;
  EXPECT_EQ(memory->grow(1), std::nullopt);
  EXPECT_EQ(memory->grow(65536), std::nullopt);
}

TEST_P(MemoryTest, UpdatesEveryMirror) {
  const auto memory = make(memory_type(1), GetParam());
  VmSpan mirrors[3];
  for (VmSpan& mirror : mirrors) memory->add_mirror(&mirror);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(memory->grow(16).has_value());
    for (const VmSpan& mirror : mirrors) {
      EXPECT_EQ(mirror.base, memory->data());
      EXPECT_EQ(mirror.size, memory->size_bytes());
    }
  }
}

TEST_P(MemoryTest, PagesOfOneByte) {
  MemoryType type = memory_type(5, 100'000);
  type.page_size_log2 = 0;
  const auto memory = make(type, GetParam());
  EXPECT_FALSE(memory->is_guarded());
  EXPECT_EQ(memory->size_bytes(), 5u);
  EXPECT_EQ(memory->grow(10'000), 5u);
  EXPECT_EQ(memory->size_bytes(), 10'005u);
  memory->data()[10'004] = 1;
  EXPECT_EQ(memory->grow(89'996), std::nullopt);
  EXPECT_EQ(memory->grow(89'995), 10'005u);
}

TEST_P(MemoryTest, Memory64) {
  MemoryType type = memory_type(1);
  type.address_type = AddressType::i64;
  const auto memory = make(type, GetParam());
  ASSERT_NE(memory, nullptr);
  EXPECT_FALSE(memory->is_guarded());
  EXPECT_EQ(memory->grow(uint64_t{1} << 48), std::nullopt);
  EXPECT_EQ(memory->grow(uint64_t{1} << 40), std::nullopt);
  EXPECT_EQ(memory->grow(3), 1u);
  memory->data()[4 * 65536 - 1] = 1;

  type.limits.min = uint64_t{1} << 47;
  const Result<std::unique_ptr<Memory>> refused = Memory::create(type, {GetParam()});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::out_of_memory);
}

TEST_P(MemoryTest, HonoursTheConfiguredLimit) {
  const auto memory = make(memory_type(1), GetParam(), 2 * 65536);
  EXPECT_EQ(memory->grow(2), std::nullopt);
  EXPECT_EQ(memory->grow(1), 1u);
  const Result<std::unique_ptr<Memory>> refused =
      Memory::create(memory_type(3), {GetParam(), 2 * 65536});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::limit_exceeded);
}

TEST(GuardedMemory, NeverMoves) {
  const auto memory = make(memory_type(0), BoundsMode::guard);
  uint8_t* const base = memory->data();
  while (memory->grow(4096)) EXPECT_EQ(memory->data(), base);
  EXPECT_EQ(memory->size_pages(), 65536u);
}

TEST(GuardedMemory, TellsItsGuardsFromItself) {
  const auto memory = make(memory_type(1), BoundsMode::guard);
  const auto base = reinterpret_cast<uintptr_t>(memory->data());
  EXPECT_FALSE(memory->is_guard_address(base));
  EXPECT_FALSE(memory->is_guard_address(base + 65535));
  EXPECT_TRUE(memory->is_guard_address(base + 65536));
  EXPECT_TRUE(memory->is_guard_address(base + (uint64_t{6} << 30) + 16));
  EXPECT_TRUE(memory->is_guard_address(base - 1));
  EXPECT_FALSE(memory->is_guard_address(base + (uint64_t{7} << 30)));
  EXPECT_FALSE(memory->is_guard_address(0));
}

TEST(ExplicitMemory, HasNoGuards) {
  const auto memory = make(memory_type(1), BoundsMode::explicit_);
  const auto base = reinterpret_cast<uintptr_t>(memory->data());
  EXPECT_FALSE(memory->is_guard_address(base + 65536));
}

TEST(Engine, FallsBackToExplicitBoundsInALimitedAddressSpace) {
  expect_in_address_space(uint64_t{4} << 30, [] {
    const std::shared_ptr<Engine> engine = make_engine();
    const bool is_explicit = engine->bounds() == BoundsMode::explicit_;
    const auto memory = make(memory_type(100), engine->bounds());
    const bool grows = memory != nullptr && memory->grow(1000).has_value();
    const bool is_bounded = memory != nullptr && !memory->grow(64'000).has_value();
    const bool is_refused = make(memory_type(65'536), engine->bounds()) == nullptr;
    return is_explicit && grows && is_bounded && is_refused;
  });
}

}  // namespace
}  // namespace swoop

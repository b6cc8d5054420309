// Memory for code goes from one module to the next, and nobody may tell it from new memory.
#include "jit/code_pool.h"

#include "jit/code_text.h"
#include "tests/support/memory_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace swoop::jit {
namespace {

using platform::CodeMemory;

const size_t kPage = platform::page_size();

/// Sealed memory of which the first bytes were written.
CodeMemory take_and_use(CodePool& pool, size_t size_bytes, size_t used_bytes) {
  CodeMemory memory = pool.take(size_bytes).value();
  std::ranges::fill(memory.writable().first(used_bytes), uint8_t{0xcc});
  CHECK(memory.seal());
  return memory;
}

TEST(CodePool, GivesAgainWhatIsAsNew) {
  CodePool pool;
  CodeMemory memory = take_and_use(pool, 3 * kPage, 2 * kPage + 1);
  const uint8_t* const place = memory.data();
  EXPECT_EQ(protection_of(place), "r-xp");
  pool.keep(std::move(memory), 2 * kPage + 1);
  EXPECT_EQ(protection_of(place), "rw-p");
  CodeMemory again = pool.take(3 * kPage).value();
  ASSERT_EQ(again.data(), place);
  EXPECT_FALSE(again.sealed());
  EXPECT_TRUE(std::ranges::all_of(again.writable(), [](uint8_t byte) { return byte == 0; }));
  EXPECT_NE(pool.take(3 * kPage)->data(), place);
  ASSERT_TRUE(again.seal());
  EXPECT_EQ(protection_of(place), "r-xp");
}

TEST(CodePool, GivesRoomThatFits) {
  CodePool pool;
  CodeMemory large = take_and_use(pool, 16 * kPage, 1);
  CodeMemory small = take_and_use(pool, 10 * kPage, 1);
  const uint8_t* const large_place = large.data();
  const uint8_t* const small_place = small.data();
  pool.keep(std::move(small), 1);
  pool.keep(std::move(large), 1);
  const auto place_of = [&](size_t size_bytes) {
    CodeMemory memory = pool.take(size_bytes).value();
    EXPECT_GE(memory.size_bytes(), size_bytes);
    const uint8_t* const place = memory.data();
    if (place == large_place || place == small_place) pool.keep(std::move(memory), 0);
    return place;
  };
  EXPECT_EQ(place_of(9 * kPage), small_place);
  EXPECT_EQ(place_of(10 * kPage), small_place);
  EXPECT_EQ(place_of(10 * kPage + 1), large_place);
  EXPECT_EQ(place_of(16 * kPage), large_place);
  for (const size_t size : {size_t{1}, 4 * kPage, 16 * kPage + 1}) {
    const uint8_t* const place = place_of(size);
    EXPECT_TRUE(place != small_place && place != large_place) << size;
  }
}

size_t num_kept(CodePool& pool, size_t count, size_t size_bytes) {
  std::vector<CodeMemory> memories;
  std::vector<const uint8_t*> places;
  for (size_t i = 0; i < count; ++i) {
    memories.push_back(take_and_use(pool, size_bytes, 1));
    places.push_back(memories.back().data());
  }
  for (CodeMemory& memory : memories) pool.keep(std::move(memory), 1);
  memories.clear();
  return static_cast<size_t>(std::ranges::count_if(
      places, [](const uint8_t* place) { return protection_of(place) == "rw-p"; }));
}

TEST(CodePool, KeepsLittle) {
  for (const size_t size_bytes : {kPage, size_t{512} << 10, size_t{1000} << 10}) {
    CodePool pool;
    const size_t kept = num_kept(pool, 40, size_bytes);
    EXPECT_EQ(kept, std::min(CodePool::kMaxKept, CodePool::kMaxKeptBytes / size_bytes));
  }
  CodePool pool;
  EXPECT_EQ(num_kept(pool, 2, CodePool::kMaxBytesOfOne + 1), 0u);
}

TEST(CodePool, IsSharedByThreads) {
  CodePool pool;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, &wrong, t] {
      for (size_t i = 0; i < 300; ++i) {
        CodeMemory memory = pool.take((1 + (i + t) % 5) * kPage).value();
        const std::span<uint8_t> bytes = memory.writable();
        wrong += !std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
        std::ranges::fill(bytes, t);
        if (i % 3 != 0) wrong += !memory.seal();
        wrong += !std::ranges::all_of(std::span(memory.data(), memory.size_bytes()),
                                      [t](uint8_t byte) { return byte == t; });
        const size_t size_bytes = memory.size_bytes();
        pool.keep(std::move(memory), size_bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CodeText, LeavesItsMemoryToTheNext) {
  const auto pool = std::make_shared<CodePool>();
  const std::vector<uint8_t> bytes(3 * kPage, 0xcc);
  const uint8_t* place = nullptr;
  for (int i = 0; i < 3; ++i) {
    CodeText text(pool);
    ASSERT_TRUE(text.reserve(kPage));
    // It outgrows its first memory, which is left, too.
    ASSERT_TRUE(text.append(std::span(bytes).first(kPage)));
    ASSERT_TRUE(text.append(bytes));
    CodeText moved = std::move(text);
    EXPECT_TRUE(text.empty());
    if (i == 1) {
      ASSERT_TRUE(moved.seal());
    }
    EXPECT_TRUE(std::ranges::all_of(moved.bytes(), [](uint8_t byte) { return byte == 0xcc; }));
    if (i != 0) {
      EXPECT_EQ(moved.data(), place);
    }
    place = moved.data();
  }
  CodeMemory first = pool->take(kPage).value();
  CodeMemory second = pool->take(8 * kPage).value();
  EXPECT_EQ(second.data(), place);
  for (CodeMemory* memory : {&first, &second})
    EXPECT_TRUE(std::ranges::all_of(memory->writable(), [](uint8_t byte) { return byte == 0; }));
}

TEST(CodeText, OutlivesWhoeverMadeThePool) {
  auto pool = std::make_shared<CodePool>();
  CodeText text(pool);
  ASSERT_TRUE(text.reserve(kPage));
  pool.reset();
  ASSERT_TRUE(text.seal());
}

}  // namespace
}  // namespace swoop::jit

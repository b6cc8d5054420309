#include "runtime/code_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace swoop {
namespace {

const Module* module_number(uintptr_t n) {
  return reinterpret_cast<const Module*>(n * 64);
}

TEST(CodeRegistry, FindsTheRangeOfEachAddress) {
  for (const uintptr_t n : {3, 1, 2, 5}) {
    code_registry::add({n * 0x1000, n * 0x1000 + 0x800, module_number(n)});
  }
  const auto module_at = [](uintptr_t pc) {
    const auto range = code_registry::find(pc);
    return range ? range->module : nullptr;
  };
  EXPECT_EQ(module_at(0xfff), nullptr);
  EXPECT_EQ(module_at(0x1000), module_number(1));
  EXPECT_EQ(module_at(0x17ff), module_number(1));
  EXPECT_EQ(module_at(0x1800), nullptr);
  EXPECT_EQ(module_at(0x2000), module_number(2));
  EXPECT_EQ(module_at(0x4000), nullptr);
  EXPECT_EQ(module_at(0x57ff), module_number(5));
  EXPECT_EQ(module_at(0x5800), nullptr);
  code_registry::remove(0x2000);
  EXPECT_EQ(module_at(0x2000), nullptr);
  EXPECT_EQ(module_at(0x3000), module_number(3));
  for (const uintptr_t n : {3, 1, 5}) code_registry::remove(n * 0x1000);
  EXPECT_EQ(module_at(0x1000), nullptr);
}

TEST(CodeRegistry, HoldsAnyNumberOfRangesInAnyOrder) {
  constexpr uintptr_t kCount = 5'003;  // a prime: the order below visits every number once
  const auto begin_of = [](uintptr_t n) { return 0x100'0000 + n * 0x1000; };
  const auto expect_found = [&](bool has_even) {
    for (uintptr_t n = 0; n < kCount; ++n) {
      const auto range = code_registry::find(begin_of(n) + 0x7ff);
      ASSERT_EQ(range.has_value(), has_even || n % 2 == 1) << n;
      if (range) {
        ASSERT_EQ(range->module, module_number(n + 1));
      }
      ASSERT_FALSE(code_registry::find(begin_of(n) + 0x800)) << n;
    }
  };
  for (uintptr_t i = 0; i < kCount; ++i) {
    const uintptr_t n = i * 1'777 % kCount;
    code_registry::add({begin_of(n), begin_of(n) + 0x800, module_number(n + 1)});
  }
  expect_found(true);
  for (uintptr_t n = 0; n < kCount; n += 2) code_registry::remove(begin_of(n));
  expect_found(false);
  for (uintptr_t n = 1; n < kCount; n += 2) code_registry::remove(begin_of(n));
  EXPECT_FALSE(code_registry::find(begin_of(1)));
}

TEST(CodeRegistry, ReadersSeeConsistentArraysWhileWritersChangeThem) {
  code_registry::add({0x10'0000, 0x10'1000, module_number(7)});
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&stop] {
      while (!stop) {
        const auto range = code_registry::find(0x10'0800);
        ASSERT_TRUE(range);
        ASSERT_EQ(range->module, module_number(7));
      }
    });
  }
  for (uintptr_t i = 0; i < 20'000; ++i) {
    const uintptr_t begin = 0x20'0000 + i % 64 * 0x1000;
    code_registry::add({begin, begin + 0x1000, module_number(1)});
    if (i % 2 == 0) code_registry::add({begin + 0x40'0000, begin + 0x40'1000, module_number(2)});
    code_registry::remove(begin);
    if (i % 2 == 0) code_registry::remove(begin + 0x40'0000);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  code_registry::remove(0x10'0000);
}

}  // namespace
}  // namespace swoop

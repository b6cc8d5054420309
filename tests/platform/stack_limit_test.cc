#include "platform/stack_limit.h"

#include <gtest/gtest.h>

#include <pthread.h>
#include <thread>

namespace swoop::platform {
namespace {

uintptr_t frame() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

TEST(StackLimit, HoldsTheFrameOfTheMainThread) {
  const std::optional<StackBounds> bounds = current_stack_bounds();
  ASSERT_TRUE(bounds);
  EXPECT_TRUE(bounds->contains(frame()));
  EXPECT_FALSE(bounds->contains(bounds->high));
  EXPECT_GT(bounds->high - bounds->low, 64u * 1024);
}

TEST(StackLimit, OfTheMainThreadIsWhatTheLibrarySays) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
  void* address = nullptr;
  size_t size_bytes = 0;
  ASSERT_EQ(pthread_attr_getstack(&attributes, &address, &size_bytes), 0);
  pthread_attr_destroy(&attributes);
  const std::optional<StackBounds> bounds = current_stack_bounds();
  ASSERT_TRUE(bounds);
  const auto low = reinterpret_cast<uintptr_t>(address);
  EXPECT_GE(bounds->high, low + size_bytes) << "arguments and environment lie above";
  EXPECT_LE(bounds->low, low + 4096);
  EXPECT_GE(bounds->low, low - 4096);
}

TEST(StackLimit, DiffersPerThread) {
  const StackBounds here = current_stack_bounds().value();
  std::thread([&here] {
    const StackBounds there = current_stack_bounds().value();
    EXPECT_TRUE(there.contains(frame()));
    EXPECT_TRUE(there.high <= here.low || there.low >= here.high);
  }).join();
}

TEST(StackLimit, KnowsTheSizeAThreadWasMadeWith) {
  constexpr size_t kSize = 256 * 1024;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kSize);
  size_t seen = 0;
  pthread_t thread;
  const auto body = [](void* result) -> void* {
    const StackBounds bounds = current_stack_bounds().value();
    *static_cast<size_t*>(result) = bounds.high - bounds.low;
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, body, &seen), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(seen, kSize);
}

}  // namespace
}  // namespace swoop::platform

#include "platform/interrupt.h"

#include "platform/clock.h"
#include "platform/random.h"
#include "platform/readiness.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>
#include <unistd.h>
#include <vector>

namespace swoop::platform {
namespace {

using namespace std::chrono_literals;

bool wait_is_interrupted(uint64_t timeout_ns) {
  const auto result = poll({}, timeout_ns);
  return !result.ok() && result.error() == OsError{EINTR};
}

TEST(Interrupt, EndsAWaitOfAnotherThread) {
  InterruptFlag interrupt;
  std::thread other([&] {
    std::this_thread::sleep_for(10ms);
    interrupt.raise();
  });
  const InterruptScope scope(&interrupt);
  EXPECT_TRUE(wait_is_interrupted(kWaitForever));
  other.join();
}

TEST(Interrupt, EndsWaitsUntilItIsLowered) {
  InterruptFlag interrupt;
  const InterruptScope scope(&interrupt);
  interrupt.raise();
  EXPECT_TRUE(wait_is_interrupted(kWaitForever));
  EXPECT_TRUE(wait_is_interrupted(0));
  interrupt.lower();
  EXPECT_FALSE(wait_is_interrupted(1'000'000));
  interrupt.raise();
  EXPECT_TRUE(wait_is_interrupted(kWaitForever));
}

TEST(Interrupt, IsOfTheThreadAndTheScope) {
  InterruptFlag interrupt;
  interrupt.raise();
  EXPECT_FALSE(wait_is_interrupted(0));
  const InterruptScope scope(&interrupt);
  std::thread([] { EXPECT_EQ(Interrupt::of_this_thread(), nullptr); }).join();
  {
    const InterruptScope none(nullptr);
    EXPECT_FALSE(wait_is_interrupted(0));
  }
  EXPECT_TRUE(wait_is_interrupted(0));
}

// What was written for a raise that is over wakes nobody for long.
TEST(Interrupt, SleepsThoughItWasRaisedBefore) {
  InterruptFlag interrupt;
  const InterruptScope scope(&interrupt);
  interrupt.descriptor();
  interrupt.raise();
  interrupt.raise();
  interrupt.lower();
  const uint64_t begin_ns = *clock_time_ns(Clock::thread_cpu_time);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(wait_is_interrupted(20'000'000));
  EXPECT_LT(*clock_time_ns(Clock::thread_cpu_time) - begin_ns, 20'000'000u);
}

// One of another library, which knows only when it is asked.
TEST(Interrupt, MayBeOfSomebodyElse) {
  struct Foreign final : Interrupt {
    bool is_raised() const noexcept override { return flag.is_raised(); }
    int descriptor() override {
      ++num_asked;
      return flag.descriptor();
    }
    InterruptFlag flag;
    int num_asked = 0;
  } foreign;
  const InterruptScope scope(&foreign);
  std::array<uint8_t, 8> bytes;
  EXPECT_TRUE(fill_random(bytes).ok());
  EXPECT_EQ(foreign.num_asked, 0);
  EXPECT_FALSE(wait_is_interrupted(1'000'000));
  EXPECT_EQ(foreign.num_asked, 1);
  std::thread other([&] {
    std::this_thread::sleep_for(10ms);
    foreign.flag.raise();
  });
  EXPECT_TRUE(wait_is_interrupted(kWaitForever));
  other.join();
}

TEST(Interrupt, KeepsErrno) {
  InterruptFlag interrupt;
  interrupt.descriptor();
  errno = ENOENT;
  interrupt.raise();
  EXPECT_EQ(errno, ENOENT);
}

TEST(Interrupt, EndsTheGatheringOfRandomBytes) {
  InterruptFlag interrupt;
  const InterruptScope scope(&interrupt);
  interrupt.raise();
  std::vector<uint8_t> bytes(100);
  EXPECT_FALSE(fill_random(bytes).ok());
}

}  // namespace
}  // namespace swoop::platform

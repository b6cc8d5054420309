// Clocks and random bytes of the embedder's.
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

#include <chrono>

namespace swoop::wasi {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kSecond = 1'000'000'000;

// Time passes only when a guest sleeps.
struct FakeTime {
  uint64_t now_ns = 1000 * kSecond;
  std::vector<uint64_t> sleeps = {};

  Clocks clocks(bool with_sleep = true) {
    auto now = [this](platform::Clock clock) {
      return now_ns + static_cast<uint64_t>(clock) * 1'000'000 * kSecond;
    };
    if (!with_sleep) return Clocks(now, nullptr);
    return Clocks(now, [this](uint64_t duration_ns) {
      sleeps.push_back(duration_ns);
      now_ns += duration_ns;
    });
  }
};

class FakeClocks : public ::testing::Test {
 protected:
  Context::Builder builder(bool with_sleep = true) {
    Context::Builder builder;
    builder.clocks(time_.clocks(with_sleep));
    return builder;
  }

  static uint64_t now_ns(TestGuest& guest, uint32_t id) {
    EXPECT_EQ(guest.call("clock_time_get", {id, 0, 512}), Errno::success);
    return guest.load<uint64_t>(512);
  }
  static void clock(TestGuest& guest, uint32_t index, uint32_t id, uint64_t timeout_ns,
                    bool absolute) {
    const uint32_t at = 1024 + index * 48;
    guest.store<uint64_t>(at, index);
    guest.store<uint8_t>(at + 8, 0);
    guest.store<uint32_t>(at + 16, id);
    guest.store<uint64_t>(at + 24, timeout_ns);
    guest.store<uint16_t>(at + 40, absolute ? 1 : 0);
  }
  // The userdata of the events.
  static std::vector<uint64_t> poll(TestGuest& guest, uint32_t count) {
    EXPECT_EQ(guest.call("poll_oneoff", {1024, 8192, count, 512}), Errno::success);
    std::vector<uint64_t> events;
    for (uint32_t i = 0; i < guest.load<uint32_t>(512); ++i) {
      events.push_back(guest.load<uint64_t>(8192 + i * kEventSize));
    }
    return events;
  }

  FakeTime time_;
};

TEST_F(FakeClocks, AreWhatTheGuestReads) {
  TestGuest guest(builder());
  for (uint32_t id = 0; id < 4; ++id) {
    EXPECT_EQ(now_ns(guest, id), (1000 + id * uint64_t{1'000'000}) * kSecond);
    ASSERT_EQ(guest.call("clock_res_get", {id, 512}), Errno::success);
    EXPECT_EQ(guest.load<uint64_t>(512), 1u);
  }
  EXPECT_EQ(guest.call("clock_time_get", {4, 0, 512}), Errno::inval);
  time_.now_ns += 5;
  EXPECT_EQ(now_ns(guest, 0), 1000 * kSecond + 5);
}

TEST_F(FakeClocks, SleepInPlaceOfTheHost) {
  TestGuest guest(builder());
  const auto start = std::chrono::steady_clock::now();
  clock(guest, 0, 1, 3600 * kSecond, false);
  EXPECT_THAT(poll(guest, 1), ElementsAre(0));
  clock(guest, 0, 0, now_ns(guest, 0) + 7 * kSecond, true);
  EXPECT_THAT(poll(guest, 1), ElementsAre(0));
  EXPECT_THAT(time_.sleeps, ElementsAre(3600 * kSecond, 7 * kSecond));
  EXPECT_EQ(now_ns(guest, 0), 4607 * kSecond);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST_F(FakeClocks, SleepUntilTheEarliest) {
  TestGuest guest(builder());
  clock(guest, 0, 1, 50, false);
  clock(guest, 1, 1, 20, false);
  clock(guest, 2, 0, 1000 * kSecond + 20, true);
  EXPECT_THAT(poll(guest, 3), ElementsAre(1, 2));
  EXPECT_THAT(time_.sleeps, ElementsAre(20));
}

TEST_F(FakeClocks, DoNotSleepForWhatIsDue) {
  TestGuest guest(builder());
  clock(guest, 0, 0, 5, true);
  clock(guest, 1, 1, 0, false);
  clock(guest, 2, 1, 1, false);
  EXPECT_THAT(poll(guest, 3), ElementsAre(0, 1));
  EXPECT_TRUE(time_.sleeps.empty());
}

TEST_F(FakeClocks, DescriptorsThatAreReadyEndASleepBeforeItBegins) {
  auto source = std::make_shared<Source>();
  TestGuest guest(builder().stdin_from(source));
  clock(guest, 0, 1, 50, false);
  guest.store<uint64_t>(1024 + 48, 7);
  guest.store<uint8_t>(1024 + 48 + 8, 1);
  guest.store<uint32_t>(1024 + 48 + 16, 0);
  EXPECT_THAT(poll(guest, 2), ElementsAre(0)) << "nobody can write while it sleeps";
  source->write("x");
  EXPECT_THAT(poll(guest, 2), ElementsAre(7));
  EXPECT_THAT(time_.sleeps, ElementsAre(50));
}

TEST_F(FakeClocks, WithoutSleepWaitAsLongOnTheHosts) {
  TestGuest guest(builder(/*with_sleep=*/false));
  const auto start = std::chrono::steady_clock::now();
  clock(guest, 0, 0, now_ns(guest, 0) + 20'000'000, true);
  EXPECT_THAT(poll(guest, 1), ElementsAre(0));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(20));
}

TEST_F(FakeClocks, SleepAloneWorksOnTheHostsClocks) {
  Context::Builder builder;
  builder.clocks(Clocks(nullptr, time_.clocks().sleep()));
  TestGuest guest(builder);
  clock(guest, 0, 0, now_ns(guest, 0) + 3600 * kSecond, true);
  EXPECT_THAT(poll(guest, 1), ElementsAre(0));
  ASSERT_EQ(time_.sleeps.size(), 1u);
  EXPECT_GT(time_.sleeps[0], 3000 * kSecond);
}

TEST(FakeRandom, IsWhatTheGuestGets) {
  uint8_t next = 0;
  Context::Builder builder;
  builder.random([&](std::span<uint8_t> out) {
    for (uint8_t& byte : out) byte = next++;
  });
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("random_get", {1024, 4}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(1024), 0x03020100u);
  ASSERT_EQ(guest.call("random_get", {1024, 0}), Errno::success);
  ASSERT_EQ(guest.call("random_get", {1024, 4}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(1024), 0x07060504u);
  EXPECT_EQ(guest.outcome("random_get", {1024, 0xffffffff}).kind, Outcome::trap);
  ASSERT_EQ(guest.call("random_get", {1024, 1}), Errno::success);
  EXPECT_EQ(guest.load<uint8_t>(1024), 8u) << "asked for a range out of bounds";
}

}  // namespace
}  // namespace swoop::wasi

// poll_oneoff, in the layouts of both previews.
#include "platform/interrupt.h"
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>
#include <unistd.h>

namespace swoop::wasi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kIn = 1024;
constexpr uint32_t kOut = 8192;
constexpr uint32_t kCount = 512;
constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint32_t kRealtime = 0;
constexpr uint32_t kMonotonic = 1;

class Poll : public ::testing::TestWithParam<Version> {
 protected:
  Poll() {
    tree_.file("file", "0123456789");
    Context::Builder builder = TestGuest::in(tree_);
    builder.stdin_bytes("input").capture_stdout();
    guest_ = std::make_unique<TestGuest>(builder, GetParam());
  }

  void clock(uint64_t userdata, uint32_t id, uint64_t timeout_ns, uint16_t flags = 0) {
    const uint32_t at = begin(userdata, EventType::clock);
    const uint32_t body = GetParam() == Version::unstable ? at + 24 : at + 16;
    guest_->store<uint32_t>(body, id);
    guest_->store<uint64_t>(body + 8, timeout_ns);
    guest_->store<uint64_t>(body + 16, 0);
    guest_->store<uint16_t>(body + 24, flags);
  }
  void descriptor(uint64_t userdata, EventType type, uint32_t fd) {
    guest_->store<uint32_t>(begin(userdata, type) + 16, fd);
  }

  Errno poll() {
    const Errno error = guest_->call("poll_oneoff", {kIn, kOut, subscriptions_, kCount});
    events_ = error == Errno::success ? guest_->load<uint32_t>(kCount) : 0;
    subscriptions_ = 0;
    return error;
  }
  uint64_t userdata(uint32_t i) { return guest_->load<uint64_t>(kOut + i * kEventSize); }
  Errno error(uint32_t i) { return Errno{guest_->load<uint16_t>(kOut + i * kEventSize + 8)}; }
  uint8_t type(uint32_t i) { return guest_->load<uint8_t>(kOut + i * kEventSize + 10); }
  uint64_t byte_count(uint32_t i) { return guest_->load<uint64_t>(kOut + i * kEventSize + 16); }

  uint64_t now_ns(uint32_t id) {
    EXPECT_EQ(guest_->call("clock_time_get", {id, 0, kCount}), Errno::success);
    return guest_->load<uint64_t>(kCount);
  }

  TempTree tree_;
  std::unique_ptr<TestGuest> guest_;
  uint32_t events_ = 0;

 private:
  uint32_t begin(uint64_t userdata, EventType type) {
    const uint32_t at = kIn + subscription_size(GetParam()) * subscriptions_++;
    guest_->store<uint64_t>(at, userdata);
    guest_->store<uint8_t>(at + 8, static_cast<uint8_t>(type));
    return at;
  }

  uint32_t subscriptions_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Previews, Poll, ::testing::Values(Version::unstable, Version::preview1));

TEST_P(Poll, NothingToWaitForIsAnError) {
  EXPECT_EQ(poll(), Errno::inval);
}

TEST_P(Poll, TooManySubscriptionsAreAnError) {
  guest_->bytes.resize(size_t{1} << 20);
  EXPECT_EQ(guest_->call("poll_oneoff", {kIn, kOut, 4097, kCount}), Errno::inval);
}

TEST_P(Poll, WaitsForARelativeTime) {
  const auto start = Clock::now();
  clock(7, kMonotonic, 20 * kMillisecond);
  ASSERT_EQ(poll(), Errno::success);
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(20));
  ASSERT_EQ(events_, 1u);
  EXPECT_EQ(userdata(0), 7u);
  EXPECT_EQ(error(0), Errno::success);
  EXPECT_EQ(type(0), 0);
}

TEST_P(Poll, WaitsForAnAbsoluteTimeOfBothClocks) {
  for (const uint32_t id : {kRealtime, kMonotonic}) {
    const auto start = Clock::now();
    clock(1, id, now_ns(id) + 20 * kMillisecond, 1);
    ASSERT_EQ(poll(), Errno::success);
    EXPECT_EQ(events_, 1u);
    EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(19));
    // One that has passed.
    clock(1, id, 1, 1);
    ASSERT_EQ(poll(), Errno::success);
    EXPECT_EQ(events_, 1u);
  }
}

TEST_P(Poll, TheEarliestOfManyClocksEndsTheWait) {
  const auto start = Clock::now();
  clock(1, kMonotonic, UINT64_MAX);
  clock(2, kMonotonic, 5 * kMillisecond);
  clock(3, kRealtime, 10'000 * kMillisecond);
  clock(4, kMonotonic, 1);
  ASSERT_EQ(poll(), Errno::success);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  ASSERT_GE(events_, 1u);
  EXPECT_EQ(userdata(events_ - 1), 4u);
}

TEST_P(Poll, AllClocksThatHaveElapsedAreReported) {
  clock(1, kMonotonic, 0);
  clock(2, kRealtime, 0);
  clock(3, kMonotonic, 10'000 * kMillisecond);
  ASSERT_EQ(poll(), Errno::success);
  ASSERT_EQ(events_, 2u);
  EXPECT_EQ(userdata(0), 1u);
  EXPECT_EQ(userdata(1), 2u);
}

TEST_P(Poll, ABadDescriptorIsAnEventNotAFailure) {
  descriptor(5, EventType::fd_read, 99);
  clock(6, kMonotonic, UINT64_MAX);
  ASSERT_EQ(poll(), Errno::success);
  ASSERT_EQ(events_, 1u);
  EXPECT_EQ(userdata(0), 5u);
  EXPECT_EQ(error(0), Errno::badf);
  EXPECT_EQ(type(0), 1);
}

TEST_P(Poll, CpuTimeCannotBeWaitedFor) {
  clock(5, 2, 0);
  ASSERT_EQ(poll(), Errno::success);
  EXPECT_EQ(error(0), Errno::notsup);
  clock(5, 9, 0);
  EXPECT_EQ(poll(), Errno::inval);
}

TEST_P(Poll, FilesAndBuffersAreReadyAndSayHowMuch) {
  const uint32_t fd = guest_->must_open("file");
  guest_->read(fd, 4);
  descriptor(1, EventType::fd_read, fd);
  descriptor(2, EventType::fd_read, 0);
  descriptor(3, EventType::fd_write, 1);
  descriptor(4, EventType::fd_read, 3);
  clock(5, kMonotonic, 10'000 * kMillisecond);
  ASSERT_EQ(poll(), Errno::success);
  ASSERT_EQ(events_, 4u);
  EXPECT_EQ(byte_count(0), 6u);
  EXPECT_EQ(byte_count(1), 5u);
  EXPECT_EQ(type(2), 2);
  for (uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(userdata(i), i + 1);
    EXPECT_EQ(error(i), Errno::success);
  }
}

TEST_P(Poll, SubscriptionsAndEventsMayOverlap) {
  const uint32_t stride = subscription_size(GetParam());
  descriptor(11, EventType::fd_write, 1);
  descriptor(12, EventType::fd_read, 0);
  ASSERT_EQ(guest_->call("poll_oneoff", {kIn, kIn, 2, kCount}), Errno::success);
  EXPECT_EQ(guest_->load<uint32_t>(kCount), 2u);
  EXPECT_EQ(guest_->load<uint64_t>(kIn), 11u);
  EXPECT_EQ(guest_->load<uint64_t>(kIn + kEventSize), 12u);
  EXPECT_GT(stride, kEventSize);
}

// A pipe as the standard input of this process, so that there is something to wait for.
class PollPipe : public Poll {
 protected:
  PollPipe() {
    EXPECT_EQ(::pipe(pipe_), 0);
    saved_stdin_ = ::dup(0);
    ::dup2(pipe_[0], 0);
    Context::Builder builder;
    builder.inherit_stdin();
    guest_ = std::make_unique<TestGuest>(builder, GetParam());
  }
  ~PollPipe() override {
    ::dup2(saved_stdin_, 0);
    ::close(saved_stdin_);
    ::close(pipe_[0]);
    if (pipe_[1] >= 0) ::close(pipe_[1]);
  }

  int pipe_[2];
  int saved_stdin_;
};

TEST_P(PollPipe, CanBeEndedFromOutside) {
  platform::InterruptFlag interrupt;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    interrupt.raise();
  });
  {
    const platform::InterruptScope scope(&interrupt);
    clock(1, kMonotonic, 3600 * 1000 * kMillisecond);
    descriptor(2, EventType::fd_read, 0);
    EXPECT_EQ(poll(), Errno::intr);
    clock(1, kMonotonic, 3600 * 1000 * kMillisecond);
    EXPECT_EQ(poll(), Errno::intr) << "and stays so";
  }
  other.join();
}

INSTANTIATE_TEST_SUITE_P(Previews, PollPipe,
                         ::testing::Values(Version::unstable, Version::preview1));

TEST_P(PollPipe, AnEmptyPipeIsWaitedForUntilTheTimeIsUp) {
  descriptor(1, EventType::fd_read, 0);
  clock(2, kMonotonic, 10 * kMillisecond);
  ASSERT_EQ(poll(), Errno::success);
  ASSERT_EQ(events_, 1u);
  EXPECT_EQ(userdata(0), 2u);
}

TEST_P(PollPipe, AFullPipeIsReadable) {
  ASSERT_EQ(::write(pipe_[1], "hello", 5), 5);
  descriptor(1, EventType::fd_read, 0);
  ASSERT_EQ(poll(), Errno::success);
  EXPECT_EQ(byte_count(0), 5u);
  EXPECT_EQ(guest_->load<uint64_t>(kOut + 24), 0u);
}

TEST_P(PollPipe, AClosedPipeHasHungUp) {
  ::close(std::exchange(pipe_[1], -1));
  descriptor(1, EventType::fd_read, 0);
  ASSERT_EQ(poll(), Errno::success);
  EXPECT_EQ(byte_count(0), 0u);
  EXPECT_EQ(guest_->load<uint16_t>(kOut + 24), 1u);
}

}  // namespace
}  // namespace swoop::wasi

// Standard streams: captured, supplied, and the host's own, whose flags must stay as they are.
#include "platform/interrupt.h"
#include "tests/wasi/test_guest.h"
#include "wasi/file.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace swoop::wasi {
namespace {

TEST(Streams, LeadNowhereByDefault) {
  TestGuest guest({});
  EXPECT_EQ(guest.read(0).second, "");
  EXPECT_EQ(guest.write(1, "text"), Errno::success);
  EXPECT_EQ(guest.write(2, "text"), Errno::success);
  EXPECT_EQ(guest.call("fd_prestat_get", {3, 1024}), Errno::badf);
  EXPECT_EQ(guest.open("/etc/passwd").first, Errno::badf);
}

TEST(Streams, AreCapturedAndSupplied) {
  Context::Builder builder;
  builder.stdin_bytes("some input").capture_stdout().capture_stderr();
  TestGuest guest(builder);
  EXPECT_EQ(guest.read(0, 4).second, "some");
  EXPECT_EQ(guest.read(0).second, " input");
  EXPECT_EQ(guest.read(0).second, "");
  EXPECT_EQ(guest.write(1, "to out"), Errno::success);
  EXPECT_EQ(guest.write(2, "to err"), Errno::success);
  EXPECT_EQ(guest.context().captured_stdout()->take(), "to out");
  EXPECT_EQ(guest.context().captured_stdout()->take(), "");
  EXPECT_EQ(guest.context().captured_stderr()->take(), "to err");
  EXPECT_EQ(guest.write(0, "x"), Errno::badf);
  EXPECT_EQ(guest.read(1).first, Errno::badf);
  EXPECT_EQ(guest.call("fd_seek", {1, 0, 1, 1024}), Errno::spipe);
}

TEST(Streams, AreCapturedUpToALimit) {
  Context::Builder builder;
  builder.capture_stdout().limits({.captured_bytes = 10});
  TestGuest guest(builder);
  EXPECT_EQ(guest.write(1, "12345678"), Errno::success);
  guest.store<uint32_t>(1024, 2048);
  guest.store<uint32_t>(1028, 100);
  EXPECT_EQ(guest.call("fd_write", {1, 1024, 1, 1032}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(1032), 2u);
  EXPECT_EQ(guest.call("fd_write", {1, 1024, 1, 1032}), Errno::nospc);
  EXPECT_EQ(guest.context().captured_stdout()->take().size(), 10u);
}

TEST(Streams, MakeRoomWhenWhatTheyHaveIsTaken) {
  Context::Builder builder;
  builder.capture_stdout().limits({.captured_bytes = 4});
  TestGuest guest(builder);
  const std::shared_ptr<Sink> sink = guest.context().captured_stdout();
  EXPECT_EQ(guest.write(1, "1234"), Errno::success);
  EXPECT_EQ(guest.write(1, "5"), Errno::nospc);
  EXPECT_EQ(guest.write(1, ""), Errno::success) << "nothing always fits";
  EXPECT_EQ(sink->text(), "1234");
  EXPECT_EQ(sink->take(), "1234");
  EXPECT_EQ(guest.write(1, "5678"), Errno::success);
  EXPECT_EQ(sink->text(), "5678");
}

TEST(Streams, OneSinkCanCollectBoth) {
  auto sink = std::make_shared<Sink>(100);
  {
    Context::Builder builder;
    builder.stdout_to(sink).stderr_to(sink);
    TestGuest guest(builder);
    EXPECT_EQ(guest.write(1, "out "), Errno::success);
    EXPECT_EQ(guest.write(2, "err "), Errno::success);
    EXPECT_EQ(guest.write(1, "out"), Errno::success);
    EXPECT_EQ(guest.context().captured_stdout(), nullptr) << "it is the embedder's";
  }
  EXPECT_EQ(sink->take(), "out err out") << "and lives on";
}

TEST(Streams, CanBeReadWhileTheyAreWritten) {
  auto sink = std::make_shared<Sink>(1000);
  Context::Builder builder;
  builder.stdout_to(sink);
  TestGuest guest(builder);
  std::string seen;
  std::thread reader([&] {
    while (seen.size() < 20'000) seen += sink->take();
  });
  for (int i = 0; i < 2000; ++i) {
    while (guest.write(1, "0123456789") == Errno::nospc) std::this_thread::yield();
  }
  reader.join();
  EXPECT_EQ(seen.size(), 20'000u);
  for (size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], '0' + static_cast<char>(i % 10)) << i;
}

TEST(Streams, CanBeFunctions) {
  std::vector<std::string> out, err;
  const auto append_to = [](std::vector<std::string>& all) {
    return [&all](ConstBytes bytes) { all.emplace_back(bytes.begin(), bytes.end()); };
  };
  Context::Builder builder;
  builder.stdout_to(append_to(out)).stderr_to(append_to(err));
  TestGuest guest(builder);
  EXPECT_EQ(guest.write(1, "a"), Errno::success);
  EXPECT_EQ(guest.write(2, "b"), Errno::success);
  EXPECT_EQ(guest.write(1, ""), Errno::success);
  EXPECT_EQ(guest.write(1, std::string(100'000, 'x')), Errno::success);
  EXPECT_THAT(out, ::testing::ElementsAre("a", std::string(100'000, 'x')));
  EXPECT_THAT(err, ::testing::ElementsAre("b"));
}

class SuppliedInput : public ::testing::Test {
 protected:
  SuppliedInput() {
    Context::Builder builder;
    builder.stdin_from(source_).capture_stdout();
    guest_ = std::make_unique<TestGuest>(builder);
  }

  // The number of events, of which the first is left in memory at 8192.
  uint32_t poll(uint64_t timeout_ns) {
    guest_->store<uint64_t>(1024, 1);
    guest_->store<uint8_t>(1032, 1);  // fd_read
    guest_->store<uint32_t>(1040, 0);
    guest_->store<uint64_t>(1072, 2);
    guest_->store<uint8_t>(1080, 0);  // clock
    guest_->store<uint32_t>(1088, 1);
    guest_->store<uint64_t>(1096, timeout_ns);
    EXPECT_EQ(guest_->call("poll_oneoff", {1024, 8192, 2, 512}), Errno::success);
    return guest_->load<uint32_t>(512);
  }
  uint64_t polled_userdata() { return guest_->load<uint64_t>(8192); }
  uint64_t polled_bytes() { return guest_->load<uint64_t>(8192 + 16); }

  std::shared_ptr<Source> source_ = std::make_shared<Source>();
  std::unique_ptr<TestGuest> guest_;
};

TEST_F(SuppliedInput, IsReadAsItComes) {
  source_->write("first");
  EXPECT_EQ(guest_->read(0, 2).second, "fi");
  source_->write(" second");
  EXPECT_EQ(guest_->read(0).second, "rst second");
  source_->write("last");
  source_->close();
  source_->write("too late");
  EXPECT_EQ(guest_->read(0).second, "last");
  EXPECT_EQ(guest_->read(0), std::pair(Errno::success, std::string()));
  EXPECT_EQ(guest_->read(0), std::pair(Errno::success, std::string())) << "the end is for good";
}

TEST_F(SuppliedInput, ReadsWaitForIt) {
  std::thread writer([&] {
    for (const char* const text : {"a", "b", "c"}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      source_->write(text);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    source_->close();
  });
  std::string all;
  while (true) {
    const auto [error, text] = guest_->read(0);
    ASSERT_EQ(error, Errno::success);
    if (text.empty()) break;
    all += text;
  }
  EXPECT_EQ(all, "abc");
  writer.join();
}

TEST_F(SuppliedInput, NothingIsReadAtOnce) {
  EXPECT_EQ(guest_->read(0, 0), std::pair(Errno::success, std::string()));
}

TEST_F(SuppliedInput, DoesNotWaitIfTheGuestDoesNotWantTo) {
  ASSERT_EQ(guest_->call("fd_fdstat_set_flags", {0, fdflags::kNonblock}), Errno::success);
  ASSERT_EQ(guest_->call("fd_fdstat_get", {0, 1024}), Errno::success);
  EXPECT_EQ(guest_->load<uint16_t>(1026), fdflags::kNonblock);
  EXPECT_EQ(guest_->read(0).first, Errno::again);
  source_->write("x");
  EXPECT_EQ(guest_->read(0).second, "x");
  EXPECT_EQ(guest_->read(0).first, Errno::again);
  source_->close();
  EXPECT_EQ(guest_->read(0), std::pair(Errno::success, std::string()));
}

TEST_F(SuppliedInput, IsPolled) {
  ASSERT_EQ(poll(1'000'000), 1u);
  EXPECT_EQ(polled_userdata(), 2u) << "there was nothing";
  source_->write("some");
  ASSERT_EQ(poll(10'000'000'000), 1u);
  EXPECT_EQ(polled_userdata(), 1u);
  EXPECT_EQ(polled_bytes(), 4u);
  EXPECT_EQ(guest_->read(0).second, "some");
  ASSERT_EQ(poll(1'000'000), 1u);
  EXPECT_EQ(polled_userdata(), 2u) << "all of it was read";

  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    source_->write("late");
  });
  ASSERT_EQ(poll(60'000'000'000), 1u);
  EXPECT_EQ(polled_userdata(), 1u);
  EXPECT_EQ(guest_->read(0).second, "late");
  writer.join();

  source_->close();
  ASSERT_EQ(poll(60'000'000'000), 1u);
  EXPECT_EQ(polled_userdata(), 1u) << "the end can be read";
  EXPECT_EQ(polled_bytes(), 0u);
}

TEST_F(SuppliedInput, KeepsItsOrderInLargeAmounts) {
  constexpr size_t kTotal = 1'000'000;
  std::thread writer([&] {
    std::string piece;
    for (size_t at = 0; at < kTotal; at += piece.size()) {
      piece.clear();
      for (size_t i = at; i < std::min(at + 777, kTotal); ++i) {
        piece.push_back(static_cast<char>(i % 251));
      }
      source_->write(piece);
    }
    source_->close();
  });
  size_t at = 0;
  while (true) {
    const std::string text = guest_->read(0, 1000).second;
    if (text.empty()) break;
    for (const char c : text) ASSERT_EQ(c, static_cast<char>(at++ % 251)) << at;
  }
  EXPECT_EQ(at, kTotal);
  writer.join();
}

TEST_F(SuppliedInput, CanBeClosedAndReplacedByTheGuest) {
  EXPECT_EQ(guest_->call("fd_renumber", {1, 0}), Errno::success);
  EXPECT_EQ(guest_->write(0, "to what was 1"), Errno::success);
  EXPECT_EQ(guest_->context().captured_stdout()->take(), "to what was 1");
  EXPECT_EQ(guest_->close(0), Errno::success);
  EXPECT_EQ(guest_->read(0).first, Errno::badf);
  EXPECT_EQ(guest_->write(1, "x"), Errno::badf);
  source_->write("nobody reads it");
  source_->close();
}

TEST_F(SuppliedInput, LooksLikeAPipe) {
  ASSERT_EQ(guest_->call("fd_fdstat_get", {0, 1024}), Errno::success);
  EXPECT_EQ(FileType{guest_->load<uint8_t>(1024)}, FileType::unknown);
  EXPECT_EQ(guest_->load<uint64_t>(1032) & (kReadWrite | rights::kFdSeek), rights::kFdRead);
  ASSERT_EQ(guest_->call("fd_filestat_get", {0, 1024}), Errno::success);
  EXPECT_EQ(FileType{guest_->load<uint8_t>(1024 + 16)}, FileType::unknown);
  EXPECT_EQ(guest_->load<uint64_t>(1024 + 32), 0u);
  EXPECT_EQ(guest_->call("fd_fdstat_set_flags", {0, fdflags::kSync}), Errno::notsup);
  EXPECT_EQ(guest_->call("fd_seek", {0, 0, 0, 1024}), Errno::spipe);
  EXPECT_EQ(guest_->call("fd_filestat_set_size", {0, 0}), Errno::inval);
  EXPECT_EQ(guest_->call("fd_prestat_get", {0, 1024}), Errno::badf);
  ASSERT_EQ(guest_->call("fd_fdstat_get", {1, 1024}), Errno::success);
  EXPECT_EQ(guest_->load<uint64_t>(1032) & (kReadWrite | rights::kFdSeek), rights::kFdWrite);
}

TEST(Streams, CanBeAFile) {
  TempTree tree;
  tree.file("input", "from a file");
  Context::Builder builder;
  builder.stdin_file(tree.path("input"));
  TestGuest guest(builder);
  EXPECT_EQ(guest.read(0).second, "from a file");
  builder.stdin_file(tree.path("missing"));
  const auto failed = builder.build();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind, ErrorKind::io);
}

// Puts a pipe in the place of one of this process's streams.
class StreamPipe {
 public:
  explicit StreamPipe(int stream) : stream_(stream), saved_(::dup(stream)) {
    EXPECT_EQ(::pipe(ends_), 0);
    ::dup2(ends_[stream == 0 ? 0 : 1], stream);
  }
  ~StreamPipe() {
    ::dup2(saved_, stream_);
    ::close(saved_);
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends_[i] >= 0) ::close(std::exchange(ends_[i], -1));
  }
  int end(int i) const { return ends_[i]; }

 private:
  int stream_;
  int saved_;
  int ends_[2];
};

TEST(InheritedStreams, KeepTheirFlagsWhateverTheGuestSets) {
  const StreamPipe pipe(0);
  const int before = ::fcntl(0, F_GETFL);
  Context::Builder builder;
  builder.inherit_stdin();
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {0, fdflags::kNonblock}), Errno::success);
  EXPECT_EQ(::fcntl(0, F_GETFL), before);
  ASSERT_EQ(guest.call("fd_fdstat_get", {0, 1024}), Errno::success);
  EXPECT_EQ(guest.load<uint16_t>(1026), fdflags::kNonblock);
  EXPECT_EQ(guest.read(0).first, Errno::again) << "the guest sees what it has asked for";
  ASSERT_EQ(::write(pipe.end(1), "x", 1), 1);
  EXPECT_EQ(guest.read(0).second, "x");
}

TEST(InheritedStreams, BlockForTheGuestThoughTheHostsDoNot) {
  const StreamPipe pipe(0);
  ASSERT_EQ(::fcntl(pipe.end(0), F_SETFL, O_NONBLOCK), 0);
  Context::Builder builder;
  builder.inherit_stdin();
  TestGuest guest(builder);
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(::write(pipe.end(1), "late", 4), 4);
  });
  EXPECT_EQ(guest.read(0).second, "late");
  writer.join();
}

// Whoever runs the guest can end its waits (platform/interrupt.h).
class InterruptedStreams : public ::testing::Test {
 protected:
  // Calls `wait` on this thread and ends it from another one.
  template <class Wait>
  void interrupt(Wait&& wait) {
    platform::InterruptFlag interrupt;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      interrupt.raise();
    });
    {
      const platform::InterruptScope scope(&interrupt);
      wait();
    }
    other.join();
  }
};

TEST_F(InterruptedStreams, ReadsOfAnEmptyPipeEnd) {
  const StreamPipe pipe(0);
  Context::Builder builder;
  builder.inherit_stdin();
  TestGuest guest(builder);
  interrupt([&] { EXPECT_EQ(guest.read(0).first, Errno::intr); });
  ASSERT_EQ(::write(pipe.end(1), "x", 1), 1);
  EXPECT_EQ(guest.read(0).second, "x") << "nothing was lost";
}

TEST_F(InterruptedStreams, WritesToAFullPipeEnd) {
  const StreamPipe pipe(1);
  Context::Builder builder;
  builder.inherit_stdout();
  TestGuest guest(builder);
  guest.store<uint32_t>(1024, 2048);
  guest.store<uint32_t>(1028, 100'000);
  uint64_t written = 0;
  Errno error = Errno::success;
  interrupt([&] {
    while ((error = guest.call("fd_write", {1, 1024, 1, 512})) == Errno::success)
      written += guest.load<uint32_t>(512);
  });
  EXPECT_EQ(error, Errno::intr);
  EXPECT_GT(written, 4096u);
}

TEST_F(InterruptedStreams, FilesNeedNoWaiting) {
  const TempTree tree;
  tree.file("input", "from a file");
  Context::Builder builder;
  builder.stdin_file(tree.path("input"));
  TestGuest guest(builder);
  platform::InterruptFlag interrupt;
  const platform::InterruptScope scope(&interrupt);
  EXPECT_EQ(guest.read(0).second, "from a file");
}

TEST(InheritedStreams, NonblockingWritesDoNotBlock) {
  const StreamPipe pipe(1);
  Context::Builder builder;
  builder.inherit_stdout();
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("fd_fdstat_set_flags", {1, fdflags::kNonblock}), Errno::success);
  guest.store<uint32_t>(1024, 2048);
  guest.store<uint32_t>(1028, 100'000);
  Errno error = Errno::success;
  int calls = 0;
  while (error == Errno::success && ++calls < 1000) {
    error = guest.call("fd_write", {1, 1024, 1, 1032});
  }
  EXPECT_EQ(error, Errno::again);
}

TEST(InheritedStreams, CloseOnlyTheGuests) {
  const StreamPipe pipe(1);
  Context::Builder builder;
  builder.inherit_stdout();
  TestGuest guest(builder);
  EXPECT_EQ(guest.close(1), Errno::success);
  EXPECT_EQ(guest.write(1, "x"), Errno::badf);
  EXPECT_EQ(::write(1, "still open", 10), 10);
}

TEST(InheritedStreams, AreNoTerminalsUnlessTheyAre) {
  const StreamPipe pipe(0);
  Context::Builder builder;
  builder.inherit_stdin();
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("fd_fdstat_get", {0, 1024}), Errno::success);
  EXPECT_NE(guest.load<uint8_t>(1024), static_cast<uint8_t>(FileType::character_device));
  EXPECT_EQ(guest.load<uint64_t>(1032) & rights::kFdSeek, 0u);
}

bool g_sigpipe_seen = false;

TEST(BrokenPipe, IsAnErrnoAndNoSignal) {
  struct sigaction action = {};
  action.sa_handler = [](int) { g_sigpipe_seen = true; };
  struct sigaction saved;
  ASSERT_EQ(::sigaction(SIGPIPE, &action, &saved), 0);
  {
    StreamPipe pipe(1);
    Context::Builder builder;
    builder.inherit_stdout();
    TestGuest guest(builder);
    pipe.close_end(0);
    EXPECT_EQ(guest.write(1, "x"), Errno::pipe);
    EXPECT_EQ(guest.write(1, "x"), Errno::pipe);
  }
  EXPECT_FALSE(g_sigpipe_seen);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0) << "left for the host to find";
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0);
  ::sigaction(SIGPIPE, &saved, nullptr);
}

TEST(BrokenPipe, OfASocketIsOneToo) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  auto file = File::shared_with_host(platform::Fd(ends[0]));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->info().type, FileType::socket_stream);
  ::close(ends[1]);
  const uint8_t byte = 0;
  const ConstBytes bytes(&byte, 1);
  const auto result = (*file)->write({&bytes, 1});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), Errno::pipe);
}

}  // namespace
}  // namespace swoop::wasi

// The function table, and the functions on arguments, clocks, random bytes and open files.
#include "wasi/functions.h"

#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

#include <set>

namespace swoop::wasi {
namespace {

using ::testing::Pair;

TEST(FunctionTable, NamesOfBothPreviews) {
  EXPECT_EQ(functions(Version::preview1).size(), 46u);
  EXPECT_EQ(functions(Version::unstable).size(), 45u);
  EXPECT_NE(find_function(Version::preview1, "sock_accept"), nullptr);
  EXPECT_EQ(find_function(Version::unstable, "sock_accept"), nullptr);
  EXPECT_EQ(find_function(Version::preview1, "fd_nothing"), nullptr);
  EXPECT_EQ(find_function(Version::preview1, "path_open")->signature, "iiiiillii_i");
  EXPECT_EQ(find_function(Version::preview1, "proc_exit")->signature, "i_v");
  std::set<std::string_view> names;
  for (const Function& function : functions(Version::preview1)) names.insert(function.name);
  EXPECT_EQ(names.size(), 46u);
}

TEST(FunctionTable, VersionsByModuleName) {
  EXPECT_EQ(version_of("wasi_unstable"), Version::unstable);
  EXPECT_EQ(version_of("wasi_snapshot_preview1"), Version::preview1);
  EXPECT_EQ(version_of("wasi_snapshot_preview2"), std::nullopt);
  EXPECT_EQ(version_of(""), std::nullopt);
}

TEST(ErrorCodes, AreThoseOfTheSpecification) {
  EXPECT_EQ(static_cast<int>(Errno::badf), 8);
  EXPECT_EQ(static_cast<int>(Errno::inval), 28);
  EXPECT_EQ(static_cast<int>(Errno::notcapable), 76);
  EXPECT_STREQ(to_string(Errno::too_big), "2big");
  EXPECT_EQ(to_errno(platform::OsError::path_escapes), Errno::notcapable);
  EXPECT_EQ(to_errno(platform::OsError{EXDEV}), Errno::xdev);
  EXPECT_EQ(to_errno(platform::OsError{EWOULDBLOCK}), Errno::again);
  EXPECT_EQ(to_errno(platform::OsError{ENOTSUP}), Errno::notsup);
  EXPECT_EQ(to_errno(platform::OsError{12345}), Errno::io);
}

TEST(Arguments, AreStoredAsPointersAndStrings) {
  Context::Builder builder;
  builder.argument("x=\"y\"").argument("").argv0("prog");
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("args_sizes_get", {1024, 1028}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(1024), 3u);
  EXPECT_EQ(guest.load<uint32_t>(1028), 5u + 6u + 1u);
  ASSERT_EQ(guest.call("args_get", {2048, 3001}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(2048), 3001u);
  EXPECT_EQ(guest.load<uint32_t>(2052), 3006u);
  EXPECT_EQ(guest.load<uint32_t>(2056), 3012u);
  EXPECT_EQ(guest.text(3001, 12), std::string("prog\0x=\"y\"\0\0", 12));
}

TEST(Arguments, MayBeNone) {
  TestGuest guest({});
  ASSERT_EQ(guest.call("args_sizes_get", {1024, 1028}), Errno::success);
  EXPECT_EQ(guest.load<uint64_t>(1024), 0u);
  EXPECT_EQ(guest.call("args_get", {1024, 1024}), Errno::success);
  ASSERT_EQ(guest.call("environ_sizes_get", {1024, 1028}), Errno::success);
  EXPECT_EQ(guest.load<uint64_t>(1024), 0u) << "nothing of the host's is inherited";
}

TEST(Environment, HoldsWhatWasGivenAndNothingElse) {
  Context::Builder builder;
  builder.environment_variable("A", "1=2\n\"3\"").environment_variable("B", "");
  builder.environment_variable("A", "new");
  TestGuest guest(builder);
  ASSERT_EQ(guest.call("environ_sizes_get", {1024, 1028}), Errno::success);
  EXPECT_EQ(guest.load<uint32_t>(1024), 2u);
  EXPECT_EQ(guest.load<uint32_t>(1028), 6u + 3u);
  ASSERT_EQ(guest.call("environ_get", {2048, 3000}), Errno::success);
  EXPECT_EQ(guest.text(3000, 9), std::string("A=new\0B=\0", 9));
}

TEST(Builder, RejectsWhatAGuestCannotBeTold) {
  const std::string nul("a\0b", 3);
  const auto kind_of = [](const Context::Builder& builder) {
    const auto result = builder.build();
    EXPECT_FALSE(result.ok());
    return result.ok() ? ErrorKind::unsupported : result.error().kind;
  };
  EXPECT_EQ(kind_of(Context::Builder().argument(nul)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().argv0(nul)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().environment_variable("K", nul)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().environment_variable(nul, "v")), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().environment_variable("K=", "v")), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().environment_variable("", "v")), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().directory("/", "")), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().directory("/no/such/place", "/")), ErrorKind::io);
  EXPECT_EQ(kind_of(Context::Builder().directory("/", nul)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(Context::Builder().directory("/", "/").limits({.open_files = 3})),
            ErrorKind::limit_exceeded);
  const auto missing = Context::Builder().directory("/no/such/place", "/").build();
  EXPECT_EQ(missing.error().message,
            "cannot open directory '/no/such/place': No such file or directory");
}

TEST(Clocks, HaveTimeAndResolution) {
  TestGuest guest({});
  for (const uint32_t id : {0u, 1u, 2u, 3u}) {
    EXPECT_EQ(guest.call("clock_res_get", {id, 1024}), Errno::success);
    EXPECT_GT(guest.load<uint64_t>(1024), 0u);
    EXPECT_EQ(guest.call("clock_time_get", {id, 0, 1024}), Errno::success);
    EXPECT_GT(guest.load<uint64_t>(1024), 0u);
  }
  EXPECT_EQ(guest.call("clock_res_get", {4, 1024}), Errno::inval);
  EXPECT_EQ(guest.call("clock_time_get", {4, 0, 1024}), Errno::inval);
  ASSERT_EQ(guest.call("clock_time_get", {1, 0, 1024}), Errno::success);
  const auto first = guest.load<uint64_t>(1024);
  ASSERT_EQ(guest.call("clock_time_get", {1, UINT64_MAX, 1024}), Errno::success);
  EXPECT_GE(guest.load<uint64_t>(1024), first);
}

TEST(RandomBytes, FillBuffersOfAnySize) {
  TestGuest guest({});
  guest.bytes.resize(size_t{3} << 20);
  EXPECT_EQ(guest.call("random_get", {0, 0}), Errno::success);
  ASSERT_EQ(guest.call("random_get", {1, (3u << 20) - 2}), Errno::success);
  EXPECT_EQ(guest.bytes.front(), 0);
  EXPECT_EQ(guest.bytes.back(), 0);
  // 64 zeros in a row at any of these places would be a wonder.
  for (const size_t at : {size_t{1}, size_t{256}, size_t{300'000}, (size_t{3} << 20) - 66}) {
    EXPECT_FALSE(std::all_of(guest.bytes.begin() + static_cast<ptrdiff_t>(at),
                             guest.bytes.begin() + static_cast<ptrdiff_t>(at) + 64,
                             [](uint8_t b) { return b == 0; }));
  }
}

TEST(Process, ExitsWithTheWholeCode) {
  TestGuest guest({});
  const Outcome outcome = guest.outcome("proc_exit", {0x12345678});
  EXPECT_EQ(outcome.kind, Outcome::exit);
  EXPECT_EQ(outcome.value, 0x12345678u);
  EXPECT_EQ(guest.call("proc_raise", {6}), Errno::nosys);
  EXPECT_EQ(guest.call("sched_yield", {}), Errno::success);
}

class Files : public ::testing::TestWithParam<Version> {
 protected:
  Files() : guest_(TestGuest::in(tree_), GetParam()) { tree_.file("file", "0123456789"); }

  std::pair<Errno, uint64_t> seek(uint32_t fd, int64_t offset, platform::SeekFrom from) {
    uint32_t whence = 0;
    while (decode_whence(whence, GetParam()) != from) ++whence;
    const Errno error = guest_.call("fd_seek", {fd, static_cast<uint64_t>(offset), whence, 1024});
    return {error, error == Errno::success ? guest_.load<uint64_t>(1024) : 0};
  }
  uint64_t tell(uint32_t fd) {
    EXPECT_EQ(guest_.call("fd_tell", {fd, 1024}), Errno::success);
    return guest_.load<uint64_t>(1024);
  }
  Errno at(std::string_view function, uint32_t fd, std::string_view content, uint64_t offset) {
    guest_.store<uint32_t>(1024, 2048);
    guest_.store<uint32_t>(1028, static_cast<uint32_t>(content.size()));
    std::ranges::copy(content, guest_.bytes.begin() + 2048);
    return guest_.call(function, {fd, 1024, 1, offset, 1032});
  }
  uint64_t size_of(uint32_t fd) {
    EXPECT_EQ(guest_.call("fd_filestat_get", {fd, 1024}), Errno::success);
    return guest_.load<uint64_t>(GetParam() == Version::unstable ? 1048 : 1056);
  }

  TempTree tree_;
  TestGuest guest_;
};

INSTANTIATE_TEST_SUITE_P(Previews, Files, ::testing::Values(Version::unstable, Version::preview1));

TEST_P(Files, SeekByTheWhenceOfThePreview) {
  using platform::SeekFrom;
  const uint32_t fd = guest_.must_open("file");
  EXPECT_THAT(seek(fd, 4, SeekFrom::start), Pair(Errno::success, 4));
  EXPECT_THAT(seek(fd, 2, SeekFrom::current), Pair(Errno::success, 6));
  EXPECT_THAT(seek(fd, -1, SeekFrom::end), Pair(Errno::success, 9));
  EXPECT_THAT(seek(fd, 100, SeekFrom::end), Pair(Errno::success, 110));
  EXPECT_EQ(seek(fd, -1, SeekFrom::start).first, Errno::inval);
  EXPECT_EQ(tell(fd), 110u);
  EXPECT_EQ(guest_.call("fd_seek", {fd, 0, 3, 1024}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_seek", {fd, 0, 256, 1024}), Errno::inval);
}

TEST_P(Files, ReadAndWriteInPieces) {
  const uint32_t fd = guest_.must_open("file", 0, kReadWrite);
  EXPECT_EQ(guest_.write(fd, "ab"), Errno::success);
  guest_.store<uint32_t>(1024, 2048);
  guest_.store<uint32_t>(1028, 3);
  guest_.store<uint32_t>(1032, 0);
  guest_.store<uint32_t>(1036, 0);
  guest_.store<uint32_t>(1040, 2060);
  guest_.store<uint32_t>(1044, 100);
  ASSERT_EQ(guest_.call("fd_read", {fd, 1024, 3, 1100}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(1100), 8u);
  EXPECT_EQ(guest_.text(2048, 3), "234");
  EXPECT_EQ(guest_.text(2060, 5), "56789");
  EXPECT_EQ(guest_.call("fd_read", {fd, 1024, 0, 1100}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(1100), 0u);
  EXPECT_EQ(tree_.content("file"), "ab23456789");
}

TEST_P(Files, PositionedAccessLeavesThePosition) {
  const uint32_t fd = guest_.must_open("file", 0, kReadWrite);
  seek(fd, 3, platform::SeekFrom::start);
  EXPECT_EQ(at("fd_pwrite", fd, "xyz", 7), Errno::success);
  EXPECT_EQ(at("fd_pread", fd, "....", 0), Errno::success);
  EXPECT_EQ(guest_.text(2048, 4), "0123");
  EXPECT_EQ(tell(fd), 3u);
  EXPECT_EQ(tree_.content("file"), "0123456xyz");
  EXPECT_EQ(at("fd_pread", fd, "x", uint64_t{1} << 63), Errno::inval);
  EXPECT_EQ(at("fd_pwrite", fd, "x", UINT64_MAX), Errno::inval);
}

TEST_P(Files, AppendWritesAtTheEnd) {
  const uint32_t fd = guest_.must_open("file", 0, kReadWrite, kFollow, fdflags::kAppend);
  EXPECT_EQ(guest_.write(fd, "more"), Errno::success);
  EXPECT_EQ(tree_.content("file"), "0123456789more");
  ASSERT_EQ(guest_.call("fd_fdstat_get", {fd, 1024}), Errno::success);
  EXPECT_EQ(guest_.load<uint16_t>(1026), fdflags::kAppend);
  // Off again.
  ASSERT_EQ(guest_.call("fd_fdstat_set_flags", {fd, 0}), Errno::success);
  seek(fd, 0, platform::SeekFrom::start);
  EXPECT_EQ(guest_.write(fd, "X"), Errno::success);
  EXPECT_EQ(tree_.content("file"), "X123456789more");
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", {fd, fdflags::kSync}), Errno::notsup);
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", {fd, 64}), Errno::inval);
}

TEST_P(Files, FlagsAreReportedAsOpened) {
  for (const uint16_t flags :
       {uint16_t{0}, fdflags::kAppend, fdflags::kNonblock, fdflags::kSync, fdflags::kDsync}) {
    const uint32_t fd = guest_.must_open("file", 0, kReadWrite, kFollow, flags);
    ASSERT_EQ(guest_.call("fd_fdstat_get", {fd, 1024}), Errno::success);
    EXPECT_EQ(guest_.load<uint16_t>(1026), flags);
    EXPECT_EQ(guest_.load<uint8_t>(1024), static_cast<uint8_t>(FileType::regular_file));
  }
}

TEST_P(Files, SizesChangeOnlyAsAsked) {
  const uint32_t fd = guest_.must_open("file", 0, kReadWrite);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", {fd, 5}), Errno::success);
  EXPECT_EQ(size_of(fd), 5u);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", {fd, 20}), Errno::success);
  EXPECT_EQ(guest_.call("fd_allocate", {fd, 0, 10}), Errno::success);
  EXPECT_EQ(size_of(fd), 20u) << "does not shrink";
  EXPECT_EQ(guest_.call("fd_allocate", {fd, 10, 90}), Errno::success);
  EXPECT_EQ(size_of(fd), 100u);
  EXPECT_EQ(guest_.call("fd_allocate", {fd, 0, 0}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", {fd, uint64_t{1} << 63}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_advise", {fd, 1000, 1000, 3}), Errno::success);
  EXPECT_EQ(size_of(fd), 100u);
  EXPECT_EQ(guest_.call("fd_advise", {fd, 0, 0, 6}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_advise", {fd, uint64_t{1} << 63, 0, 0}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_sync", {fd}), Errno::success);
  EXPECT_EQ(guest_.call("fd_datasync", {fd}), Errno::success);
  EXPECT_EQ(guest_.call("fd_sync", {3}), Errno::success);
}

TEST_P(Files, TimesAreNanoseconds) {
  const uint32_t fd = guest_.must_open("file", 0, kReadWrite);
  constexpr uint64_t kTime = 1'234'567'890'123'456'789;
  ASSERT_EQ(guest_.call("fd_filestat_set_times", {fd, kTime, kTime + 1, 5}), Errno::success);
  ASSERT_EQ(guest_.call("fd_filestat_get", {fd, 1024}), Errno::success);
  const uint32_t times = GetParam() == Version::unstable ? 1024 + 32 : 1024 + 40;
  EXPECT_EQ(guest_.load<uint64_t>(times), kTime);
  EXPECT_EQ(guest_.load<uint64_t>(times + 8), kTime + 1);
  ASSERT_EQ(guest_.call("fd_filestat_set_times", {fd, 0, 0, 8}), Errno::success);
  ASSERT_EQ(guest_.call("fd_filestat_get", {fd, 1024}), Errno::success);
  EXPECT_EQ(guest_.load<uint64_t>(times), kTime) << "kept";
  EXPECT_GT(guest_.load<uint64_t>(times + 8), kTime + 1) << "now";
  EXPECT_EQ(guest_.call("fd_filestat_set_times", {fd, 0, 0, 3}), Errno::inval);
  // The largest time is past what file systems keep, but no reason to fall over.
  guest_.call("fd_filestat_set_times", {fd, UINT64_MAX, UINT64_MAX, 5});
  EXPECT_EQ(guest_.call("fd_filestat_get", {fd, 1024}), Errno::success);
}

// Before the epoch there are no times in WASI.
TEST_P(Files, TimesBeforeTheEpochAreClamped) {
  namespace fs = std::filesystem;
  fs::last_write_time(
      tree_.path("file"),
      fs::file_time_type::clock::from_sys(std::chrono::sys_seconds(std::chrono::seconds(-1000))));
  const uint32_t fd = guest_.must_open("file");
  ASSERT_EQ(guest_.call("fd_filestat_get", {fd, 1024}), Errno::success);
  const uint32_t modified = GetParam() == Version::unstable ? 1024 + 40 : 1024 + 48;
  EXPECT_EQ(guest_.load<uint64_t>(modified), 0u);
}

}  // namespace
}  // namespace swoop::wasi

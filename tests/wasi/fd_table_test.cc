// Descriptor numbers: opening, closing, renumbering, preopens, limits, rights.
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

namespace swoop::wasi {
namespace {

class FdNumbers : public ::testing::Test {
 protected:
  FdNumbers() : guest_(TestGuest::in(tree_)) {
    tree_.file("a", "content of a");
    tree_.file("b", "content of b");
    tree_.directory("dir");
  }

  Errno prestat(uint32_t fd) { return guest_.call("fd_prestat_get", {fd, 1024}); }
  Errno renumber(uint32_t from, uint32_t to) { return guest_.call("fd_renumber", {from, to}); }
  bool is_open(uint32_t fd) { return guest_.call("fd_fdstat_get", {fd, 1024}) == Errno::success; }
  std::pair<uint64_t, uint64_t> rights_of(uint32_t fd) {
    EXPECT_EQ(guest_.call("fd_fdstat_get", {fd, 1024}), Errno::success);
    return {guest_.load<uint64_t>(1032), guest_.load<uint64_t>(1040)};
  }

  TempTree tree_;
  TestGuest guest_;
};

TEST_F(FdNumbers, TheLowestFreeNumberIsGivenOut) {
  EXPECT_EQ(guest_.must_open("a"), 4u);
  EXPECT_EQ(guest_.must_open("b"), 5u);
  EXPECT_EQ(guest_.close(4), Errno::success);
  EXPECT_EQ(guest_.close(4), Errno::badf);
  EXPECT_EQ(guest_.must_open("a"), 4u);
  EXPECT_EQ(guest_.must_open("a"), 6u);
  EXPECT_EQ(guest_.close(0), Errno::success);
  EXPECT_EQ(guest_.must_open("a"), 0u);
}

TEST_F(FdNumbers, PreopensHaveNames) {
  ASSERT_EQ(prestat(3), Errno::success);
  EXPECT_EQ(guest_.load<uint8_t>(1024), 0);
  EXPECT_EQ(guest_.load<uint32_t>(1028), 1u);
  guest_.store<uint32_t>(1024, 0xeeeeeeee);
  EXPECT_EQ(guest_.call("fd_prestat_dir_name", {3, 1024, 0}), Errno::nametoolong);
  EXPECT_EQ(guest_.call("fd_prestat_dir_name", {3, 1024, 100}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(1024), 0xeeeeee00u | '/');
  // wasi-libc scans until this.
  EXPECT_EQ(prestat(4), Errno::badf);
  EXPECT_EQ(prestat(0), Errno::badf);
  EXPECT_EQ(prestat(0xffffffff), Errno::badf);
  const uint32_t dir = guest_.must_open("dir", oflags::kDirectory);
  EXPECT_EQ(prestat(dir), Errno::badf);
  EXPECT_EQ(guest_.call("fd_prestat_dir_name", {dir, 1024, 1}), Errno::badf);
  EXPECT_EQ(guest_.close(3), Errno::success);
  EXPECT_EQ(prestat(3), Errno::badf);
}

TEST_F(FdNumbers, RenumberMovesAndCloses) {
  const uint32_t a = guest_.must_open("a");
  const uint32_t b = guest_.must_open("b");
  EXPECT_EQ(renumber(a, b), Errno::success);
  EXPECT_FALSE(is_open(a));
  EXPECT_EQ(guest_.read(b).second, "content of a");
}

TEST_F(FdNumbers, RenumberWantsBothToBeOpen) {
  const uint32_t a = guest_.must_open("a");
  EXPECT_EQ(renumber(a, 99), Errno::badf);
  EXPECT_EQ(renumber(99, a), Errno::badf);
  EXPECT_EQ(renumber(99, 99), Errno::badf);
  EXPECT_EQ(renumber(a, 0xffffffff), Errno::badf);
  EXPECT_EQ(renumber(a, a), Errno::success);
  EXPECT_EQ(guest_.read(a).second, "content of a");
}

TEST_F(FdNumbers, RenumberTakesStreamsAndPreopens) {
  const uint32_t a = guest_.must_open("a");
  EXPECT_EQ(renumber(a, 0), Errno::success);
  EXPECT_EQ(guest_.read(0).second, "content of a");
  const uint32_t dir = guest_.must_open("dir", oflags::kDirectory);
  EXPECT_EQ(renumber(dir, 3), Errno::success);
  EXPECT_EQ(prestat(3), Errno::badf) << "the number is no preopen any more";
  EXPECT_EQ(guest_.open("a").first, Errno::noent) << "it is the inner directory now";
}

TEST_F(FdNumbers, APreopenKeepsItsNameWhenItMoves) {
  const uint32_t a = guest_.must_open("a");
  EXPECT_EQ(renumber(3, a), Errno::success);
  EXPECT_EQ(prestat(3), Errno::badf);
  EXPECT_EQ(prestat(a), Errno::success);
}

TEST_F(FdNumbers, AreLimited) {
  Context::Builder builder = TestGuest::in(tree_);
  builder.limits({.open_files = 10});
  TestGuest guest(builder);
  for (int i = 4; i < 10; ++i) guest.must_open("a");
  EXPECT_EQ(guest.open("a").first, Errno::mfile);
  EXPECT_EQ(guest.open("new", oflags::kCreat, kReadWrite).first, Errno::mfile);
  EXPECT_FALSE(tree_.exists("new")) << "refused, but not before it was made";
  EXPECT_EQ(guest.close(5), Errno::success);
  EXPECT_EQ(guest.must_open("a"), 5u);
}

TEST_F(FdNumbers, ManyOpensAndClosesLeakNothing) {
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(guest_.must_open("a"), 4u);
    ASSERT_EQ(guest_.close(4), Errno::success);
  }
}

TEST_F(FdNumbers, WrongKindsAreTold) {
  const uint32_t file = guest_.must_open("a");
  EXPECT_EQ(guest_.open("x", 0, 0, kFollow, 0, file).first, Errno::notdir);
  EXPECT_EQ(guest_.on_path("path_create_directory", "x", file), Errno::notdir);
  EXPECT_EQ(guest_.on_path("path_create_directory", "x", 77), Errno::badf);
  EXPECT_EQ(guest_.read(3).first, Errno::isdir);
  EXPECT_EQ(guest_.write(3, "x"), Errno::badf);
  EXPECT_EQ(guest_.call("fd_seek", {3, 0, 0, 1024}), Errno::isdir);
  EXPECT_EQ(guest_.call("fd_advise", {3, 0, 0, 0}), Errno::badf);
  EXPECT_EQ(guest_.call("fd_allocate", {3, 0, 1}), Errno::badf);
  EXPECT_EQ(guest_.call("sock_shutdown", {file, 0}), Errno::notsock);
  EXPECT_EQ(guest_.call("sock_shutdown", {77, 0}), Errno::badf);
}

TEST_F(FdNumbers, RightsOfFilesAreThoseItWasOpenedWith) {
  const uint32_t reader = guest_.must_open("a", 0, rights::kFdRead);
  const uint32_t writer = guest_.must_open("a", 0, rights::kFdWrite);
  const uint32_t neither = guest_.must_open("a", 0, 0);
  EXPECT_EQ(rights_of(reader).first & kReadWrite, rights::kFdRead);
  EXPECT_EQ(rights_of(writer).first & kReadWrite, rights::kFdWrite);
  EXPECT_EQ(rights_of(neither).first & kReadWrite, 0u);
  EXPECT_EQ(guest_.write(reader, "x"), Errno::badf);
  EXPECT_EQ(guest_.read(writer).first, Errno::badf);
  EXPECT_EQ(guest_.read(neither).first, Errno::badf);
  EXPECT_EQ(guest_.write(neither, "x"), Errno::badf);
}

TEST_F(FdNumbers, RightsOfDirectoriesDoNotIncludeSeeking) {
  const auto [base, inheriting] = rights_of(3);
  EXPECT_EQ(base & (rights::kFdSeek | rights::kFdTell), 0u);
  EXPECT_NE(base & rights::kPathOpen, 0u);
  EXPECT_NE(inheriting & rights::kFdSeek, 0u);
}

TEST_F(FdNumbers, RightsCanOnlyBeGivenUp) {
  const uint32_t file = guest_.must_open("a", 0, kReadWrite);
  const auto [base, inheriting] = rights_of(file);
  EXPECT_EQ(guest_.call("fd_fdstat_set_rights", {file, base | rights::kPathOpen, inheriting}),
            Errno::notcapable);
  EXPECT_EQ(guest_.call("fd_fdstat_set_rights", {file, base & ~rights::kFdWrite, inheriting}),
            Errno::success);
  EXPECT_EQ(rights_of(file).first, base & ~rights::kFdWrite);
  EXPECT_EQ(guest_.write(file, "x"), Errno::notcapable);
  EXPECT_EQ(guest_.read(file).first, Errno::success);
  EXPECT_EQ(guest_.call("fd_fdstat_set_rights", {file, base, inheriting}), Errno::notcapable);
}

TEST_F(FdNumbers, RightsGivenUpForDescendantsStayGivenUp) {
  const auto [base, inheriting] = rights_of(3);
  ASSERT_EQ(guest_.call("fd_fdstat_set_rights",
                        {3, base & ~rights::kPathUnlinkFile, inheriting & ~rights::kFdWrite}),
            Errno::success);
  EXPECT_EQ(guest_.on_path("path_unlink_file", "a"), Errno::notcapable);
  EXPECT_TRUE(tree_.exists("a"));
  const uint32_t file = guest_.must_open("a", 0, kReadWrite);
  EXPECT_EQ(guest_.write(file, "x"), Errno::notcapable);
  EXPECT_EQ(guest_.read(file).second, "content of a");
}

}  // namespace
}  // namespace swoop::wasi

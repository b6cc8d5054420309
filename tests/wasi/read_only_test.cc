// What a read-only directory forbids, by every operation that changes something, and what it leaves
// alone.
#include "tests/wasi/test_guest.h"

namespace swoop::wasi {
namespace {

constexpr uint32_t kRead = 3;   // the read-only preopen
constexpr uint32_t kWrite = 4;  // a writable one beside it

class ReadOnly : public ::testing::TestWithParam<platform::Resolver> {
 protected:
  ReadOnly() {
    tree_.directory("ro/dir/empty");
    tree_.directory("rw");
    tree_.file("ro/file", "content");
    tree_.file("rw/other", "other");
    tree_.link("file", "ro/link");
    Context::Builder builder;
    builder.directory(tree_.path("ro"), "/ro", DirectoryAccess::read_only)
        .directory(tree_.path("rw"), "/rw")
        .resolver(GetParam());
    guest_ = std::make_unique<TestGuest>(builder);
  }

  Errno open(std::string_view path, uint32_t flags, uint64_t wanted, uint32_t fdflags = 0) {
    return guest_->open(path, flags, wanted, kFollow, fdflags).first;
  }

  void expect_untouched() {
    EXPECT_EQ(tree_.content("ro/file"), "content");
    EXPECT_FALSE(tree_.exists("ro/new"));
    EXPECT_FALSE(tree_.exists("rw/new"));
    EXPECT_TRUE(tree_.exists("ro/dir/empty"));
    EXPECT_TRUE(tree_.exists("rw/other"));
  }

  TempTree tree_;
  std::unique_ptr<TestGuest> guest_;
};

INSTANTIATE_TEST_SUITE_P(Resolvers, ReadOnly,
                         ::testing::Values(platform::Resolver::openat2, platform::Resolver::walk),
                         resolver_name);

TEST_P(ReadOnly, ForbidsToOpenForWriting) {
  EXPECT_EQ(open("file", 0, rights::kFdWrite), Errno::perm);
  EXPECT_EQ(open("file", 0, kReadWrite), Errno::perm);
  EXPECT_EQ(open("link", 0, kReadWrite), Errno::perm);
  EXPECT_EQ(open("file", 0, rights::kFdWrite, fdflags::kAppend), Errno::perm);
  EXPECT_EQ(open("new", oflags::kCreat, rights::kFdRead), Errno::perm);
  EXPECT_EQ(open("new", oflags::kCreat | oflags::kExcl, kReadWrite), Errno::perm);
  expect_untouched();
}

// GHSA-2r75-cxrj-cmph: Linux truncates a file that is opened for reading.
TEST_P(ReadOnly, ForbidsToTruncate) {
  EXPECT_EQ(open("file", oflags::kTrunc, rights::kFdRead), Errno::perm);
  EXPECT_EQ(open("file", oflags::kTrunc, 0), Errno::perm);
  EXPECT_EQ(open("link", oflags::kTrunc, 0), Errno::perm);
  const uint32_t fd = guest_->must_open("file");
  EXPECT_EQ(guest_->call("fd_filestat_set_size", {fd, 0}), Errno::inval);
  EXPECT_EQ(guest_->call("fd_allocate", {fd, 0, 100}), Errno::badf);
  expect_untouched();
}

TEST_P(ReadOnly, ForbidsToWriteThroughAnOpenFile) {
  const uint32_t fd = guest_->must_open("file");
  EXPECT_EQ(guest_->write(fd, "x"), Errno::badf);
  EXPECT_EQ(guest_->call("fd_filestat_set_times", {fd, 1, 1, 5}), Errno::perm);
  EXPECT_EQ(guest_->call("fd_filestat_set_times", {kRead, 1, 1, 5}), Errno::perm);
  EXPECT_EQ(guest_->set_times("file", true, 1), Errno::perm);
  EXPECT_EQ(guest_->set_times("link", false, 1), Errno::perm);
  expect_untouched();
}

TEST_P(ReadOnly, ForbidsToChangeNames) {
  EXPECT_EQ(guest_->on_path("path_create_directory", "new"), Errno::perm);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "dir/empty"), Errno::perm);
  EXPECT_EQ(guest_->on_path("path_unlink_file", "file"), Errno::perm);
  EXPECT_EQ(guest_->symlink("x", "new"), Errno::perm);
  EXPECT_EQ(guest_->rename("file", "new"), Errno::perm);
  EXPECT_EQ(guest_->hard_link("file", "new"), Errno::perm);
  expect_untouched();
}

// GHSA-4ch3-9j33-3pmj: a second name in a writable directory would make the file writable.
TEST_P(ReadOnly, ForbidsToMoveAndLinkAcross) {
  EXPECT_EQ(guest_->hard_link("file", "new", kRead, kWrite), Errno::perm);
  EXPECT_EQ(guest_->hard_link("other", "new", kWrite, kRead), Errno::perm);
  EXPECT_EQ(guest_->rename("file", "new", kRead, kWrite), Errno::perm);
  EXPECT_EQ(guest_->rename("other", "new", kWrite, kRead), Errno::perm);
  expect_untouched();
}

TEST_P(ReadOnly, HoldsForDirectoriesOpenedBeneath) {
  const uint32_t dir = guest_->must_open("dir", oflags::kDirectory);
  EXPECT_EQ(guest_->on_path("path_create_directory", "new", dir), Errno::perm);
  EXPECT_EQ(guest_->on_path("path_remove_directory", "empty", dir), Errno::perm);
  EXPECT_EQ(guest_->open("new", oflags::kCreat, kReadWrite, kFollow, 0, dir).first, Errno::perm);
  EXPECT_EQ(guest_->call("fd_filestat_set_times", {dir, 1, 1, 5}), Errno::perm);
  expect_untouched();
}

TEST_P(ReadOnly, AllowsToRead) {
  const uint32_t fd = guest_->must_open("link");
  EXPECT_EQ(guest_->read(fd).second, "content");
  EXPECT_EQ(guest_->stat("dir/empty").first, Errno::success);
  EXPECT_EQ(guest_->read_link("link").second, "file");
  EXPECT_EQ(guest_->symlink("x", "new", kWrite), Errno::success);
}

}  // namespace
}  // namespace swoop::wasi

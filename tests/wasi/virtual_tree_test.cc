// Directories that exist in memory only: mounts of files, and the root that shows what was mapped.
#include "tests/wasi/test_guest.h"
#include "wasi/virtual_directory.h"

#include <gmock/gmock.h>

#include <map>

namespace swoop::wasi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Listed {
  uint64_t next;
  uint64_t inode;
  FileType type;
};

// All entries, in calls with a buffer of `size` bytes.
std::map<std::string, Listed> list(TestGuest& guest, uint32_t fd, uint32_t size = 4096) {
  constexpr uint32_t kBuffer = 8192;
  std::map<std::string, Listed> entries;
  uint64_t cookie = 0;
  for (int calls = 0; calls < 1000; ++calls) {
    EXPECT_EQ(guest.call("fd_readdir", {fd, kBuffer, size, cookie, 512}), Errno::success);
    const uint32_t used = guest.load<uint32_t>(512);
    for (uint32_t at = kBuffer; at + kDirentSize <= kBuffer + used;) {
      const auto name_size = guest.load<uint32_t>(at + 16);
      if (at + kDirentSize + name_size > kBuffer + used) break;
      cookie = guest.load<uint64_t>(at);
      const std::string name = guest.text(at + kDirentSize, name_size);
      const bool is_new = entries
                              .insert({name,
                                       {cookie, guest.load<uint64_t>(at + 8),
                                        FileType{guest.load<uint8_t>(at + 20)}}})
                              .second;
      EXPECT_TRUE(is_new) << name << " is listed twice";
      at += kDirentSize + name_size;
    }
    if (used < size) return entries;
  }
  ADD_FAILURE() << "the list has no end";
  return entries;
}

std::vector<std::string> names(TestGuest& guest, uint32_t fd, uint32_t size = 4096) {
  std::vector<std::string> result;
  for (const auto& [name, entry] : list(guest, fd, size)) result.push_back(name);
  return result;
}

std::string preopen_name(TestGuest& guest, uint32_t fd) {
  EXPECT_EQ(guest.call("fd_prestat_get", {fd, 1024}), Errno::success);
  const auto size = guest.load<uint32_t>(1028);
  EXPECT_EQ(guest.call("fd_prestat_dir_name", {fd, 1024, size}), Errno::success);
  return guest.text(1024, size);
}

class MemoryMount : public ::testing::Test {
 protected:
  static Context::Builder builder() {
    Context::Builder builder;
    builder.mount("etc", {{"conf", "key = value\n"},
                          {"empty", ""},
                          {"sub/inner", "inner"},
                          {"sub/deep/leaf", "leaf"}});
    return builder;
  }

  TestGuest guest_ = TestGuest(builder());
};

TEST_F(MemoryMount, IsAPreopenOfItsName) {
  EXPECT_EQ(preopen_name(guest_, 3), "etc");
  EXPECT_EQ(guest_.call("fd_prestat_get", {4, 1024}), Errno::badf);
  ASSERT_EQ(guest_.call("fd_fdstat_get", {3, 1024}), Errno::success);
  EXPECT_EQ(FileType{guest_.load<uint8_t>(1024)}, FileType::directory);
  EXPECT_NE(guest_.load<uint64_t>(1032) & rights::kFdReaddir, 0u);
}

TEST_F(MemoryMount, FilesAreRead) {
  const uint32_t fd = guest_.must_open("conf");
  EXPECT_EQ(guest_.read(fd, 3).second, "key");
  EXPECT_EQ(guest_.read(fd).second, " = value\n");
  EXPECT_EQ(guest_.read(fd), std::pair(Errno::success, std::string()));
  EXPECT_EQ(guest_.read(guest_.must_open("empty")).second, "");
  EXPECT_EQ(guest_.read(guest_.must_open("sub/deep/leaf")).second, "leaf");
  EXPECT_EQ(guest_.read(guest_.must_open("./sub/../sub//deep/../inner")).second, "inner");
}

TEST_F(MemoryMount, ReadsFillManyBuffers) {
  const uint32_t fd = guest_.must_open("conf");
  const uint32_t sizes[] = {1, 0, 4, 100};
  for (uint32_t i = 0; i < 4; ++i) {
    guest_.store<uint32_t>(1024 + i * 8, 2048 + i * 128);
    guest_.store<uint32_t>(1028 + i * 8, sizes[i]);
  }
  ASSERT_EQ(guest_.call("fd_read", {fd, 1024, 4, 512}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(512), 12u);
  EXPECT_EQ(guest_.text(2048, 1) + guest_.text(2304, 4) + guest_.text(2432, 7), "key = value\n");
}

TEST_F(MemoryMount, FilesAreSought) {
  const uint32_t fd = guest_.must_open("conf");
  const auto seek = [&](int64_t offset, uint32_t whence) {
    const Errno error = guest_.call("fd_seek", {fd, static_cast<uint64_t>(offset), whence, 1024});
    return std::pair(error, error == Errno::success ? guest_.load<uint64_t>(1024) : 0);
  };
  EXPECT_EQ(seek(4, 0), std::pair(Errno::success, uint64_t{4}));
  EXPECT_EQ(guest_.read(fd, 1).second, "=");
  EXPECT_EQ(seek(1, 1), std::pair(Errno::success, uint64_t{6}));
  EXPECT_EQ(guest_.read(fd, 5).second, "value");
  EXPECT_EQ(seek(-6, 2), std::pair(Errno::success, uint64_t{6}));
  EXPECT_EQ(seek(-7, 1).first, Errno::inval);
  EXPECT_EQ(seek(INT64_MIN, 0).first, Errno::inval);
  ASSERT_EQ(guest_.call("fd_tell", {fd, 1024}), Errno::success);
  EXPECT_EQ(guest_.load<uint64_t>(1024), 6u) << "a seek that failed moved";
  EXPECT_EQ(seek(INT64_MAX, 0).first, Errno::success) << "beyond the end is no error";
  EXPECT_EQ(guest_.read(fd), std::pair(Errno::success, std::string()));
  EXPECT_EQ(seek(1, 1).first, Errno::overflow);
}

TEST_F(MemoryMount, ReadsAtAnOffsetDoNotMove) {
  const uint32_t fd = guest_.must_open("conf");
  guest_.store<uint32_t>(1024, 2048);
  guest_.store<uint32_t>(1028, 5);
  ASSERT_EQ(guest_.call("fd_pread", {fd, 1024, 1, 6, 512}), Errno::success);
  EXPECT_EQ(guest_.text(2048, guest_.load<uint32_t>(512)), "value");
  ASSERT_EQ(guest_.call("fd_pread", {fd, 1024, 1, 12, 512}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(512), 0u);
  EXPECT_EQ(guest_.call("fd_pread", {fd, 1024, 1, UINT64_MAX, 512}), Errno::inval);
  EXPECT_EQ(guest_.read(fd, 3).second, "key");
}

TEST_F(MemoryMount, TwoDescriptorsHaveTwoPositions) {
  const uint32_t a = guest_.must_open("conf");
  const uint32_t b = guest_.must_open("conf");
  EXPECT_EQ(guest_.read(a, 4).second, "key ");
  EXPECT_EQ(guest_.read(b, 4).second, "key ");
}

TEST_F(MemoryMount, StatusIsThatOfAFile) {
  const auto [error, status] = guest_.stat("conf");
  ASSERT_EQ(error, Errno::success);
  EXPECT_EQ(status.size_bytes, 12u);
  EXPECT_EQ(FileType{static_cast<uint8_t>(status.type)}, FileType::regular_file);
  ASSERT_EQ(guest_.call("fd_filestat_get", {guest_.must_open("conf"), 1024}), Errno::success);
  EXPECT_EQ(guest_.load<uint64_t>(1024 + 8), status.inode);
  EXPECT_EQ(guest_.load<uint64_t>(1024 + 24), 1u) << "links";
  EXPECT_EQ(guest_.load<uint64_t>(1024 + 32), 12u);
  EXPECT_NE(guest_.stat("empty").second.inode, status.inode);
  ASSERT_EQ(guest_.call("fd_fdstat_get", {guest_.must_open("conf"), 1024}), Errno::success);
  const auto base = guest_.load<uint64_t>(1032);
  EXPECT_EQ(base & kReadWrite, rights::kFdRead);
  EXPECT_NE(base & rights::kFdSeek, 0u) << "wasi-libc would take it for a stream";
}

TEST_F(MemoryMount, DirectoriesAreListed) {
  const auto top = list(guest_, 3);
  EXPECT_THAT(names(guest_, 3), ElementsAre(".", "..", "conf", "empty", "sub"));
  EXPECT_EQ(top.at("conf").type, FileType::regular_file);
  EXPECT_EQ(top.at("sub").type, FileType::directory);
  for (const char* const name : {".", "conf", "sub"}) {
    EXPECT_EQ(top.at(name).inode, guest_.stat(name).second.inode) << name;
    EXPECT_NE(top.at(name).inode, 0u);
  }
  const uint32_t sub = guest_.must_open("sub", oflags::kDirectory);
  EXPECT_THAT(names(guest_, sub), ElementsAre(".", "..", "deep", "inner"));
  EXPECT_EQ(list(guest_, sub).at("..").inode, top.at(".").inode);
}

TEST_F(MemoryMount, ListsInBuffersOfAnySize) {
  for (uint32_t size = kDirentSize + 5; size < 200; ++size) {
    EXPECT_THAT(names(guest_, 3, size), ElementsAre(".", "..", "conf", "empty", "sub")) << size;
  }
  EXPECT_EQ(guest_.call("fd_readdir", {3, 8192, 256, UINT64_MAX, 512}), Errno::success);
  EXPECT_EQ(guest_.load<uint32_t>(512), 0u);
}

TEST_F(MemoryMount, NothingCanBeWritten) {
  EXPECT_EQ(guest_.open("conf", 0, kReadWrite).first, Errno::rofs);
  EXPECT_EQ(guest_.open("conf", oflags::kTrunc).first, Errno::rofs);
  EXPECT_EQ(guest_.open("new", oflags::kCreat, kReadWrite).first, Errno::rofs);
  EXPECT_EQ(guest_.open("conf", oflags::kCreat | oflags::kExcl).first, Errno::exist);
  EXPECT_EQ(guest_.open("conf", oflags::kCreat).first, Errno::success) << "it is there";
  EXPECT_EQ(guest_.on_path("path_create_directory", "new"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_create_directory", "sub"), Errno::exist);
  EXPECT_EQ(guest_.on_path("path_remove_directory", "sub"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_unlink_file", "conf"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_unlink_file", "missing"), Errno::noent);
  EXPECT_EQ(guest_.rename("conf", "renamed"), Errno::rofs);
  EXPECT_EQ(guest_.hard_link("conf", "linked"), Errno::rofs);
  EXPECT_EQ(guest_.symlink("conf", "link"), Errno::rofs);
  EXPECT_EQ(guest_.set_times("conf", true, 1), Errno::rofs);
  EXPECT_EQ(guest_.call("fd_filestat_set_times", {3, 1, 1, 5}), Errno::rofs);

  const uint32_t fd = guest_.must_open("conf");
  EXPECT_EQ(guest_.write(fd, "x"), Errno::badf);
  guest_.store<uint32_t>(1024, 2048);
  guest_.store<uint32_t>(1028, 1);
  EXPECT_EQ(guest_.call("fd_pwrite", {fd, 1024, 1, 0, 512}), Errno::badf);
  EXPECT_EQ(guest_.call("fd_allocate", {fd, 0, 100}), Errno::badf);
  EXPECT_EQ(guest_.call("fd_filestat_set_size", {fd, 0}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_filestat_set_times", {fd, 1, 1, 5}), Errno::rofs);
  EXPECT_EQ(guest_.read(fd).second, "key = value\n");
}

TEST_F(MemoryMount, WhatIsHarmlessSucceedsAsOnAFile) {
  const uint32_t fd = guest_.must_open("conf");
  EXPECT_EQ(guest_.call("fd_sync", {fd}), Errno::success);
  EXPECT_EQ(guest_.call("fd_datasync", {3}), Errno::success);
  EXPECT_EQ(guest_.call("fd_advise", {fd, 0, 10, 3}), Errno::success);
  EXPECT_EQ(guest_.call("fd_advise", {fd, UINT64_MAX, 10, 3}), Errno::inval);
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", {fd, fdflags::kNonblock}), Errno::success);
  ASSERT_EQ(guest_.call("fd_fdstat_get", {fd, 1024}), Errno::success);
  EXPECT_EQ(guest_.load<uint16_t>(1026), fdflags::kNonblock);
  EXPECT_EQ(guest_.call("fd_fdstat_set_flags", {fd, fdflags::kSync}), Errno::notsup);
}

TEST_F(MemoryMount, WrongPathsAreToldAsOnTheHost) {
  EXPECT_EQ(guest_.open("missing").first, Errno::noent);
  EXPECT_EQ(guest_.open("missing/x").first, Errno::noent);
  EXPECT_EQ(guest_.open("conf/x").first, Errno::notdir);
  EXPECT_EQ(guest_.open("conf/").first, Errno::notdir);
  EXPECT_EQ(guest_.open("conf/..").first, Errno::notdir);
  EXPECT_EQ(guest_.open("conf", oflags::kDirectory).first, Errno::notdir);
  EXPECT_EQ(guest_.open("sub", 0, kReadWrite).first, Errno::isdir);
  EXPECT_EQ(guest_.open("sub", oflags::kCreat | oflags::kDirectory).first, Errno::inval);
  EXPECT_EQ(guest_.open("/conf").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("..").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("sub/../../etc/conf").first, Errno::notcapable);
  EXPECT_EQ(guest_.open(std::string(256, 'x')).first, Errno::nametoolong);
  EXPECT_EQ(guest_.read_link("conf").first, Errno::inval);
  EXPECT_EQ(guest_.read_link("missing").first, Errno::noent);
  const uint32_t sub = guest_.must_open("sub", oflags::kDirectory);
  EXPECT_EQ(guest_.open("../conf", 0, rights::kFdRead, kFollow, 0, sub).first, Errno::notcapable)
      << "a descriptor is a limit, too";
  EXPECT_EQ(guest_.open("deep/../inner", 0, rights::kFdRead, kFollow, 0, sub).first,
            Errno::success);
}

TEST_F(MemoryMount, OpenFilesAreIndependentOfTheDirectory) {
  const uint32_t fd = guest_.must_open("conf");
  EXPECT_EQ(guest_.close(3), Errno::success);
  EXPECT_EQ(guest_.read(fd, 3).second, "key");
}

TEST_F(MemoryMount, ReadingNeedsTheRight) {
  EXPECT_EQ(guest_.read(guest_.must_open("conf", 0, 0)).first, Errno::badf);
}

TEST(MemoryMounts, CanBeAnywhereAndMany) {
  Context::Builder builder;
  builder.mount("/", {{"a", "1"}}).mount("/", {{"a", "2"}});
  TestGuest guest(builder);
  EXPECT_EQ(guest.read(guest.open("a").second).second, "1");
  EXPECT_EQ(guest.read(guest.open("a", 0, rights::kFdRead, kFollow, 0, 4).second).second, "2");
  EXPECT_EQ(guest.rename("a", "b", 3, 4), Errno::xdev);
}

TEST(MemoryMounts, RefuseFilesThatCouldNotBeFound) {
  const auto error_of = [](MemoryFiles files) {
    Context::Builder builder;
    builder.mount("etc", std::move(files));
    const auto built = builder.build();
    EXPECT_FALSE(built.ok());
    return built.ok() ? std::string() : std::string(built.error().message);
  };
  EXPECT_THAT(error_of({{"", "x"}}), HasSubstr("root"));
  EXPECT_THAT(error_of({{"a/../b", "x"}}), HasSubstr("'..'"));
  EXPECT_THAT(error_of({{"a", "x"}, {"a/b", "y"}}), HasSubstr("beneath a file"));
  EXPECT_THAT(error_of({{"./a/b", "x"}, {"a", "y"}}), HasSubstr("is a directory"));
  EXPECT_THAT(error_of({{"a", "x"}, {"./a", "y"}}), HasSubstr("twice"));
  EXPECT_THAT(error_of({{"a/", "x"}}), HasSubstr("is a directory"));
  EXPECT_THAT(error_of({{std::string(256, 'x'), "x"}}), HasSubstr("255"));
  EXPECT_THAT(error_of({{std::string("a\0b", 3), "x"}}), HasSubstr("NUL"));
  EXPECT_THAT(error_of({{"\xff", "x"}}), HasSubstr("UTF-8"));
}

class VirtualRoot : public ::testing::Test {
 protected:
  VirtualRoot() {
    one_.file("file", "in one");
    one_.directory("sub");
    one_.link("../outside", "link_out");
    two_.file("other", "in two");
  }

  Context::Builder builder() const {
    Context::Builder builder;
    builder.virtual_root()
        .directory(one_.path(), "one")
        .directory(two_.path(), "/deep/er/two", DirectoryAccess::read_only)
        .mount("etc", {{"conf", "configuration"}});
    return builder;
  }

  TempTree one_;
  TempTree two_;
  TestGuest guest_ = TestGuest(builder());
};

TEST_F(VirtualRoot, IsTheOnlyPreopen) {
  EXPECT_EQ(preopen_name(guest_, 3), "/");
  EXPECT_EQ(guest_.call("fd_prestat_get", {4, 1024}), Errno::badf);
}

TEST_F(VirtualRoot, ListsWhatIsMapped) {
  const auto entries = list(guest_, 3);
  EXPECT_THAT(names(guest_, 3), ElementsAre(".", "..", "deep", "etc", "one"));
  for (const auto& [name, entry] : entries) {
    EXPECT_EQ(entry.type, FileType::directory) << name;
    if (name == "..") continue;
    EXPECT_EQ(entry.inode, guest_.stat(name).second.inode) << name;
  }
  EXPECT_THAT(names(guest_, 3, kDirentSize + 4), ElementsAre(".", "..", "deep", "etc", "one"));
  EXPECT_THAT(names(guest_, guest_.must_open("deep/er")), ElementsAre(".", "..", "two"));
}

TEST_F(VirtualRoot, LeadsIntoTheDirectories) {
  EXPECT_EQ(guest_.read(guest_.must_open("one/file")).second, "in one");
  EXPECT_EQ(guest_.read(guest_.must_open("./one//sub/../file")).second, "in one");
  EXPECT_EQ(guest_.read(guest_.must_open("one/../deep/er/../er/two/other")).second, "in two");
  EXPECT_EQ(guest_.read(guest_.must_open("etc/conf")).second, "configuration");
  EXPECT_THAT(names(guest_, guest_.must_open("one", oflags::kDirectory)),
              ElementsAre(".", "..", "file", "link_out", "sub"));
  EXPECT_EQ(guest_.stat("one/file").second.size_bytes, 6u);
  EXPECT_EQ(guest_.read_link("one/link_out").second, "../outside");
  EXPECT_EQ(guest_.open("one/missing").first, Errno::noent);
  EXPECT_EQ(guest_.open("one/file/").first, Errno::notdir);
}

TEST_F(VirtualRoot, DirectoriesCanBeWrittenThroughIt) {
  EXPECT_EQ(guest_.write(guest_.must_open("one/new", oflags::kCreat, kReadWrite), "written"),
            Errno::success);
  EXPECT_EQ(one_.content("new"), "written");
  EXPECT_EQ(guest_.on_path("path_create_directory", "one/sub/made"), Errno::success);
  EXPECT_EQ(guest_.rename("one/new", "one/sub/made/moved"), Errno::success);
  EXPECT_EQ(guest_.hard_link("one/file", "one/linked"), Errno::success);
  EXPECT_EQ(guest_.symlink("file", "one/link"), Errno::success);
  EXPECT_EQ(guest_.set_times("one/file", true, 5), Errno::success);
  EXPECT_EQ(guest_.on_path("path_unlink_file", "one/linked"), Errno::success);
  EXPECT_EQ(one_.content("sub/made/moved"), "written");
  EXPECT_FALSE(one_.exists("linked"));
  EXPECT_TRUE(one_.exists("link"));
  EXPECT_EQ(guest_.open("deep/er/two/new", oflags::kCreat, kReadWrite).first, Errno::perm);
}

TEST_F(VirtualRoot, ItselfCannotBeWritten) {
  EXPECT_EQ(guest_.open("new", oflags::kCreat, kReadWrite).first, Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_create_directory", "new"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_create_directory", "deep/er/new"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_create_directory", "one"), Errno::exist);
  EXPECT_EQ(guest_.on_path("path_remove_directory", "one"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_remove_directory", "one/"), Errno::rofs);
  EXPECT_EQ(guest_.on_path("path_remove_directory", "deep"), Errno::rofs);
  EXPECT_EQ(guest_.symlink("one/file", "link"), Errno::rofs);
  EXPECT_EQ(guest_.rename("one", "renamed"), Errno::rofs);
  EXPECT_EQ(guest_.set_times(".", true, 1), Errno::rofs);
  EXPECT_TRUE(one_.exists("file"));
}

TEST_F(VirtualRoot, NamesDoNotMoveFromMountToMount) {
  EXPECT_EQ(guest_.rename("one/file", "file"), Errno::xdev);
  EXPECT_EQ(guest_.rename("one/file", "etc/file"), Errno::xdev);
  EXPECT_EQ(guest_.rename("one/file", "deep/er/two/file"), Errno::xdev);
  EXPECT_EQ(guest_.rename("etc/conf", "one/conf"), Errno::xdev);
  EXPECT_EQ(guest_.rename("one", "one/sub/one"), Errno::xdev);
  EXPECT_EQ(guest_.hard_link("one/file", "linked"), Errno::xdev);
  EXPECT_EQ(guest_.hard_link("etc/conf", "one/conf"), Errno::xdev);
  const uint32_t one = guest_.must_open("one");
  const uint32_t two = guest_.must_open("deep/er/two");
  const uint32_t sub = guest_.must_open("one/sub");
  EXPECT_EQ(guest_.rename("file", "file", one, two), Errno::xdev) << "whichever way it is named";
  EXPECT_EQ(guest_.rename("file", "file", one, sub), Errno::success);
  EXPECT_TRUE(one_.exists("sub/file"));
}

TEST_F(VirtualRoot, CannotBeLeft) {
  EXPECT_EQ(guest_.open("..").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("one/../..").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("/one/file").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("one/link_out").first, Errno::notcapable);
  EXPECT_EQ(guest_.open("one/sub/../../etc/conf").first, Errno::notcapable)
      << "the host's directory does not know what is above it";
  const uint32_t one = guest_.must_open("one");
  EXPECT_EQ(guest_.open("../etc/conf", 0, rights::kFdRead, kFollow, 0, one).first,
            Errno::notcapable);
}

TEST_F(VirtualRoot, RightsGivenUpReachIntoTheDirectories) {
  ASSERT_EQ(guest_.call("fd_fdstat_get", {3, 1024}), Errno::success);
  const auto base = guest_.load<uint64_t>(1032), inheriting = guest_.load<uint64_t>(1040);
  ASSERT_EQ(guest_.call("fd_fdstat_set_rights",
                        {3, base & ~rights::kPathUnlinkFile, inheriting & ~rights::kFdWrite}),
            Errno::success);
  EXPECT_EQ(guest_.on_path("path_unlink_file", "one/file"), Errno::notcapable);
  const uint32_t file = guest_.must_open("one/file", 0, kReadWrite);
  EXPECT_EQ(guest_.write(file, "x"), Errno::notcapable);
  EXPECT_TRUE(one_.exists("file"));
}

TEST_F(VirtualRoot, AMountCoversItsPlaceButNotWhatIsMappedBeneath) {
  Context::Builder builder;
  builder.virtual_root().directory(one_.path(), "data").directory(two_.path(), "data/two");
  TestGuest guest(builder);
  EXPECT_EQ(guest.read(guest.must_open("data/file")).second, "in one");
  EXPECT_EQ(guest.read(guest.must_open("data/two/other")).second, "in two");
  EXPECT_EQ(guest.read(guest.must_open("data/two/../file")).second, "in one");
  EXPECT_EQ(guest.rename("data/file", "data/two/file"), Errno::xdev);
}

TEST_F(VirtualRoot, RefusesPathsThatItCannotHave) {
  const auto error_of = [&](std::string guest_path) {
    Context::Builder builder = this->builder();
    builder.directory(two_.path(), std::move(guest_path));
    const auto built = builder.build();
    EXPECT_FALSE(built.ok());
    return built.ok() ? std::string() : std::string(built.error().message);
  };
  EXPECT_THAT(error_of("/"), HasSubstr("root"));
  EXPECT_THAT(error_of("."), HasSubstr("root"));
  EXPECT_THAT(error_of(""), HasSubstr("root"));
  EXPECT_THAT(error_of("a/.."), HasSubstr("'..'"));
  EXPECT_THAT(error_of("/one"), HasSubstr("twice"));
  EXPECT_THAT(error_of("etc/conf"), HasSubstr("twice"));
  EXPECT_THAT(error_of("etc/conf/x"), HasSubstr("beneath a file"));
}

TEST(EmptyVirtualRoot, HasNoEntries) {
  Context::Builder builder;
  builder.virtual_root();
  TestGuest guest(builder);
  EXPECT_THAT(names(guest, 3), ElementsAre(".", ".."));
  EXPECT_EQ(guest.open("etc").first, Errno::noent);
}

}  // namespace
}  // namespace swoop::wasi

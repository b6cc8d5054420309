// fd_readdir: what it lists, cut off at every size, and while the directory changes.
#include "tests/wasi/test_guest.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace swoop::wasi {
namespace {

struct Listed {
  uint64_t next;
  uint64_t inode;
  uint8_t type;
  std::string name;
};

class Readdir : public ::testing::Test {
 protected:
  // One call; only what came whole. `used` is what the call has written.
  std::vector<Listed> read_once(TestGuest& guest, uint32_t fd, uint32_t size, uint64_t cookie,
                                uint32_t* used) {
    const uint32_t buffer = 1024;
    EXPECT_EQ(guest.call("fd_readdir", {fd, buffer, size, cookie, 512}), Errno::success);
    *used = guest.load<uint32_t>(512);
    EXPECT_LE(*used, size);
    std::vector<Listed> entries;
    for (uint32_t at = buffer; at + kDirentSize <= buffer + *used;) {
      const auto name_size = guest.load<uint32_t>(at + 16);
      if (at + kDirentSize + name_size > buffer + *used) break;
      entries.push_back({guest.load<uint64_t>(at), guest.load<uint64_t>(at + 8),
                         guest.load<uint8_t>(at + 20), guest.text(at + kDirentSize, name_size)});
      at += kDirentSize + name_size;
    }
    return entries;
  }

  std::multiset<std::string> read_all(TestGuest& guest, uint32_t fd, uint32_t size) {
    std::multiset<std::string> names;
    uint64_t cookie = 0;
    while (true) {
      uint32_t used = 0;
      const auto entries = read_once(guest, fd, size, cookie, &used);
      for (const Listed& entry : entries) {
        names.insert(entry.name);
        cookie = entry.next;
      }
      if (used < size) return names;
      if (entries.empty()) {
        ADD_FAILURE() << "a buffer of " << size << " makes no progress";
        return names;
      }
    }
  }

  TempTree tree_;
};

TEST_F(Readdir, ListsAnEmptyDirectoryAsItselfAndItsParent) {
  TestGuest guest(TestGuest::in(tree_));
  uint32_t used = 0;
  const auto entries = read_once(guest, 3, 4096, 0, &used);
  ASSERT_EQ(entries.size(), 2u);
  for (const Listed& entry : entries) {
    EXPECT_EQ(entry.type, static_cast<uint8_t>(FileType::directory));
    EXPECT_NE(entry.inode, 0u);
    if (entry.name == ".") {
      EXPECT_EQ(entry.inode, guest.stat(".").second.inode);
    }
  }
  EXPECT_EQ(used, 2 * kDirentSize + 3);
}

TEST_F(Readdir, AgreesWithStat) {
  tree_.file("file");
  tree_.directory("dir");
  tree_.link("file", "link");
  TestGuest guest(TestGuest::in(tree_));
  uint32_t used = 0;
  std::map<std::string, Listed> by_name;
  for (const Listed& entry : read_once(guest, 3, 4096, 0, &used)) by_name[entry.name] = entry;
  ASSERT_EQ(by_name.size(), 5u);
  for (const char* name : {"file", "dir", "link"}) {
    const auto status = guest.stat(name, false).second;
    EXPECT_EQ(by_name[name].inode, status.inode) << name;
    EXPECT_EQ(by_name[name].type, static_cast<uint8_t>(status.type)) << name;
  }
}

TEST_F(Readdir, GivesTheSameEntriesInBuffersOfAnySize) {
  std::multiset<std::string> expected = {".", ".."};
  for (int i = 0; i < 40; ++i) {
    const std::string name =
        "entry" + std::string(static_cast<size_t>(i % 7), 'x') + std::to_string(i);
    tree_.file(name);
    expected.insert(name);
  }
  TestGuest guest(TestGuest::in(tree_));
  for (uint32_t size = 48; size < 400; ++size) {
    ASSERT_EQ(read_all(guest, 3, size), expected) << "size " << size;
  }
}

TEST_F(Readdir, FillsTheBufferWithAnEntryCutOff) {
  tree_.file("a_file");
  TestGuest guest(TestGuest::in(tree_));
  for (const uint32_t size : {0u, 1u, 23u, 24u, 25u, 30u, 60u}) {
    uint32_t used = 0;
    read_once(guest, 3, size, 0, &used);
    EXPECT_EQ(used, size);
  }
}

TEST_F(Readdir, SkipsNothingWhileEntriesAreRemoved) {
  constexpr int kFiles = 1500;  // some blocks of the kernel's, and more than one of ours
  for (int i = 0; i < kFiles; ++i) tree_.file("file" + std::to_string(i));
  TestGuest guest(TestGuest::in(tree_));
  const uint32_t fd = guest.must_open(".", oflags::kDirectory);
  int removed = 0;
  uint64_t cookie = 0;
  while (true) {
    uint32_t used = 0;
    const auto entries = read_once(guest, fd, 256, cookie, &used);
    for (const Listed& entry : entries) {
      cookie = entry.next;
      if (entry.name.starts_with('.')) continue;
      EXPECT_EQ(guest.on_path("path_unlink_file", entry.name), Errno::success) << entry.name;
      ++removed;
    }
    if (used < 256) break;
  }
  EXPECT_EQ(removed, kFiles);
  EXPECT_EQ(read_all(guest, 3, 256).size(), 2u);
}

TEST_F(Readdir, CanGoBackToAnyCookie) {
  for (int i = 0; i < 700; ++i) tree_.file("file" + std::to_string(i));
  TestGuest guest(TestGuest::in(tree_));
  std::vector<Listed> all;
  uint64_t cookie = 0;
  for (uint32_t used = 1024; used == 1024;) {
    for (Listed& entry : read_once(guest, 3, 1024, cookie, &used)) {
      cookie = entry.next;
      all.push_back(std::move(entry));
    }
  }
  ASSERT_EQ(all.size(), 702u);
  for (const size_t i : {600u, 3u, 350u, 0u, 699u, 5u, 4u}) {
    uint32_t used = 0;
    const auto entries = read_once(guest, 3, 1024, all[i].next, &used);
    ASSERT_FALSE(entries.empty());
    EXPECT_EQ(entries[0].name, all[i + 1].name);
  }
}

TEST_F(Readdir, RewindsToSeeNewEntries) {
  TestGuest guest(TestGuest::in(tree_));
  EXPECT_EQ(read_all(guest, 3, 4096).size(), 2u);
  tree_.file("new");
  EXPECT_EQ(read_all(guest, 3, 4096).size(), 3u);
  // Also from the middle, with the block that was read still at hand.
  uint32_t used = 0;
  EXPECT_EQ(read_once(guest, 3, 30, 0, &used).size(), 1u);
  tree_.file("newer");
  EXPECT_EQ(read_all(guest, 3, 4096).size(), 4u);
}

TEST_F(Readdir, PassesNamesThatAreNotUtf8) {
  tree_.file("caf\xe9");
  TestGuest guest(TestGuest::in(tree_));
  EXPECT_EQ(read_all(guest, 3, 4096).count("caf\xe9"), 1u);
}

TEST_F(Readdir, RejectsWhatIsNoDirectoryAndNoCookie) {
  tree_.file("file");
  TestGuest guest(TestGuest::in(tree_));
  const uint32_t file = guest.must_open("file");
  EXPECT_EQ(guest.call("fd_readdir", {file, 1024, 100, 0, 512}), Errno::notdir);
  EXPECT_EQ(guest.call("fd_readdir", {99, 1024, 100, 0, 512}), Errno::badf);
  EXPECT_EQ(guest.call("fd_readdir", {3, 1024, 100, UINT64_MAX, 512}), Errno::inval);
  // A made-up position is the file system's to judge.
  guest.call("fd_readdir", {3, 1024, 100, 0x123456789abc, 512});
}

}  // namespace
}  // namespace swoop::wasi

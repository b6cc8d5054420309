#include "platform/memory_file.h"

#include "platform/virtual_memory.h"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace swoop::platform {
namespace {

std::vector<uint8_t> some_bytes(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + 1);
  return bytes;
}

VirtualMemory committed(size_t size_bytes) {
  VirtualMemory memory = VirtualMemory::reserve(size_bytes).value();
  EXPECT_TRUE(memory.commit(0, size_bytes));
  return memory;
}

TEST(MemoryFile, IsMappedWithZerosUpToTheEndOfItsLastPage) {
  const std::vector<uint8_t> bytes = some_bytes(page_size() + 5);
  const std::optional<MemoryFile> file = MemoryFile::create(bytes);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size_bytes(), 2 * page_size());
  VirtualMemory memory = committed(4 * page_size());
  ASSERT_TRUE(memory.map_copy(page_size(), *file));
  EXPECT_EQ(memory.data()[page_size() - 1], 0);
  for (size_t i = 0; i < 2 * page_size(); ++i) {
    ASSERT_EQ(memory.data()[page_size() + i], i < bytes.size() ? bytes[i] : 0) << i;
  }
  EXPECT_EQ(memory.data()[3 * page_size()], 0);
}

TEST(MemoryFile, WhatOneMappingWritesNoOtherSees) {
  const std::optional<MemoryFile> file = MemoryFile::create(some_bytes(page_size()));
  ASSERT_TRUE(file);
  VirtualMemory first = committed(page_size()), second = committed(page_size());
  ASSERT_TRUE(first.map_copy(0, *file) && second.map_copy(0, *file));
  first.data()[3] = 0xee;
  EXPECT_EQ(second.data()[3], 3 * 7 + 1);
  VirtualMemory third = committed(page_size());
  ASSERT_TRUE(third.map_copy(0, *file));
  EXPECT_EQ(third.data()[3], 3 * 7 + 1);
}

TEST(MemoryFile, DiscardBringsItsBytesBack) {
  const std::optional<MemoryFile> file = MemoryFile::create(some_bytes(page_size()));
  ASSERT_TRUE(file);
  VirtualMemory memory = committed(2 * page_size());
  ASSERT_TRUE(memory.map_copy(0, *file));
  memory.data()[0] = memory.data()[page_size()] = 0xee;
  ASSERT_TRUE(memory.discard(0, 2 * page_size()));
  EXPECT_EQ(memory.data()[0], 1);
  EXPECT_EQ(memory.data()[page_size()], 0);
}

TEST(MemoryFile, NobodyCanChangeIt) {
  const std::optional<MemoryFile> file = MemoryFile::create(some_bytes(100));
  ASSERT_TRUE(file);
  const int fd = file->fd().raw();
  EXPECT_LT(pwrite(fd, "x", 1, 0), 0);
  EXPECT_NE(ftruncate(fd, 1), 0);
  EXPECT_EQ(mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

TEST(MemoryFile, OutlivesItsDescriptorWhereItIsMapped) {
  VirtualMemory memory = committed(page_size());
  {
    const std::optional<MemoryFile> file = MemoryFile::create(some_bytes(10));
    ASSERT_TRUE(file && memory.map_copy(0, *file));
  }
  EXPECT_EQ(memory.data()[9], 9 * 7 + 1);
}

TEST(MemoryFile, LeavesDescriptorsToTheProcess) {
  const auto next_fd = [] {
    const Fd fd(dup(0));
    return fd.raw();
  };
  const int before = next_fd();
  {
    std::vector<MemoryFile> files;
    while (std::optional<MemoryFile> file = MemoryFile::create(some_bytes(1))) {
      ASSERT_TRUE(files.empty() || files.back().id() != file->id());
      files.push_back(std::move(*file));
      ASSERT_LT(files.size(), 256u);
    }
    EXPECT_GE(files.size(), 16u);
  }
  EXPECT_EQ(next_fd(), before);
  EXPECT_TRUE(MemoryFile::create(some_bytes(1)));
}

TEST(MemoryFile, IsRefusedWhereASignalWouldEndTheProcess) {
  EXPECT_EXIT(
      {
        rlimit limit;
        limit.rlim_cur = limit.rlim_max = page_size();
        setrlimit(RLIMIT_FSIZE, &limit);
        const bool fits = MemoryFile::create(some_bytes(page_size())).has_value();
        const bool refused = !MemoryFile::create(some_bytes(page_size() + 1));
        _exit(fits && refused ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace swoop::platform

// Immutable bytes that many memories can begin with: each maps them copy-on-write, so that it costs
// nothing to have them and a page to write to them.
//
// Safety: the system itself refuses every later change of the bytes, in this process and in one
// forked from it. Covered by tests/platform/memory_file_test.cc.
#pragma once

#include "platform/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace swoop::platform {

/// A file in memory, without a name. VirtualMemory::map_copy uses it.
class MemoryFile {
 public:
  /// Nothing when the system refuses it, or when there are so many that the process would run out
  /// of file descriptors: whoever wants one can do without. `bytes` is not empty.
  static std::optional<MemoryFile> create(std::span<const uint8_t> bytes);
  /// Of these bytes one after the other.
  static std::optional<MemoryFile> create(std::span<const std::span<const uint8_t>> parts);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  const Fd& fd() const { return fd_; }
  /// Whole pages; what follows the bytes in the last one is zero.
  size_t size_bytes() const { return size_bytes_; }
  /// Another one for each file of the process, never 0.
  uint64_t id() const { return id_; }

 private:
  MemoryFile(Fd fd, size_t size_bytes, uint64_t id)
      : fd_(static_cast<Fd&&>(fd)), size_bytes_(size_bytes), id_(id) {}

  Fd fd_;
  size_t size_bytes_;
  uint64_t id_;
};

}  // namespace swoop::platform

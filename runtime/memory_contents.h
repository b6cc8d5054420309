// What a memory held at one moment, to be given to memories again: of a snapshot.
#pragma once

#include "base/result.h"
#include "platform/memory_file.h"
#include "platform/virtual_memory.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace swoop {

/// Immutable: memories on several threads may hold it at once.
class MemoryContents {
 public:
  /// A part that is not only zeros, in whole pages of the host.
  struct Run {
    size_t memory_offset = 0;
    size_t stored_offset = 0;
    size_t size_bytes = 0;
  };

  /// Copies what is not zero: to a file that can be mapped if it `may_be_mapped` and the system
  /// has one, to memory otherwise. `committed` are whole pages. Errors: out_of_memory.
  static Result<std::shared_ptr<const MemoryContents>> capture(std::span<const uint8_t> committed,
                                                               uint64_t size_bytes,
                                                               bool may_be_mapped);

  /// Of the memory.
  uint64_t size_bytes() const { return size_bytes_; }
  /// Ascending, and few; all else is zero.
  std::span<const Run> runs() const { return runs_; }
  /// Their bytes one after the other, if they are in a file.
  const platform::MemoryFile* file() const { return file_ ? &*file_ : nullptr; }
  /// The bytes of a run without a file.
  const uint8_t* bytes(const Run& run) const { return copy_.data() + run.stored_offset; }

 private:
  uint64_t size_bytes_ = 0;
  std::vector<Run> runs_;
  std::optional<platform::MemoryFile> file_;
  platform::VirtualMemory copy_;
};

}  // namespace swoop

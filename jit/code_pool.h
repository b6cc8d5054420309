// Memory that code has left, ready for the next module: to map memory is a system call or three,
// and to touch it anew is a fault for each page, together a tenth of the time to compile a small
// module.
//
// Safety: what is kept here can be written and not executed, and holds zeros, as new memory does
// (CodeMemory::renew). Noticed by tests/jit/code_pool_test.cc.
#pragma once

#include "platform/code_memory.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace swoop::jit {

/// Thread-safe.
class CodePool {
 public:
  static constexpr size_t kMaxKept = 16;
  static constexpr size_t kMaxKeptBytes = size_t{4} << 20;
  /// Larger ones lie in huge pages, which take few faults.
  static constexpr size_t kMaxBytesOfOne = size_t{1} << 20;

  /// Room for so many bytes and at most twice as many, kept or new. Nothing when memory is refused.
  std::optional<platform::CodeMemory> take(size_t size_bytes);
  /// Keeps memory of which nothing beyond the first `used_bytes` was written, and in which no code
  /// runs or will be called. The oldest goes when there is too much.
  void keep(platform::CodeMemory memory, size_t used_bytes);

 private:
  std::mutex mutex_;
  std::vector<platform::CodeMemory> kept_;  // the oldest first
  size_t kept_bytes_ = 0;
};

}  // namespace swoop::jit

// Reservations that memories have left, ready for the next: to reserve and to commit address space
// are system calls, and to touch it anew is a fault for each page.
//
// Safety: what is kept here holds what a new memory of its shape would, and faults beyond it; the
// memory that leaves it sees to that (runtime/memory.cc). Noticed by
// tests/runtime/memory_pool_test.cc.
#pragma once

#include "platform/memory_file.h"
#include "platform/virtual_memory.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace swoop {

/// What a memory holds to begin with: these pages of a file at this offset, zeros elsewhere.
struct MemoryImage {
  platform::MemoryFile file;
  size_t offset = 0;  // whole pages
};

/// Thread-safe.
class MemoryPool {
 public:
  /// In what a guarded memory that nobody has run on can differ from another.
  struct Shape {
    uint64_t size_bytes = 0;
    uint64_t image_id = 0;  // of MemoryImage::file; 0 without one
    bool operator==(const Shape&) const = default;
  };

  /// A reservation of this shape, if there is one.
  std::optional<platform::VirtualMemory> take(const Shape& shape);
  /// Keeps a reservation that is again as it was, unless address space is scarce. The oldest ones
  /// go for it, lest memory run out where the system counts what could be written.
  void keep(platform::VirtualMemory reservation, const Shape& shape);
  /// Gives everything back to the system. False if there was nothing.
  bool clear();

 private:
  struct Kept {
    platform::VirtualMemory reservation;
    Shape shape;
  };

  std::mutex mutex_;
  std::vector<Kept> kept_;  // the oldest first
  uint64_t kept_bytes_ = 0;
};

}  // namespace swoop

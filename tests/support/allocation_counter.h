// Counts what operator new gives, in programs that link allocation_counter.cc.
#pragma once

#include <cstddef>

namespace swoop {

class AllocationCounter {
 public:
  /// Bytes asked for since the program began, whether freed or not.
  static size_t total_bytes();
};

}  // namespace swoop

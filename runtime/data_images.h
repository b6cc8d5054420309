// The active data segments of a module as its memories will hold them, so that an instance need not
// copy them. Tests: tests/runtime/data_images_test.cc.
#pragma once

#include "base/index_vector.h"
#include "jit/compile.h"
#include "runtime/memory_pool.h"
#include "wasm/module.h"

#include <memory>

namespace swoop {

/// Covers the segments up to the first that may trap, that only an instance knows the place of, or
/// that lies far from the others: whoever observes an instantiation that fails sees no difference.
/// An imported memory can have an image as well, if it is the only one.
class DataImages {
 public:
  /// Covers nothing.
  DataImages() = default;
  /// Covers nothing either where memories have no guards, or when the system refuses a file.
  static DataImages make(const ModuleInfo& module, jit::BoundsMode bounds);

  /// Data segments below this one have been run once their memories have the images.
  DataIdx end() const { return end_; }
  /// Null when nothing of `memory` is covered.
  const MemoryImage* find(MemoryIdx memory) const {
    return images_.contains(memory) ? images_[memory].get() : nullptr;
  }

 private:
  DataIdx end_{0};
  IndexVector<MemoryIdx, std::unique_ptr<const MemoryImage>> images_;
};

}  // namespace swoop

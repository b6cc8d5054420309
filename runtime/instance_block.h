// The memory that an instance's machine code uses besides memories and tables: its VmContext and
// its function references.
//
// Safety: a block that was used before keeps its function references. They hold nothing but its own
// address and the code of the one module whose blocks these are, so they are right for the next
// instance; all else in a block is zero. Noticed by tests/runtime/instance_block_test.cc.
#pragma once

#include "platform/virtual_memory.h"
#include "vm/context.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <vector>

namespace swoop {

class InstanceBlock {
 public:
  InstanceBlock(InstanceBlock&&) noexcept = default;
  InstanceBlock& operator=(InstanceBlock&&) noexcept = default;

  VmContext* context() const { return static_cast<VmContext*>(data_); }
  VmFuncRef* func_refs() const { return func_refs_; }
  /// The references of all declared functions are there.
  bool has_func_refs() const { return has_func_refs_; }
  void note_func_refs() { has_func_refs_ = true; }

 private:
  friend class InstanceBlocks;
  struct Delete {
    void operator()(void* data) const;
  };
  InstanceBlock() = default;

  std::unique_ptr<void, Delete> small_;
  platform::VirtualMemory large_;
  void* data_ = nullptr;
  VmFuncRef* func_refs_ = nullptr;
  bool has_func_refs_ = false;
};

/// The blocks of one module, of which it keeps a few for later instances. Thread-safe.
class InstanceBlocks {
 public:
  InstanceBlocks(size_t context_bytes, size_t num_funcs);

  /// Nothing when there is no memory.
  std::optional<InstanceBlock> take();
  void give_back(InstanceBlock block);

 private:
  size_t context_bytes_;  // with what aligns the references
  size_t size_bytes_;
  std::mutex mutex_;
  std::vector<InstanceBlock> kept_;
};

}  // namespace swoop

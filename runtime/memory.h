// Linear memories. Spec: exec/runtime#memory-instances.
//
// Safety: a guarded memory lies in a reservation that spans every address a 32-bit index and an
// unchecked offset can name, before and after: compiled code accesses it without a check. Every
// VmContext that names the memory has a mirror of base and size, which `grow` updates. Noticed by
// tests/runtime/memory_test.cc.
#pragma once

#include "base/result.h"
#include "jit/compile.h"
#include "platform/virtual_memory.h"
#include "runtime/store_object.h"
#include "vm/context.h"
#include "wasm/types.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace swoop {

class Memory : public StoreObject {
 public:
  /// Zero-filled, with the type's minimum. In guard mode its base never moves; in explicit mode
  /// growth may move it. Errors: limit_exceeded beyond `max_bytes`; out_of_memory.
  static Result<std::unique_ptr<Memory>> create(const MemoryType& type, jit::BoundsMode bounds,
                                                uint64_t max_bytes);
  /// Whether the address space has room for a guarded memory now.
  static bool can_guard();

  /// As declared; `size_pages` is the current minimum for import matching.
  const MemoryType& type() const { return type_; }
  uint8_t* data() const { return mapping_.data() + prefix_bytes_; }
  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t size_pages() const { return size_bytes_ >> type_.page_size_log2; }
  std::span<uint8_t> bytes() const { return {data(), static_cast<size_t>(size_bytes_)}; }

  /// The previous size in pages, or nothing when the type, a limit or the system forbids it.
  /// Spec: exec/modules#growing-memories.
  std::optional<uint64_t> grow(uint64_t delta_pages);

  /// A {base, size} pair in a VmContext, kept up to date as long as the memory lives.
  void add_mirror(VmSpan* mirror);

  /// Whether an access at this address went past the end of the memory but not past its guards.
  bool is_guard_address(uintptr_t address) const;
  bool is_guarded() const { return prefix_bytes_ != 0; }
  /// Whether [address, address + size) is inside.
  bool contains(uint64_t address, uint64_t size) const {
    return size <= size_bytes_ && address <= size_bytes_ - size;
  }

 private:
  explicit Memory(const MemoryType& type) : type_(type) {}

  MemoryType type_;
  platform::VirtualMemory mapping_;
  size_t prefix_bytes_ = 0;      // guard before the memory
  uint64_t capacity_bytes_ = 0;  // what can be committed without moving
  bool may_move_ = false;
  uint64_t size_bytes_ = 0;
  uint64_t max_bytes_ = 0;  // by type and configuration
  std::vector<VmSpan*> mirrors_;
};

}  // namespace swoop

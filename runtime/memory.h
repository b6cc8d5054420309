// Linear memories. Spec: exec/runtime#memory-instances.
//
// Safety: a guarded memory lies in a reservation that spans every address a 32-bit index and an
// unchecked offset can name, before and after: compiled code accesses it without a check. Every
// VmContext that names the memory has a mirror of base and size, which `grow` updates. What a
// memory gives to the pool is as it was before anyone wrote or grew it. A memory shrinks in
// `restore` alone, and no compiled code is running on it then. Noticed by
// tests/runtime/memory_test.cc, memory_pool_test.cc and snapshot_test.cc.
#pragma once

#include "base/result.h"
#include "jit/compile.h"
#include "platform/virtual_memory.h"
#include "runtime/memory_contents.h"
#include "runtime/memory_pool.h"
#include "runtime/store_limits.h"
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
  /// Where memories come from and what bounds them.
  struct Source {
    jit::BoundsMode bounds = jit::BoundsMode::guard;
    uint64_t max_bytes = UINT64_MAX;
    MemoryPool* pool = nullptr;  // of guarded memories, if any; outlives them
    Budget* budget = nullptr;    // of the bytes of all memories, if any; outlives them
  };
  /// With the type's minimum, filled with zeros or, if it is guarded, with `image`, which lies in
  /// it. In guard mode its base never moves; in explicit mode growth may move it. Errors:
  /// limit_exceeded beyond `max_bytes` or the budget; out_of_memory.
  static Result<std::unique_ptr<Memory>> create(const MemoryType& type, const Source& source,
                                                const MemoryImage* image = nullptr);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  /// Whether memories of this type have guards where there is address space for them.
  static bool has_guards(const MemoryType& type);
  /// Whether the address space has room for a guarded memory now.
  static bool can_guard();

  /// As declared; `size_pages` is the current minimum for import matching.
  const MemoryType& type() const { return type_; }
  uint8_t* data() const {
    is_pristine_ = false;
    return base();
  }
  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t size_pages() const { return size_bytes_ >> type_.page_size_log2; }
  std::span<uint8_t> bytes() const { return {data(), static_cast<size_t>(size_bytes_)}; }

  /// The previous size in pages, or nothing when the type, a limit or the system forbids it.
  /// Spec: exec/modules#growing-memories.
  std::optional<uint64_t> grow(uint64_t delta_pages);
  /// Whether the type and the limit allow it.
  bool may_grow(uint64_t delta_pages) const;

  /// Whether it is guarded and holds zeros only, because nobody has been told where it is.
  bool is_pristine() const { return is_pristine_; }
  /// Gives `image`, which lies in it, to a memory that was pristine and has not been written since.
  /// False when the system refuses; the memory is then as it was.
  [[nodiscard]] bool map_image(const MemoryImage& image);

  /// What it holds now. Errors: out_of_memory.
  Result<std::shared_ptr<const MemoryContents>> contents() const;
  /// Whether it may have this size, which is of a memory of the same declaration. Errors:
  /// limit_exceeded; unlinkable if less than an instance that imports it relies on.
  Result<> check_size(uint64_t size_bytes) const;
  /// Gives it size and contents back, for which the size was checked. Code that uses it must not be
  /// running. What it costs depends on what was written to since the last time with the same
  /// contents, if it is guarded, and on `contents` otherwise. Errors: out_of_memory; it is then
  /// empty and may be of no use any more.
  Result<> restore(const MemoryContents& contents);
  /// Code relies on it having at least so many pages from now on.
  void note_import(uint64_t min_pages);

  /// A {base, size} pair in a VmContext, kept up to date as long as the memory lives.
  void add_mirror(VmSpan* mirror);
  /// Forgets those between two addresses: the VmContext is going.
  void remove_mirrors(const void* begin, const void* end);

  /// Whether an access at this address went past the end of the memory but not past its guards.
  bool is_guard_address(uintptr_t address) const;
  bool is_guarded() const { return prefix_bytes_ != 0; }
  /// Whether [address, address + size) is inside.
  bool contains(uint64_t address, uint64_t size) const {
    return size <= size_bytes_ && address <= size_bytes_ - size;
  }

 private:
  explicit Memory(const MemoryType& type) : type_(type) {}

  uint8_t* base() const { return mapping_.data() + prefix_bytes_; }
  // Of size_bytes_. False: no memory.
  bool map_guarded(MemoryPool* pool, const MemoryImage* image);
  bool map_unguarded(jit::BoundsMode bounds);
  bool restore_guarded(const MemoryContents& contents, uint64_t old_bytes, uint64_t new_bytes);
  bool restore_unguarded(const MemoryContents& contents, uint64_t old_bytes, uint64_t new_bytes);
  // Their pages read as zeros again, where no file is mapped.
  [[nodiscard]] bool zero(size_t offset, size_t size_bytes);
  void update_mirrors();

  static constexpr uint64_t kUnknownFile = UINT64_MAX;

  MemoryType type_;
  MemoryPool* pool_ = nullptr;  // where the mapping goes in the end, if it is guarded
  MemoryPool::Shape shape_;     // to begin with
  uint64_t file_id_ = 0;        // of the MemoryFile that is mapped into it, 0 without one
  mutable bool is_pristine_ = false;
  platform::VirtualMemory mapping_;
  size_t prefix_bytes_ = 0;      // guard before the memory
  uint64_t capacity_bytes_ = 0;  // what can be committed without moving
  bool may_move_ = false;
  uint64_t size_bytes_ = 0;
  uint64_t max_bytes_ = 0;    // by type and configuration
  uint64_t least_bytes_ = 0;  // that all code which uses it takes for granted
  Budget* budget_ = nullptr;
  std::vector<VmSpan*> mirrors_;
};

}  // namespace swoop

// Reserved address space, committed page by page: linear memories, tables and anything else whose
// size a guest decides.
//
// Safety: a reservation that is not committed faults on every access, which is what guard regions
// rest on. Nothing here ever makes pages executable. Covered by
// tests/platform/virtual_memory_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace swoop::platform {

class MemoryFile;

/// Bytes of a page of the host; a power of two.
size_t page_size();

/// `size_bytes` rounded up to whole pages, or nothing when that would overflow.
std::optional<size_t> round_up_to_page(size_t size_bytes);

/// Whether the process may have only so much address space (ulimit -v), which is better not kept
/// for later then.
bool is_address_space_limited();

/// An address range this object owns. Inaccessible until committed; unmapped by the destructor.
/// Every operation that asks the system for something can fail, and says so as a value.
class VirtualMemory {
 public:
  VirtualMemory() = default;
  VirtualMemory(VirtualMemory&& other) noexcept;
  VirtualMemory& operator=(VirtualMemory&& other) noexcept;
  VirtualMemory(const VirtualMemory&) = delete;
  VirtualMemory& operator=(const VirtualMemory&) = delete;
  ~VirtualMemory() { release(); }

  /// Reserves `size_bytes`, rounded up to pages, without asking for memory. Nothing when the
  /// address space is refused (ulimit -v, vm.max_map_count, a size beyond the machine). Size 0
  /// gives an empty object.
  static std::optional<VirtualMemory> reserve(size_t size_bytes);

  /// Makes [offset, offset + size) readable and writable. Fresh pages are zero; committed ones keep
  /// their content. Both numbers are multiples of the page size within the reservation.
  [[nodiscard]] bool commit(size_t offset, size_t size_bytes);

  /// Makes [offset, offset + size) inaccessible and returns its pages to the system: a later commit
  /// finds zeros.
  [[nodiscard]] bool decommit(size_t offset, size_t size_bytes);

  /// Makes the pages from `offset` on a private copy of the file's, readable and writable: what is
  /// written there is seen nowhere else. They count as committed. `offset` is a multiple of the
  /// page size and the file fits. False when that is refused; what those pages hold is then
  /// unknown.
  [[nodiscard]] bool map_copy(size_t offset, const MemoryFile& file);
  /// The same of whole pages of the file alone.
  [[nodiscard]] bool map_copy(size_t offset, const MemoryFile& file, size_t file_offset,
                              size_t size_bytes);

  /// Forgets what was written to the committed pages of [offset, offset + size): they read again as
  /// after `commit` or `map_copy`, and their memory goes back to the system. False when that is
  /// refused (pages that the embedder has locked); what they hold is then unknown.
  [[nodiscard]] bool discard(size_t offset, size_t size_bytes);

  /// Changes the size of a range that is committed throughout, without copies of files,
  /// moving it if need be; what is new is committed and zero. False, and nothing changed, when that
  /// is refused. `size_bytes` is rounded up to pages and not 0.
  [[nodiscard]] bool resize_committed(size_t size_bytes);

  /// Unmaps the range; the object is then empty.
  void release();

  uint8_t* data() const { return data_; }
  size_t size_bytes() const { return size_bytes_; }
  bool contains(uintptr_t address) const {
    return address - reinterpret_cast<uintptr_t>(data_) < size_bytes_;
  }

 private:
  VirtualMemory(uint8_t* data, size_t size_bytes) : data_(data), size_bytes_(size_bytes) {}

  uint8_t* data_ = nullptr;
  size_t size_bytes_ = 0;
};

}  // namespace swoop::platform

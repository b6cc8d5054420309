#include "platform/virtual_memory.h"

#include "base/check.h"
#include "platform/memory_file.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace swoop::platform {
namespace {

// MAP_NORESERVE: under the default overcommit policy a guard region must not count as memory.
constexpr int kReserveFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

bool is_page_range(size_t offset, size_t size_bytes, size_t limit) {
  const size_t mask = page_size() - 1;
  return ((offset | size_bytes) & mask) == 0 && offset <= limit && size_bytes <= limit - offset;
}

}  // namespace

size_t page_size() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::optional<size_t> round_up_to_page(size_t size_bytes) {
  const size_t mask = page_size() - 1;
  if (size_bytes > SIZE_MAX - mask) return std::nullopt;
  return (size_bytes + mask) & ~mask;
}

bool is_address_space_limited() {
  rlimit limit;
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

VirtualMemory::VirtualMemory(VirtualMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

VirtualMemory& VirtualMemory::operator=(VirtualMemory&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_bytes_ = std::exchange(other.size_bytes_, 0);
  }
  return *this;
}

std::optional<VirtualMemory> VirtualMemory::reserve(size_t size_bytes) {
  const std::optional<size_t> rounded = round_up_to_page(size_bytes);
  if (!rounded) return std::nullopt;
  if (*rounded == 0) return VirtualMemory();

  void* const address = mmap(nullptr, *rounded, PROT_NONE, kReserveFlags, -1, 0);
  if (address == MAP_FAILED) return std::nullopt;
  return VirtualMemory(static_cast<uint8_t*>(address), *rounded);
}

bool VirtualMemory::commit(size_t offset, size_t size_bytes) {
  CHECK(is_page_range(offset, size_bytes, size_bytes_));
  if (size_bytes == 0) return true;
  return mprotect(data_ + offset, size_bytes, PROT_READ | PROT_WRITE) == 0;
}

bool VirtualMemory::decommit(size_t offset, size_t size_bytes) {
  CHECK(is_page_range(offset, size_bytes, size_bytes_));
  if (size_bytes == 0) return true;
  // A new mapping over the old one does both steps at once, and also drops pages that the embedder
  // has locked, which madvise(MADV_DONTNEED) refuses.
  return mmap(data_ + offset, size_bytes, PROT_NONE, kReserveFlags | MAP_FIXED, -1, 0) !=
         MAP_FAILED;
}

bool VirtualMemory::map_copy(size_t offset, const MemoryFile& file) {
  return map_copy(offset, file, 0, file.size_bytes());
}

bool VirtualMemory::map_copy(size_t offset, const MemoryFile& file, size_t file_offset,
                             size_t size_bytes) {
  CHECK(is_page_range(offset, size_bytes, size_bytes_));
  CHECK(is_page_range(file_offset, size_bytes, file.size_bytes()));
  return mmap(data_ + offset, size_bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, file.fd().raw(),
              static_cast<off_t>(file_offset)) != MAP_FAILED;
}

bool VirtualMemory::discard(size_t offset, size_t size_bytes) {
  CHECK(is_page_range(offset, size_bytes, size_bytes_));
  if (size_bytes == 0) return true;
  return madvise(data_ + offset, size_bytes, MADV_DONTNEED) == 0;
}

bool VirtualMemory::resize_committed(size_t size_bytes) {
  const std::optional<size_t> rounded = round_up_to_page(size_bytes);
  if (!rounded) return false;
  CHECK(*rounded != 0);
  if (size_bytes_ == 0) {
    std::optional<VirtualMemory> fresh = reserve(*rounded);
    if (!fresh || !fresh->commit(0, *rounded)) return false;
    *this = std::move(*fresh);
    return true;
  }
  void* const address = mremap(data_, size_bytes_, *rounded, MREMAP_MAYMOVE);
  if (address == MAP_FAILED) return false;
  data_ = static_cast<uint8_t*>(address);
  size_bytes_ = *rounded;
  return true;
}

void VirtualMemory::release() {
  if (size_bytes_ != 0) CHECK(munmap(data_, size_bytes_) == 0);
  data_ = nullptr;
  size_bytes_ = 0;
}

}  // namespace swoop::platform

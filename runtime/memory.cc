#include "runtime/memory.h"

#include "base/check.h"

#include <algorithm>

namespace swoop {
namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;
constexpr uint64_t kAddressable = 4 * kGiB;  // by a 32-bit index
// Compiled code adds an offset below 2 GiB and reads up to 16 bytes; one more wasm page covers
// those.
constexpr uint64_t kGuardAfter = 2 * kGiB + 64 * 1024;
// No compiled access goes below the base; a compiler that takes an index for signed would.
constexpr uint64_t kGuardBefore = 2 * kGiB;
constexpr uint64_t kGuardedReservation = kGuardBefore + kAddressable + kGuardAfter;

// Memories with checked accesses still must not move in guard mode: what they may grow to, within
// reason.
constexpr uint64_t kUnguardedReservation = 8 * kGiB;

constexpr uint64_t kPageOverflow = UINT64_MAX;

uint64_t pages_to_bytes(uint64_t pages, uint8_t page_size_log2) {
  return pages > (kPageOverflow >> page_size_log2) ? kPageOverflow : pages << page_size_log2;
}

uint64_t round_up(uint64_t bytes) {
  const uint64_t mask = platform::page_size() - 1;
  return (bytes + mask) & ~mask;
}

Error no_memory() {
  return Error(ErrorKind::out_of_memory, "no memory for a linear memory");
}

}  // namespace

bool Memory::can_guard() {
  return platform::VirtualMemory::reserve(kGuardedReservation).has_value();
}

bool Memory::has_guards(const MemoryType& type) {
  return type.address_type == AddressType::i32 && type.page_size_log2 == 16;
}

Result<std::unique_ptr<Memory>> Memory::create(const MemoryType& type, const Source& source,
                                               const MemoryImage* image) {
  std::unique_ptr<Memory> memory(new Memory(type));
  const uint64_t min_bytes = pages_to_bytes(type.limits.min, type.page_size_log2);
  uint64_t type_max = type.address_type == AddressType::i32 ? kAddressable : kPageOverflow;
  if (type.limits.max) {
    type_max = std::min(type_max, pages_to_bytes(*type.limits.max, type.page_size_log2));
  }
  memory->max_bytes_ = std::min(type_max, source.max_bytes);
  if (min_bytes > source.max_bytes) {
    return Error(ErrorKind::limit_exceeded, "memory is larger than this engine allows");
  }
  if (min_bytes > (kPageOverflow >> 1)) return no_memory();
  memory->size_bytes_ = min_bytes;

  if (source.bounds == jit::BoundsMode::guard && has_guards(type)) {
    if (!memory->map_guarded(source.pool, image)) return no_memory();
  } else {
    CHECK(image == nullptr && "only guarded memories begin with an image");
    if (!memory->map_unguarded(source.bounds)) return no_memory();
  }
  return memory;
}

bool Memory::map_guarded(MemoryPool* pool, const MemoryImage* image) {
  prefix_bytes_ = kGuardBefore;
  capacity_bytes_ = kAddressable;
  shape_ = {round_up(size_bytes_), image == nullptr ? 0 : image->file.id()};
  pool_ = pool;
  is_pristine_ = image == nullptr;
  std::optional<platform::VirtualMemory> mapping;
  if (pool != nullptr && (mapping = pool->take(shape_))) {
    mapping_ = std::move(*mapping);
    return true;
  }
  mapping = platform::VirtualMemory::reserve(kGuardedReservation);
  if (!mapping && pool != nullptr && pool->clear()) {
    mapping = platform::VirtualMemory::reserve(kGuardedReservation);
  }
  if (!mapping || !mapping->commit(prefix_bytes_, shape_.size_bytes)) return false;
  if (image != nullptr) {
    CHECK(contains(image->offset, image->file.size_bytes()));
    if (!mapping->map_copy(prefix_bytes_ + image->offset, image->file)) return false;
  }
  mapping_ = std::move(*mapping);
  return true;
}

bool Memory::map_unguarded(jit::BoundsMode bounds) {
  const uint64_t least = round_up(size_bytes_);
  uint64_t reservation = least;
  may_move_ = bounds == jit::BoundsMode::explicit_;
  if (!may_move_) {
    reservation = std::max(least, round_up(std::min(max_bytes_, kUnguardedReservation)));
  }
  std::optional<platform::VirtualMemory> mapping = platform::VirtualMemory::reserve(reservation);
  if (!mapping) {
    reservation = least;
    mapping = platform::VirtualMemory::reserve(reservation);
  }
  if (!mapping || !mapping->commit(0, least)) return false;
  mapping_ = std::move(*mapping);
  capacity_bytes_ = reservation;
  return true;
}

bool Memory::map_image(const MemoryImage& image) {
  CHECK(is_guarded() && image_bytes_ == 0 && contains(image.offset, image.file.size_bytes()));
  if (!mapping_.map_copy(prefix_bytes_ + image.offset, image.file)) return false;
  image_offset_ = image.offset;
  image_bytes_ = image.file.size_bytes();
  return true;
}

Memory::~Memory() {
  if (pool_ == nullptr || mapping_.size_bytes() == 0) return;
  const uint64_t grown_bytes = round_up(size_bytes_) - shape_.size_bytes;
  const size_t image_begin = prefix_bytes_ + image_offset_;
  if (mapping_.decommit(image_begin, image_bytes_) && mapping_.commit(image_begin, image_bytes_) &&
      mapping_.decommit(prefix_bytes_ + shape_.size_bytes, grown_bytes) &&
      mapping_.discard(prefix_bytes_, shape_.size_bytes)) {
    pool_->keep(std::move(mapping_), shape_);
  }
}

std::optional<uint64_t> Memory::grow(uint64_t delta_pages) {
  const uint64_t old_pages = size_pages();
  const uint64_t delta_bytes = pages_to_bytes(delta_pages, type_.page_size_log2);
  if (delta_bytes > max_bytes_ - size_bytes_) return std::nullopt;
  const uint64_t new_size = size_bytes_ + delta_bytes;
  const uint64_t committed = round_up(size_bytes_);
  if (new_size > committed) {
    if (new_size > (kPageOverflow >> 1)) return std::nullopt;
    const uint64_t needed = round_up(new_size);
    if (needed <= capacity_bytes_) {
      if (!mapping_.commit(prefix_bytes_ + committed, needed - committed)) {
        pool_ = nullptr;  // a part of it may be committed now
        return std::nullopt;
      }
    } else {
      if (!may_move_ || !mapping_.resize_committed(needed)) return std::nullopt;
      capacity_bytes_ = needed;
    }
  }
  size_bytes_ = new_size;
  for (VmSpan* const mirror : mirrors_) *mirror = {base(), size_bytes_};
  return old_pages;
}

void Memory::add_mirror(VmSpan* mirror) {
  *mirror = {data(), size_bytes_};
  mirrors_.push_back(mirror);
}

bool Memory::is_guard_address(uintptr_t address) const {
  if (!is_guarded() || !mapping_.contains(address)) return false;
  return address - reinterpret_cast<uintptr_t>(base()) >= size_bytes_;
}

}  // namespace swoop

#include "runtime/memory.h"

#include "base/check.h"

#include <algorithm>
#include <cstring>
#include <string>

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

Error too_large(uint64_t bytes, const char* whose, uint64_t limit) {
  return Error(ErrorKind::limit_exceeded, "memory of " + std::to_string(bytes) +
                                              " bytes is larger than " + whose + " limit of " +
                                              std::to_string(limit));
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
  if (min_bytes > source.max_bytes) return too_large(min_bytes, "the engine's", source.max_bytes);
  if (min_bytes > (kPageOverflow >> 1)) return no_memory();
  if (source.budget != nullptr && !source.budget->take(min_bytes)) return source.budget->exceeded();
  memory->budget_ = source.budget;
  memory->size_bytes_ = min_bytes;
  memory->least_bytes_ = min_bytes;

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
  file_id_ = shape_.image_id;
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
  CHECK(is_guarded() && file_id_ == 0 && contains(image.offset, image.file.size_bytes()));
  if (!mapping_.map_copy(prefix_bytes_ + image.offset, image.file)) return false;
  file_id_ = image.file.id();
  return true;
}

Memory::~Memory() {
  if (budget_ != nullptr) budget_->give_back(size_bytes_);
  if (pool_ == nullptr || mapping_.size_bytes() == 0) return;
  const uint64_t end = round_up(size_bytes_);
  bool is_as_new = false;
  if (file_id_ == shape_.image_id) {
    is_as_new = mapping_.decommit(prefix_bytes_ + shape_.size_bytes, end - shape_.size_bytes) &&
                mapping_.discard(prefix_bytes_, shape_.size_bytes);
  } else if (shape_.image_id == 0) {
    is_as_new =
        mapping_.decommit(prefix_bytes_, end) && mapping_.commit(prefix_bytes_, shape_.size_bytes);
  }
  if (is_as_new) pool_->keep(std::move(mapping_), shape_);
}

Result<std::shared_ptr<const MemoryContents>> Memory::contents() const {
  return MemoryContents::capture({base(), round_up(size_bytes_)}, size_bytes_, is_guarded());
}

void Memory::note_import(uint64_t min_pages) {
  least_bytes_ = std::max(least_bytes_, pages_to_bytes(min_pages, type_.page_size_log2));
}

Result<> Memory::check_size(uint64_t size_bytes) const {
  if (size_bytes < least_bytes_) {
    return Error(ErrorKind::unlinkable,
                 "an instance that imports the memory relies on more than the snapshot has");
  }
  if (size_bytes > max_bytes_) return too_large(size_bytes, "its", max_bytes_);
  if (budget_ != nullptr && size_bytes > size_bytes_ && !budget_->has(size_bytes - size_bytes_)) {
    return budget_->exceeded();
  }
  return {};
}

Result<> Memory::restore(const MemoryContents& contents) {
  CHECK(check_size(contents.size_bytes()).ok());
  is_pristine_ = false;
  // After this has failed it is not known how much was committed.
  const uint64_t old_bytes = file_id_ == kUnknownFile ? capacity_bytes_ : round_up(size_bytes_);
  const uint64_t new_bytes = round_up(contents.size_bytes());
  const bool is_restored = is_guarded() ? restore_guarded(contents, old_bytes, new_bytes)
                                        : restore_unguarded(contents, old_bytes, new_bytes);
  const uint64_t size_bytes = is_restored ? contents.size_bytes() : 0;
  if (budget_ != nullptr) {
    budget_->give_back(size_bytes_);
    CHECK(budget_->take(size_bytes));
  }
  size_bytes_ = size_bytes;
  update_mirrors();
  if (is_restored) return {};
  pool_ = nullptr;  // which part of it is committed is not known
  file_id_ = kUnknownFile;
  return no_memory();
}

bool Memory::restore_guarded(const MemoryContents& contents, uint64_t old_bytes,
                             uint64_t new_bytes) {
  const platform::MemoryFile* const file = contents.file();
  const uint64_t file_id = file == nullptr ? 0 : file->id();
  const uint64_t kept_bytes = std::min(old_bytes, new_bytes);
  if (file_id == file_id_ && mapping_.discard(prefix_bytes_, kept_bytes)) {
    if (!mapping_.decommit(prefix_bytes_ + kept_bytes, old_bytes - kept_bytes) ||
        !mapping_.commit(prefix_bytes_ + kept_bytes, new_bytes - kept_bytes)) {
      return false;
    }
  } else {
    if (!mapping_.decommit(prefix_bytes_, old_bytes) ||
        !mapping_.commit(prefix_bytes_, new_bytes)) {
      return false;
    }
    for (const MemoryContents::Run& run : contents.runs()) {
      if (file != nullptr && !mapping_.map_copy(prefix_bytes_ + run.memory_offset, *file,
                                                run.stored_offset, run.size_bytes)) {
        return false;
      }
    }
    file_id_ = file_id;
  }
  for (const MemoryContents::Run& run : contents.runs()) {
    if (file == nullptr) {
      std::memcpy(base() + run.memory_offset, contents.bytes(run), run.size_bytes);
    }
  }
  return true;
}

bool Memory::restore_unguarded(const MemoryContents& contents, uint64_t old_bytes,
                               uint64_t new_bytes) {
  if (new_bytes > capacity_bytes_) {
    if (!may_move_ || !mapping_.resize_committed(new_bytes)) return false;
    capacity_bytes_ = new_bytes;
  } else if (!mapping_.commit(0, new_bytes)) {
    return false;
  }
  file_id_ = 0;
  // What lies behind the runs, or was grown, goes back to the system; the runs are overwritten.
  size_t begin = 0;
  for (const MemoryContents::Run& run : contents.runs()) {
    if (!zero(begin, run.memory_offset - begin)) return false;
    std::memcpy(base() + run.memory_offset, contents.bytes(run), run.size_bytes);
    begin = run.memory_offset + run.size_bytes;
  }
  return zero(begin, std::max(old_bytes, new_bytes) - begin);
}

bool Memory::zero(size_t offset, size_t size_bytes) {
  if (mapping_.discard(prefix_bytes_ + offset, size_bytes)) return true;
  return mapping_.decommit(prefix_bytes_ + offset, size_bytes) &&
         mapping_.commit(prefix_bytes_ + offset, size_bytes);
}

void Memory::update_mirrors() {
  for (VmSpan* const mirror : mirrors_) *mirror = {base(), size_bytes_};
}

bool Memory::may_grow(uint64_t delta_pages) const {
  const uint64_t delta_bytes = pages_to_bytes(delta_pages, type_.page_size_log2);
  return delta_bytes <= max_bytes_ - size_bytes_ &&
         (budget_ == nullptr || budget_->has(delta_bytes));
}

std::optional<uint64_t> Memory::grow(uint64_t delta_pages) {
  if (!may_grow(delta_pages)) return std::nullopt;
  const uint64_t old_pages = size_pages();
  const uint64_t delta_bytes = delta_pages << type_.page_size_log2;
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
  if (budget_ != nullptr) CHECK(budget_->take(delta_bytes));
  size_bytes_ = new_size;
  update_mirrors();
  return old_pages;
}

void Memory::add_mirror(VmSpan* mirror) {
  *mirror = {data(), size_bytes_};
  mirrors_.push_back(mirror);
}

void Memory::remove_mirrors(const void* begin, const void* end) {
  std::erase_if(mirrors_, [&](const VmSpan* mirror) { return mirror >= begin && mirror < end; });
}

bool Memory::is_guard_address(uintptr_t address) const {
  if (!is_guarded() || !mapping_.contains(address)) return false;
  return address - reinterpret_cast<uintptr_t>(base()) >= size_bytes_;
}

}  // namespace swoop

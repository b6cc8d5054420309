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

Result<std::unique_ptr<Memory>> Memory::create(const MemoryType& type, jit::BoundsMode bounds,
                                               uint64_t max_bytes) {
  std::unique_ptr<Memory> memory(new Memory(type));
  const uint64_t min_bytes = pages_to_bytes(type.limits.min, type.page_size_log2);
  uint64_t type_max = type.address_type == AddressType::i32 ? kAddressable : kPageOverflow;
  if (type.limits.max) {
    type_max = std::min(type_max, pages_to_bytes(*type.limits.max, type.page_size_log2));
  }
  memory->max_bytes_ = std::min(type_max, max_bytes);
  if (min_bytes > max_bytes) {
    return Error(ErrorKind::limit_exceeded, "memory is larger than this engine allows");
  }
  if (min_bytes > (kPageOverflow >> 1)) return no_memory();

  const bool is_guarded = bounds == jit::BoundsMode::guard &&
                          type.address_type == AddressType::i32 && type.page_size_log2 == 16;
  uint64_t reservation = round_up(min_bytes);
  memory->may_move_ = bounds == jit::BoundsMode::explicit_;
  if (is_guarded) {
    reservation = kGuardedReservation;
    memory->prefix_bytes_ = kGuardBefore;
  } else if (bounds == jit::BoundsMode::guard) {
    const uint64_t wanted = std::min(memory->max_bytes_, kUnguardedReservation);
    reservation = std::max(reservation, round_up(wanted));
  }

  std::optional<platform::VirtualMemory> mapping = platform::VirtualMemory::reserve(reservation);
  if (!mapping && !is_guarded) {
    reservation = round_up(min_bytes);
    mapping = platform::VirtualMemory::reserve(reservation);
  }
  if (!mapping || !mapping->commit(memory->prefix_bytes_, round_up(min_bytes))) return no_memory();
  memory->mapping_ = std::move(*mapping);
  memory->capacity_bytes_ = is_guarded ? kAddressable : reservation;
  memory->size_bytes_ = min_bytes;
  return memory;
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
      if (!mapping_.commit(prefix_bytes_ + committed, needed - committed)) return std::nullopt;
    } else {
      if (!may_move_ || !mapping_.resize_committed(needed)) return std::nullopt;
      capacity_bytes_ = needed;
    }
  }
  size_bytes_ = new_size;
  for (VmSpan* const mirror : mirrors_) *mirror = {data(), size_bytes_};
  return old_pages;
}

void Memory::add_mirror(VmSpan* mirror) {
  *mirror = {data(), size_bytes_};
  mirrors_.push_back(mirror);
}

bool Memory::is_guard_address(uintptr_t address) const {
  if (!is_guarded() || !mapping_.contains(address)) return false;
  return address - reinterpret_cast<uintptr_t>(data()) >= size_bytes_;
}

}  // namespace swoop

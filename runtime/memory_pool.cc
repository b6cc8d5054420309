#include "runtime/memory_pool.h"

#include <algorithm>
#include <utility>

namespace swoop {
namespace {

constexpr size_t kMaxKept = 16;
constexpr uint64_t kMaxKeptBytes = uint64_t{1} << 30;

}  // namespace

std::optional<platform::VirtualMemory> MemoryPool::take(const Shape& shape) {
  const std::lock_guard lock(mutex_);
  // The newest, whose page tables are the likeliest to be in the cache.
  const auto found = std::find_if(kept_.rbegin(), kept_.rend(),
                                  [&](const Kept& kept) { return kept.shape == shape; });
  if (found == kept_.rend()) return std::nullopt;
  platform::VirtualMemory reservation = std::move(found->reservation);
  kept_.erase(std::next(found).base());
  kept_bytes_ -= shape.size_bytes;
  return reservation;
}

void MemoryPool::keep(platform::VirtualMemory reservation, const Shape& shape) {
  if (shape.size_bytes > kMaxKeptBytes || platform::is_address_space_limited()) return;
  std::vector<Kept> dropped;  // unmapped after the lock is free
  const std::lock_guard lock(mutex_);
  size_t num_dropped = 0;
  while (kept_.size() - num_dropped >= kMaxKept || kept_bytes_ > kMaxKeptBytes - shape.size_bytes) {
    kept_bytes_ -= kept_[num_dropped++].shape.size_bytes;
  }
  const auto end = kept_.begin() + static_cast<ptrdiff_t>(num_dropped);
  dropped.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(end));
  kept_.erase(kept_.begin(), end);
  kept_.push_back({std::move(reservation), shape});
  kept_bytes_ += shape.size_bytes;
}

bool MemoryPool::clear() {
  std::vector<Kept> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(kept_);
  kept_bytes_ = 0;
  return !dropped.empty();
}

}  // namespace swoop

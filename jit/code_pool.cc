#include "jit/code_pool.h"

#include <algorithm>
#include <utility>

namespace swoop::jit {

using platform::CodeMemory;

std::optional<CodeMemory> CodePool::take(size_t size_bytes) {
  {
    const std::lock_guard lock(mutex_);
    auto best = kept_.end();
    for (auto it = kept_.begin(); it != kept_.end(); ++it) {
      const size_t room = it->size_bytes();
      // A small module would keep the pages of a large one from others.
      if (room < size_bytes || room / 2 > size_bytes) continue;
      // The newest of those that fit best: its pages are the likeliest to be in the cache.
      if (best == kept_.end() || room <= best->size_bytes()) best = it;
    }
    if (best != kept_.end()) {
      CodeMemory memory = std::move(*best);
      kept_.erase(best);
      kept_bytes_ -= memory.size_bytes();
      return memory;
    }
  }
  return CodeMemory::allocate(size_bytes);
}

void CodePool::keep(CodeMemory memory, size_t used_bytes) {
  const size_t size_bytes = memory.size_bytes();
  if (size_bytes == 0 || size_bytes > kMaxBytesOfOne || !memory.renew(used_bytes)) return;
  std::vector<CodeMemory> dropped;  // unmapped after the lock is free
  const std::lock_guard lock(mutex_);
  size_t num_dropped = 0;
  while (kept_.size() - num_dropped >= kMaxKept || kept_bytes_ > kMaxKeptBytes - size_bytes) {
    kept_bytes_ -= kept_[num_dropped++].size_bytes();
  }
  const auto end = kept_.begin() + static_cast<ptrdiff_t>(num_dropped);
  dropped.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(end));
  kept_.erase(kept_.begin(), end);
  kept_.push_back(std::move(memory));
  kept_bytes_ += size_bytes;
}

}  // namespace swoop::jit

#include "runtime/code_registry.h"

#include "base/check.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace swoop::code_registry {
namespace {

// Two levels, so that a change copies little however much code there is. Both ascend, and neither
// changes once a reader can see it.
struct Block {
  static constexpr size_t kMaxSize = 256;
  std::vector<CodeRange> ranges;  // never empty

  uintptr_t begin() const { return ranges.front().begin; }
};
using Blocks = std::vector<const Block*>;

// Process-wide because a signal handler has no other way to reach anything.
std::atomic<const Blocks*> g_blocks{nullptr};
std::atomic<uint32_t> g_readers{0};

std::mutex& writer_mutex() {
  static std::mutex& mutex =
      *new std::mutex;  // never destroyed: modules may outlive static objects
  return mutex;
}

/// What writers have replaced, kept while a reader may look at it.
struct Retired {
  std::vector<const Blocks*> lists;
  std::vector<const Block*> blocks;
};

/// Publishes `next`, where `block` is no longer, if there was one.
void replace(const Blocks* next, const Block* block) {
  static Retired& retired = *new Retired;
  if (const Blocks* const old = g_blocks.exchange(next)) retired.lists.push_back(old);
  if (block != nullptr) retired.blocks.push_back(block);
  // A reader that arrives from here on sees `next`. If one is under way the old ones wait for the
  // next writer, rather than this one waiting for a handler.
  if (g_readers.load() != 0) return;
  for (const Blocks* const list : retired.lists) delete list;
  for (const Block* const old : retired.blocks) delete old;
  retired = {};
}

/// The last element that begins at `pc` or before; the end if there is none. No allocation.
template <class Elements, class Begin>
auto find_last(Elements& elements, uintptr_t pc, Begin begin_of) {
  const auto after =
      std::upper_bound(elements.begin(), elements.end(), pc,
                       [&](uintptr_t value, const auto& e) { return value < begin_of(e); });
  return after == elements.begin() ? elements.end() : after - 1;
}
uintptr_t begin_of_block(const Block* block) {
  return block->begin();
}
uintptr_t begin_of_range(const CodeRange& range) {
  return range.begin;
}

}  // namespace

void add(const CodeRange& range) {
  const std::lock_guard lock(writer_mutex());
  const Blocks* const current = g_blocks.load();
  auto* const next = current == nullptr ? new Blocks : new Blocks(*current);
  if (next->empty()) {
    next->push_back(new Block{{range}});
    return replace(next, nullptr);
  }
  // What comes before all others goes to the first block.
  auto place = find_last(*next, range.begin, begin_of_block);
  const size_t index = place == next->end() ? 0 : static_cast<size_t>(place - next->begin());
  const Block* const old = (*next)[index];
  auto* const block = new Block(*old);
  const auto at =
      std::lower_bound(block->ranges.begin(), block->ranges.end(), range.begin,
                       [](const CodeRange& other, uintptr_t begin) { return other.begin < begin; });
  const bool is_last = at == block->ranges.end();
  const uintptr_t limit = !is_last                   ? at->begin
                          : index + 1 < next->size() ? (*next)[index + 1]->begin()
                                                     : UINTPTR_MAX;
  CHECK(range.end <= limit && (at == block->ranges.begin() || (at - 1)->end <= range.begin) &&
        "code ranges overlap");
  block->ranges.insert(at, range);
  (*next)[index] = block;
  if (block->ranges.size() > Block::kMaxSize) {
    const auto middle = block->ranges.begin() + Block::kMaxSize / 2;
    auto* const upper = new Block{{middle, block->ranges.end()}};
    block->ranges.erase(middle, block->ranges.end());
    next->insert(next->begin() + static_cast<ptrdiff_t>(index) + 1, upper);
  }
  replace(next, old);
}

void remove(uintptr_t begin) {
  const std::lock_guard lock(writer_mutex());
  const Blocks* const current = g_blocks.load();
  CHECK(current != nullptr);
  auto* const next = new Blocks(*current);
  const auto place = find_last(*next, begin, begin_of_block);
  CHECK(place != next->end() && "removed code was registered");
  const Block* const old = *place;
  auto* const block = new Block(*old);
  const auto at = find_last(block->ranges, begin, begin_of_range);
  CHECK(at != block->ranges.end() && at->begin == begin && "removed code was registered");
  block->ranges.erase(at);
  if (block->ranges.empty()) {
    delete block;
    next->erase(place);
  } else {
    *place = block;
  }
  replace(next, old);
}

std::optional<CodeRange> find(uintptr_t pc) {
  std::optional<CodeRange> found;
  g_readers.fetch_add(1);
  if (const Blocks* const blocks = g_blocks.load()) {
    if (const auto block = find_last(*blocks, pc, begin_of_block); block != blocks->end()) {
      const auto range = find_last((*block)->ranges, pc, begin_of_range);
      if (range != (*block)->ranges.end() && pc < range->end) found = *range;
    }
  }
  g_readers.fetch_sub(1);
  return found;
}

}  // namespace swoop::code_registry

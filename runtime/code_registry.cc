#include "runtime/code_registry.h"

#include "base/check.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace swoop::code_registry {
namespace {

using Ranges = std::vector<CodeRange>;  // ascending

// Process-wide because a signal handler has no other way to reach anything.
std::atomic<const Ranges*> g_ranges{nullptr};
std::atomic<uint32_t> g_readers{0};

std::mutex& writer_mutex() {
  static std::mutex& mutex =
      *new std::mutex;  // never destroyed: modules may outlive static objects
  return mutex;
}

void replace(const Ranges* next) {
  static std::vector<const Ranges*>& retired = *new std::vector<const Ranges*>;
  if (const Ranges* const old = g_ranges.exchange(next)) retired.push_back(old);
  // A reader that arrives from here on sees `next`. If one is under way the old arrays wait for the
  // next writer, rather than this one waiting for a handler.
  if (g_readers.load() != 0) return;
  for (const Ranges* const ranges : retired) delete ranges;
  retired.clear();
}

bool begins_before(const CodeRange& range, uintptr_t pc) {
  return range.begin < pc;
}

}  // namespace

void add(const CodeRange& range) {
  const std::lock_guard lock(writer_mutex());
  const Ranges* const current = g_ranges.load();
  auto* const next = new Ranges;
  if (current != nullptr) {
    next->reserve(current->size() + 1);
    *next = *current;
  }
  const auto at = std::lower_bound(next->begin(), next->end(), range.begin, begins_before);
  CHECK((at == next->end() || range.end <= at->begin) && "code ranges overlap");
  next->insert(at, range);
  replace(next);
}

void remove(uintptr_t begin) {
  const std::lock_guard lock(writer_mutex());
  const Ranges* const current = g_ranges.load();
  CHECK(current != nullptr);
  const auto at = std::lower_bound(current->begin(), current->end(), begin, begins_before);
  CHECK(at != current->end() && at->begin == begin && "removed code was registered");
  auto* const next = new Ranges(current->begin(), at);
  next->insert(next->end(), at + 1, current->end());
  replace(next);
}

std::optional<CodeRange> find(uintptr_t pc) {
  std::optional<CodeRange> found;
  g_readers.fetch_add(1);
  if (const Ranges* const ranges = g_ranges.load()) {
    const auto after = std::upper_bound(
        ranges->begin(), ranges->end(), pc,
        [](uintptr_t value, const CodeRange& range) { return value < range.begin; });
    if (after != ranges->begin() && pc < (after - 1)->end) found = *(after - 1);
  }
  g_readers.fetch_sub(1);
  return found;
}

}  // namespace swoop::code_registry

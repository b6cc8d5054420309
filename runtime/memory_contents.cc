#include "runtime/memory_contents.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace swoop {
namespace {

using Run = MemoryContents::Run;

// Each run is a mapping of its own, and each gap between two that are one costs its zeros.
constexpr size_t kMaxRuns = 8;
constexpr size_t kLeastGapBytes = 64 * 1024;

bool is_zero(const uint8_t* page, size_t size_bytes) {
  uint64_t any = 0;
  for (size_t i = 0; i < size_bytes; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, page + i, sizeof word);
    any |= word;
  }
  return any == 0;
}

std::vector<Run> find_runs(std::span<const uint8_t> bytes) {
  const size_t page = platform::page_size();
  std::vector<Run> runs;
  for (size_t offset = 0; offset < bytes.size(); offset += page) {
    // Most pages that are not zero show it early.
    if (is_zero(&bytes[offset], 64) && is_zero(&bytes[offset], page)) continue;
    if (runs.empty() ||
        offset - (runs.back().memory_offset + runs.back().size_bytes) >= kLeastGapBytes) {
      runs.push_back({offset, 0, 0});
    }
    runs.back().size_bytes = offset + page - runs.back().memory_offset;
  }
  return runs;
}

// Those with the smallest gaps become one until there are few.
void merge(std::vector<Run>& runs) {
  for (size_t gap = 2 * kLeastGapBytes; runs.size() > kMaxRuns; gap *= 2) {
    size_t last = 0;
    for (size_t i = 1; i < runs.size(); ++i) {
      const size_t end = runs[last].memory_offset + runs[last].size_bytes;
      if (runs[i].memory_offset - end < gap) {
        runs[last].size_bytes =
            runs[i].memory_offset + runs[i].size_bytes - runs[last].memory_offset;
      } else {
        runs[++last] = runs[i];
      }
    }
    runs.resize(last + 1);
  }
}

}  // namespace

Result<std::shared_ptr<const MemoryContents>> MemoryContents::capture(
    std::span<const uint8_t> committed, uint64_t size_bytes, bool may_be_mapped) {
  auto contents = std::make_shared<MemoryContents>();
  contents->size_bytes_ = size_bytes;
  contents->runs_ = find_runs(committed);
  merge(contents->runs_);
  size_t stored = 0;
  std::vector<std::span<const uint8_t>> parts;
  for (Run& run : contents->runs_) {
    run.stored_offset = stored;
    stored += run.size_bytes;
    parts.push_back(committed.subspan(run.memory_offset, run.size_bytes));
  }
  if (stored == 0) return std::shared_ptr<const MemoryContents>(std::move(contents));

  if (may_be_mapped) {
    if (std::optional<platform::MemoryFile> file = platform::MemoryFile::create(parts)) {
      contents->file_.emplace(std::move(*file));
      return std::shared_ptr<const MemoryContents>(std::move(contents));
    }
  }
  std::optional<platform::VirtualMemory> copy = platform::VirtualMemory::reserve(stored);
  if (!copy || !copy->commit(0, copy->size_bytes())) {
    return Error(ErrorKind::out_of_memory, "no memory for a snapshot of a memory");
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    std::memcpy(copy->data() + contents->runs_[i].stored_offset, parts[i].data(), parts[i].size());
  }
  contents->copy_ = std::move(*copy);
  return std::shared_ptr<const MemoryContents>(std::move(contents));
}

}  // namespace swoop

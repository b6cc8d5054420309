#include "platform/code_memory.h"

#include "base/check.h"

#include <sys/mman.h>

namespace swoop::platform {

std::optional<CodeMemory> CodeMemory::allocate(size_t size_bytes) {
  std::optional<VirtualMemory> memory = VirtualMemory::reserve(size_bytes);
  if (!memory || !memory->commit(0, memory->size_bytes())) return std::nullopt;
  // Where a page costs a fault of microseconds, filling megabytes of small ones is a good part of
  // the time to compile them. Advice only: no error matters.
  constexpr size_t kHugePage = size_t{2} << 20;
  if (memory->size_bytes() >= 2 * kHugePage)
    (void)madvise(memory->data(), memory->size_bytes(), MADV_HUGEPAGE);
  return CodeMemory(std::move(*memory));
}

std::span<uint8_t> CodeMemory::writable() {
  CHECK(!sealed_ && "code is immutable once sealed");
  return {memory_.data(), memory_.size_bytes()};
}

bool CodeMemory::seal() {
  CHECK(!sealed_ && "sealed twice");
  if (memory_.size_bytes() != 0) {
    char* const begin = reinterpret_cast<char*>(memory_.data());
    __builtin___clear_cache(begin, begin + memory_.size_bytes());
    if (mprotect(begin, memory_.size_bytes(), PROT_READ | PROT_EXEC) != 0) return false;
  }
  sealed_ = true;
  return true;
}

}  // namespace swoop::platform

#include "platform/code_memory.h"

#include "base/check.h"

#include <cstdint>
#include <cstring>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <utility>

namespace swoop::platform {
namespace {

// A fault costs microseconds and a page of 4 KiB holds the code of no more than a few functions:
// filling fresh pages one by one was 6 % of the time to compile a large module. One huge page costs
// as much as fifty small ones.
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kWorthHugePages = size_t{1} << 20;

// Linux, arch/arm64: not in headers of every version.
constexpr int kProtBti = 0x10;

}  // namespace

bool CodeMemory::enforces_landing_pads() {
#if defined(__aarch64__)
  constexpr unsigned long kHasBti = 1ul << 17;  // HWCAP2_BTI
  return (getauxval(AT_HWCAP2) & kHasBti) != 0;
#else
  return false;
#endif
}

std::optional<CodeMemory> CodeMemory::allocate(size_t size_bytes) {
  const bool is_huge = size_bytes >= kWorthHugePages;
  // So that the room can begin at a huge page.
  const size_t slack = is_huge ? kHugePage - page_size() : 0;
  const size_t mask = (is_huge ? kHugePage : page_size()) - 1;
  if (size_bytes > SIZE_MAX - mask - slack) return std::nullopt;
  CodeMemory code;
  code.size_bytes_ = (size_bytes + mask) & ~mask;
  std::optional<VirtualMemory> memory = VirtualMemory::reserve(code.size_bytes_ + slack);
  if (!memory) return std::nullopt;
  code.start_ = -reinterpret_cast<uintptr_t>(memory->data()) & mask;
  if (!memory->commit(code.start_, code.size_bytes_)) return std::nullopt;
  code.memory_ = std::move(*memory);
  // Advice only: no error matters.
  if (is_huge) (void)madvise(code.writable().data(), code.size_bytes_, MADV_HUGEPAGE);
  return code;
}

std::span<uint8_t> CodeMemory::writable() {
  CHECK(!sealed_ && "code is immutable once sealed");
  return {memory_.data() + start_, size_bytes_};
}

bool CodeMemory::seal(bool has_landing_pads) {
  CHECK(!sealed_ && "sealed twice");
  if (size_bytes_ != 0) {
    char* const begin = reinterpret_cast<char*>(writable().data());
    __builtin___clear_cache(begin, begin + size_bytes_);
    const int guarded = has_landing_pads && enforces_landing_pads() ? kProtBti : 0;
    if (mprotect(begin, size_bytes_, PROT_READ | PROT_EXEC | guarded) != 0) return false;
  }
  sealed_ = true;
  return true;
}

bool CodeMemory::renew(size_t used_bytes) {
  CHECK(used_bytes <= size_bytes_);
  uint8_t* const begin = memory_.data() + start_;
  if (sealed_ && size_bytes_ != 0 && mprotect(begin, size_bytes_, PROT_READ | PROT_WRITE) != 0)
    return false;
  sealed_ = false;
  if (used_bytes != 0) std::memset(begin, 0, used_bytes);
  return true;
}

}  // namespace swoop::platform

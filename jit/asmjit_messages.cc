// Debian's libasmjit.a is built for programs: its messages refer to `stderr` in a way that no
// shared library can. They are the only such thing in it, so where that is the case these take
// their place.
#include <asmjit/core.h>

#include <cstdlib>

ASMJIT_BEGIN_NAMESPACE

const char* DebugUtils::errorAsString(Error) noexcept {
  return "asmjit error";
}

void DebugUtils::debugOutput(const char*) noexcept {}

void DebugUtils::assertionFailed(const char*, int, const char*) noexcept {
  std::abort();
}

ASMJIT_END_NAMESPACE

#include "platform/stack_limit.h"

#include <cstring>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

namespace swoop::platform {
namespace {

// The kernel leaves at least 128 MiB for the first stack, whatever its limit was then.
constexpr rlim_t kAlwaysFreeBytes = size_t{64} << 20;

// Of the main thread, which grows on demand. The library would read and parse /proc/self/maps for
// it, a twentieth of the time of a short program.
std::optional<StackBounds> find_main_stack_bounds() {
  rlimit limit;
  const char* const program = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (program == nullptr || getrlimit(RLIMIT_STACK, &limit) != 0 ||
      limit.rlim_cur > kAlwaysFreeBytes) {
    return std::nullopt;
  }
  // The kernel writes this name at the very top of the stack.
  const uintptr_t mask = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)) - 1;
  const uintptr_t high =
      (reinterpret_cast<uintptr_t>(program) + std::strlen(program) + 1 + mask) & ~mask;
  const StackBounds bounds{high - (limit.rlim_cur & ~mask), high};
  const uintptr_t sp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  return bounds.contains(sp) ? std::optional(bounds) : std::nullopt;
}

std::optional<StackBounds> find_stack_bounds() {
  if (gettid() == getpid()) {
    if (const std::optional<StackBounds> bounds = find_main_stack_bounds()) return bounds;
  }
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return std::nullopt;
  void* address = nullptr;
  size_t size_bytes = 0;
  const int error = pthread_attr_getstack(&attributes, &address, &size_bytes);
  pthread_attr_destroy(&attributes);
  if (error != 0) return std::nullopt;

  const uintptr_t low = reinterpret_cast<uintptr_t>(address);
  return StackBounds{low, low + size_bytes};
}

}  // namespace

std::optional<StackBounds> current_stack_bounds() {
  // pthread_getattr_np reads /proc/self/maps on the main thread: too slow for each call into wasm.
  static thread_local const std::optional<StackBounds> bounds = find_stack_bounds();
  return bounds;
}

}  // namespace swoop::platform

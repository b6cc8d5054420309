#include "platform/stack_limit.h"

#include <pthread.h>

namespace swoop::platform {
namespace {

std::optional<StackBounds> find_stack_bounds() {
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

uintptr_t current_thread_tag() {
  static thread_local char tag;
  return reinterpret_cast<uintptr_t>(&tag);
}

}  // namespace swoop::platform

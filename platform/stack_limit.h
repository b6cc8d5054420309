// Where the stack of the current thread lies, so that generated code can stop before its end.
#pragma once

#include <cstdint>
#include <optional>

namespace swoop::platform {

struct StackBounds {
  uintptr_t low;   // lowest usable address; the guard page, if the thread has one, is below
  uintptr_t high;  // one past the highest

  bool contains(uintptr_t sp) const { return sp >= low && sp < high; }
};

/// Bounds of the current thread's own stack, found once per thread. Nothing when the system cannot
/// tell (the main thread without /proc). A caller on a stack of its own making (a fiber) finds its
/// stack pointer outside of them.
std::optional<StackBounds> current_stack_bounds();

/// Whether this frame lies as the C ABI wants it, which all code that C++ calls and that calls C++
/// has to see to.
[[gnu::always_inline]] inline bool is_stack_aligned() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16 == 0;
}

/// A number that no other running thread has, for asking cheaply whether the thread is still the
/// same. A later thread may get it when it runs on the same stack.
inline uintptr_t current_thread_tag() {
#if defined(__x86_64__)
  // clang 14 has no builtin for it. Volatile: a fiber may move to another thread.
  uintptr_t thread_pointer;
  asm volatile("mov %%fs:0, %0" : "=r"(thread_pointer));
  return thread_pointer;
#else
  return reinterpret_cast<uintptr_t>(__builtin_thread_pointer());
#endif
}

}  // namespace swoop::platform

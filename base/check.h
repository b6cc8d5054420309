// CHECK guards memory safety in every build; DCHECK states an invariant and vanishes in release
// builds.
#pragma once

namespace swoop {

/// Prints the failed condition with its place to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace swoop

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]]                           \
      ::swoop::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
  do {                    \
  } while (false && (condition))
#define UNREACHABLE() __builtin_unreachable()
#else
#define DCHECK(condition) CHECK(condition)
#define UNREACHABLE() ::swoop::check_failed("unreachable", __FILE__, __LINE__)
#endif

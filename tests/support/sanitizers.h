// Which sanitizers watch the tests: gcc and clang tell it in different ways.
#pragma once

namespace swoop {

#if defined(__has_feature)
#define SWOOP_HAS_FEATURE(name) __has_feature(name)
#else
#define SWOOP_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || SWOOP_HAS_FEATURE(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#if defined(__SANITIZE_THREAD__) || SWOOP_HAS_FEATURE(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#undef SWOOP_HAS_FEATURE

}  // namespace swoop

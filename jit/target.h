// Names of the machines that code can be made for. All of them are compiled in on every host.
#pragma once

#include <cstdint>

namespace swoop::jit {

enum class Isa : uint8_t { x64, a64 };

#if defined(__aarch64__)
inline constexpr Isa kHostIsa = Isa::a64;
#else
inline constexpr Isa kHostIsa = Isa::x64;
#endif

}  // namespace swoop::jit

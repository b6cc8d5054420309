// Names of the machines that code can be made for. All of them are compiled in on every host.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace swoop::jit {

enum class Isa : uint8_t { x64, a64 };

#if defined(__aarch64__)
inline constexpr Isa kHostIsa = Isa::a64;
#else
inline constexpr Isa kHostIsa = Isa::x64;
#endif

/// As `uname -m` has it.
constexpr std::string_view to_string(Isa isa) {
  return isa == Isa::x64 ? "x86_64" : "aarch64";
}
constexpr std::optional<Isa> find_isa(std::string_view name) {
  for (const Isa isa : {Isa::x64, Isa::a64}) {
    if (name == to_string(isa)) return isa;
  }
  return std::nullopt;
}

}  // namespace swoop::jit

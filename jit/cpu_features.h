// Which optional instructions a target has. Code is generated for a target, which need not be the
// host: the compiler asks a CpuFeatures value and never the CPU.
#pragma once

#include "jit/isa.h"

#include <string>
#include <string_view>

namespace swoop::jit {

/// Without these the compiler uses longer sequences with the same results. What every target must
/// have is SSE4.1 and POPCNT on x86-64, and ARMv8.0 on AArch64.
struct CpuFeatures {
// clang-format off
#define SWOOP_FOR_EACH_CPU_FEATURE(F)                                                              \
  F(x64, lzcnt)                                                                                    \
  F(x64, bmi1) /* tzcnt, andn */                                                                   \
  F(x64, bmi2) /* shlx, shrx, sarx, rorx */                                                        \
  F(x64, avx)  /* also means that the OS saves ymm state */                                        \
  F(x64, fma)                                                                                      \
  F(a64, bti)  /* indirect branches must land on landing pads, and the OS sees to it */
// clang-format on
#define FEATURE(isa, name) bool name = false;
  SWOOP_FOR_EACH_CPU_FEATURE(FEATURE)
#undef FEATURE

  bool operator==(const CpuFeatures&) const = default;

  /// What the running CPU and OS offer.
  static CpuFeatures host();
  /// Whether they offer what every target must have.
  static bool host_has_baseline();

  /// Adds the feature of that name; false if the machine has none.
  bool add(Isa isa, std::string_view name);
  /// Of the machine's, with commas between; for people.
  static std::string all_names(Isa isa);

  /// Whether code made for `required` runs on a CPU with these features.
  constexpr bool includes(const CpuFeatures& required) const {
    bool all = true;
#define FEATURE(isa, name) all = all && (name || !required.name);
    SWOOP_FOR_EACH_CPU_FEATURE(FEATURE)
#undef FEATURE
    return all;
  }
};

}  // namespace swoop::jit

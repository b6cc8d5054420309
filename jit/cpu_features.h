// Which optional x86-64 instructions a target has. Code is generated for a target, which need not
// be the host: the compiler asks a CpuFeatures value and never the CPU.
#pragma once

namespace swoop::jit {

/// Optional instruction sets. The baseline (SSE4.1 and POPCNT) is needed by every target; without
/// the others the compiler uses longer sequences with the same results.
struct CpuFeatures {
  bool sse41 = false;
  bool popcnt = false;
  bool lzcnt = false;
  bool bmi1 = false;  // tzcnt, andn
  bool bmi2 = false;  // shlx, shrx, sarx, rorx
  bool avx = false;   // also means that the OS saves ymm state
  bool fma = false;

  bool operator==(const CpuFeatures&) const = default;

  /// The least that generated code relies on.
  static constexpr CpuFeatures baseline() {
    CpuFeatures features;
    features.sse41 = features.popcnt = true;
    return features;
  }

  /// What the running CPU and OS offer; nothing on a host that is not x86-64.
  static CpuFeatures host();

  constexpr bool has_baseline() const { return sse41 && popcnt; }

  /// Whether code made for `required` runs on a CPU with these features.
  constexpr bool includes(const CpuFeatures& required) const {
    return (sse41 || !required.sse41) && (popcnt || !required.popcnt) &&
           (lzcnt || !required.lzcnt) && (bmi1 || !required.bmi1) && (bmi2 || !required.bmi2) &&
           (avx || !required.avx) && (fma || !required.fma);
  }
};

}  // namespace swoop::jit

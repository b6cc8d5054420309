// Intel SDM volume 1, chapters 13.3 and 14.3: AVX is usable only when the OS has switched on
// saving of xmm and ymm state, which XGETBV tells.
#include "jit/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <cstdint>
#endif

namespace swoop::jit {

#if defined(__x86_64__)

namespace {

struct CpuidLeaf {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidLeaf cpuid(uint32_t leaf) {
  CpuidLeaf out;
  // Leaves all registers 0 when the CPU does not know the leaf.
  __get_cpuid_count(leaf, 0, &out.eax, &out.ebx, &out.ecx, &out.edx);
  return out;
}

constexpr bool bit(uint32_t word, unsigned n) {
  return (word >> n & 1) != 0;
}

bool os_saves_ymm(const CpuidLeaf& leaf1) {
  constexpr uint32_t kXmmAndYmm = 6;
  constexpr unsigned kOsxsave = 27;
  if (!bit(leaf1.ecx, kOsxsave)) return false;
  uint32_t low, high;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & kXmmAndYmm) == kXmmAndYmm;
}

CpuFeatures detect() {
  const CpuidLeaf leaf1 = cpuid(1);
  const CpuidLeaf leaf7 = cpuid(7);
  const CpuidLeaf extended1 = cpuid(0x80000001);
  const bool ymm = os_saves_ymm(leaf1);

  CpuFeatures features;
  features.sse41 = bit(leaf1.ecx, 19);
  features.popcnt = bit(leaf1.ecx, 23);
  features.avx = ymm && bit(leaf1.ecx, 28);
  features.fma = ymm && bit(leaf1.ecx, 12);
  features.bmi1 = bit(leaf7.ebx, 3);
  // VEX encoded, but on general registers: these do not depend on what the OS saves.
  features.bmi2 = bit(leaf7.ebx, 8);
  features.lzcnt = bit(extended1.ecx, 5);
  return features;
}

}  // namespace

CpuFeatures CpuFeatures::host() {
  // Under a hypervisor each query takes microseconds.
  static const CpuFeatures features = detect();
  return features;
}

#else

CpuFeatures CpuFeatures::host() {
  return {};
}

#endif

}  // namespace swoop::jit

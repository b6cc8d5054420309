// Intel SDM volume 1, chapters 13.3 and 14.3: AVX is usable only when the OS has switched on
// saving of xmm and ymm state, which XGETBV tells.
#include "jit/cpu_features.h"

#include "platform/code_memory.h"

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

struct Host {
  bool has_baseline = false;
  CpuFeatures features;

  Host() {
    const CpuidLeaf leaf1 = cpuid(1);
    const CpuidLeaf leaf7 = cpuid(7);
    const CpuidLeaf extended1 = cpuid(0x80000001);
    const bool ymm = os_saves_ymm(leaf1);
    has_baseline = bit(leaf1.ecx, 19) && bit(leaf1.ecx, 23);
    features.avx = ymm && bit(leaf1.ecx, 28);
    features.fma = ymm && bit(leaf1.ecx, 12);
    features.bmi1 = bit(leaf7.ebx, 3);
    // VEX encoded, but on general registers: these do not depend on what the OS saves.
    features.bmi2 = bit(leaf7.ebx, 8);
    features.lzcnt = bit(extended1.ecx, 5);
  }
};

}  // namespace

#else

namespace {

struct Host {
  bool has_baseline = true;
  CpuFeatures features;

  Host() { features.bti = platform::CodeMemory::enforces_landing_pads(); }
};

}  // namespace

#endif

namespace {

const Host& the_host() {
  // Under a hypervisor each query takes microseconds.
  static const Host host;
  return host;
}

}  // namespace

CpuFeatures CpuFeatures::host() {
  return the_host().features;
}

bool CpuFeatures::host_has_baseline() {
  return the_host().has_baseline;
}

bool CpuFeatures::add(Isa isa, std::string_view wanted) {
#define FEATURE(of, name) \
  if (isa == Isa::of && wanted == #name) return name = true;
  SWOOP_FOR_EACH_CPU_FEATURE(FEATURE)
#undef FEATURE
  return false;
}

std::string CpuFeatures::all_names(Isa isa) {
  std::string names;
#define FEATURE(of, name) \
  if (isa == Isa::of) names += (names.empty() ? "" : ", ") + std::string(#name);
  SWOOP_FOR_EACH_CPU_FEATURE(FEATURE)
#undef FEATURE
  return names;
}

}  // namespace swoop::jit

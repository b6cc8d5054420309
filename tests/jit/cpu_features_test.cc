#include "jit/cpu_features.h"

#include <gtest/gtest.h>

namespace swoop::jit {
namespace {

#if defined(__x86_64__)
TEST(CpuFeatures, AgreesWithTheCompilersRuntimeAboutTheHost) {
  __builtin_cpu_init();
  const CpuFeatures host = CpuFeatures::host();
  EXPECT_EQ(CpuFeatures::host_has_baseline(),
            __builtin_cpu_supports("sse4.1") != 0 && __builtin_cpu_supports("popcnt") != 0);
  EXPECT_EQ(host.bmi1, __builtin_cpu_supports("bmi") != 0);
  EXPECT_EQ(host.bmi2, __builtin_cpu_supports("bmi2") != 0);
  EXPECT_EQ(host.avx, __builtin_cpu_supports("avx") != 0);
  EXPECT_EQ(host.fma, __builtin_cpu_supports("fma") != 0);
}
#endif

TEST(CpuFeatures, IncludesWhatIsNotRequired) {
  const CpuFeatures more{.bmi1 = true, .avx = true};
  EXPECT_TRUE(more.includes({}));
  EXPECT_TRUE(more.includes({.avx = true}));
  EXPECT_FALSE(more.includes({.avx = true, .fma = true}));
  EXPECT_FALSE(CpuFeatures().includes(more));
}

TEST(CpuFeatures, AreFoundByName) {
  CpuFeatures features;
  EXPECT_TRUE(features.add(Isa::x64, "avx") && features.add(Isa::a64, "bti"));
  EXPECT_FALSE(features.add(Isa::x64, "AVX") || features.add(Isa::x64, ""));
  EXPECT_EQ(features, (CpuFeatures{.avx = true, .bti = true}));
  EXPECT_FALSE(features.add(Isa::a64, "avx") || features.add(Isa::x64, "bti"));
  EXPECT_EQ(CpuFeatures::all_names(Isa::x64), "lzcnt, bmi1, bmi2, avx, fma");
  EXPECT_EQ(CpuFeatures::all_names(Isa::a64), "bti");
}

}  // namespace
}  // namespace swoop::jit

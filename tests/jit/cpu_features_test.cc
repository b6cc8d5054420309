#include "jit/cpu_features.h"

#include <gtest/gtest.h>

namespace swoop::jit {
namespace {

#if defined(__x86_64__)
TEST(CpuFeatures, AgreesWithTheCompilersRuntimeAboutTheHost) {
  __builtin_cpu_init();
  const CpuFeatures host = CpuFeatures::host();
  EXPECT_EQ(host.sse41, __builtin_cpu_supports("sse4.1") != 0);
  EXPECT_EQ(host.popcnt, __builtin_cpu_supports("popcnt") != 0);
  EXPECT_EQ(host.bmi1, __builtin_cpu_supports("bmi") != 0);
  EXPECT_EQ(host.bmi2, __builtin_cpu_supports("bmi2") != 0);
  EXPECT_EQ(host.avx, __builtin_cpu_supports("avx") != 0);
  EXPECT_EQ(host.fma, __builtin_cpu_supports("fma") != 0);
}
#endif

TEST(CpuFeatures, IncludesWhatIsNotRequired) {
  CpuFeatures more = CpuFeatures::baseline();
  more.avx = true;
  EXPECT_TRUE(more.includes(CpuFeatures::baseline()));
  EXPECT_FALSE(CpuFeatures::baseline().includes(more));
  EXPECT_TRUE(CpuFeatures::baseline().has_baseline());
  EXPECT_FALSE(CpuFeatures{}.has_baseline());
}

}  // namespace
}  // namespace swoop::jit

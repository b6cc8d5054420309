#include "wast/suite.h"

#include <gtest/gtest.h>

namespace swoop::wast {
namespace {

TEST(SuiteRules, GiveMostScriptsEveryFeature) {
  EXPECT_EQ(rules_for("/suite/i32.wast").features, Features());
  EXPECT_EQ(rules_for("legacy/try_catch.wast").features, Features());
  EXPECT_EQ(rules_for("proposals/wide-arithmetic/wide-arithmetic.wast").features, Features());
  EXPECT_EQ(rules_for("i32.wast").missing_proposal, "");
}

TEST(SuiteRules, KnowThatTheThreadsOf2020HaveOneMemoryAndOneTable) {
  const Features features = rules_for("/suite/proposals/threads/imports.wast").features;
  EXPECT_TRUE(features.has(Feature::threads));
  EXPECT_FALSE(features.has(Feature::multi_memory));
  EXPECT_FALSE(features.has(Feature::reference_types));
  EXPECT_EQ(rules_for("proposals/threads/memory.wast").features, features);
}

TEST(SuiteRules, NameProposalsThatAreNotImplemented) {
  EXPECT_EQ(rules_for("proposals/custom-descriptors/exact.wast").missing_proposal,
            "custom-descriptors");
  EXPECT_EQ(rules_for("extra/stack-switching-proposal/cont.wast").missing_proposal,
            "stack-switching");
}

TEST(SuiteRules, LookAtWholeNamesOfFolders) {
  EXPECT_EQ(rules_for("my-custom-descriptors/exact.wast").missing_proposal, "");
}

}  // namespace
}  // namespace swoop::wast

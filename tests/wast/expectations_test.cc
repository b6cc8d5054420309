#include "wast/expectations.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop::wast {
namespace {

const Failure kWrong{FailureKind::wrong, {}, "expected (i32.const 1), got (i32.const 2)"};
const Failure kNoSimd{FailureKind::unsupported, "simd", "unsupported: simd (i8x16.add)"};
const Failure kNeedsSimd{FailureKind::dependency, "simd", "the module it needs was not made"};

Expectations parse(std::string_view text) {
  return Expectations::parse(text).value();
}

TEST(Expectations, ExcuseWhatAFeatureIsMissingForAndWhatDependsOnIt) {
  Expectations rows = parse("simd_*.wast | simd | not yet\n");
  EXPECT_TRUE(rows.excuses("simd_load.wast", kNoSimd));
  EXPECT_TRUE(rows.excuses("simd_load.wast", kNeedsSimd));
}

TEST(Expectations, ExcuseNothingElse) {
  Expectations rows = parse("simd_*.wast | simd | not yet\n");
  EXPECT_FALSE(rows.excuses("simd_load.wast", kWrong));
  EXPECT_FALSE(rows.excuses("i32.wast", kNoSimd));
  EXPECT_FALSE(rows.excuses("simd_load.wast", {FailureKind::unsupported, "gc", ""}));
}

TEST(Expectations, ExcuseMessagesInQuotes) {
  Expectations rows = parse("a.wast | \"malformed: unexpected\" | old syntax\n");
  EXPECT_TRUE(rows.excuses("a.wast", {FailureKind::wrong, {}, "malformed: unexpected token 0"}));
  EXPECT_FALSE(rows.excuses("a.wast", {FailureKind::wrong, {}, "not malformed: unexpected"}));
  EXPECT_TRUE(rows.excuses(
      "a.wast", {FailureKind::dependency, {}, "it needs: malformed: unexpected token 0"}));
}

TEST(Expectations, AreStaleIfTheyExcuseNothing) {
  Expectations rows = parse("a.wast | simd | not yet\nb.wast | gc | not yet\nc.wast | gc | no\n");
  rows.note_script("a.wast");
  rows.note_script("b.wast");
  EXPECT_TRUE(rows.excuses("a.wast", kNoSimd));
  const std::vector<const Expectation*> stale = rows.stale();
  ASSERT_EQ(stale.size(), 1u);  // c.wast was not run, so nothing is known
  EXPECT_EQ(stale[0]->glob, "b.wast");
  EXPECT_EQ(stale[0]->line, 2u);
}

TEST(Expectations, IgnoreCommentsAndBlankLines) {
  EXPECT_EQ(parse("# a | b | c\n\n  \na.wast | simd | r").rows().size(), 1u);
}

TEST(Expectations, RefuseRowsWithoutAReason) {
  EXPECT_THAT(Expectations::parse("\na.wast | simd\n"),
              Fails(ErrorKind::malformed, kNoOffset, "line 2:"));
  EXPECT_THAT(Expectations::parse("a.wast | simd | \n"),
              Fails(ErrorKind::malformed, kNoOffset, "line 1:"));
}

TEST(Glob, MatchesWholeNames) {
  EXPECT_TRUE(matches_glob("a.wast", "a.wast"));
  EXPECT_FALSE(matches_glob("a.wast", "aa.wast"));
  EXPECT_FALSE(matches_glob("a", "ab"));
  EXPECT_FALSE(matches_glob("ab", "a"));
  EXPECT_TRUE(matches_glob("a?c", "abc"));
  EXPECT_TRUE(matches_glob("*64*.wast", "i64_x64_.wast"));
  EXPECT_FALSE(matches_glob("*64*.wast", "i32.wast"));
  EXPECT_TRUE(matches_glob("", ""));
}

TEST(Glob, DoesNotCrossFolders) {
  EXPECT_FALSE(matches_glob("*.wast", "legacy/throw.wast"));
  EXPECT_TRUE(matches_glob("legacy/*.wast", "legacy/throw.wast"));
  EXPECT_FALSE(matches_glob("a?b", "a/b"));
}

}  // namespace
}  // namespace swoop::wast

#include "decoder/name_section.h"

#include "tests/decoder/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop {
namespace {

using testing::ElementsAre;
using testing::Pair;

Bytes subsection(int id, const Bytes& contents) {
  return concat({raw({id}), sized(contents)});
}
Bytes entry(int index, std::string_view text) {
  return concat({raw({index}), name(text)});
}

NameSection read(const Bytes& contents) {
  NameSection names;
  read_name_section(contents, names);
  return names;
}

TEST(NameSection, NamesTheModuleAndFunctions) {
  const NameSection names =
      read(concat({subsection(0, name("app")), subsection(2, raw({9})),
                   subsection(1, vec({entry(0, "zero"), entry(5, "five")})), subsection(9, {})}));
  EXPECT_EQ(names.module, "app");
  EXPECT_THAT(names.functions, ElementsAre(Pair(FuncIdx(0), "zero"), Pair(FuncIdx(5), "five")));
}

TEST(NameSection, KeepsWhatCameBeforeAnError) {
  const Bytes good = entry(1, "one");
  const auto names = [&](const Bytes& bad) {
    return read(concat({subsection(1, concat({raw({3}), good, bad}))})).functions;
  };
  const auto only_one = ElementsAre(Pair(FuncIdx(1), "one"));
  EXPECT_THAT(names({}), only_one);
  EXPECT_THAT(names(raw({2, 9, 'x'})), only_one);                   // too long
  EXPECT_THAT(names(concat({raw({2, 1, 0xff}), good})), only_one);  // not UTF-8
  EXPECT_THAT(names(concat({entry(1, "again"), good})), only_one);  // not ascending
  EXPECT_THAT(names(raw({0x80, 0x80, 0x80, 0x80, 0x80})), only_one);
}

TEST(NameSection, NeverFailsTheModule) {
  const Bytes contents = concat(
      {name("name"), subsection(1, vec({entry(0, "f"), entry(7, "none")})), raw({1, 0xff, 0xff})});
  // Before the functions that it names, too.
  const Result<ModuleInfo> result =
      decode(module({section(0, contents), void_type_section(), section(3, raw({1, 0})),
                     section(10, vec({body({})}))}));
  ASSERT_THAT(result, Succeeds());
  EXPECT_EQ(result->func_name(FuncIdx(0)), "f");
  EXPECT_EQ(result->names.functions.size(), 1u);
  for (size_t size = 0; size < contents.size() - 5; ++size) {
    const Bytes cut(contents.begin() + 5, contents.begin() + 5 + static_cast<ptrdiff_t>(size));
    EXPECT_THAT(decode(module({section(0, concat({name("name"), cut}))})), Succeeds());
  }
}

}  // namespace
}  // namespace swoop

#include "tests/support/matchers.h"
#include "text/wat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes assemble(std::string_view text, bool names = false) {
  Result<Bytes> wasm = wat_to_wasm(text, {names});
  EXPECT_THAT(wasm, Succeeds()) << text;
  return wasm.ok() ? *std::move(wasm) : Bytes(8);
}

/// Bytes of the sections, without the header.
std::string sections(std::string_view text, bool names = false) {
  const Bytes wasm = assemble(text, names);
  return {wasm.begin() + 8, wasm.end()};
}

/// A string of these bytes, zeros included.
template <size_t kSize>
std::string bytes(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

void expect_same(std::string_view abbreviated, std::string_view full) {
  EXPECT_EQ(assemble(abbreviated), assemble(full)) << abbreviated << "\n" << full;
}

TEST(Parser, WritesSectionsInTheOrderOfTheBinaryFormat) {
  EXPECT_EQ(sections("(module (func $f (export \"f\")) (memory 1) (start $f))"),
            bytes("\x01\x04\x01\x60\x00\x00"  // type
                  "\x03\x02\x01\x00"          // function
                  "\x05\x03\x01\x00\x01"      // memory
                  "\x07\x05\x01\x01"
                  "f\x00\x00"                    // export
                  "\x08\x01\x00"                 // start
                  "\x0a\x04\x01\x02\x00\x0b"));  // code
  EXPECT_EQ(sections("(module)"), "");
  EXPECT_EQ(sections(""), "");
}

TEST(Parser, TakesFieldsWithoutModule) {
  expect_same("(func) (memory 1)", "(module (func) (memory 1))");
}

TEST(Parser, UndoesFolding) {
  expect_same("(func (result i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
              "(func (result i32) i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add)");
  expect_same("(func (local i32) (if (local.get 0) (then (nop)) (else (unreachable))))",
              "(func (local i32) local.get 0 if nop else unreachable end)");
  expect_same("(func (block (loop (br 1) (nop))))", "(func block loop br 1 nop end end)");
  // The immediates of an instruction come before its operands in the text only.
  expect_same("(memory 1) (func (i32.store offset=4 (i32.const 1) (i32.load8_u (i32.const 2))))",
              "(memory 1) (func i32.const 1 i32.const 2 i32.load8_u i32.store offset=4)");
  expect_same("(tag) (func (try (do (nop)) (catch 0 (nop)) (catch_all (unreachable))))",
              "(tag) (func try nop catch 0 nop catch_all unreachable end)");
  expect_same("(func (try $l (do (try (do) (delegate $l)))))", "(func try $l try delegate $l end)");
}

TEST(Parser, NestsAsDeepAsTheTextDoes) {
  constexpr size_t kDepth = 300'000;
  std::string folded = "(func (result i32) ";
  std::string blocks = "(func ";
  for (size_t i = 0; i < kDepth; ++i) {
    folded += "(i32.eqz ";
    blocks += "block $l ";
  }
  folded += "(i32.const 0)" + std::string(kDepth, ')') + ")";
  for (size_t i = 0; i < kDepth; ++i) blocks += "end $l ";
  blocks += ")";
  EXPECT_GT(assemble(folded).size(), kDepth);
  EXPECT_GT(assemble(blocks).size(), 3 * kDepth);
}

TEST(Parser, ResolvesIdentifiersBeforeTheirDefinition) {
  expect_same(
      "(func (call $g) (global.set $x (i32.const 1))) (func $g) (global $x (mut i32) (i32.const "
      "0))",
      "(func (call 1) (global.set 0 (i32.const 1))) (func) (global (mut i32) (i32.const 0))");
  expect_same("(type (struct (field (ref $b)))) (type $b (func))",
              "(type (struct (field (ref 1)))) (type (func))");
}

TEST(Parser, TakesQuotedAndPlainIdentifiersAsTheSame) {
  expect_same("(func $\"f\\u{68}\" (call $fh))", "(func $fh (call $\"fh\"))");
}

TEST(Parser, CountsLabelsFromTheInside) {
  expect_same("(func block $a block $b br $a br $b end end)",
              "(func block block br 1 br 0 end end)");
  expect_same("(func block $a block $a br $a end br $a end)",
              "(func block block br 0 end br 0 end)");
  // The condition of an if lies outside of its label.
  expect_same("(func (block $l (if $l (br_if $l (i32.const 0)) (then (br $l)))))",
              "(func block i32.const 0 br_if 0 if br 0 end end)");
}

TEST(Parser, AddsTypesInOrderOfTheirFirstUse) {
  expect_same(
      "(func (param i32)) (func (result i64)) (func (param i32)) (type (func (result i64)))",
      "(type (func (result i64))) (type (func (param i32))) (func (type 1) (param i32))"
      "(func (type 0) (result i64)) (func (type 1) (param i32))");
  // Only a final type alone in its group stands for a signature.
  expect_same(
      "(rec (type (func)) (type (func))) (type (sub (func))) (func)",
      "(rec (type (func)) (type (func))) (type (sub (func))) (type (func)) (func (type 3))");
}

TEST(Parser, GivesBlocksOfOneResultNoType) {
  expect_same("(func block (result i32) unreachable end drop)",
              "(type (func)) (func (type 0) block (result i32) unreachable end drop)");
  EXPECT_NE(assemble("(type (func)) (func block (type 0) end)"),
            assemble("(type (func)) (func block end)"));
}

TEST(Parser, ExpandsInlineImportsAndExports) {
  expect_same("(func $f (export \"a\") (export \"b\") (import \"m\" \"n\") (param i32))",
              "(import \"m\" \"n\" (func $f (param i32))) (export \"a\" (func $f)) (export \"b\" "
              "(func $f))");
  expect_same("(memory (export \"m\") 1 2)", "(memory 1 2) (export \"m\" (memory 0))");
  expect_same("(global (import \"m\" \"g\") (mut i64))", "(import \"m\" \"g\" (global (mut i64)))");
  expect_same("(tag (import \"m\" \"t\") (param i32))", "(import \"m\" \"t\" (tag (param i32)))");
}

TEST(Parser, ExpandsInlineSegments) {
  expect_same("(func) (table funcref (elem 0 0))",
              "(func) (table 2 2 funcref) (elem (i32.const 0) func 0 0)");
  expect_same("(table i64 (ref null eq) (elem (ref.null eq)))",
              "(table i64 1 1 eqref) (elem (table 0) (i64.const 0) eqref (item ref.null eq))");
  expect_same("(memory (data \"ab\" \"c\"))", "(memory 1 1) (data (i32.const 0) \"abc\")");
  expect_same("(memory 0) (memory i64 (data))",
              "(memory 0) (memory i64 0 0) (data (memory 1) (i64.const 0))");
  expect_same("(memory (pagesize 1) (data \"xyz\"))",
              "(memory 3 3 (pagesize 1)) (data (i32.const 0) \"xyz\")");
}

TEST(Parser, TakesElementSegmentsInEveryForm) {
  const std::string module = "(func $f) (table $t 1 funcref) (table $u 1 funcref)";
  const auto elem = [&](std::string_view field) {
    return sections(module + std::string(field)).substr(19);
  };
  EXPECT_EQ(elem("(elem (i32.const 0) $f)"), elem("(elem (offset i32.const 0) func $f)"));
  EXPECT_EQ(elem("(elem (i32.const 0) $f)")[3], 0);
  EXPECT_EQ(elem("(elem func $f)")[3], 1);
  EXPECT_EQ(elem("(elem (table $u) (i32.const 0) func $f)")[3], 2);
  EXPECT_EQ(elem("(elem declare func $f)")[3], 3);
  EXPECT_EQ(elem("(elem (i32.const 0) funcref (ref.func $f))")[3], 4);
  EXPECT_EQ(elem("(elem funcref (item ref.func $f) (ref.null func))")[3], 5);
  EXPECT_EQ(elem("(elem (table $t) (i32.const 0) (ref func) (ref.func $f))")[3], 6);
  EXPECT_EQ(elem("(elem declare (ref null func) (ref.func $f))")[3], 7);
  EXPECT_EQ(elem("(elem $e (i32.const 0))")[3], 0);
}

TEST(Parser, LeavesOutWhatIsZeroByDefault) {
  const std::string module =
      "(memory $a 1) (memory $b 1) (table 1 funcref) (elem func) (data \"\")";
  const auto body = [&](std::string_view text) {
    return assemble(module + "(func " + std::string(text) + ")");
  };
  EXPECT_EQ(body("memory.size memory.copy memory.init 0 table.init 0"),
            body("memory.size 0 memory.copy $a 0 memory.init $a 0 table.init 0 0"));
  EXPECT_EQ(body("v128.load8_lane 3"), body("v128.load8_lane 0 offset=0 align=1 3"));
  EXPECT_EQ(body("v128.load8_lane 1 3"), body("v128.load8_lane $b 3"));
  EXPECT_EQ(body("i32.load"), body("i32.load $a offset=0 align=4"));
  EXPECT_NE(body("i32.load"), body("i32.load $b"));
}

TEST(Parser, CountsDataOnlyForCodeThatNamesIt) {
  EXPECT_EQ(sections("(data \"\")"), bytes("\x0b\x03\x01\x01\x00"));
  EXPECT_THAT(sections("(func data.drop 0) (data \"\")"),
              testing::HasSubstr(bytes("\x0c\x01\x01\x0a")));
}

TEST(Parser, ChoosesBetweenRowsOfOneSpelling) {
  EXPECT_THAT(sections("(func select)"), testing::EndsWith(bytes("\x1b\x0b")));
  EXPECT_THAT(sections("(func select (result i32) (result))"),
              testing::EndsWith(bytes("\x1c\x01\x7f\x0b")));
  EXPECT_THAT(sections("(func ref.test (ref any))"), testing::EndsWith(bytes("\xfb\x14\x6e\x0b")));
  EXPECT_THAT(sections("(func ref.test anyref)"), testing::EndsWith(bytes("\xfb\x15\x6e\x0b")));
  EXPECT_THAT(sections("(func br_on_cast 0 anyref (ref i31))"),
              testing::EndsWith(bytes("\xfb\x18\x01\x00\x6e\x6c\x0b")));
}

TEST(Parser, JoinsRunsOfLocals) {
  EXPECT_THAT(sections("(func (local i32 i32) (local $x i32) (local i64))"),
              testing::EndsWith(bytes("\x02\x03\x7f\x01\x7e\x0b")));
}

TEST(Parser, WritesNames) {
  EXPECT_EQ(
      sections("(module $m (func $f (param $p i32) (local $l i64) (block $b)))", true).substr(22),
      bytes("\x00\x22\x04name"
            "\x00\x02\x01m"
            "\x01\x04\x01\x00\x01"
            "f"
            "\x02\x09\x01\x00\x02\x00\x01p\x01\x01l"
            "\x03\x06\x01\x00\x01\x00\x01"
            "b"));
  EXPECT_THAT(sections("(func $f (@name \"other\"))", true), testing::HasSubstr("other"));
  EXPECT_THAT(sections("(type $t (struct (field $x i32)))", true),
              testing::EndsWith(bytes("\x0a\x06\x01\x00\x01\x00\x01x")));
}

TEST(Parser, PlacesCustomSections) {
  EXPECT_EQ(sections("(memory 1) (@custom \"z\" \"1\" \"2\") (@custom \"b\" (before memory) \"3\")"
                     "(@custom \"a\" (before first)) (@custom \"c\" (after memory))"),
            bytes("\x00\x02\x01"
                  "a\x00\x03\x01"
                  "b3\x05\x03\x01\x00\x01\x00\x02\x01"
                  "c\x00\x04\x01z12"));
}

TEST(Parser, WritesBranchHints) {
  EXPECT_THAT(sections("(func (param i32) (@metadata.code.branch_hint \"\\01\")"
                       "(if (local.get 0) (then)))"),
              testing::HasSubstr(bytes("metadata.code.branch_hint\x01\x00\x01\x03\x01\x01")));
}

struct BadText {
  std::string_view text;
  size_t offset;
  std::string_view message;
};

class ParserErrors : public testing::TestWithParam<BadText> {};

TEST_P(ParserErrors, SayWhatAndWhere) {
  EXPECT_THAT(wat_to_wasm(GetParam().text),
              Fails(ErrorKind::malformed, GetParam().offset, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ParserErrors,
    testing::Values(
        BadText{"(module (func)", 0, "unclosed parenthesis"},
        BadText{"(module) (module)", 9, "unexpected token ( after the module"},
        BadText{"(func))", 6, "unexpected token )"},
        BadText{"(func i32.ad)", 6, "unknown operator i32.ad"},
        BadText{"(func i32.const0)", 6, "unknown operator i32.const0"},
        BadText{"(func (i32.const 0) x\"y\")", 20, "unknown operator x\"y\""},
        BadText{"(func i32.const)", 15, "unexpected token ), expected a number"},
        BadText{"(func i32.const 0x1_0000_0000)", 16, "i32 constant out of range"},
        BadText{"(func f32.const 1e39)", 16, "f32 constant out of range"},
        BadText{"(func call $g)", 11, "unknown func $g"},
        BadText{"(func local.get $x)", 16, "unknown local $x"},
        BadText{"(func br $l)", 9, "unknown label $l"},
        BadText{"(func $f) (func $f)", 16, "duplicate func $f"},
        BadText{"(func (param $x i32) (local $x i32))", 28, "duplicate local $x"},
        BadText{"(type $t (func)) (type $t (func))", 23, "duplicate type $t"},
        BadText{"(type (struct (field $a i32) (field $a i32)))", 36, "duplicate field $a"},
        BadText{"(func block $a end $b)", 19, "mismatching label $b, expected $a"},
        BadText{"(func block)", 11, "unexpected token ), expected end"},
        BadText{"(func end)", 6, "unexpected token end"},
        BadText{"(func else)", 6, "unexpected token else"},
        BadText{"(func (if (i32.const 0)))", 23, "unexpected token ), expected then"},
        BadText{"(func (i32.eqz i32.const 0))", 15,
                "unexpected token i32.const, expected a folded"},
        BadText{"(func i32.load align=3)", 15, "alignment must be a power of two"},
        BadText{"(func i8x16.extract_lane_s 256)", 27, "malformed lane index"},
        BadText{"(func) (import \"m\" \"n\" (func))", 7, "import after func"},
        BadText{"(type (func)) (func (type 0) (param i32))", 20, "inline function type"},
        BadText{"(func (type $t))", 12, "unknown type $t"},
        BadText{"(func (param i33))", 13, "unknown type i33"},
        BadText{"(func (result i32) (param i32))", 20, "unknown operator param"},
        BadText{"(memory 1 (pagesize 3))", 20, "invalid custom page size"},
        BadText{"(export \"\\ff\" (func 0))", 8, "malformed UTF-8 encoding"},
        BadText{"(func $)", 6, "empty identifier"},
        BadText{"(start 0) (start 0)", 10, "multiple start sections"},
        BadText{"(global $g anyfunc (ref.null func))", 11, "unknown type anyfunc"},
        BadText{"(elem 0 (offset (i32.const 0)) 0)", 6, "unexpected token 0"},
        BadText{"(fun)", 1, "unexpected token fun, expected a module field"},
        BadText{"(func (@custom \"x\"))", 6, "misplaced @custom annotation"},
        BadText{"(func nop \x01)", 10, "illegal character"}));

TEST(Parser, ReportsTheFirstErrorOfTheText) {
  // A bad character far behind does not hide what is wrong in front of it.
  EXPECT_THAT(wat_to_wasm("(func bad) (func nop) \x01"),
              Fails(ErrorKind::malformed, 6, "unknown operator bad"));
}

TEST(Position, CountsLinesAndCharacters) {
  const TextPosition position = position_of("a\n\xc3\xa4\xc3\xb6 b", 7);
  EXPECT_EQ(position.line, 2u);
  EXPECT_EQ(position.column, 4u);
}

TEST(Excerpt, PointsAtThePlace) {
  EXPECT_EQ(excerpt("one\n\ttwo x\nthree", 9), "  2 | \ttwo x\n    | \t    ^\n");
  EXPECT_EQ(excerpt("", 0), "  1 | \n    | ^\n");
  EXPECT_EQ(excerpt("a\x1b", 1), "  1 | a?\n    |  ^\n");
}

TEST(Excerpt, CutsLongLines) {
  const std::string text = std::string(1000, 'a') + "b" + std::string(1000, 'c');
  EXPECT_EQ(excerpt(text, 1000), "  1 | " + std::string(60, 'a') + "b" + std::string(39, 'c') +
                                     "\n    | " + std::string(60, ' ') + "^\n");
  EXPECT_EQ(excerpt(text, 0), "  1 | " + std::string(100, 'a') + "\n    | ^\n");
  EXPECT_EQ(excerpt(text, 2001),
            "  1 | " + std::string(100, 'c') + "\n    | " + std::string(100, ' ') + "^\n");
}

TEST(Excerpt, PutsTheCaretUnderWhatIsShown) {
  EXPECT_EQ(excerpt("\u65e5\u672c x", 7), "  1 | \u65e5\u672c x\n    |      ^\n");
  EXPECT_EQ(excerpt("\u202e\xc2\x85 x", 6), "  1 | ?? x\n    |    ^\n");
  EXPECT_EQ(excerpt("e\u0301 x", 4), "  1 | e\u0301 x\n    |   ^\n");
}

}  // namespace
}  // namespace swoop::text

#include "wast/matching.h"

#include "tests/support/matchers.h"
#include "vm/context.h"
#include "vm/object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop::wast {
namespace {

using text::NanPattern;
using text::ScriptValue;
using text::VectorShape;
using Kind = ScriptValue::Kind;

class Matching : public testing::Test {
 protected:
  bool is_match(const ScriptValue& expected, ValType type, const Value& actual) const {
    return matches(types_, expected, type, actual);
  }
  static ScriptValue number(Kind kind, uint64_t bits) {
    ScriptValue value;
    value.kind = kind;
    value.bits.low = bits;
    return value;
  }
  static ScriptValue nan(Kind kind, NanPattern pattern) {
    ScriptValue value;
    value.kind = kind;
    value.nan_patterns[0] = pattern;
    return value;
  }
  static ScriptValue vector(VectorShape shape, uint64_t low, uint64_t high) {
    ScriptValue value;
    value.kind = Kind::v128;
    value.shape = shape;
    value.bits = {low, high};
    return value;
  }
  static ScriptValue reference(Kind kind, std::optional<AbstractHeapType> type = {},
                               uint32_t number = 0) {
    ScriptValue value;
    value.kind = kind;
    value.heap_type = type;
    value.number = number;
    return value;
  }
  static ValType nullable(AbstractHeapType type) { return ValType::ref(type, true); }

  TypeRegistry types_;
};

TEST_F(Matching, ComparesNumbersWithTheirTypes) {
  EXPECT_TRUE(is_match(number(Kind::i32, 7), ValType::i32, Value::i32(7)));
  EXPECT_FALSE(is_match(number(Kind::i32, 7), ValType::i32, Value::i32(8)));
  EXPECT_FALSE(is_match(number(Kind::i32, 7), ValType::i64, Value::i64(7)));
  EXPECT_TRUE(is_match(number(Kind::i64, 7), ValType::i64, Value::i64(7)));
  EXPECT_FALSE(is_match(number(Kind::i64, 1), ValType::i64, Value::i64(1 | 1ll << 32)));
}

TEST_F(Matching, ComparesFloatsAsBits) {
  EXPECT_TRUE(is_match(number(Kind::f32, 0x80000000), ValType::f32, Value::f32(-0.0f)));
  EXPECT_FALSE(is_match(number(Kind::f32, 0), ValType::f32, Value::f32(-0.0f)));
  EXPECT_FALSE(is_match(number(Kind::f64, 0), ValType::f64, Value::f64(-0.0)));
  // A signaling NaN is another value than the quiet one.
  EXPECT_FALSE(is_match(number(Kind::f32, 0x7fa00000), ValType::f32, Value{0x7fe00000}));
  EXPECT_TRUE(is_match(number(Kind::f32, 0x7fa00000), ValType::f32, Value{0x7fa00000}));
}

TEST_F(Matching, TellsCanonicalFromArithmeticNans) {
  const ScriptValue canonical = nan(Kind::f32, NanPattern::canonical);
  EXPECT_TRUE(is_match(canonical, ValType::f32, Value{0x7fc00000}));
  EXPECT_TRUE(is_match(canonical, ValType::f32, Value{0xffc00000}));
  EXPECT_FALSE(is_match(canonical, ValType::f32, Value{0x7fc00001}));
  EXPECT_FALSE(is_match(canonical, ValType::f32, Value::f32(1)));
  const ScriptValue arithmetic = nan(Kind::f32, NanPattern::arithmetic);
  EXPECT_TRUE(is_match(arithmetic, ValType::f32, Value{0xffc00001}));
  EXPECT_FALSE(is_match(arithmetic, ValType::f32, Value{0x7fa00000}));
  EXPECT_FALSE(is_match(arithmetic, ValType::f32, Value{0x7f800000}));  // infinite

  const ScriptValue wide = nan(Kind::f64, NanPattern::canonical);
  EXPECT_TRUE(is_match(wide, ValType::f64, Value{0xfff8000000000000}));
  EXPECT_FALSE(is_match(wide, ValType::f64, Value{0x7ff8000000000001}));
  EXPECT_TRUE(
      is_match(nan(Kind::f64, NanPattern::arithmetic), ValType::f64, Value{0x7ff8000000000001}));
  EXPECT_FALSE(
      is_match(nan(Kind::f64, NanPattern::arithmetic), ValType::f64, Value{0x7ff4000000000000}));
}

TEST_F(Matching, ComparesVectorsByLane) {
  const Value value{0x3f800000'7fc00000, 0x00000000'bf800000};
  ScriptValue expected = vector(VectorShape::f32x4, value.low, value.high);
  EXPECT_TRUE(is_match(expected, ValType::v128, value));
  expected.nan_patterns[0] = NanPattern::canonical;
  EXPECT_TRUE(is_match(expected, ValType::v128, value));
  expected.nan_patterns[3] = NanPattern::arithmetic;
  EXPECT_FALSE(is_match(expected, ValType::v128, value));

  EXPECT_TRUE(is_match(vector(VectorShape::i8x16, 1, 2), ValType::v128, {1, 2}));
  EXPECT_FALSE(is_match(vector(VectorShape::i8x16, 1, 2), ValType::v128, {1, 3}));
  EXPECT_FALSE(is_match(vector(VectorShape::i8x16, 1, 2), ValType::i64, {1, 2}));

  ScriptValue doubles = vector(VectorShape::f64x2, 0, 0);
  doubles.nan_patterns[1] = NanPattern::canonical;
  EXPECT_TRUE(is_match(doubles, ValType::v128, {0, 0x7ff8000000000000}));
  EXPECT_FALSE(is_match(doubles, ValType::v128, {0, 0x7ff0000000000000}));
}

TEST_F(Matching, KnowsObjectsOfTheHostByTheirNumber) {
  const ValType externref = ValType::externref, anyref = nullable(AbstractHeapType::any);
  const Value two{host_reference(2)};
  EXPECT_TRUE(is_match(reference(Kind::ref_extern, {}, 2), externref, two));
  EXPECT_FALSE(is_match(reference(Kind::ref_extern, {}, 3), externref, two));
  EXPECT_FALSE(is_match(reference(Kind::ref_extern, {}, 2), anyref, two));
  EXPECT_TRUE(is_match(reference(Kind::ref_host, {}, 2), anyref, two));
  EXPECT_FALSE(is_match(reference(Kind::ref_host, {}, 2), externref, two));
  EXPECT_FALSE(is_match(reference(Kind::ref_extern, {}, 0), externref, Value()));  // null
}

TEST_F(Matching, TakesNullForNullOnly) {
  EXPECT_TRUE(is_match(reference(Kind::ref_null), ValType::funcref, Value()));
  EXPECT_TRUE(
      is_match(reference(Kind::ref_null, AbstractHeapType::func), ValType::externref, Value()));
  EXPECT_FALSE(is_match(reference(Kind::ref_null), ValType::externref, Value{host_reference(0)}));
  EXPECT_FALSE(is_match(reference(Kind::ref_null), ValType::i32, Value()));
}

TEST_F(Matching, LooksAtWhatAReferenceReallyIs) {
  const ValType anyref = nullable(AbstractHeapType::any);
  SubType struct_type, array_type;
  struct_type.composite.kind = CompositeType::Kind::struct_;
  array_type.composite.kind = CompositeType::Kind::array;
  array_type.composite.fields.push_back({ValType::i32, true});
  VmObject object{static_cast<uint32_t>(types_.intern({&struct_type, 1}).value()), 0};
  VmObject array{static_cast<uint32_t>(types_.intern({&array_type, 1}).value()), 0};
  const Value to_object{std::bit_cast<uint64_t>(&object)};
  const Value to_array{std::bit_cast<uint64_t>(&array)};
  const Value i31{i31_reference(5)}, host{host_reference(5)};

  const auto matching = [&](std::optional<AbstractHeapType> type) {
    std::string names;
    if (is_match(reference(Kind::ref, type), anyref, Value())) names += "null ";
    if (is_match(reference(Kind::ref, type), anyref, to_object)) names += "struct ";
    if (is_match(reference(Kind::ref, type), anyref, to_array)) names += "array ";
    if (is_match(reference(Kind::ref, type), anyref, i31)) names += "i31 ";
    if (is_match(reference(Kind::ref, type), anyref, host)) names += "host ";
    return names;
  };
  EXPECT_EQ(matching(AbstractHeapType::struct_), "struct ");
  EXPECT_EQ(matching(AbstractHeapType::array), "array ");
  EXPECT_EQ(matching(AbstractHeapType::i31), "i31 ");
  EXPECT_EQ(matching(AbstractHeapType::eq), "struct array i31 ");
  EXPECT_EQ(matching(AbstractHeapType::any), "struct array i31 host ");
  EXPECT_EQ(matching(std::nullopt), "struct array i31 host ");
  EXPECT_EQ(matching(AbstractHeapType::func), "");
  EXPECT_EQ(matching(AbstractHeapType::extern_), "");
}

TEST_F(Matching, KeepsFunctionsOutOfOtherHierarchies) {
  VmFuncRef function;
  const Value value{std::bit_cast<uint64_t>(&function)};
  EXPECT_TRUE(is_match(reference(Kind::ref, AbstractHeapType::func), ValType::funcref, value));
  EXPECT_FALSE(is_match(reference(Kind::ref, AbstractHeapType::func), ValType::funcref, Value()));
  EXPECT_FALSE(is_match(reference(Kind::ref), ValType::funcref, value));
  EXPECT_FALSE(is_match(reference(Kind::ref, AbstractHeapType::any), ValType::funcref, value));
}

TEST_F(Matching, EitherMatchesAWholeAlternative) {
  ScriptValue either;
  either.kind = Kind::either;
  either.alternatives = {vector(VectorShape::i64x2, 1, 1), vector(VectorShape::i64x2, 2, 2)};
  EXPECT_TRUE(is_match(either, ValType::v128, {1, 1}));
  EXPECT_TRUE(is_match(either, ValType::v128, {2, 2}));
  EXPECT_FALSE(is_match(either, ValType::v128, {1, 2}));
}

TEST_F(Matching, ChecksTypesOfArguments) {
  EXPECT_EQ(to_argument(types_, number(Kind::i32, 7), ValType::i32).value(), Value::i32(7));
  EXPECT_THAT(to_argument(types_, number(Kind::i32, 7), ValType::i64),
              Fails(ErrorKind::invalid, kNoOffset, "argument (i32.const 7)"));
  EXPECT_THAT(to_argument(types_, reference(Kind::ref), ValType::externref),
              Fails(ErrorKind::invalid, kNoOffset, "argument (ref)"));
}

TEST_F(Matching, PassesNullToItsHierarchyOnly) {
  const auto null_as = [&](AbstractHeapType type, ValType param) {
    return to_argument(types_, reference(Kind::ref_null, type), param).ok();
  };
  EXPECT_TRUE(null_as(AbstractHeapType::func, ValType::funcref));
  EXPECT_TRUE(null_as(AbstractHeapType::any, nullable(AbstractHeapType::i31)));
  EXPECT_TRUE(null_as(AbstractHeapType::exn, nullable(AbstractHeapType::exn)));
  EXPECT_FALSE(null_as(AbstractHeapType::func, ValType::externref));
  EXPECT_FALSE(null_as(AbstractHeapType::extern_, nullable(AbstractHeapType::any)));
  EXPECT_FALSE(null_as(AbstractHeapType::func, ValType::funcref.as_non_null()));
  EXPECT_FALSE(null_as(AbstractHeapType::func, ValType::i32));
}

TEST_F(Matching, PassesObjectsOfTheHost) {
  EXPECT_EQ(to_argument(types_, reference(Kind::ref_extern, {}, 1), ValType::externref).value(),
            Value{host_reference(1)});
  EXPECT_EQ(to_argument(types_, reference(Kind::ref_host, {}, 1), nullable(AbstractHeapType::any))
                .value(),
            Value{host_reference(1)});
  EXPECT_FALSE(to_argument(types_, reference(Kind::ref_host, {}, 1), ValType::externref).ok());
  EXPECT_FALSE(to_argument(types_, reference(Kind::ref_extern, {}, 1), ValType::funcref).ok());
}

TEST(MatchesTrapMessage, TakesABeginning) {
  EXPECT_TRUE(matches_trap_message("out of bounds", "out of bounds memory access"));
  EXPECT_FALSE(matches_trap_message("out of bounds memory access", "out of bounds table access"));
  EXPECT_FALSE(matches_trap_message("unreachable executed", "unreachable"));
}

TEST(MatchesTrapMessage, DoesNotAskForTheIndexOfAnUninitializedElement) {
  EXPECT_TRUE(matches_trap_message("uninitialized element 2", "uninitialized element"));
  EXPECT_FALSE(matches_trap_message("uninitialized elements", "uninitialized element"));
  EXPECT_FALSE(matches_trap_message("uninitialized element 2", "undefined element"));
}

TEST_F(Matching, DescribesValuesAsScriptsWriteThem) {
  EXPECT_EQ(describe(number(Kind::i32, 0xffffffff)), "(i32.const -1)");
  EXPECT_EQ(describe(number(Kind::f32, 0x3fc00000)), "(f32.const 0x1.8p+0)");
  EXPECT_EQ(describe(number(Kind::f64, 0xfff4000000000000)), "(f64.const -nan:0x4000000000000)");
  EXPECT_EQ(describe(number(Kind::f32, 0x7f800000)), "(f32.const inf)");
  EXPECT_EQ(describe(nan(Kind::f32, NanPattern::canonical)), "(f32.const nan:canonical)");
  EXPECT_EQ(describe(vector(VectorShape::i64x2, 1, 2)), "(v128.const i64x2 0x1 0x2)");
  EXPECT_EQ(describe(vector(VectorShape::f64x2, 0, 0x3ff0000000000000)),
            "(v128.const f64x2 0x0p+0 0x1p+0)");
  EXPECT_EQ(describe(reference(Kind::ref_null, AbstractHeapType::func)), "(ref.null func)");
  EXPECT_EQ(describe(reference(Kind::ref_extern, {}, 3)), "(ref.extern 3)");
  EXPECT_EQ(describe(reference(Kind::ref, AbstractHeapType::struct_)), "(ref.struct)");
  EXPECT_EQ(describe(types_, ValType::i64, Value::i64(-2)), "(i64.const -2)");
  EXPECT_EQ(describe(types_, ValType::externref, Value{host_reference(3)}), "(ref.extern 3)");
  EXPECT_EQ(describe(types_, ValType::funcref, Value()), "null of type funcref");
}

}  // namespace
}  // namespace swoop::wast

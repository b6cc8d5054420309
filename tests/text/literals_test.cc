#include "text/literals.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <string>

namespace swoop::text {
namespace {

TEST(Integer, TakesSignedAndUnsignedOfItsWidth) {
  EXPECT_EQ(parse_integer("4294967295", 32).value, 0xffffffffu);
  EXPECT_EQ(parse_integer("-1", 32).value, 0xffffffffu);
  EXPECT_EQ(parse_integer("-0x80000000", 32).value, 0x80000000u);
  EXPECT_EQ(parse_integer("+0x7f", 8).value, 0x7fu);
  EXPECT_EQ(parse_integer("18446744073709551615", 64).value, UINT64_MAX);
  EXPECT_EQ(parse_integer("-9223372036854775808", 64).value, uint64_t{1} << 63);
}

TEST(Integer, RefusesWhatDoesNotFit) {
  for (const char* text : {"256", "-129", "+128", "0x100"}) {
    EXPECT_EQ(parse_integer(text, 8).error, LiteralError::out_of_range) << text;
  }
  EXPECT_EQ(parse_integer("18446744073709551616", 64).error, LiteralError::out_of_range);
  EXPECT_EQ(parse_integer("-9223372036854775809", 64).error, LiteralError::out_of_range);
}

TEST(Integer, TakesUnderscoresBetweenDigitsOnly) {
  EXPECT_EQ(parse_integer("1_000", 32).value, 1000u);
  EXPECT_EQ(parse_integer("0xa_b", 32).value, 0xabu);
  for (const char* text : {"_1", "1_", "1__0", "0x_1", "", "-", "0x", "1a", "0xg", "- 1", "--1"}) {
    EXPECT_EQ(parse_integer(text, 32).error, LiteralError::not_a_number) << text;
  }
}

TEST(Float, IsRoundedOnce) {
  // By way of a double, the first would be rounded down to even at the wrong place.
  EXPECT_EQ(parse_f32("0x1.00000100000000001p-50").value, std::bit_cast<uint32_t>(0x1.000002p-50f));
  EXPECT_EQ(parse_f32("+0x1.00000100000000000p-50").value, std::bit_cast<uint32_t>(0x1p-50f));
  EXPECT_EQ(parse_f32("8.8817847263968443573e-16").value, std::bit_cast<uint32_t>(0x1.000000p-50f));
  EXPECT_EQ(parse_f64("0.1").value, std::bit_cast<uint64_t>(0.1));
  EXPECT_EQ(parse_f64("1_0.2_5e+0_1").value, std::bit_cast<uint64_t>(102.5));
}

TEST(Float, TakesEveryForm) {
  EXPECT_EQ(parse_f64("1").value, std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(parse_f64("1.").value, std::bit_cast<uint64_t>(1.0));
  EXPECT_EQ(parse_f64("1E3").value, std::bit_cast<uint64_t>(1000.0));
  EXPECT_EQ(parse_f64("0x1.8").value, std::bit_cast<uint64_t>(1.5));
  EXPECT_EQ(parse_f64("0xap+1").value, std::bit_cast<uint64_t>(20.0));
  EXPECT_EQ(parse_f64("-0").value, uint64_t{1} << 63);
  EXPECT_EQ(parse_f32("-inf").value, 0xff800000u);
  EXPECT_EQ(parse_f32("nan").value, 0x7fc00000u);
  EXPECT_EQ(parse_f32("-nan:0x1").value, 0xff800001u);
}

TEST(Float, RefusesWhatIsNoNumber) {
  for (const char* text : {".5", "0x.8", "1e", "1e+", "0x1p", "1_.0", "1._0", "1.0_", "infinity",
                           "nan:", "nan:1", "0x1.g", "1p3", "e1", "", "+", "0x", "1.5x"}) {
    EXPECT_EQ(parse_f64(text).error, LiteralError::not_a_number) << text;
  }
}

TEST(Float, TellsOverflowFromUnderflow) {
  for (const char* text :
       {"1e39", "0x1p128", "0x1.ffffffp127", "1e99999999999999999999",
        "10000000000000000000000000000000000000000", "nan:0x0", "nan:0x800000"}) {
    EXPECT_EQ(parse_f32(text).error, LiteralError::out_of_range) << text;
  }
  for (const char* text : {"1e-60", "0x1p-999", "0x0.00000100000000000p-126", "0e9999999999",
                           "0.0000000000000000000000000000000000000000000000000000000001",
                           "0x0p99999999999999999999999", "1e-99999999999999999999"}) {
    EXPECT_EQ(parse_f32(text).value, 0u) << text;
    EXPECT_TRUE(parse_f32(text).ok()) << text;
  }
  EXPECT_EQ(parse_f32("0x1p-149").value, 1u);
  EXPECT_EQ(parse_f32("0x1.000001p-150").value, 1u);
  EXPECT_EQ(parse_f32("0x1.fffffep127").value, 0x7f7fffffu);
}

TEST(String, UnderstandsItsEscapes) {
  std::string bytes;
  append_string(R"("a\t\n\r\"\'\\\00\fF\u{48}\u{1F6_00}b")", bytes);
  EXPECT_EQ(bytes, std::string("a\t\n\r\"'\\\0\xffH\xf0\x9f\x98\x80"
                               "b",
                               15));
  EXPECT_EQ(escape_size("\\u{10ffff}"), 10u);
  for (const char* text :
       {"\\", "\\x", "\\0", "\\0g", "\\u", "\\u{", "\\u{}", "\\u{g}", "\\u{_1}"}) {
    EXPECT_EQ(escape_size(text), 0u) << text;
  }
}

}  // namespace
}  // namespace swoop::text

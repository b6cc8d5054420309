#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace swoop {
namespace {

// The encoding of any number below 2^21 in a given length, right or wrong.
std::string encode(uint32_t number, int length) {
  if (length == 1) return std::string(1, static_cast<char>(number));
  static constexpr uint8_t kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  std::string text;
  for (int i = 1; i < length; ++i, number >>= 6) {
    text.insert(text.begin(), static_cast<char>(0x80 | (number & 0x3f)));
  }
  text.insert(text.begin(), static_cast<char>(kLead[length] | number));
  return text;
}

TEST(Utf8, AcceptsExactlyTheShortestFormOfEachScalarValue) {
  for (uint32_t c = 0; c < 0x200000; ++c) {
    const int shortest = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    const bool is_scalar = c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
    for (int length = shortest; length <= 4; ++length) {
      ASSERT_EQ(is_utf8(encode(c, length)), is_scalar && length == shortest)
          << std::hex << c << " in " << length << " bytes";
    }
  }
}

TEST(Utf8, RejectsTruncatedAndStrayBytes) {
  for (const uint32_t c : {0x80u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu}) {
    const std::string whole = encode(c, c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
    for (size_t length = 1; length < whole.size(); ++length) {
      EXPECT_FALSE(is_utf8(whole.substr(0, length)));
      EXPECT_FALSE(is_utf8(whole.substr(length)));
      EXPECT_FALSE(is_utf8(whole.substr(0, length) + "a"));
    }
  }
  for (int byte = 0xf5; byte <= 0xff; ++byte) {
    EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)) + "\x80\x80\x80\x80\x80"));
  }
}

TEST(Utf8, FindsABadByteAtEachPlaceOfALongText) {
  for (size_t length = 0; length < 40; ++length) {
    const std::string text(length, 'x');
    EXPECT_TRUE(is_utf8(text));
    for (size_t i = 0; i < length; ++i) {
      std::string bad = text;
      bad[i] = '\x80';
      EXPECT_FALSE(is_utf8(bad)) << i << " of " << length;
    }
    EXPECT_TRUE(is_utf8(text + "\xc3\xa9" + text));
  }
}

TEST(Utf8, DecodesTheFirstCharacter) {
  EXPECT_EQ(decode_utf8("a\xc3\xa4").value, 'a');
  EXPECT_EQ(decode_utf8("\xc3\xa4").value, 0xe4u);
  EXPECT_EQ(decode_utf8("\xe2\x82\xac").value, 0x20acu);
  EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80").value, 0x1f600u);
  EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80").size, 4u);
  for (const char* bad : {"", "\xff", "\xc3", "\xed\xa0\x80", "\x80"}) {
    EXPECT_EQ(decode_utf8(bad).size, 0u) << bad;
  }
}

TEST(Utf8, KnowsWhatPeopleCannotSee) {
  for (const uint32_t c : {0x1b, 0x7f, 0x9b, 0x200b, 0x202e, 0x2066, 0xfeff}) {
    EXPECT_TRUE(is_deceptive(c)) << c;
  }
  for (const uint32_t c : {0x20, 0x7e, 0xe4, 0x20ac, 0x1f600}) EXPECT_FALSE(is_deceptive(c)) << c;
}

}  // namespace
}  // namespace swoop

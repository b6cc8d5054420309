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

}  // namespace
}  // namespace swoop

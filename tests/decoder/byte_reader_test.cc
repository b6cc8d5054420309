#include "decoder/byte_reader.h"

#include "tests/support/module_builder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace swoop {
namespace {

constexpr size_t kBase = 100;

// What a read gave, in one line.
template <class Read>
std::string read_with(const Bytes& bytes, Read&& read) {
  ByteReader reader(bytes, kBase);
  const auto value = read(reader);
  if (!reader.ok()) {
    return reader.error().message + " at " + std::to_string(reader.error().offset - kBase);
  }
  return std::to_string(value) + ", " + std::to_string(reader.offset() - kBase) + " bytes";
}
std::string u32(const Bytes& bytes) {
  return read_with(bytes, [](ByteReader& r) { return r.read_u32(); });
}
std::string u64(const Bytes& bytes) {
  return read_with(bytes, [](ByteReader& r) { return r.read_u64(); });
}
std::string s32(const Bytes& bytes) {
  return read_with(bytes, [](ByteReader& r) { return r.read_s32(); });
}
std::string s33(const Bytes& bytes) {
  return read_with(bytes, [](ByteReader& r) { return r.read_s33(); });
}
std::string s64(const Bytes& bytes) {
  return read_with(bytes, [](ByteReader& r) { return r.read_s64(); });
}

TEST(Leb128, ReadsUnsignedNumbersOfAnyLength) {
  EXPECT_EQ(u32(raw({0})), "0, 1 bytes");
  EXPECT_EQ(u32(raw({0x7f})), "127, 1 bytes");
  EXPECT_EQ(u32(raw({0x80, 0x01, 0xff})), "128, 2 bytes");
  EXPECT_EQ(u32(raw({0x80, 0x80, 0x80, 0x80, 0x00})), "0, 5 bytes");
  EXPECT_EQ(u32(raw({0xff, 0xff, 0xff, 0xff, 0x0f})), "4294967295, 5 bytes");
  EXPECT_EQ(u64(raw({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})),
            "18446744073709551615, 10 bytes");
  EXPECT_EQ(u64(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), "0, 10 bytes");
}

TEST(Leb128, ReadsSignedNumbersOfAnyLength) {
  EXPECT_EQ(s32(raw({0x7f})), "-1, 1 bytes");
  EXPECT_EQ(s32(raw({0x40})), "-64, 1 bytes");
  EXPECT_EQ(s32(raw({0x3f})), "63, 1 bytes");
  EXPECT_EQ(s32(raw({0xff, 0x00})), "127, 2 bytes");
  EXPECT_EQ(s32(raw({0xff, 0xff, 0xff, 0xff, 0x7f})), "-1, 5 bytes");
  EXPECT_EQ(s32(raw({0x80, 0x80, 0x80, 0x80, 0x78})), "-2147483648, 5 bytes");
  EXPECT_EQ(s32(raw({0xff, 0xff, 0xff, 0xff, 0x07})), "2147483647, 5 bytes");
  EXPECT_EQ(s33(raw({0xff, 0xff, 0xff, 0xff, 0x0f})), "4294967295, 5 bytes");
  EXPECT_EQ(s33(raw({0x80, 0x80, 0x80, 0x80, 0x70})), "-4294967296, 5 bytes");
  EXPECT_EQ(s64(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f})),
            "-9223372036854775808, 10 bytes");
  EXPECT_EQ(s64(raw({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00})),
            "9223372036854775807, 10 bytes");
}

TEST(Leb128, RejectsMoreBytesThanTheTypeNeeds) {
  const std::string text = "integer representation too long at ";
  EXPECT_EQ(u32(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), text + "5");
  EXPECT_EQ(s32(raw({0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})), text + "5");
  EXPECT_EQ(s33(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), text + "5");
  EXPECT_EQ(u64(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})),
            text + "10");
  EXPECT_EQ(s64(raw({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})),
            text + "10");
}

TEST(Leb128, RejectsBitsBeyondTheType) {
  const std::string text = "integer too large at ";
  for (int last = 0x10; last < 0x80; ++last) {
    EXPECT_EQ(u32(raw({0x80, 0x80, 0x80, 0x80, last})), text + "4") << last;
  }
  // The sign's copies must all be there: bits 3 to 6 of the last byte for 32 bits, 4 to 6 for 33.
  for (int last = 0; last < 0x80; ++last) {
    const int high32 = last & 0x78;
    const bool good32 = high32 == 0 || high32 == 0x78;
    EXPECT_EQ(s32(raw({0x80, 0x80, 0x80, 0x80, last})) == text + "4", !good32) << last;
    const int high33 = last & 0x70;
    const bool good33 = high33 == 0 || high33 == 0x70;
    EXPECT_EQ(s33(raw({0x80, 0x80, 0x80, 0x80, last})) == text + "4", !good33) << last;
    const Bytes nine(9, 0x80);
    EXPECT_EQ(u64(concat({nine, raw({last})})) == text + "9", last > 1) << last;
    EXPECT_EQ(s64(concat({nine, raw({last})})) == text + "9", last != 0 && last != 0x7f) << last;
  }
}

TEST(Leb128, RejectsNumbersThatDoNotEnd) {
  for (size_t length = 0; length < 5; ++length) {
    const std::string expected =
        "unexpected end of section or function at " + std::to_string(length);
    EXPECT_EQ(u32(Bytes(length, 0x80)), expected);
    EXPECT_EQ(s33(Bytes(length, 0xff)), expected);
  }
}

TEST(Leb128, UncheckedReadsTheSame) {
  const int64_t values[] = {0,
                            1,
                            -1,
                            63,
                            64,
                            -64,
                            -65,
                            8191,
                            8192,
                            -8193,
                            INT32_MAX,
                            INT32_MIN,
                            UINT32_MAX,
                            int64_t{1} << 40,
                            std::numeric_limits<int64_t>::min(),
                            std::numeric_limits<int64_t>::max()};
  for (const int64_t value : values) {
    const Bytes bytes = code(value, static_cast<uint64_t>(value));
    UncheckedReader unchecked(bytes, kBase);
    ByteReader checked(bytes, kBase);
    EXPECT_EQ(unchecked.read_s64(), value);
    EXPECT_EQ(checked.read_s64(), value);
    EXPECT_EQ(unchecked.read_u64(), static_cast<uint64_t>(value));
    EXPECT_EQ(checked.read_u64(), static_cast<uint64_t>(value));
    EXPECT_EQ(unchecked.offset(), checked.offset());
    UncheckedReader skipping(bytes, kBase);
    skipping.skip_leb();
    skipping.skip_leb();
    EXPECT_EQ(skipping.offset(), checked.offset());
  }
}

TEST(ByteReader, KeepsTheFirstErrorAndGivesZerosAfterIt) {
  const Bytes bytes = raw({1, 2, 3, 4, 5, 6, 7, 8, 9});
  ByteReader reader(bytes, kBase);
  reader.read_u8();
  reader.fail(kBase + 42, ErrorKind::invalid, "first");
  reader.fail(kBase, ErrorKind::malformed, "second");
  EXPECT_EQ(reader.read_u8(), 0);
  EXPECT_EQ(reader.read_u32(), 0u);
  EXPECT_EQ(reader.read_s33(), 0);
  EXPECT_EQ(reader.read_f64_bits(), 0u);
  EXPECT_EQ(reader.read_count(), 0u);
  EXPECT_TRUE(reader.read_name().empty());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.error().message, "first");
  EXPECT_EQ(reader.error().offset, kBase + 42);
  EXPECT_EQ(reader.error().kind, ErrorKind::invalid);
}

TEST(ByteReader, ReadsFixedWidthNumbersLittleEndian) {
  const Bytes bytes = raw({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  ByteReader reader(bytes, kBase);
  EXPECT_EQ(reader.read_f32_bits(), 0x04030201u);
  EXPECT_EQ(reader.read_f64_bits(), 0x0c0b0a0908070605u);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.read_f32_bits(), 0u);
  EXPECT_EQ(reader.error().offset, kBase + 12);
}

TEST(ByteReader, ReadsNamesOnlyIfTheyAreUtf8AndThere) {
  const Bytes good = name("h\xc3\xa9");
  ByteReader reader(good, kBase);
  EXPECT_EQ(reader.read_name(), "h\xc3\xa9");
  EXPECT_TRUE(reader.at_end());

  const Bytes bad = name("h\xc3");
  ByteReader bad_reader(bad, kBase);
  bad_reader.read_name();
  EXPECT_EQ(bad_reader.error().message, "malformed UTF-8 encoding");

  const Bytes truncated = raw({3, 'h', 'i'});
  ByteReader truncated_reader(truncated, kBase);
  truncated_reader.read_name();
  EXPECT_EQ(truncated_reader.error().message, "length out of bounds");
  EXPECT_EQ(truncated_reader.error().offset, kBase);
}

}  // namespace
}  // namespace swoop

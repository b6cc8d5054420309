#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace swoop {

namespace {

// The length of the encoded character at `at`, which is not ASCII, or 0.
size_t sequence_length(const uint8_t* at, size_t available) {
  const uint8_t first = at[0];
  // The second byte's range rules out overlong forms (e0, f0), surrogates (ed) and large values
  // (f4).
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  }
  if (length == 0 || length > available || at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

size_t utf8_prefix(std::string_view text) {
  const uint8_t* bytes = static_cast<const uint8_t*>(static_cast<const void*>(text.data()));
  size_t i = 0;
  while (i < text.size()) {
    uint64_t word;
    if (text.size() - i >= sizeof(word)) {
      std::memcpy(&word, bytes + i, sizeof(word));
      if ((word & 0x8080808080808080) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    const size_t length = sequence_length(bytes + i, text.size() - i);
    if (length == 0) break;
    i += length;
  }
  return i;
}

CodePoint decode_utf8(std::string_view text) {
  if (text.empty()) return {};
  const uint8_t* bytes = static_cast<const uint8_t*>(static_cast<const void*>(text.data()));
  if (bytes[0] < 0x80) return {bytes[0], 1};
  const size_t size = sequence_length(bytes, text.size());
  if (size == 0) return {};
  uint32_t value = bytes[0] & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) value = value << 6 | (bytes[i] & 0x3fu);
  return {value, size};
}

bool is_deceptive(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

unsigned columns_of(uint32_t c) {
  struct Range {
    uint32_t first;
    uint32_t last;
  };
  static constexpr Range kWide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                    {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                    {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
  if (c >= 0x300 && c <= 0x36f) return 0;
  for (const Range& range : kWide) {
    if (c >= range.first && c <= range.last) return 2;
  }
  return 1;
}

}  // namespace swoop

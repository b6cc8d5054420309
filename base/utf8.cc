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

}  // namespace swoop

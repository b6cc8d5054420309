#include "decoder/byte_reader.h"

#include "base/utf8.h"
#include "decoder/errors.h"

namespace swoop {

void ByteReader::fail(size_t offset, ErrorKind kind, std::string message) {
  if (error_) return;
  error_.emplace(kind, offset, std::move(message));
  pos_ = end_;
}

uint8_t ByteReader::fail_at_end() {
  fail_malformed(offset_of(end_), errors::kUnexpectedEnd);
  return 0;
}

// At most ceil(kBits / 7) bytes; in the last one the bits beyond the type are zero or copies of the
// sign. Spec: binary/values#integers.
template <unsigned kBits, bool kSigned>
uint64_t ByteReader::read_leb() {
  constexpr unsigned kMaxBytes = (kBits + 6) / 7;
  constexpr unsigned kLastBits = kBits - 7 * (kMaxBytes - 1);
  uint64_t value = 0;
  for (unsigned i = 0; i < kMaxBytes; ++i) {
    if (pos_ == end_) [[unlikely]]
      return fail_at_end();
    const uint8_t byte = *pos_++;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (i == kMaxBytes - 1) {
      if (byte >= 0x80) {
        fail_malformed(offset_of(pos_), errors::kLebTooLong);
        return 0;
      }
      constexpr uint8_t kSignBits = 0x7f & (0x7f << (kLastBits - (kSigned ? 1 : 0)));
      const uint8_t unused = byte & kSignBits;
      if (unused != 0 && !(kSigned && unused == kSignBits)) {
        fail_malformed(offset_of(pos_ - 1), errors::kLebTooLarge);
        return 0;
      }
    }
    if (byte < 0x80) {
      const unsigned read_bits = 7 * (i + 1);
      if (kSigned && (byte & 0x40) != 0 && read_bits < 64) value |= ~uint64_t{0} << read_bits;
      return value;
    }
  }
  UNREACHABLE();
}

uint64_t ByteReader::read_long_u32() {
  return read_leb<32, false>();
}
uint64_t ByteReader::read_long_u64() {
  return read_leb<64, false>();
}
int64_t ByteReader::read_long_s32() {
  return static_cast<int64_t>(read_leb<32, true>());
}
int64_t ByteReader::read_long_s33() {
  return static_cast<int64_t>(read_leb<33, true>());
}
int64_t ByteReader::read_long_s64() {
  return static_cast<int64_t>(read_leb<64, true>());
}

std::span<const uint8_t> ByteReader::read_bytes(size_t size) {
  if (size > remaining()) {
    fail_at_end();
    return {};
  }
  const std::span<const uint8_t> bytes(pos_, size);
  pos_ += size;
  return bytes;
}

std::span<const uint8_t> ByteReader::read_byte_vector() {
  return read_bytes(read_count());
}

std::string_view ByteReader::read_name() {
  const size_t start = offset();
  const std::span<const uint8_t> bytes = read_byte_vector();
  const std::string_view name(static_cast<const char*>(static_cast<const void*>(bytes.data())),
                              bytes.size());
  if (!is_utf8(name)) {
    fail_malformed(start, errors::kMalformedUtf8);
    return {};
  }
  return name;
}

uint32_t ByteReader::read_count() {
  const size_t start = offset();
  const uint32_t count = read_u32();
  if (count > remaining()) {
    fail_malformed(start, errors::kLengthOutOfBounds);
    return 0;
  }
  return count;
}

}  // namespace swoop

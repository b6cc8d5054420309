// Cursors over bytes of a module. ByteReader checks everything and keeps its first error with the
// offset of the byte to blame; UncheckedReader reads again what a ByteReader has accepted. Same
// names in both, so that templates over the reader serve both. Spec: binary/values.
#pragma once

#include "base/check.h"
#include "base/inline.h"
#include "base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace swoop {

/// The value of a signed number of one byte.
constexpr int32_t sign_extend7(uint8_t byte) {
  return static_cast<int32_t>(static_cast<uint32_t>(byte) << 25) >> 25;
}

/// Where a reader stands.
class ReaderBase {
 public:
  const uint8_t* position() const { return pos_; }
  void set_position(const uint8_t* position) { pos_ = position; }
  const uint8_t* end() const { return end_; }
  bool at_end() const { return pos_ == end_; }

  /// From the start of the module.
  size_t offset() const { return offset_of(pos_); }
  size_t offset_of(const uint8_t* position) const {
    return base_offset_ + static_cast<size_t>(position - begin_);
  }

 protected:
  ReaderBase(std::span<const uint8_t> bytes, size_t base_offset)
      : begin_(bytes.data()),
        pos_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        base_offset_(base_offset) {}

  const uint8_t* begin_;
  const uint8_t* pos_;
  const uint8_t* end_;
  size_t base_offset_;
};

/// The first failed read or fail() sticks: the position moves to the end and later reads give 0. So
/// code reads straight down, and asks ok() before it acts: allocates, loops or emits.
class ByteReader : public ReaderBase {
 public:
  static constexpr bool kChecked = true;

  /// `base_offset` is that of bytes[0] in the module. The bytes must outlive the reader.
  ByteReader(std::span<const uint8_t> bytes, size_t base_offset) : ReaderBase(bytes, base_offset) {}

  bool ok() const { return !error_.has_value(); }
  const Error& error() const { return *error_; }
  Error take_error() { return *std::move(error_); }
  size_t remaining() const { return static_cast<size_t>(end_ - pos_); }

  /// Keeps the error unless there is an earlier one.
  [[gnu::cold, gnu::noinline]] void fail(size_t offset, ErrorKind kind, std::string message);
  void fail_malformed(size_t offset, std::string message) {
    fail(offset, ErrorKind::malformed, std::move(message));
  }
  void fail_invalid(size_t offset, std::string message) {
    fail(offset, ErrorKind::invalid, std::move(message));
  }

  /// The next byte, which stays; 0 at the end.
  uint8_t peek_u8() const { return pos_ < end_ ? *pos_ : uint8_t{0}; }

  SWOOP_INLINE uint8_t read_u8() {
    if (pos_ == end_) [[unlikely]]
      return fail_at_end();
    return *pos_++;
  }

  SWOOP_INLINE uint32_t read_u32() {
    if (pos_ < end_ && *pos_ < 0x80) [[likely]]
      return *pos_++;
    return static_cast<uint32_t>(read_long_u32());
  }
  SWOOP_INLINE uint64_t read_u64() {
    if (pos_ < end_ && *pos_ < 0x80) [[likely]]
      return *pos_++;
    return read_long_u64();
  }
  SWOOP_INLINE int32_t read_s32() {
    if (pos_ < end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return static_cast<int32_t>(read_long_s32());
  }
  SWOOP_INLINE int64_t read_s33() {
    if (pos_ < end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return read_long_s33();
  }
  SWOOP_INLINE int64_t read_s64() {
    if (pos_ < end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return read_long_s64();
  }

  uint32_t read_f32_bits() { return read_fixed<uint32_t>(); }
  uint64_t read_f64_bits() { return read_fixed<uint64_t>(); }
  void read_16_bytes(std::array<uint8_t, 16>& bytes) {
    bytes = read_fixed<std::array<uint8_t, 16>>();
  }

  /// The next `size` bytes, or an empty span with an error.
  std::span<const uint8_t> read_bytes(size_t size);
  /// A vector of bytes with its length.
  std::span<const uint8_t> read_byte_vector();
  /// A name: UTF-8 with its length. The view lies in the reader's bytes.
  std::string_view read_name();
  /// The number of elements of a vector. Each takes a byte at least, so more than there are bytes
  /// is an error; an element may still be large in memory, so reserve no more than remaining()
  /// bytes for them.
  uint32_t read_count();

 private:
  template <class T>
  T read_fixed() {
    T value{};
    if (remaining() < sizeof(T)) [[unlikely]] {
      fail_at_end();
      return value;
    }
    std::memcpy(&value, pos_, sizeof(T));  // both are little-endian
    pos_ += sizeof(T);
    return value;
  }

  template <unsigned kBits, bool kSigned>
  uint64_t read_leb();

  [[gnu::cold, gnu::noinline]] uint8_t fail_at_end();
  [[gnu::noinline]] uint64_t read_long_u32();
  [[gnu::noinline]] uint64_t read_long_u64();
  [[gnu::noinline]] int64_t read_long_s32();
  [[gnu::noinline]] int64_t read_long_s33();
  [[gnu::noinline]] int64_t read_long_s64();

  std::optional<Error> error_;
};

/// Reads what is known to be well-formed: no bound, no rule is checked.
/// Safety: the bytes were read to their end by a ByteReader, by the same sequence of calls.
class UncheckedReader : public ReaderBase {
 public:
  static constexpr bool kChecked = false;

  UncheckedReader(std::span<const uint8_t> bytes, size_t base_offset)
      : ReaderBase(bytes, base_offset) {}

  bool ok() const { return true; }
  void fail(size_t, ErrorKind, std::string_view) {}
  void fail_malformed(size_t, std::string_view) {}
  void fail_invalid(size_t, std::string_view) {}

  uint8_t peek_u8() const { return *pos_; }
  SWOOP_INLINE uint8_t read_u8() { return *pos_++; }
  SWOOP_INLINE uint32_t read_u32() { return static_cast<uint32_t>(read_unsigned()); }
  SWOOP_INLINE uint64_t read_u64() { return read_unsigned(); }
  SWOOP_INLINE int32_t read_s32() { return static_cast<int32_t>(read_s64()); }
  SWOOP_INLINE int64_t read_s33() { return read_s64(); }
  SWOOP_INLINE int64_t read_s64() {
    if (*pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return read_signed();
  }
  uint32_t read_f32_bits() { return read_fixed<uint32_t>(); }
  uint64_t read_f64_bits() { return read_fixed<uint64_t>(); }
  void read_16_bytes(std::array<uint8_t, 16>& bytes) {
    bytes = read_fixed<std::array<uint8_t, 16>>();
  }
  uint32_t read_count() { return read_u32(); }

  void skip(size_t size) { pos_ += size; }
  void skip_leb() {
    while (*pos_++ >= 0x80) {
    }
  }

 private:
  SWOOP_INLINE uint64_t read_unsigned() {
    const uint64_t value = *pos_++;
    if (value < 0x80) [[likely]]
      return value;
    return read_long_unsigned(value & 0x7f);
  }
  [[gnu::noinline]] uint64_t read_long_unsigned(uint64_t value) {
    for (unsigned shift = 7;; shift += 7) {
      const uint64_t byte = *pos_++;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  [[gnu::noinline]] int64_t read_signed() {
    uint64_t value = 0;
    unsigned shift = 0;
    uint64_t byte;
    do {
      byte = *pos_++;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    if (shift >= 64) return static_cast<int64_t>(value);
    return static_cast<int64_t>(value << (64 - shift)) >> (64 - shift);
  }

  template <class T>
  T read_fixed() {
    T value;
    std::memcpy(&value, pos_, sizeof(T));
    pos_ += sizeof(T);
    return value;
  }
};

}  // namespace swoop

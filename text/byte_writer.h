// Bytes of the binary format, appended. Spec: binary/values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop::text {

class ByteWriter {
 public:
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::span<const uint8_t> bytes() const { return bytes_; }
  std::vector<uint8_t> take() { return std::move(bytes_); }
  void truncate(size_t size) { bytes_.resize(size); }
  void clear() { bytes_.clear(); }

  void u8(uint64_t value) { bytes_.push_back(static_cast<uint8_t>(value)); }
  void unsigned_leb(uint64_t value) {
    while (value >= 0x80) {
      u8(value | 0x80);
      value >>= 7;
    }
    u8(value);
  }
  void signed_leb(int64_t value) {
    while (value < -0x40 || value >= 0x40) {
      u8(static_cast<uint64_t>(value) | 0x80);
      value >>= 7;
    }
    u8(static_cast<uint64_t>(value) & 0x7f);
  }
  /// `size` bytes, little-endian.
  void fixed(uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) u8(value >> (8 * i));
  }
  void raw(std::span<const uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void raw(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  /// With its length in front: names, vectors of bytes, bodies.
  template <class Bytes>
  void sized(const Bytes& bytes) {
    unsigned_leb(bytes.size());
    raw(bytes);
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace swoop::text

// Bytes of the binary format, appended. Spec: binary/values.
#pragma once

#include "text/source_map.h"

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
  void truncate(size_t size) {
    bytes_.resize(size);
    while (!places_.empty() && places_.back().wasm_offset >= size) places_.pop_back();
  }
  void clear() { truncate(0); }

  /// What is appended next comes from this place of the text.
  void mark(size_t text_offset) {
    places_.push_back({static_cast<uint32_t>(size()), static_cast<uint32_t>(text_offset)});
  }
  /// What mark() said, by offsets in the bytes.
  std::vector<SourcePlace> take_places() { return std::move(places_); }

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
  /// The bytes of another from `start` on, with their places.
  void append(const ByteWriter& other, size_t start = 0) {
    size_t first = other.places_.size();
    while (first > 0 && other.places_[first - 1].wasm_offset >= start) --first;
    for (; first < other.places_.size(); ++first) {
      const SourcePlace& place = other.places_[first];
      places_.push_back(
          {static_cast<uint32_t>(size() + place.wasm_offset - start), place.text_offset});
    }
    raw(other.bytes().subspan(start));
  }
  void append_sized(const ByteWriter& other) {
    unsigned_leb(other.size());
    append(other);
  }
  /// With its length in front: names and vectors of bytes.
  template <class Bytes>
  void sized(const Bytes& bytes) {
    unsigned_leb(bytes.size());
    raw(bytes);
  }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<SourcePlace> places_;  // ascending; empty unless someone marks
};

}  // namespace swoop::text

// The text that a printer builds: appends literals, names and lines. Spec: text/values.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace swoop::text {

/// A buffer with a limit: what goes beyond it is dropped, which is_full() tells.
class PrintOutput {
 public:
  explicit PrintOutput(size_t limit = SIZE_MAX) : limit_(limit) {}

  size_t size() const { return size_; }
  bool is_full() const { return is_full_; }
  void set_full() { is_full_ = true; }
  size_t limit() const { return limit_; }
  std::string_view view() const { return {buffer_.data(), size_}; }
  std::string take();
  void truncate(size_t size) { size_ = size; }
  void insert(size_t position, std::string_view text);

  void put(char c) {
    if (!make_room(1)) [[unlikely]]
      return;
    buffer_[size_++] = c;
  }
  void put(std::string_view text) {
    if (!make_room(text.size())) [[unlikely]]
      return;
    std::memcpy(buffer_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  /// A new line, indented. Depth beyond a limit is not shown, or the text of deeply nested blocks
  /// would be quadratic.
  void put_line(size_t depth) {
    const size_t width = 2 * std::min(depth, kMaxIndent);
    if (!make_room(1 + width)) [[unlikely]]
      return;
    buffer_[size_] = '\n';
    std::memset(buffer_.data() + size_ + 1, ' ', width);
    size_ += 1 + width;
  }

  void put_unsigned(uint64_t value) { put_number(value); }
  void put_signed(int64_t value) { put_number(value); }
  void put_hex32(uint32_t value);
  /// Shortest decimal that reads back as the same number; infinities and NaNs with all bits.
  void put_f32(uint32_t bits);
  void put_f64(uint64_t bits);

  /// In quotes, all bytes but printable ASCII as escapes.
  void put_bytes(std::span<const uint8_t> bytes);
  /// In quotes, UTF-8 kept.
  void put_string(std::string_view text);

 private:
  static constexpr size_t kMaxIndent = 40;
  static constexpr size_t kMaxNumber = 32;

  bool make_room(size_t bytes) { return bytes <= buffer_.size() - size_ || grow(bytes); }
  [[gnu::noinline]] bool grow(size_t bytes);

  template <class T>
  void put_number(T value) {
    if (!make_room(kMaxNumber)) [[unlikely]]
      return;
    char* end = buffer_.data() + size_;
    size_ += static_cast<size_t>(std::to_chars(end, end + kMaxNumber, value).ptr - end);
  }
  template <class Float, class Bits>
  void put_float(Bits bits, unsigned mantissa_bits);
  void put_escape(uint8_t byte);

  std::string buffer_;
  size_t size_ = 0;  // of the text in the buffer
  size_t limit_;
  bool is_full_ = false;
};

/// Whether a name can follow the dollar sign without quotes. Spec: text/values#identifiers.
bool is_plain_id(std::string_view name);

}  // namespace swoop::text

// The text that a printer builds: appends literals, names and lines. Spec: text/values.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace swoop::text {

/// A string with a limit: once it would be longer, all that comes is dropped, which is_full()
/// tells. Small parts are gathered before they are appended.
class PrintOutput {
 public:
  explicit PrintOutput(size_t limit = SIZE_MAX) : limit_(limit) {}
  PrintOutput(const PrintOutput&) = delete;
  PrintOutput& operator=(const PrintOutput&) = delete;

  size_t limit() const { return limit_; }
  /// Known for all that was put before the last flush().
  bool is_full() const { return is_full_; }
  [[gnu::noinline]] void flush();
  void set_full() { is_full_ = true; }
  size_t size() const { return text_.size() + gathered_; }
  void reserve(size_t bytes) { text_.reserve(bytes); }
  void clear();
  /// Until something is put.
  std::string_view view();
  std::string take();

  void put(char c) {
    make_room(1);
    buffer_[gathered_++] = c;
  }
  void put(std::string_view text) {
    if (text.size() > kBufferSize - gathered_) [[unlikely]]
      return put_long(text);
    text.copy(buffer_.data() + gathered_, text.size());
    gathered_ += text.size();
  }
  /// A new line, indented. Depth beyond a limit is not shown, or the text of deeply nested blocks
  /// would be quadratic.
  void put_line(size_t depth) {
    const size_t width = 2 * std::min(depth, kMaxIndent);
    make_room(1 + width);
    buffer_[gathered_] = '\n';
    std::memset(&buffer_[gathered_ + 1], ' ', width);
    gathered_ += 1 + width;
  }

  void put_unsigned(uint64_t value) { put_number(value); }
  void put_signed(int64_t value) { put_number(value); }
  void put_hex32(uint32_t value);
  /// Shortest decimal that reads back as the same number; infinities and NaNs with all bits.
  void put_f32(uint32_t bits);
  void put_f64(uint64_t bits);

  /// In quotes, all bytes but printable ASCII as escapes.
  void put_bytes(std::span<const uint8_t> bytes);
  /// In quotes, UTF-8 kept, but for what would deceive a reader (base/utf8.h).
  void put_string(std::string_view text);

 private:
  static constexpr size_t kMaxIndent = 40;
  static constexpr size_t kMaxNumber = 32;
  static constexpr size_t kBufferSize = 8192;

  /// For what is shorter than the buffer.
  void make_room(size_t bytes) {
    if (bytes > kBufferSize - gathered_) [[unlikely]]
      flush();
  }
  [[gnu::noinline]] void put_long(std::string_view text);

  template <class T>
  void put_number(T value) {
    make_room(kMaxNumber);
    char* end = &buffer_[gathered_];
    gathered_ += static_cast<size_t>(std::to_chars(end, end + kMaxNumber, value).ptr - end);
  }
  template <class Float, class Bits>
  void put_float(Bits bits, unsigned mantissa_bits);
  void put_escape(uint8_t byte);

  std::string text_;
  size_t limit_;
  bool is_full_ = false;
  size_t gathered_ = 0;
  std::array<char, kBufferSize> buffer_;
};

/// Whether a name can follow the dollar sign without quotes. Spec: text/values#identifiers.
bool is_plain_id(std::string_view name);

}  // namespace swoop::text

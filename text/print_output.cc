#include "text/print_output.h"

#include "base/utf8.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace swoop::text {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

constexpr bool is_id_char(char c) {
  return c > ' ' && c < 0x7f && std::string_view("\",;()[]{}").find(c) == std::string_view::npos;
}

constexpr std::array<bool, 256> kIsIdChar = [] {
  std::array<bool, 256> table{};
  for (size_t i = 0; i < 0x7f; ++i) table[i] = is_id_char(static_cast<char>(i));
  return table;
}();

constexpr bool is_printable(uint8_t byte) {
  return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

}  // namespace

bool is_plain_id(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return kIsIdChar[static_cast<uint8_t>(c)]; });
}

void PrintOutput::clear() {
  text_.clear();
  gathered_ = 0;
}

std::string_view PrintOutput::view() {
  flush();
  return text_;
}

std::string PrintOutput::take() {
  flush();
  return std::move(text_);
}

void PrintOutput::flush() {
  const std::string_view gathered(buffer_.data(), gathered_);
  gathered_ = 0;
  put_long(gathered);
}

void PrintOutput::put_long(std::string_view text) {
  if (gathered_ != 0) flush();
  if (is_full_ || text.size() > limit_ - text_.size()) {
    is_full_ = true;
  } else {
    text_.append(text);
  }
}

void PrintOutput::put_hex32(uint32_t value) {
  char buffer[10] = {'0', 'x'};
  for (int i = 0; i < 8; ++i) buffer[2 + i] = kHexDigits[(value >> (28 - 4 * i)) & 15];
  put(std::string_view(buffer, sizeof(buffer)));
}

template <class Float, class Bits>
void PrintOutput::put_float(Bits bits, unsigned mantissa_bits) {
  const Bits sign = Bits{1} << (8 * sizeof(Bits) - 1);
  const Bits mantissa_mask = (Bits{1} << mantissa_bits) - 1;
  const Bits exponent_mask = static_cast<Bits>(~(sign | mantissa_mask));
  if ((bits & exponent_mask) != exponent_mask) return put_number(std::bit_cast<Float>(bits));
  if ((bits & sign) != 0) put('-');
  const Bits payload = bits & mantissa_mask;
  if (payload == 0) return put("inf");
  put("nan");
  if (payload == Bits{1} << (mantissa_bits - 1)) return;
  put(":0x");
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof(digits), payload, 16).ptr;
  put(std::string_view(digits, static_cast<size_t>(end - digits)));
}

void PrintOutput::put_f32(uint32_t bits) {
  put_float<float>(bits, 23);
}

void PrintOutput::put_f64(uint64_t bits) {
  put_float<double>(bits, 52);
}

void PrintOutput::put_escape(uint8_t byte) {
  const char escape[] = {'\\', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  put(std::string_view(escape, sizeof(escape)));
}

void PrintOutput::put_bytes(std::span<const uint8_t> bytes) {
  put('"');
  for (const uint8_t byte : bytes) {
    if (is_printable(byte)) {
      put(static_cast<char>(byte));
    } else {
      put_escape(byte);
    }
  }
  put('"');
}

void PrintOutput::put_string(std::string_view text) {
  put('"');
  while (!text.empty()) {
    const auto byte = static_cast<uint8_t>(text[0]);
    size_t size = 1;
    bool is_shown = is_printable(byte);
    if (byte >= 0x80) {
      const CodePoint c = decode_utf8(text);
      size = std::max<size_t>(c.size, 1);
      is_shown = c.size != 0 && !is_deceptive(c.value);
    }
    if (is_shown) {
      put(text.substr(0, size));
    } else {
      for (const char c : text.substr(0, size)) put_escape(static_cast<uint8_t>(c));
    }
    text.remove_prefix(size);
  }
  put('"');
}

}  // namespace swoop::text

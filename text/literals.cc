#include "text/literals.h"

#include "base/check.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <system_error>

namespace swoop::text {

namespace {

/// 0 to 15, or 16 for what is no digit.
unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The sign in front, if there is one.
bool take_sign(std::string_view& text) {
  if (take(text, "-")) return true;
  take(text, "+");
  return false;
}

/// Moves the digits in front to `digits`, without their underscores. False if there are none, or an
/// underscore is not between two.
bool take_digits(std::string_view& text, unsigned base, std::string& digits) {
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '_') {
      if (i == 0 || i + 1 == text.size() || digit_value(text[i + 1]) >= base) return false;
      if (text[i - 1] == '_') return false;
    } else if (digit_value(text[i]) < base) {
      digits.push_back(text[i]);
    } else {
      break;
    }
    ++i;
  }
  text.remove_prefix(i);
  return i != 0;
}

template <class Float>
struct FloatTraits;
template <>
struct FloatTraits<float> {
  using Bits = uint32_t;
  static constexpr unsigned kFractionBits = 23;
};
template <>
struct FloatTraits<double> {
  using Bits = uint64_t;
  static constexpr unsigned kFractionBits = 52;
};

/// About the exponent of the number `whole`.`fraction` times base^exponent, for numbers that are
/// far from 1: positive for large ones, negative for small ones, 0 for zero.
int64_t magnitude(std::string_view whole, std::string_view fraction, int64_t exponent,
                  int64_t digit_weight) {
  const size_t first = whole.find_first_not_of('0');
  if (first != std::string_view::npos) {
    return static_cast<int64_t>(whole.size() - first) * digit_weight + exponent;
  }
  const size_t leading_zeros = fraction.find_first_not_of('0');
  if (leading_zeros == std::string_view::npos) return 0;
  return exponent - static_cast<int64_t>(leading_zeros) * digit_weight;
}

/// A finite number without its sign. Spec: text/values#floating-point.
template <class Float>
Literal<Float> parse_magnitude(std::string_view text) {
  const bool is_hex = take(text, "0x");
  const unsigned base = is_hex ? 16 : 10;
  std::string number;
  if (!take_digits(text, base, number)) return {0, LiteralError::not_a_number};
  const size_t num_whole = number.size();
  size_t num_digits = num_whole;
  if (take(text, ".")) {
    number.push_back('.');
    if (!text.empty() && digit_value(text[0]) < base && !take_digits(text, base, number)) {
      return {0, LiteralError::not_a_number};
    }
    num_digits = number.size();
  }
  int64_t exponent = 0;
  if (!text.empty() && (text[0] | 0x20) == (is_hex ? 'p' : 'e')) {
    text.remove_prefix(1);
    const bool is_negative = take_sign(text);
    std::string digits;
    if (!take_digits(text, 10, digits)) return {0, LiteralError::not_a_number};
    number += is_hex ? 'p' : 'e';
    if (is_negative) number += '-';
    number += digits;
    for (const char c : digits) {
      // Far from what any fraction could make up for; more digits would only overflow.
      if (exponent < int64_t{1} << 40) exponent = exponent * 10 + (c - '0');
    }
    if (is_negative) exponent = -exponent;
  }
  if (!text.empty()) return {0, LiteralError::not_a_number};

  Literal<Float> result;
  const auto format = is_hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), result.value, format);
  if (error == std::errc::result_out_of_range) {
    // It does not say whether the number is too large or too small.
    const std::string_view digits = std::string_view(number).substr(0, num_digits);
    const std::string_view fraction =
        num_digits == num_whole ? std::string_view() : digits.substr(num_whole + 1);
    if (magnitude(digits.substr(0, num_whole), fraction, exponent, is_hex ? 4 : 1) > 0) {
      return {0, LiteralError::out_of_range};
    }
    result.value = 0;
  } else {
    CHECK(error == std::errc() && end == number.data() + number.size());
    if (result.value == std::numeric_limits<Float>::infinity()) {
      return {0, LiteralError::out_of_range};
    }
  }
  return result;
}

template <class Float>
Literal<typename FloatTraits<Float>::Bits> parse_float(std::string_view text) {
  using Bits = typename FloatTraits<Float>::Bits;
  constexpr unsigned kFractionBits = FloatTraits<Float>::kFractionBits;
  constexpr Bits kInfinity = std::bit_cast<Bits>(std::numeric_limits<Float>::infinity());

  const Bits sign = take_sign(text) ? Bits{1} << (sizeof(Bits) * 8 - 1) : 0;
  if (text == "inf") return {sign | kInfinity};
  if (text == "nan") return {sign | kInfinity | Bits{1} << (kFractionBits - 1)};
  if (take(text, "nan:0x")) {
    std::string digits;
    if (!take_digits(text, 16, digits) || !text.empty()) return {0, LiteralError::not_a_number};
    const Literal<uint64_t> payload = parse_unsigned("0x" + digits);
    if (!payload.ok() || payload.value == 0 || payload.value >> kFractionBits != 0) {
      return {0, LiteralError::out_of_range};
    }
    return {sign | kInfinity | static_cast<Bits>(payload.value)};
  }
  const Literal<Float> number = parse_magnitude<Float>(text);
  return {sign | std::bit_cast<Bits>(number.value), number.error};
}

void append_utf8(uint32_t c, std::string& bytes) {
  const auto add = [&bytes](uint32_t byte) { bytes.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xe0 | c >> 12);
    } else {
      add(0xf0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3f));
    }
    add(0x80 | (c >> 6 & 0x3f));
  }
  add(0x80 | (c & 0x3f));
}

}  // namespace

Literal<uint64_t> parse_unsigned(std::string_view text) {
  const unsigned base = take(text, "0x") ? 16 : 10;
  uint64_t value = 0;
  bool is_out_of_range = false;
  bool was_digit = false;
  for (const char c : text) {
    if (c == '_' && was_digit) {
      was_digit = false;
      continue;
    }
    const unsigned digit = digit_value(c);
    if (digit >= base) return {0, LiteralError::not_a_number};
    is_out_of_range |= value > (UINT64_MAX - digit) / base;
    value = value * base + digit;
    was_digit = true;
  }
  if (!was_digit) return {0, LiteralError::not_a_number};
  return {value, is_out_of_range ? LiteralError::out_of_range : LiteralError::none};
}

Literal<uint64_t> parse_integer(std::string_view text, unsigned bits) {
  const bool has_sign = text.starts_with('-') || text.starts_with('+');
  const bool is_negative = take_sign(text);
  Literal<uint64_t> result = parse_unsigned(text);
  if (!result.ok()) return result;
  const uint64_t mask = UINT64_MAX >> (64 - bits);
  const uint64_t half = uint64_t{1} << (bits - 1);
  // A plus sign makes a signed number too.
  const uint64_t limit = is_negative ? half : has_sign ? half - 1 : mask;
  if (result.value > limit) return {0, LiteralError::out_of_range};
  if (is_negative) result.value = (0 - result.value) & mask;
  return result;
}

Literal<uint32_t> parse_f32(std::string_view text) {
  return parse_float<float>(text);
}
Literal<uint64_t> parse_f64(std::string_view text) {
  return parse_float<double>(text);
}

size_t escape_size(std::string_view text) {
  if (text.size() < 2) return 0;
  switch (text[1]) {
    case 't':
    case 'n':
    case 'r':
    case '"':
    case '\'':
    case '\\': return 2;
    case 'u': break;
    default:
      return text.size() >= 3 && digit_value(text[1]) < 16 && digit_value(text[2]) < 16 ? 3 : 0;
  }
  if (text.size() < 3 || text[2] != '{') return 0;
  const size_t close = text.find_first_not_of("0123456789abcdefABCDEF_", 3);
  if (close == std::string_view::npos || text[close] != '}') return 0;
  const Literal<uint64_t> c = parse_unsigned("0x" + std::string(text.substr(3, close - 3)));
  if (!c.ok() || c.value >= 0x110000 || (c.value >= 0xd800 && c.value < 0xe000)) return 0;
  return close + 1;
}

void append_string(std::string_view token, std::string& bytes) {
  DCHECK(token.size() >= 2 && token.front() == '"' && token.back() == '"');
  size_t i = 1;
  const size_t end = token.size() - 1;
  while (i < end) {
    const size_t plain = std::min(token.find('\\', i), end);
    bytes.append(token.substr(i, plain - i));
    i = plain;
    if (i == end) break;
    const size_t size = escape_size(token.substr(i));
    DCHECK(size != 0);
    const char c = token[i + 1];
    switch (c) {
      case 't': bytes.push_back('\t'); break;
      case 'n': bytes.push_back('\n'); break;
      case 'r': bytes.push_back('\r'); break;
      case '"':
      case '\'':
      case '\\': bytes.push_back(c); break;
      case 'u': {
        const std::string digits(token.substr(i + 3, size - 4));
        append_utf8(static_cast<uint32_t>(parse_unsigned("0x" + digits).value), bytes);
        break;
      }
      default: bytes.push_back(static_cast<char>(digit_value(c) * 16 + digit_value(token[i + 2])));
    }
    i += size;
  }
}

}  // namespace swoop::text

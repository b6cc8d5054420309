// Numbers and strings as the text format writes them. Spec: text/values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swoop::text {

enum class LiteralError : uint8_t {
  none,
  not_a_number,  // "unexpected token"
  out_of_range,  // "constant out of range"
};

template <class T>
struct Literal {
  T value{};
  LiteralError error = LiteralError::none;
  bool ok() const { return error == LiteralError::none; }
};

/// Digits, decimal or after 0x, with underscores between them; no sign.
Literal<uint64_t> parse_unsigned(std::string_view text);

/// An integer of 8 to 64 bits, written as signed or unsigned: the bits, zero-extended.
Literal<uint64_t> parse_integer(std::string_view text, unsigned bits);

/// The bits of a float, rounded once, to the nearest and ties to even. An infinity must be written
/// as `inf`: what only rounds to one is out of range.
Literal<uint32_t> parse_f32(std::string_view text);
Literal<uint64_t> parse_f64(std::string_view text);

/// Bytes of the escape sequence at the start of `text`, which begins with a backslash; 0 if there
/// is none.
size_t escape_size(std::string_view text);

/// Appends what a string token with its quotes stands for. Its escapes must be good.
void append_string(std::string_view token, std::string& bytes);

}  // namespace swoop::text

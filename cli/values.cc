#include "cli/values.h"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

namespace swoop::cli {
namespace {

// `Int` is the unsigned type; the range is that of both interpretations together.
template <class Int>
std::optional<Int> parse_integer(std::string_view word) {
  const bool is_negative = word.starts_with('-');
  if (is_negative || word.starts_with('+')) word.remove_prefix(1);
  int base = 10;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    base = 16;
    word.remove_prefix(2);
  }
  Int value = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, value, base);
  if (error != std::errc() || rest != end || word.empty()) return std::nullopt;
  if (!is_negative) return value;
  if (value > Int{1} << (std::numeric_limits<Int>::digits - 1)) return std::nullopt;
  return static_cast<Int>(0 - value);
}

// strtod reads hexadecimal and names as wasm writes them; the command keeps the "C" locale.
template <class Float, class Parse>
std::optional<Float> parse_float(const std::string& word, Parse parse) {
  if (word.empty() || std::isspace(static_cast<unsigned char>(word.front())) != 0) {
    return std::nullopt;
  }
  char* end = nullptr;
  errno = 0;
  const Float value = parse(word.c_str(), &end);
  if (end != word.c_str() + word.size()) return std::nullopt;
  if (errno == ERANGE && std::isinf(value)) return std::nullopt;
  return value;
}

template <class Float>
std::string format_float(Float value) {
  if (std::isnan(value)) return std::signbit(value) ? "-nan" : "nan";
  return fmt::format("{}", value);
}

}  // namespace

std::optional<Value> parse_value(ValType type, const std::string& word) {
  switch (type.kind()) {
    case ValType::Kind::i32: {
      const std::optional<uint32_t> value = parse_integer<uint32_t>(word);
      if (!value) return std::nullopt;
      return Value::i32(static_cast<int32_t>(*value));
    }
    case ValType::Kind::i64: {
      const std::optional<uint64_t> value = parse_integer<uint64_t>(word);
      if (!value) return std::nullopt;
      return Value::i64(static_cast<int64_t>(*value));
    }
    case ValType::Kind::f32: {
      const std::optional<float> value = parse_float<float>(word, std::strtof);
      if (!value) return std::nullopt;
      return Value::f32(*value);
    }
    case ValType::Kind::f64: {
      const std::optional<double> value = parse_float<double>(word, std::strtod);
      if (!value) return std::nullopt;
      return Value::f64(*value);
    }
    case ValType::Kind::ref:
      if (type.nullable() && word == "null") return Value();
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::string format_value(ValType type, const Value& value) {
  switch (type.kind()) {
    case ValType::Kind::i32: return fmt::format("{}", value.as_i32());
    case ValType::Kind::i64: return fmt::format("{}", value.as_i64());
    case ValType::Kind::f32: return format_float(value.as_f32());
    case ValType::Kind::f64: return format_float(value.as_f64());
    case ValType::Kind::v128: return fmt::format("0x{:016x}{:016x}", value.high, value.low);
    case ValType::Kind::ref: return value.low == 0 ? "null" : "ref";
    default: return "?";
  }
}

std::string describe_type(const TypeRegistry& types, const FuncType& type) {
  const auto list = [&](const std::vector<ValType>& values) {
    std::string text;
    for (const ValType value : values) {
      if (!text.empty()) text += ", ";
      text += types.to_string(value);
    }
    return text;
  };
  const std::string results = list(type.results);
  return "func (" + list(type.params) + ") -> " +
         (type.results.size() == 1 ? results : "(" + results + ")");
}

}  // namespace swoop::cli

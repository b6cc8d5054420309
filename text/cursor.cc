#include "text/cursor.h"

#include "base/check.h"
#include "base/utf8.h"

namespace swoop::text {

Cursor::Cursor(const TokenList& list, size_t begin, size_t end)
    : list_(list), position_(begin), end_(end), last_(list.tokens[end]) {
  DCHECK(begin <= end);
  if (last_.kind != TokenKind::error) last_.kind = TokenKind::end;
}

void Cursor::fail(size_t offset, std::string message, ErrorKind kind) {
  if (!error_) error_.emplace(kind, offset, std::move(message));
  position_ = end_;
  last_.kind = TokenKind::end;
}

void Cursor::fail_unexpected(std::string_view wanted) {
  const Token& token = peek();
  const std::string found(text().substr(0, 40));
  const std::string expected = wanted.empty() ? "" : ", expected " + std::string(wanted);
  switch (token.kind) {
    case TokenKind::error:
      if (!error_) error_ = list_.error;
      return fail(token.offset, "");
    case TokenKind::end: return fail(token.offset, "unexpected end" + expected);
    case TokenKind::annotation: {
      const std::string name(list_.text(list_.tokens[position_ + 1]));
      if (name.starts_with("metadata")) {
        return fail(token.offset, "@" + name + " annotation: not in a function");
      }
      return fail(token.offset, "misplaced @" + name + " annotation");
    }
    case TokenKind::reserved:
      if (found == "$" || found.starts_with("$\"\"")) {
        return fail(token.offset, "empty identifier");
      }
      return fail(token.offset, "unknown operator " + found);
    default: return fail(token.offset, "unexpected token " + found + expected);
  }
}

bool Cursor::at_form(std::string_view keyword, TokenKind opening) const {
  if (kind() != opening || position_ + 1 >= end_) return false;
  const Token& next = list_.tokens[position_ + 1];
  return next.kind == TokenKind::atom && list_.text(next) == keyword;
}

bool Cursor::take_atom(std::string_view keyword) {
  const bool found = at_atom(keyword);
  position_ += found ? 1 : 0;
  return found;
}

bool Cursor::take_form(std::string_view keyword, TokenKind opening) {
  const bool found = at_form(keyword, opening);
  position_ += found ? 2 : 0;
  return found;
}

bool Cursor::at_number() const {
  if (kind() != TokenKind::atom) return false;
  const char c = text()[0];
  return (c >= '0' && c <= '9') || c == '-' || c == '+';
}

void Cursor::expect(TokenKind kind, std::string_view wanted) {
  if (peek().kind != kind) return fail_unexpected(wanted);
  take();
}

std::string Cursor::read_string() {
  std::string bytes;
  if (kind() != TokenKind::string) {
    fail_unexpected("a string");
  } else {
    append_string(text(take()), bytes);
  }
  return bytes;
}

std::string Cursor::read_name() {
  const size_t start = offset();
  std::string name = read_string();
  if (!is_utf8(name)) fail(start, "malformed UTF-8 encoding");
  return name;
}

std::string Cursor::read_strings() {
  std::string bytes;
  while (kind() == TokenKind::string) append_string(text(take()), bytes);
  return bytes;
}

std::string Cursor::decode_id(const Token& token) {
  const std::string_view id = text(token).substr(1);
  if (id[0] != '"') return std::string(id);
  std::string name;
  append_string(id, name);
  if (name.empty()) fail(token.offset, "empty identifier");
  if (!is_utf8(name)) fail(token.offset, "malformed UTF-8 encoding");
  return name;
}

std::optional<std::string> Cursor::read_id() {
  if (kind() != TokenKind::id) return std::nullopt;
  return decode_id(take());
}

std::string_view Cursor::read_atom(std::string_view wanted) {
  if (kind() != TokenKind::atom) {
    fail_unexpected(wanted);
    return {};
  }
  return text();
}

template <class T>
T Cursor::checked(const Literal<T>& literal, const char* what) {
  if (literal.ok()) {
    take();
  } else if (literal.error == LiteralError::out_of_range) {
    fail(offset(), std::string(what) + " constant out of range");
  } else {
    fail_unexpected("a number");
  }
  return literal.value;
}

uint64_t Cursor::read_unsigned() {
  return checked(parse_unsigned(read_atom("a number")), "i64");
}

uint32_t Cursor::read_u32() {
  const size_t start = offset();
  const uint64_t value = read_unsigned();
  if (value > UINT32_MAX) fail(start, "i32 constant out of range");
  return static_cast<uint32_t>(value);
}

uint64_t Cursor::read_integer(unsigned bits) {
  const char* const what = bits == 8 ? "i8" : bits == 16 ? "i16" : bits == 32 ? "i32" : "i64";
  return checked(parse_integer(read_atom("a number"), bits), what);
}

uint32_t Cursor::read_f32() {
  return checked(parse_f32(read_atom("a number")), "f32");
}
uint64_t Cursor::read_f64() {
  return checked(parse_f64(read_atom("a number")), "f64");
}

}  // namespace swoop::text

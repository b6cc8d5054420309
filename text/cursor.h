// A place in a range of tokens. The first error sticks and moves the place to the end, so that code
// reads straight down and loops end by themselves.
#pragma once

#include "base/error.h"
#include "text/literals.h"
#include "text/token.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swoop::text {

class Cursor {
 public:
  /// Over tokens `begin` up to `end`, which must be the index of a token. The list must outlive it.
  Cursor(const TokenList& list, size_t begin, size_t end);

  bool ok() const { return !error_.has_value(); }
  const Error& error() const { return *error_; }
  Error take_error() { return *std::move(error_); }
  [[gnu::cold]] void fail(size_t offset, std::string message,
                          ErrorKind kind = ErrorKind::malformed);
  /// "unexpected token": the next one, for what was wanted instead.
  [[gnu::cold]] void fail_unexpected(std::string_view wanted);

  size_t position() const { return position_; }
  /// Goes to another token of the range.
  void seek(size_t position) {
    if (ok()) position_ = position;
  }
  size_t end() const { return end_; }
  bool at_end() const { return position_ == end_; }

  /// The next token, which stays; at the end of the range one of kind `end` (or `error`).
  const Token& peek() const { return position_ < end_ ? list_.tokens[position_] : last_; }
  TokenKind kind() const { return peek().kind; }
  size_t offset() const { return peek().offset; }
  std::string_view text() const { return list_.text(peek()); }
  std::string_view text(const Token& token) const { return list_.text(token); }
  const Token& take() {
    const Token& token = peek();
    if (position_ < end_) ++position_;
    return token;
  }

  bool at_left() const { return kind() == TokenKind::left; }
  bool at_atom(std::string_view keyword) const {
    return kind() == TokenKind::atom && text() == keyword;
  }
  /// "(keyword" or "(@keyword".
  bool at_form(std::string_view keyword, TokenKind opening = TokenKind::left) const;
  bool take_atom(std::string_view keyword);
  bool take_form(std::string_view keyword, TokenKind opening = TokenKind::left);
  /// An atom that is a number, or one of its signs.
  bool at_number() const;

  void expect_left() { expect(TokenKind::left, "\"(\""); }
  void expect_right() { expect(TokenKind::right, "\")\""); }

  /// One string, decoded: any bytes, or only UTF-8.
  std::string read_string();
  std::string read_name();
  /// All strings from here on, joined.
  std::string read_strings();
  /// An identifier without its dollar sign, if one is next.
  std::optional<std::string> read_id();
  /// What an identifier token stands for.
  std::string decode_id(const Token& token);

  uint64_t read_unsigned();
  uint32_t read_u32();
  uint64_t read_integer(unsigned bits);
  uint32_t read_f32();
  uint64_t read_f64();

 private:
  void expect(TokenKind kind, std::string_view wanted);
  template <class T>
  T checked(const Literal<T>& literal, const char* what);
  std::string_view read_atom(std::string_view wanted);

  const TokenList& list_;
  size_t position_;
  size_t end_;
  Token last_;
  std::optional<Error> error_;
};

}  // namespace swoop::text

// Tokens of the text format, and the lexer. A whole text becomes a flat list in which every opening
// parenthesis knows its closing one, so that whatever is not asked for is skipped in one step.
// Spec: text/lexical.
#pragma once

#include "base/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace swoop::text {

enum class TokenKind : uint8_t {
  left,        // (
  right,       // )
  annotation,  // (@ : the name is the next token, and it is closed like a parenthesis
  atom,        // keywords and numbers
  id,          // $name or $"name"
  string,      // with its quotes
  reserved,    // what only looks like a token
  end,         // of the text
  error,       // the lexer stopped here: TokenList::error
};

struct Token {
  TokenKind kind = TokenKind::end;
  uint32_t offset = 0;
  uint32_t size = 0;   // bytes
  uint32_t close = 0;  // left, annotation: index of the token that closes it, or of the last token
};

/// The last token is `end` or `error`. Comments and annotations that we know nothing of are checked
/// and left out. Strings are checked too: text/literals.h may trust them.
struct TokenList {
  std::string_view source;
  std::vector<Token> tokens;
  std::optional<Error> error;  // malformed, with the offset in `source`

  std::string_view text(const Token& token) const {
    return source.substr(token.offset, token.size);
  }
};

/// Cost: linear. A text that is not UTF-8 or has 4 GiB is one error token.
TokenList tokenize(std::string_view source);

}  // namespace swoop::text

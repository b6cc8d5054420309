#include "text/wat.h"

#include "base/utf8.h"
#include "text/parser.h"
#include "text/token.h"

#include <algorithm>

namespace swoop::text {

namespace {

constexpr size_t kMaxShown = 100;       // bytes of a line
constexpr size_t kMaxShownBefore = 60;  // of them in front of the place

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

size_t line_start(std::string_view text, size_t offset) {
  const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

size_t count_characters(std::string_view text) {
  return text.size() - static_cast<size_t>(std::ranges::count_if(text, continues_character));
}

}  // namespace

Result<std::vector<uint8_t>> wat_to_wasm(std::string_view text, const WatOptions& options) {
  const TokenList list = tokenize(text);
  const std::vector<Token>& tokens = list.tokens;
  const size_t last = tokens.size() - 1;
  // Annotations may stand in front of the module; only its own may mean something.
  const bool has_parentheses = tokens[0].kind == TokenKind::left &&
                               tokens[1].kind == TokenKind::atom &&
                               list.text(tokens[1]) == "module";
  if (!has_parentheses) return parse_module(list, 0, last, options);

  const size_t close = tokens[0].close;
  if (tokens[close].kind != TokenKind::right) {
    if (list.error) return *list.error;
    return Error(ErrorKind::malformed, tokens[0].offset, "unclosed parenthesis");
  }
  if (close + 1 != last) {
    const Token& extra = tokens[close + 1];
    return Error(ErrorKind::malformed, extra.offset,
                 "unexpected token " + std::string(list.text(extra)) + " after the module");
  }
  if (list.error) return *list.error;
  return parse_module(list, 2, close, options);
}

TextPosition position_of(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  const size_t start = line_start(text, offset);
  return {1 + static_cast<size_t>(std::ranges::count(text.substr(0, start), '\n')),
          1 + count_characters(text.substr(start, offset - start))};
}

std::string excerpt(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  size_t start = line_start(text, offset);
  size_t end = std::min(text.find('\n', offset), text.size());
  if (end > start && text[end - 1] == '\r') --end;
  offset = std::min(offset, end);
  if (end - start > kMaxShown) {
    // Most of what is shown lies in front of the place; near an end, the other side gets the rest.
    const size_t before = std::min(offset - start, kMaxShownBefore);
    const size_t after = std::min(end - offset, kMaxShown - before);
    start = offset - std::min(offset - start, kMaxShown - after);
    end = offset + after;
  }
  while (start < offset && continues_character(text[start])) ++start;
  while (end > offset && end < text.size() && continues_character(text[end])) --end;

  const std::string number = std::to_string(position_of(text, offset).line);
  std::string shown = "  " + number + " | ";
  std::string caret = "  " + std::string(number.size(), ' ') + " | ";
  for (size_t i = start; i < end;) {
    const CodePoint c = decode_utf8(text.substr(i, end - i));
    std::string character(text.substr(i, std::max<size_t>(c.size, 1)));
    std::string below = character == "\t" ? "\t" : std::string(columns_of(c.value), ' ');
    if (character != "\t" && (c.size == 0 || is_deceptive(c.value))) {
      character = "?";  // what a terminal would obey is not shown
      below = " ";
    }
    shown += character;
    if (i < offset) caret += below;
    i += std::max<size_t>(c.size, 1);
  }
  return shown + "\n" + caret + "^\n";
}

}  // namespace swoop::text

#include "base/utf8.h"
#include "text/literals.h"
#include "text/token.h"

#include <array>

namespace swoop::text {

namespace {

enum CharClass : uint8_t {
  kOther = 0,
  kSpace = 1,
  kIdChar = 2,
  kPunctuation = 4,  // part of reserved tokens only
};

constexpr auto kCharClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (const unsigned char c : {' ', '\t', '\n', '\r'}) classes[c] = kSpace;
  for (unsigned c = '!'; c <= '~'; ++c) classes[c] = kIdChar;
  for (const unsigned char c : {'"', '(', ')'}) classes[c] = kOther;
  for (const unsigned char c : {',', ';', '[', ']', '{', '}'}) classes[c] = kPunctuation;
  return classes;
}();

// The annotations that the parser reads. Spec: appendix/custom.
bool is_known_annotation(std::string_view name) {
  return name == "custom" || name == "name" || name == "data_count" ||
         name == "metadata.code.branch_hint";
}

class Lexer {
 public:
  explicit Lexer(TokenList& list) : list_(list), source_(list.source) {}

  void run() {
    list_.tokens.reserve(source_.size() / 4 + 2);
    while (position_ < source_.size() && !list_.error) next();
    if (annotation_) fail(list_.tokens[*annotation_].offset, "unclosed annotation");
    const auto last = static_cast<uint32_t>(list_.tokens.size());
    for (const uint32_t open : open_) list_.tokens[open].close = last;
    add(list_.error ? TokenKind::error : TokenKind::end, position_);
  }

 private:
  uint8_t class_at(size_t position) const {
    return kCharClasses[static_cast<uint8_t>(source_[position])];
  }
  char char_at(size_t position) const {
    return position < source_.size() ? source_[position] : '\0';
  }
  void fail(size_t offset, const char* message) {
    if (!list_.error) list_.error.emplace(ErrorKind::malformed, offset, message);
  }

  /// A token from `start` to here.
  void add(TokenKind kind, size_t start) {
    list_.tokens.push_back(
        {kind, static_cast<uint32_t>(start), static_cast<uint32_t>(position_ - start), 0});
  }

  void next() {
    const char c = source_[position_];
    const uint8_t char_class = class_at(position_);
    if (char_class == kSpace) {
      ++position_;
    } else if (c == '(') {
      read_left();
    } else if (c == ')') {
      read_right();
    } else if (c == ';' && char_at(position_ + 1) == ';') {
      skip_line_comment();
    } else if (char_class == kOther && c != '"') {
      fail(position_, "illegal character");
    } else {
      read_word();
    }
  }

  void read_left() {
    const size_t start = position_;
    const char c = char_at(start + 1);
    if (c == ';') return skip_block_comment();
    // Inside an annotation everything is a token, so nothing there is one in turn.
    if (c == '@' && !annotation_) return read_annotation();
    ++position_;
    open_.push_back(static_cast<uint32_t>(list_.tokens.size()));
    add(TokenKind::left, start);
  }

  void read_right() {
    const auto index = static_cast<uint32_t>(list_.tokens.size());
    ++position_;
    add(TokenKind::right, position_ - 1);
    if (open_.empty()) return;  // the parser will see it
    const uint32_t opening = open_.back();
    open_.pop_back();
    list_.tokens[opening].close = index;
    if (annotation_ == opening) {
      annotation_.reset();
      if (!keeps_annotation_) list_.tokens.resize(opening);
    }
  }

  void read_annotation() {
    const size_t start = position_;
    position_ += 2;
    annotation_ = static_cast<uint32_t>(list_.tokens.size());
    open_.push_back(*annotation_);
    add(TokenKind::annotation, start);
    const size_t name_start = position_;
    std::string name;
    if (char_at(position_) == '"') {
      skip_string();
      if (list_.error) return;
      append_string(source_.substr(name_start, position_ - name_start), name);
      if (!is_utf8(name)) return fail(name_start, "malformed UTF-8 encoding");
    } else {
      while (position_ < source_.size() && class_at(position_) == kIdChar) ++position_;
      name = source_.substr(name_start, position_ - name_start);
    }
    if (name.empty()) return fail(start, "empty annotation id");
    keeps_annotation_ = is_known_annotation(name);
    add(TokenKind::atom, name_start);
  }

  void skip_line_comment() {
    while (position_ < source_.size() && source_[position_] != '\n' && source_[position_] != '\r') {
      ++position_;
    }
  }

  void skip_block_comment() {
    const size_t start = position_;
    size_t depth = 0;
    do {
      if (position_ + 1 >= source_.size()) return fail(start, "unclosed comment");
      const char c = source_[position_];
      const char next = source_[position_ + 1];
      const bool opens = c == '(' && next == ';';
      const bool closes = c == ';' && next == ')';
      position_ += opens || closes ? 2 : 1;
      depth += opens ? 1 : 0;
      depth -= closes ? 1 : 0;
    } while (depth != 0);
  }

  /// A run of characters and strings without space between them is one token, good or bad.
  void read_word() {
    const size_t start = position_;
    size_t num_strings = 0;
    size_t string_start = 0;
    bool is_plain = true;
    while (position_ < source_.size() && !list_.error) {
      const uint8_t char_class = class_at(position_);
      if (char_class == kIdChar) {
        ++position_;
      } else if (source_[position_] == '"') {
        string_start = position_;
        ++num_strings;
        skip_string();
        if (num_strings == 1) string_end_ = position_;
      } else if (char_class == kPunctuation &&
                 !(source_[position_] == ';' && char_at(position_ + 1) == ';')) {
        is_plain = false;
        ++position_;
      } else {
        break;
      }
    }
    if (list_.error) return;  // in a string: there is no token that ends
    const bool has_dollar = source_[start] == '$';
    TokenKind kind = TokenKind::reserved;
    if (is_plain && num_strings == 0) {
      kind = !has_dollar             ? TokenKind::atom
             : position_ - start > 1 ? TokenKind::id
                                     : TokenKind::reserved;
    } else if (is_plain && num_strings == 1 && string_end_ == position_) {
      if (string_start == start) kind = TokenKind::string;
      if (has_dollar && string_start == start + 1) kind = TokenKind::id;
    }
    add(kind, start);
  }

  /// Leaves the position after the closing quote. Spec: text/values#strings.
  void skip_string() {
    const size_t start = position_++;
    for (;;) {
      if (position_ >= source_.size()) return fail(start, "unclosed string");
      const auto c = static_cast<unsigned char>(source_[position_]);
      if (c == '"') break;
      if (c == '\n') return fail(start, "unclosed string");
      if (c < 0x20 || c == 0x7f) return fail(position_, "illegal control character");
      if (c != '\\') {
        ++position_;
      } else if (const size_t size = escape_size(source_.substr(position_)); size != 0) {
        position_ += size;
      } else {
        return fail(position_, "illegal escape");
      }
    }
    ++position_;
  }

  TokenList& list_;
  const std::string_view source_;
  size_t position_ = 0;
  std::vector<uint32_t> open_;          // tokens that wait for their closing parenthesis
  std::optional<uint32_t> annotation_;  // the outermost open annotation
  bool keeps_annotation_ = false;       // it is a known one
  size_t string_end_ = 0;               // of the first string in a word
};

}  // namespace

TokenList tokenize(std::string_view source) {
  TokenList list;
  list.source = source;
  const size_t good = utf8_prefix(source);
  if (good != source.size()) {
    list.error.emplace(ErrorKind::malformed, good, "malformed UTF-8 encoding");
  } else if (source.size() >= UINT32_MAX) {
    list.error.emplace(ErrorKind::limit_exceeded, "text of 4 GiB or more");
  }
  Lexer(list).run();
  return list;
}

}  // namespace swoop::text

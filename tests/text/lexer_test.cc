#include "text/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace swoop::text {
namespace {

using testing::ElementsAre;

/// Kinds and texts, such as "atom:func".
std::vector<std::string> tokens_of(std::string_view source) {
  static constexpr const char* kNames[] = {"left",   "right",    "annotation", "atom", "id",
                                           "string", "reserved", "end",        "error"};
  const TokenList list = tokenize(source);
  std::vector<std::string> tokens;
  for (const Token& token : list.tokens) {
    std::string text = kNames[static_cast<size_t>(token.kind)];
    if (token.size > 1) text += ":" + std::string(list.text(token));
    tokens.push_back(text);
  }
  return tokens;
}

std::string error_of(std::string_view source) {
  const TokenList list = tokenize(source);
  if (!list.error) return "none";
  return std::to_string(list.error->offset) + ": " + list.error->message;
}

TEST(Lexer, TellsTokensApart) {
  EXPECT_THAT(
      tokens_of("(func $f \"a b\" 0x1_0)"),
      ElementsAre("left", "atom:func", "id:$f", "string:\"a b\"", "atom:0x1_0", "right", "end"));
}

TEST(Lexer, ReadsQuotedIdentifiers) {
  EXPECT_THAT(tokens_of("$\"a b\""), ElementsAre("id:$\"a b\"", "end"));
}

TEST(Lexer, MakesNoTokenOfAStringThatDoesNotEnd) {
  EXPECT_THAT(tokens_of("a $\"b\nc\""), ElementsAre("atom", "error"));
  EXPECT_THAT(tokens_of("a \"b"), ElementsAre("atom", "error"));
}

TEST(Lexer, TakesWordsThatTouchAsOneReservedToken) {
  EXPECT_THAT(tokens_of("a\"b\""), ElementsAre("reserved:a\"b\"", "end"));
  EXPECT_THAT(tokens_of("\"a\"\"b\""), ElementsAre("reserved:\"a\"\"b\"", "end"));
  EXPECT_THAT(tokens_of("x,y"), ElementsAre("reserved:x,y", "end"));
  EXPECT_THAT(tokens_of("$"), ElementsAre("reserved", "end"));
}

TEST(Lexer, PairsParentheses) {
  const TokenList list = tokenize("(a (b) c) (d");
  EXPECT_EQ(list.tokens[0].close, 6u);
  EXPECT_EQ(list.tokens[2].close, 4u);
  EXPECT_EQ(list.tokens[7].close, 9u);  // never closed: the last token
}

TEST(Lexer, LeavesOutComments) {
  EXPECT_THAT(tokens_of("a ;; b ( \" \n c (; d (; e ;) \" ;) f"),
              ElementsAre("atom", "atom", "atom", "end"));
  EXPECT_THAT(tokens_of("a;;b\rc"), ElementsAre("atom", "atom", "end"));
  EXPECT_EQ(error_of("a (; (; ;)"), "2: unclosed comment");
}

TEST(Lexer, ChecksAndLeavesOutUnknownAnnotations) {
  EXPECT_THAT(tokens_of("a (@x , ; ] [ }} (b \")\" (@) (@ y)) ) b"),
              ElementsAre("atom", "atom", "end"));
  EXPECT_THAT(tokens_of("(@\"x y\" z)"), ElementsAre("end"));
  EXPECT_EQ(error_of("a (@x (y)"), "2: unclosed annotation");
  EXPECT_EQ(error_of("(@)"), "0: empty annotation id");
  EXPECT_EQ(error_of("(@\"\")"), "0: empty annotation id");
  EXPECT_EQ(error_of("(@x \"\\z\")"), "5: illegal escape");
}

TEST(Lexer, KeepsAnnotationsThatTheParserKnows) {
  EXPECT_THAT(tokens_of("(@name \"n\")"),
              ElementsAre("annotation:(@", "atom:name", "string:\"n\"", "right", "end"));
}

TEST(Lexer, BlamesTheByte) {
  EXPECT_EQ(error_of("a \x01"), "2: illegal character");
  EXPECT_EQ(error_of("a \xc3\xa4"), "2: illegal character");
  EXPECT_EQ(error_of("abc \xff"), "4: malformed UTF-8 encoding");
  EXPECT_EQ(error_of("a \"b"), "2: unclosed string");
  EXPECT_EQ(error_of("a \"b\nc\""), "2: unclosed string");
  EXPECT_EQ(error_of("\"a\x7f\""), "2: illegal control character");
  EXPECT_EQ(error_of("\"\\u{d800}\""), "1: illegal escape");
  EXPECT_EQ(error_of("\"\\u{110000}\""), "1: illegal escape");
}

TEST(Lexer, KeepsWhatCameBeforeAnError) {
  EXPECT_THAT(tokens_of("(a \x01 b)"), ElementsAre("left", "atom", "error"));
}

}  // namespace
}  // namespace swoop::text

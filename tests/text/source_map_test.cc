// From bytes of a module back to its text.
#include "text/source_map.h"

#include "text/keywords.h"
#include "text/wat.h"
#include "wasm/opcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {
namespace {

struct Mapped {
  std::vector<uint8_t> wasm;
  SourceMap map;
};

Mapped assemble(std::string_view text) {
  Mapped mapped;
  Result<std::vector<uint8_t>> wasm = wat_to_wasm(text, {.source_map = &mapped.map});
  EXPECT_TRUE(wasm.ok()) << (wasm.ok() ? "" : wasm.error().message);
  if (wasm.ok()) mapped.wasm = *std::move(wasm);
  return mapped;
}

std::string_view word_at(std::string_view text, size_t offset) {
  const std::string_view rest = text.substr(offset);
  return rest.substr(0, rest.find_first_of(" \n()"));
}

// Bytes and words of all instructions, in the order of the binary.
std::vector<std::string> instructions(std::string_view text) {
  const Mapped mapped = assemble(text);
  std::vector<std::string> words;
  for (const SourcePlace& place : mapped.map.places) {
    const std::string_view word = word_at(text, place.text_offset);
    const OpInfo* const info = find_op_info(word);
    if (info == nullptr) continue;
    EXPECT_EQ(mapped.wasm.at(place.wasm_offset), static_cast<uint32_t>(info->opcode) & 0xff)
        << word << " at " << place.wasm_offset;
    words.emplace_back(word);
  }
  return words;
}

TEST(SourceMap, HasEachInstructionInTheOrderOfTheBinary) {
  EXPECT_THAT(instructions("(module (func (result i32) i32.const 1 block i32.const 2 drop end))"),
              testing::ElementsAre("i32.const", "block", "i32.const", "drop", "end"));
  EXPECT_THAT(
      instructions("(module (func (drop (i32.add (i32.const 1) (i32.mul (i32.const 2)\n"
                   "  (i32.const 3))))))"),
      testing::ElementsAre("i32.const", "i32.const", "i32.const", "i32.mul", "i32.add", "drop"));
  EXPECT_THAT(instructions("(module (func (if (i32.eqz (i32.const 1)) (then (nop))\n"
                           "  (else (unreachable)))))"),
              testing::ElementsAre("i32.const", "i32.eqz", "if", "nop", "else", "unreachable"));
  EXPECT_THAT(instructions("(module (tag) (func (try (do (nop)) (catch_all (nop)))\n"
                           "  (try_table (catch_all 0) (nop))))"),
              testing::ElementsAre("try", "nop", "catch_all", "nop", "try_table", "nop"));
}

TEST(SourceMap, HasConstantExpressions) {
  EXPECT_THAT(instructions("(module (global i32 (i32.add (i32.const 1) (i32.const 2)))\n"
                           "  (table 1 funcref) (memory 1) (data (offset i32.const 1) \"x\")\n"
                           "  (elem (i32.const 0) funcref (ref.null func)))"),
              testing::ElementsAre("i32.const", "i32.const", "i32.add", "i32.const", "ref.null",
                                   "i32.const"));
}

TEST(SourceMap, IsAscending) {
  const Mapped mapped = assemble(
      "(module (type (func)) (import \"m\" \"f\" (func)) (memory (export \"m\") (data \"x\"))\n"
      "  (func (export \"f\") (param i64) (drop (i32.const 1))) (func (export \"g\"))\n"
      "  (start 1) (data \"y\") (table (export \"t\") funcref (elem 0)))");
  EXPECT_TRUE(std::ranges::is_sorted(mapped.map.places, {}, &SourcePlace::wasm_offset));
  ASSERT_FALSE(mapped.map.places.empty());
  EXPECT_LT(mapped.map.places.back().wasm_offset, mapped.wasm.size());
}

TEST(SourceMap, FindsThePlaceThatCoversAByte) {
  const std::string_view text = "(module (func (drop (i64.const 0x7fffffffffffffff))))";
  const Mapped mapped = assemble(text);
  const size_t constant = text.find("i64.const");
  const auto* const place = std::ranges::find(mapped.map.places.data(),
                                              mapped.map.places.data() + mapped.map.places.size(),
                                              constant, &SourcePlace::text_offset);
  for (size_t i = 0; i < 11; ++i) EXPECT_EQ(mapped.map.find(place->wasm_offset + i), constant);
  EXPECT_EQ(mapped.map.find(place->wasm_offset + 11), text.find("drop"));
  EXPECT_EQ(mapped.map.find(0), std::nullopt);
}

TEST(SourceMap, IsTheSameModuleWithoutIt) {
  const std::string_view text =
      "(module (func (result i32) (i32.add (i32.const 1) (i32.const 2))))";
  const Result<std::vector<uint8_t>> plain = wat_to_wasm(text);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(*plain, assemble(text).wasm);
}

}  // namespace
}  // namespace swoop::text

#include "jit/linker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop::jit {
namespace {

/// The words of a text at an offset.
uint32_t word_at(const CodeText& text, size_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, text.data() + offset, sizeof word);
  return word;
}

/// A function of 16 bytes at `offset`, and a call in it of the function `callee`.
struct Caller {
  Caller(RelocKind kind, uint32_t callee) : relocs{{4, kind, callee}} { entry.size = 16; }
  CodeChunkView view() const { return {text, {&entry, 1}, {}, relocs, nullptr}; }

  std::vector<uint8_t> text = std::vector<uint8_t>(16);
  FuncEntry entry;
  std::vector<Reloc> relocs;
};

TEST(Linker, ResolvesCallsOfBothMachinesForwardAndBack) {
  Linker linker(0, 4);
  const Caller callers[] = {
      {RelocKind::call, 3}, {RelocKind::call26, 2}, {RelocKind::call26, 0}, {RelocKind::call, 0}};
  for (const Caller& caller : callers) ASSERT_TRUE(linker.add(caller.view()).ok());
  const CodeObject code = std::move(linker).finish();
  EXPECT_EQ(word_at(code.text, 4), 48u - 8);
  EXPECT_EQ(word_at(code.text, 20), 0x94000000u | (32 - 20) / 4);  // bl
  EXPECT_EQ(word_at(code.text, 36), 0x94000000u | (0x3ffffff & -36 / 4));
  EXPECT_EQ(word_at(code.text, 52), static_cast<uint32_t>(-56));
}

// The last function, which is called first, comes to lie out of the call's reach, and no function
// in between calls anything.
TEST(Linker, RefusesWhatACallOfAArch64CannotReach) {
  const std::vector<uint8_t> large(size_t{32} << 20);
  FuncEntry entry;
  entry.size = static_cast<uint32_t>(large.size());
  const CodeChunkView chunk{large, {&entry, 1}, {}, {}, nullptr};
  for (const RelocKind kind : {RelocKind::call26, RelocKind::call}) {
    Linker linker(0, 6);
    ASSERT_TRUE(linker.add(Caller(kind, 5).view()).ok());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(linker.add(chunk).ok());
    const Result<> fourth = linker.add(chunk);
    ASSERT_EQ(fourth.ok(), kind == RelocKind::call);
    if (!fourth.ok()) {
      EXPECT_EQ(fourth.error().kind, ErrorKind::limit_exceeded);
      EXPECT_THAT(fourth.error().message, testing::HasSubstr("128 MiB"));
    }
  }
}

}  // namespace
}  // namespace swoop::jit

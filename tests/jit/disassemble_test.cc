#include "jit/disassemble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace swoop::jit {
namespace {

using testing::ElementsAre;

class DisassembleX64 : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_disassemble(Isa::x64)) GTEST_SKIP() << "built without Zydis";
  }
};

TEST_F(DisassembleX64, WritesIntelSyntaxWithOffsetsAndSizes) {
  const std::vector<uint8_t> code = {0x8b, 0x44, 0x8d, 0xf8, 0x48, 0x83, 0xc0, 0xff, 0xc3};
  EXPECT_THAT(disassemble(code, Isa::x64),
              ElementsAre(Instruction{0, 4, "mov eax, [rbp+rcx*4-0x8]"},
                          Instruction{4, 4, "add rax, -0x1"}, Instruction{8, 1, "ret"}));
}

TEST_F(DisassembleX64, NamesBranchTargetsByCodeOffset) {
  const std::vector<uint8_t> code = {0x90, 0xeb, 0xfd, 0x0f, 0x84, 0x01, 0, 0, 0, 0x90};
  EXPECT_THAT(disassemble(code, Isa::x64),
              ElementsAre(Instruction{0, 1, "nop"}, Instruction{1, 2, "jmp 0x0"},
                          Instruction{3, 6, "jz 0xa"}, Instruction{9, 1, "nop"}));
}

TEST_F(DisassembleX64, NamesRipRelativeOperandsByCodeOffset) {
  const std::vector<uint8_t> code = {0x48, 0x8d, 0x05, 0x09, 0, 0, 0};
  EXPECT_THAT(disassemble(code, Isa::x64), ElementsAre(Instruction{0, 7, "lea rax, [0x10]"}));
}

TEST_F(DisassembleX64, PrintsDataRangesAsDwords) {
  const std::vector<uint8_t> code = {0xc3, 0xcc, 1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 7, 0xc3};
  const DataRange table[] = {{2, 11}};
  EXPECT_THAT(
      disassemble(code, Isa::x64, table),
      ElementsAre(Instruction{0, 1, "ret"}, Instruction{1, 1, "int3"},
                  Instruction{2, 4, ".dword 0x00000001"}, Instruction{6, 4, ".dword 0xfffffffe"},
                  Instruction{10, 1, ".byte 0x07"}, Instruction{11, 1, "ret"}));
}

TEST_F(DisassembleX64, DoesNotLetAnInstructionReachIntoData) {
  const std::vector<uint8_t> code = {0xb8, 1, 0, 0, 0};  // mov eax, 1
  const DataRange data[] = {{1, 5}};
  EXPECT_THAT(disassemble(code, Isa::x64, data),
              ElementsAre(Instruction{0, 1, ".byte 0xb8"}, Instruction{1, 4, ".dword 0x00000001"}));
}

TEST_F(DisassembleX64, GoesOnAfterBytesThatAreNoInstruction) {
  const std::vector<uint8_t> code = {0x06, 0xc3, 0x0f};
  EXPECT_THAT(disassemble(code, Isa::x64),
              ElementsAre(Instruction{0, 1, ".byte 0x06"}, Instruction{1, 1, "ret"},
                          Instruction{2, 1, ".byte 0x0f"}));
}

class DisassembleA64 : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_disassemble(Isa::a64)) GTEST_SKIP() << "built without Capstone";
  }
};

TEST_F(DisassembleA64, WritesInstructionsWithOffsetsAndSizes) {
  const std::vector<uint8_t> code = {0x60, 0x4b, 0x73, 0xb8, 0xfd, 0x7b, 0xbf, 0xa9,
                                     0xc0, 0x03, 0x5f, 0xd6, 0x07, 0x00, 0x00, 0x00};
  EXPECT_THAT(disassemble(code, Isa::a64),
              ElementsAre(Instruction{0, 4, "ldr w0, [x27, w19, uxtw]"},
                          Instruction{4, 4, "stp x29, x30, [sp, #-0x10]!"},
                          Instruction{8, 4, "ret"}, Instruction{12, 4, "udf #0x7"}));
}

TEST_F(DisassembleA64, NamesTargetsByCodeOffset) {
  const std::vector<uint8_t> code = {0x1f, 0x20, 0x03, 0xd5, 0xff, 0xff, 0xff, 0x17,
                                     0x41, 0x00, 0x00, 0x54, 0x10, 0x00, 0x00, 0x10};
  EXPECT_THAT(disassemble(code, Isa::a64),
              ElementsAre(Instruction{0, 4, "nop"}, Instruction{4, 4, "b #0"},
                          Instruction{8, 4, "b.ne #0x10"}, Instruction{12, 4, "adr x16, #0xc"}));
}

TEST_F(DisassembleA64, PrintsDataAndWhatIsNoInstruction) {
  const std::vector<uint8_t> code = {0xc0, 0x03, 0x5f, 0xd6, 1, 0,    0,    0, 0xff,
                                     0xff, 0xff, 0xff, 0x1f, 0, 0x3f, 0xd6, 9};
  const DataRange table[] = {{4, 8}};
  EXPECT_THAT(
      disassemble(code, Isa::a64, table),
      ElementsAre(Instruction{0, 4, "ret"}, Instruction{4, 4, ".dword 0x00000001"},
                  Instruction{8, 4, ".dword 0xffffffff"}, Instruction{12, 4, ".dword 0xd63f001f"},
                  Instruction{16, 1, ".byte 0x09"}));
}

TEST(Disassemble, KnowsTheCalleeOfADirectCall) {
  const uint8_t x64[] = {0xe8, 0xfb, 0xff, 0xff, 0xff, 0xff, 0xd0};       // call 0; call rax
  const uint8_t a64[] = {0xff, 0xff, 0xff, 0x97, 0x02, 0x00, 0x00, 0x94,  // bl -4; bl 12
                         0x00, 0x02, 0x3f, 0xd6};                         // blr x16
  const auto callees = [](std::span<const uint8_t> code, Isa isa) {
    std::vector<std::optional<int64_t>> all;
    for (const Instruction& line : disassemble(code, isa)) all.push_back(line.callee);
    return all;
  };
  if (can_disassemble(Isa::x64)) {
    EXPECT_THAT(callees(x64, Isa::x64), ElementsAre(0, std::nullopt));
  }
  if (can_disassemble(Isa::a64)) {
    EXPECT_THAT(callees(a64, Isa::a64), ElementsAre(-4, 12, std::nullopt));
  }
}

TEST(Disassemble, CoversAnyInputWithoutGaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint8_t> code(random() % 64);
    for (uint8_t& byte : code) byte = static_cast<uint8_t>(random());
    const auto begin = static_cast<uint32_t>(random() % 70);
    const DataRange data[] = {{begin, begin + static_cast<uint32_t>(random() % 70)}};
    for (const Isa isa : {Isa::x64, Isa::a64}) {
      uint32_t expected = 0;
      for (const Instruction& line : disassemble(code, isa, data)) {
        ASSERT_EQ(line.offset, expected);
        ASSERT_GT(line.size, 0u);
        ASSERT_FALSE(line.text.empty());
        expected += line.size;
      }
      ASSERT_EQ(expected, code.size());
    }
  }
}

}  // namespace
}  // namespace swoop::jit

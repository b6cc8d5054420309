// Loads whose addresses the compiler takes apart: shifts and additions that cannot wrap around
// become part of the memory operand. What can wrap must, and what is out of bounds must trap.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace swoop {
namespace {

/// How an index comes about, and what it is for a parameter x.
struct Source {
  const char* text;
  uint32_t (*model)(uint32_t x);
};
constexpr Source kSources[] = {
    {"local.get 0", [](uint32_t x) { return x; }},
    {"local.get 0 i32.const 1 i32.and", [](uint32_t x) { return x & 1; }},
    {"local.get 0 i32.const 255 i32.and", [](uint32_t x) { return x & 255; }},
    {"i32.const 65535 local.get 0 i32.and local.tee 1", [](uint32_t x) { return x & 65535; }},
    {"local.get 0 i32.const 0x3fffffff i32.and", [](uint32_t x) { return x & 0x3fffffff; }},
    {"local.get 0 i32.const 0x7fffffff i32.and", [](uint32_t x) { return x & 0x7fffffff; }},
    {"local.get 0 i32.const -1 i32.and", [](uint32_t x) { return x; }},
    {"local.get 0 i32.const 24 i32.shr_u", [](uint32_t x) { return x >> 24; }},
    {"local.get 0 i32.const 1 i32.shr_u", [](uint32_t x) { return x >> 1; }},
    {"local.get 0 i32.const 24 i32.shr_s",
     [](uint32_t x) { return static_cast<uint32_t>(static_cast<int32_t>(x) >> 24); }},
    {"local.get 0 i32.const 15 i32.and i32.const 12 i32.shl",
     [](uint32_t x) { return (x & 15) << 12; }},
    {"local.get 0 i32.const 15 i32.and local.get 0 i32.const 4080 i32.and i32.or",
     [](uint32_t x) { return x & 4095; }},
    {"local.get 0 i32.const 15 i32.and local.get 0 i32.const 65520 i32.and i32.add",
     [](uint32_t x) { return x & 65535; }},
    {"local.get 0 i32.const 65535 i32.and i32.const 7 i32.xor",
     [](uint32_t x) { return (x & 65535) ^ 7; }},
    {"local.get 0 i32.const 65535 i32.and i32.const 3 i32.sub",
     [](uint32_t x) { return (x & 65535) - 3; }},
    {"local.get 0 i64.extend_i32_s i64.const 33 i64.shr_u i32.wrap_i64",
     [](uint32_t x) { return x >> 31 ? 0x7fffffffu : 0u; }},
    {"local.get 0 i64.extend_i32_u i64.const 65535 i64.and i32.wrap_i64",
     [](uint32_t x) { return x & 65535; }},
    {"local.get 0 i32.const 65535 i32.and i32.load8_u",
     [](uint32_t x) { return (x & 65535) * 7 % 256; }},
    {"local.get 0 i32.const 1023 i32.and i32.load8_s",
     [](uint32_t x) { return static_cast<uint32_t>(static_cast<int8_t>((x & 1023) * 7)); }},
};
constexpr uint32_t kAdditions[] = {0,           1,           64,          0xff00,
                                   0x1'0000,    0x3fff'ffff, 0x4000'0000, 0x7fff'ffff,
                                   0x8000'0000, 0xffff'ff00, 0xffff'ffff};
constexpr uint32_t kOffsets[] = {0, 3, 0xff00, 0x4000'0000, 0x7fff'ffff, 0xffff'ffff};
constexpr uint32_t kValues[] = {0,           1,           5,           0x7f,
                                0xff,        0x1234,      0xffff,      0x1'0000,
                                0x7fff'ffff, 0x8000'0000, 0xc000'0005, 0xffff'ffff};
constexpr uint32_t kPage = 65536;

class AddressTest : public testing::TestWithParam<Mode> {};

TEST_P(AddressTest, PartsOfAnAddressWrapAroundWhereTheyShould) {
  struct Function {
    const Source* source;
    uint32_t scale;
    std::optional<uint32_t> addition;
    uint32_t offset;
  };
  std::vector<Function> functions;
  std::string text = "(module (memory (export \"memory\") 1)\n";
  for (const Source& source : kSources) {
    for (uint32_t scale = 0; scale <= 4; ++scale) {
      for (size_t a = 0; a <= std::size(kAdditions); ++a) {
        for (const uint32_t offset : kOffsets) {
          std::optional<uint32_t> addition;
          if (a < std::size(kAdditions)) addition = kAdditions[a];
          // Both an index in a temporary and a load that is an operand of the next instruction.
          text += "(func (export \"f" + std::to_string(functions.size()) +
                  "\") (param i32) (result i32) (local i32 i32) loop (result i32) " +
                  (offset == 3 ? "local.get 2 " : "") + source.text;
          if (scale != 0) text += " i32.const " + std::to_string(scale) + " i32.shl";
          if (addition) text += " i32.const " + std::to_string(*addition) + " i32.add";
          text += offset == 3 ? " i32.load offset=3 i32.add"
                              : " i32.load offset=" + std::to_string(offset);
          text += " end)\n";
          functions.push_back({&source, scale, addition, offset});
        }
      }
    }
  }
  Machine machine(GetParam());
  Instance& instance = machine.instantiate(text + ")");
  uint8_t* const memory = instance.memory("memory")->data();
  for (uint32_t i = 0; i < kPage; ++i) memory[i] = static_cast<uint8_t>(i * 7);
  for (size_t i = 0; i < functions.size(); ++i) {
    const Function& f = functions[i];
    const Func func = instance.func("f" + std::to_string(i));
    for (const uint32_t x : kValues) {
      const uint32_t base = (f.source->model(x) << f.scale) + f.addition.value_or(0);
      const uint64_t address = uint64_t{base} + f.offset;
      uint32_t expected = 0;
      const bool traps = address + 4 > kPage;
      for (uint32_t byte = 0; byte < 4 && !traps; ++byte)
        expected |= uint32_t{static_cast<uint8_t>((address + byte) * 7)} << 8 * byte;
      Value value{x, 0};
      const TrapCode trap = trap_of(func.invoke({&value, 1}));
      const std::string what = std::string(f.source->text) + " << " + std::to_string(f.scale) +
                               " + " + std::to_string(f.addition.value_or(0)) + " offset " +
                               std::to_string(f.offset) + " of " + std::to_string(x);
      ASSERT_EQ(trap, traps ? TrapCode::out_of_bounds_memory_access : TrapCode::none) << what;
      if (!traps) {
        ASSERT_EQ(value.low, expected) << what;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, AddressTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace swoop

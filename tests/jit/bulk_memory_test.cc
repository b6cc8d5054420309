// memory.copy and memory.fill whose size is a constant: each size, with operands in every kind of
// place, at every distance and at the ends of memories, against memmove and memset. A range that is
// out of bounds leaves everything as it was.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace swoop {
namespace {

constexpr TrapCode kMemoryTrap = TrapCode::out_of_bounds_memory_access;
constexpr uint32_t kPage = 65536;
constexpr uint32_t kSizes[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,   12,  15,  16,  17,  20, 24,
                               31, 32, 33, 40, 48, 63, 64, 65, 96, 127, 128, 143, 144, 145, 300};
constexpr uint32_t kMemoryPages[] = {1, 2};

/// Where the operands are: parameters 0 and 1 are the addresses, 2 and 3 the same as i64 with dirt
/// above. {op}: the instruction; {more}: its operands above the addresses.
struct Shape {
  const char* name;
  const char* code;
};
constexpr Shape kShapes[] = {
    {"slots", "local.get 0 {from} {more} {op}"},
    {"pinned", "loop local.get 0 {from} {more} {op} end"},
    {"temporaries", "global.get $to {from_global} {more} {op}"},
    {"homes", "global.get $to {from_global} block end {more} {op}"},
    {"dirty", "loop local.get 2 i32.wrap_i64 {from_dirty} {more} {op} end"},
    {"under_pressure",
     "global.get $a global.get $b global.get $c global.get $to global.get $f global.get $f "
     "global.get $f global.get $f global.get $f global.get $f global.get $f global.get $f "
     "global.get $f global.get $f local.get 0 {from} {more} {op} "
     "f64.add f64.add f64.add f64.add f64.add f64.add f64.add f64.add f64.add f64.const 25 f64.ne "
     "if unreachable end global.get $to i32.ne if unreachable end "
     "i32.const 300 i32.ne if unreachable end i32.const 200 i32.ne if unreachable end "
     "i32.const 100 i32.ne if unreachable end"},
};

class BulkMemoryTest : public testing::TestWithParam<Mode> {
 protected:
  BulkMemoryTest() : machine_(GetParam()) {}

  void instantiate(const std::string& functions) {
    instance_ = &machine_.instantiate(R"((module
      (memory (export "m0") 1) (memory (export "m1") 2)
      (global $to (mut i32) (i32.const 0)) (global $from (mut i32) (i32.const 0))
      (global $a (mut i32) (i32.const 100)) (global $b (mut i32) (i32.const 200))
      (global $c (mut i32) (i32.const 300)) (global $f (mut f64) (f64.const 2.5)))" +
                                      functions + ")");
    for (uint32_t k = 0; k < 2; ++k) {
      memories_[k] = instance_->memory("m" + std::to_string(k));
      expected_[k].resize(memories_[k]->size_bytes());
      for (uint32_t i = 0; i < expected_[k].size(); ++i)
        expected_[k][i] = static_cast<uint8_t>(i * 167 + k + (i >> 8));
      std::memcpy(memories_[k]->data(), expected_[k].data(), expected_[k].size());
    }
  }
  static std::string function(const std::string& name, const std::string& code) {
    return "(func (export \"" + name +
           "\") (param i32 i32 i64 i64) local.get 0 global.set $to local.get 1 global.set $from " +
           code + ")\n";
  }
  TrapCode call(const Func& func, uint32_t to, uint32_t from) {
    std::array<Value, 4> values = {Value::i32(to), Value::i32(from),
                                   Value::i64(to | uint64_t{0xabcd'ef01} << 32),
                                   Value::i64(from | uint64_t{0x1234'5678} << 32)};
    return trap_of(func.invoke(values));
  }
  bool memories_are_as_expected() const {
    for (uint32_t k = 0; k < 2; ++k) {
      if (std::memcmp(memories_[k]->data(), expected_[k].data(), expected_[k].size()) != 0)
        return false;
    }
    return true;
  }

  Machine machine_;
  Instance* instance_ = nullptr;
  std::array<Memory*, 2> memories_{};
  std::array<std::vector<uint8_t>, 2> expected_;
};

INSTANTIATE_TEST_SUITE_P(Modes, BulkMemoryTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return std::string(test.param.name); });

/// Addresses around the interesting places of a range of `size` bytes in a memory.
std::vector<uint32_t> addresses(uint32_t memory, uint32_t size) {
  const uint32_t end = kMemoryPages[memory] * kPage;
  std::vector<uint32_t> all = {0,           1,           5000,        end,        end + 1,
                               0x7fff'ffff, 0x8000'0000, 0xffff'fff8, 0xffff'ffff};
  for (const uint32_t back : {1u, 3u, 4u, 7u, 8u, 12u, 15u, 16u, 17u, 32u}) {
    all.push_back(end - back);
    if (back < size) all.push_back(end - size + back);
  }
  all.push_back(end - size);
  all.push_back(end - size - 1);
  return all;
}

TEST_P(BulkMemoryTest, CopiesOfConstantSizeAreAllOrNothing) {
  struct Function {
    std::string name;
    uint32_t size, to, from;
  };
  std::vector<Function> functions;
  std::string text;
  for (const uint32_t size : kSizes) {
    for (uint32_t memories = 0; memories < 4; ++memories) {
      const uint32_t to = memories & 1;
      const uint32_t from = memories >> 1;
      for (const Shape& shape : kShapes) {
        if (memories != 0 && &shape != kShapes && size % 16 != 0) continue;
        const std::string name = std::string(shape.name) + std::to_string(functions.size());
        text += function(name, fill(shape.code, {{"from", "local.get 1"},
                                                 {"from_global", "global.get $from"},
                                                 {"from_dirty", "local.get 3 i32.wrap_i64"},
                                                 {"more", "i32.const " + std::to_string(size)},
                                                 {"op", "memory.copy " + std::to_string(to) + " " +
                                                            std::to_string(from)}}));
        functions.push_back({name, size, to, from});
      }
    }
  }
  instantiate(text);
  for (const Function& f : functions) {
    const Func func = instance_->func(f.name);
    std::vector<std::pair<uint32_t, uint32_t>> cases;
    for (const uint32_t to : addresses(f.to, f.size)) cases.push_back({to, 7000});
    for (const uint32_t from : addresses(f.from, f.size)) cases.push_back({9000, from});
    for (const uint32_t distance : {0u, 1u, 3u, 4u, 8u, 15u, 16u, 17u, 24u, 31u, 64u, f.size}) {
      cases.push_back({20000, 20000 + distance});
      cases.push_back({20000 + distance, 20000});
    }
    for (const auto& [to, from] : cases) {
      std::vector<uint8_t>& target = expected_[f.to];
      std::vector<uint8_t>& source = expected_[f.from];
      const bool in_bounds =
          uint64_t{to} + f.size <= target.size() && uint64_t{from} + f.size <= source.size();
      if (in_bounds) std::memmove(target.data() + to, source.data() + from, f.size);
      const TrapCode expected = in_bounds ? TrapCode::none : kMemoryTrap;
      ASSERT_EQ(call(func, to, from), expected) << f.name << " of " << f.size << " from " << f.from
                                                << ":" << from << " to " << f.to << ":" << to;
      ASSERT_TRUE(memories_are_as_expected()) << f.name << " of " << f.size << " from " << f.from
                                              << ":" << from << " to " << f.to << ":" << to;
    }
  }
}

TEST_P(BulkMemoryTest, FillsOfConstantSizeAreAllOrNothing) {
  struct Function {
    std::string name;
    uint32_t size, to;
    uint8_t byte;
  };
  constexpr uint32_t kBytes[] = {0, 0x5a, 0xff, 0x1080, 0xffff'ff00};
  std::vector<Function> functions;
  std::string text;
  for (const uint32_t size : kSizes) {
    for (const uint32_t byte : kBytes) {
      for (const Shape& shape : kShapes) {
        const uint32_t to = functions.size() % 2;
        const std::string name = std::string(shape.name) + std::to_string(functions.size());
        text += function(name, fill(shape.code, {{"from", ""},
                                                 {"from_global", ""},
                                                 {"from_dirty", ""},
                                                 {"more", "i32.const " + std::to_string(byte) +
                                                              " i32.const " + std::to_string(size)},
                                                 {"op", "memory.fill " + std::to_string(to)}}));
        functions.push_back({name, size, to, static_cast<uint8_t>(byte)});
      }
    }
  }
  instantiate(text);
  for (const Function& f : functions) {
    const Func func = instance_->func(f.name);
    for (const uint32_t to : addresses(f.to, f.size)) {
      std::vector<uint8_t>& target = expected_[f.to];
      const bool in_bounds = uint64_t{to} + f.size <= target.size();
      const std::vector<uint8_t> before = target;
      if (in_bounds) std::memset(target.data() + to, f.byte, f.size);
      const TrapCode expected = in_bounds ? TrapCode::none : kMemoryTrap;
      ASSERT_EQ(call(func, to, 0), expected)
          << f.name << " of " << f.size << " at " << f.to << ":" << to;
      ASSERT_TRUE(memories_are_as_expected())
          << f.name << " of " << f.size << " at " << f.to << ":" << to;
      target = before;
      if (in_bounds) std::memcpy(memories_[f.to]->data() + to, before.data() + to, f.size);
    }
  }
}

TEST_P(BulkMemoryTest, ConstantAddressesAndVariableBytes) {
  struct Function {
    std::string name;
    uint32_t size;
    uint32_t address;
  };
  std::vector<Function> functions;
  std::string text;
  for (const uint32_t size : {0u, 1u, 2u, 4u, 8u, 16u, 40u, 144u, 145u}) {
    for (const uint32_t address : {0u, 100u, 4352u, 8000u, kPage - size, kPage - size + 1, kPage,
                                   0x7fff'ffffu, 0x7fff'ffffu - size, 0x7fff'ffffu - size + 1,
                                   0x8000'0000u, 0xffff'ffffu - size, 0xffff'ffffu}) {
      const std::string number = std::to_string(functions.size());
      const std::string at = "i32.const " + std::to_string(address);
      const std::string count = "i32.const " + std::to_string(size);
      text += function("to" + number, at + " local.get 1 " + count + " memory.copy");
      text += function("from" + number, "local.get 0 " + at + " " + count + " memory.copy");
      text += function("both" + number, at + " " + at + " " + count + " memory.copy");
      text += function("fill" + number, at + " i32.const 0 " + count + " memory.fill");
      text += function("variable" + number, at + " local.get 0 " + count + " memory.fill");
      functions.push_back({number, size, address});
    }
  }
  instantiate(text);
  std::vector<uint8_t>& bytes = expected_[0];
  for (const Function& f : functions) {
    const bool in_bounds = uint64_t{f.address} + f.size <= kPage;
    const TrapCode expected = in_bounds ? TrapCode::none : kMemoryTrap;
    const std::string what = std::to_string(f.size) + " at " + std::to_string(f.address);
    if (in_bounds) std::memmove(bytes.data() + f.address, bytes.data() + 200, f.size);
    EXPECT_EQ(call(instance_->func("to" + f.name), 0, 200), expected) << what;
    ASSERT_TRUE(memories_are_as_expected()) << what;
    if (in_bounds) std::memmove(bytes.data() + 300, bytes.data() + f.address, f.size);
    EXPECT_EQ(call(instance_->func("from" + f.name), 300, 0), expected) << what;
    ASSERT_TRUE(memories_are_as_expected()) << what;
    EXPECT_EQ(call(instance_->func("both" + f.name), 0, 0), expected) << what;
    ASSERT_TRUE(memories_are_as_expected()) << what;
    if (in_bounds) std::memset(bytes.data() + f.address, 0, f.size);
    EXPECT_EQ(call(instance_->func("fill" + f.name), 0, 0), expected) << what;
    ASSERT_TRUE(memories_are_as_expected()) << what;
    if (in_bounds) std::memset(bytes.data() + f.address, 0x77, f.size);
    EXPECT_EQ(call(instance_->func("variable" + f.name), 0xffff'ff77, 0), expected) << what;
    ASSERT_TRUE(memories_are_as_expected()) << what;
  }
}

// Operands are missing there.
TEST_P(BulkMemoryTest, InDeadCodeNothingIsCopied) {
  instantiate(function("copy", "return i32.const 8 memory.copy") +
              function("fill", "return i32.const 0 i32.const 8 memory.fill"));
  EXPECT_EQ(call(instance_->func("copy"), 0, 0), TrapCode::none);
  EXPECT_EQ(call(instance_->func("fill"), 0, 0), TrapCode::none);
  EXPECT_TRUE(memories_are_as_expected());
}

}  // namespace
}  // namespace swoop

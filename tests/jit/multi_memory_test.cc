// Modules with several memories: every instruction reaches the memory it names, by its own size,
// wherever the memory comes from. Accesses at every offset and width: compiled_test.cc.
#include "tests/jit/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace swoop {
namespace {

using testing::ElementsAre;

constexpr TrapCode kMemoryTrap = TrapCode::out_of_bounds_memory_access;
constexpr uint64_t kPage = 65536;

class MultiMemoryTest : public testing::TestWithParam<Mode> {
 protected:
  MultiMemoryTest() : machine_(GetParam()) {}

  Instance& instantiate(const std::string& fields) {
    return machine_.instantiate("(module " + fields + ")");
  }
  /// The single result, low word; fails the test when there is a trap.
  static uint64_t call(const Instance& instance, std::string_view name,
                       std::vector<Value> arguments = {}) {
    const CallResult result = instance.func(name).call(arguments);
    EXPECT_EQ(trap_of(result.completion), TrapCode::none) << name;
    return result.values.empty() ? 0 : result.values[0].low;
  }
  static TrapCode trap(const Instance& instance, std::string_view name,
                       std::vector<Value> arguments) {
    return trap_of(instance.func(name).call(arguments).completion);
  }
  static std::vector<Value> i32s(std::initializer_list<uint32_t> values) {
    std::vector<Value> all;
    for (const uint32_t value : values) all.push_back({value, 0});
    return all;
  }
  static std::string text_at(const Memory& memory, uint64_t at, size_t size) {
    return {reinterpret_cast<const char*>(memory.data()) + at, size};
  }

  Machine machine_;
};

INSTANTIATE_TEST_SUITE_P(Modes, MultiMemoryTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

// The last bytes of each memory can be accessed and the next cannot, though the others are larger
// or smaller.
TEST_P(MultiMemoryTest, EachMemoryEndsAtItsOwnSize) {
  std::string fields;
  for (const char* const k : {"0", "1", "2", "3"}) {
    fields +=
        fill(R"((func (export "load{k}") (param i32) (result i32) (i32.load {k} (local.get 0)))
      (func (export "far{k}") (param i32) (result i32) (i32.load {k} offset=0x80000000 (local.get 0)))
      (func (export "constant{k}") (result i64) (i64.load {k} offset=8 (i32.const {last})))
      (func (export "past{k}") (result i64) (i64.load {k} offset=9 (i32.const {last})))
      (func (export "store{k}") (param i32 i32) (i32.store {k} (local.get 0) (local.get 1)))
    )",
             {{"k", k}, {"last", std::to_string((*k == '0' ? 2 : *k - '0') * kPage - 16)}});
  }
  Instance& instance = instantiate(
      "(memory (export \"m0\") 2) (memory (export \"m1\") 1) (memory (export \"m2\") 2)"
      "(memory (export \"m3\") 3)" +
      fields);
  for (uint32_t k = 0; k < 4; ++k) {
    const std::string number = std::to_string(k);
    Memory& memory = *instance.memory("m" + number);
    const auto size = static_cast<uint32_t>(memory.size_bytes());
    EXPECT_EQ(trap(instance, "store" + number, i32s({size - 4, 1000 + k})), TrapCode::none);
    EXPECT_EQ(call(instance, "load" + number, i32s({size - 4})), 1000 + k);
    EXPECT_EQ(call(instance, "constant" + number), uint64_t{1000 + k} << 32);
    EXPECT_EQ(trap(instance, "past" + number, {}), kMemoryTrap);
    for (const uint32_t at : {size - 3, size, size + 65536, 0x7fffffffu, 0xffffffffu}) {
      EXPECT_EQ(trap(instance, "load" + number, i32s({at})), kMemoryTrap) << k << " " << at;
      EXPECT_EQ(trap(instance, "store" + number, i32s({at, 1})), kMemoryTrap) << k << " " << at;
    }
    for (const uint32_t at : {0u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
      EXPECT_EQ(trap(instance, "far" + number, i32s({at})), kMemoryTrap) << k << " " << at;
    }
  }
}

// Operators take a load as their operand: of every kind, and with the index in the register of the
// result.
TEST_P(MultiMemoryTest, LoadsAreOperands) {
  Instance& instance = instantiate(R"(
    (memory 1) (memory 1) (memory $m (export "m") 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (i32.load $m (local.get 1))))
    (func (export "sub_into_index") (param i32 i32) (result i32)
      (loop (local.set 1 (i32.sub (local.get 0) (i32.load $m (local.get 1))))) (local.get 1))
    (func (export "mul") (param i64 i32) (result i64) (i64.mul (local.get 0) (i64.load $m offset=8 (local.get 1))))
    (func (export "mul_into_index") (param i32 i32) (result i32)
      (loop (local.set 1 (i32.mul (local.get 0) (i32.load $m (local.get 1))))) (local.get 1))
    (func (export "less") (param i32 i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.load $m (local.get 1))) (then (i32.const 1)) (else (i32.const 2))))
    (func (export "test") (param i32 i32) (result i32)
      (i32.eqz (i32.and (local.get 0) (i32.load $m (local.get 1)))))
    (func (export "float") (param f64 i32) (result f64) (f64.sub (local.get 0) (f64.load $m offset=16 (local.get 1))))
    (func (export "float_less") (param f64 i32) (result i32) (f64.lt (local.get 0) (f64.load $m offset=16 (local.get 1))))
    (func (export "float_greater") (param f64 i32) (result i32) (f64.gt (local.get 0) (f64.load $m offset=16 (local.get 1))))
  )");
  uint8_t* const data = instance.memory("m")->data() + 40;
  const int32_t narrow = 12;
  const int64_t wide = -5'000'000'000;
  const double real = 2.5;
  std::memcpy(data, &narrow, sizeof narrow);
  std::memcpy(data + 8, &wide, sizeof wide);
  std::memcpy(data + 16, &real, sizeof real);
  EXPECT_EQ(call(instance, "add", i32s({100, 40})), 112u);
  EXPECT_EQ(call(instance, "sub_into_index", i32s({100, 40})), 88u);
  EXPECT_EQ(call(instance, "mul", {Value::i64(3), Value::i32(40)}),
            static_cast<uint64_t>(-15'000'000'000));
  EXPECT_EQ(call(instance, "mul_into_index", i32s({100, 40})), 1200u);
  EXPECT_EQ(call(instance, "less", i32s({11, 40})), 1u);
  EXPECT_EQ(call(instance, "less", i32s({12, 40})), 2u);
  EXPECT_EQ(call(instance, "test", i32s({3, 40})), 1u);
  EXPECT_EQ(call(instance, "test", i32s({4, 40})), 0u);
  EXPECT_EQ(call(instance, "float", {Value::f64(1), Value::i32(40)}), Value::f64(-1.5).low);
  EXPECT_EQ(call(instance, "float_less", {Value::f64(1), Value::i32(40)}), 1u);
  EXPECT_EQ(call(instance, "float_greater", {Value::f64(1), Value::i32(40)}), 0u);
  for (const char* const name : {"add", "sub_into_index", "mul_into_index", "less", "test"}) {
    EXPECT_EQ(trap(instance, name, i32s({1, 65533})), kMemoryTrap) << name;
    EXPECT_EQ(trap(instance, name, i32s({1, 0xffffffff})), kMemoryTrap) << name;
  }
  EXPECT_EQ(trap(instance, "mul", {Value::i64(3), Value::i32(65521)}), kMemoryTrap);
  EXPECT_EQ(trap(instance, "float", {Value::f64(3), Value::i32(65513)}), kMemoryTrap);
}

TEST_P(MultiMemoryTest, EachMemoryGrowsAlone) {
  Instance& instance = instantiate(R"((memory 1 5) (memory 2 3) (memory 0)
    (func (export "size") (result i32 i32 i32) (memory.size 0) (memory.size 1) (memory.size 2))
    (func (export "grow0") (param i32) (result i32) (memory.grow 0 (local.get 0)))
    (func (export "grow1") (param i32) (result i32) (memory.grow 1 (local.get 0)))
    (func (export "grow2") (param i32) (result i32) (memory.grow 2 (local.get 0)))
    (func (export "store2") (param i32) (i32.store8 2 (local.get 0) (i32.const 1)))
  )");
  const auto sizes = [&] { return instance.func("size").call({}).values; };
  EXPECT_EQ(trap(instance, "store2", i32s({0})), kMemoryTrap);
  EXPECT_EQ(call(instance, "grow1", i32s({2})), 0xffffffffu);
  EXPECT_EQ(call(instance, "grow1", i32s({1})), 2u);
  EXPECT_THAT(sizes(), ElementsAre(Value::i32(1), Value::i32(3), Value::i32(0)));
  EXPECT_EQ(call(instance, "grow2", i32s({700})), 0u);
  EXPECT_THAT(sizes(), ElementsAre(Value::i32(1), Value::i32(3), Value::i32(700)));
  EXPECT_EQ(trap(instance, "store2", i32s({700 * 65536 - 1})), TrapCode::none);
  EXPECT_EQ(trap(instance, "store2", i32s({700 * 65536})), kMemoryTrap);
  EXPECT_EQ(call(instance, "grow0", i32s({4})), 1u);
  EXPECT_EQ(call(instance, "grow0", i32s({1})), 0xffffffffu);
  EXPECT_THAT(sizes(), ElementsAre(Value::i32(5), Value::i32(3), Value::i32(700)));
}

TEST_P(MultiMemoryTest, BulkOperationsReachTheMemoriesTheyName) {
  Instance& instance = instantiate(R"(
    (memory (export "m0") 1) (memory (export "m1") 2) (memory (export "m2") 3)
    (data $text "abcdef")
    (func (export "copy1from2") (param i32 i32 i32) (memory.copy 1 2 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy2from0") (param i32 i32 i32) (memory.copy 2 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy1from1") (param i32 i32 i32) (memory.copy 1 1 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill1") (param i32 i32 i32) (memory.fill 1 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "init2") (param i32 i32 i32) (memory.init 2 $text (local.get 0) (local.get 1) (local.get 2)))
  )");
  Memory& m0 = *instance.memory("m0");
  Memory& m1 = *instance.memory("m1");
  Memory& m2 = *instance.memory("m2");
  call(instance, "init2", i32s({3 * 65536 - 6, 0, 6}));
  EXPECT_EQ(text_at(m2, 3 * kPage - 6, 6), "abcdef");
  call(instance, "copy1from2", i32s({2 * 65536 - 4, 3 * 65536 - 6, 4}));
  EXPECT_EQ(text_at(m1, 2 * kPage - 4, 4), "abcd");
  call(instance, "copy1from1", i32s({2 * 65536 - 3, 2 * 65536 - 4, 3}));
  EXPECT_EQ(text_at(m1, 2 * kPage - 4, 4), "aabc");
  call(instance, "fill1", i32s({65536, 'x', 65532}));
  EXPECT_EQ(text_at(m1, 2 * kPage - 6, 6), "xxaabc");
  EXPECT_EQ(m1.data()[kPage - 1], 0);
  std::memcpy(m0.data() + kPage - 3, "end", 3);
  call(instance, "copy2from0", i32s({2 * 65536, 65533, 3}));
  EXPECT_EQ(text_at(m2, 2 * kPage, 3), "end");

  // One byte past either end: nothing is written.
  EXPECT_EQ(trap(instance, "copy1from2", i32s({0, 3 * 65536 - 6, 7})), kMemoryTrap);
  EXPECT_EQ(trap(instance, "copy1from2", i32s({2 * 65536 - 4, 0, 5})), kMemoryTrap);
  EXPECT_EQ(trap(instance, "copy2from0", i32s({0, 65533, 4})), kMemoryTrap);
  EXPECT_EQ(trap(instance, "fill1", i32s({2 * 65536 - 6, 'y', 7})), kMemoryTrap);
  EXPECT_EQ(trap(instance, "init2", i32s({3 * 65536 - 5, 0, 6})), kMemoryTrap);
  EXPECT_EQ(m1.data()[0], 0);
  EXPECT_EQ(m2.data()[0], 0);
  EXPECT_EQ(text_at(m1, 2 * kPage - 6, 6), "xxaabc");
  EXPECT_EQ(text_at(m2, 3 * kPage - 6, 6), "abcdef");
  // The sizes of one memory do not bound another.
  EXPECT_EQ(trap(instance, "copy2from0", i32s({3 * 65536, 65536, 0})), TrapCode::none);
  EXPECT_EQ(trap(instance, "copy1from2", i32s({2 * 65536, 3 * 65536, 0})), TrapCode::none);
}

TEST_P(MultiMemoryTest, SegmentsGoToTheMemoryTheyName) {
  Instance& instance = instantiate(R"(
    (memory (export "m0") 1) (memory (export "m1") 1) (memory (export "m2") 2)
    (data (memory 2) (i32.const 131070) "no") (data (memory 1) (i32.const 65534) "me")
    (data (memory 0) (i32.const 1) "x"))");
  EXPECT_EQ(text_at(*instance.memory("m2"), 2 * kPage - 2, 2), "no");
  EXPECT_EQ(text_at(*instance.memory("m1"), kPage - 2, 2), "me");
  EXPECT_EQ(text_at(*instance.memory("m0"), 0, 2), std::string("\0x", 2));

  const Instantiation outcome = machine_.linker().instantiate(
      Module::compile(
          machine_.engine(),
          wat(R"((module (memory 2) (memory 1) (data (memory 1) (i32.const 65535) "no")))"))
          .value());
  EXPECT_EQ(outcome.instance, nullptr);
  EXPECT_EQ(trap_of(outcome.completion), kMemoryTrap);
}

// The same memories under other indices, and one of the module's own behind them: growth by anyone
// is seen at once by all, also where it moves a memory.
TEST_P(MultiMemoryTest, ImportedMemoriesAreSharedWhereverTheyStand) {
  Instance& owner = instantiate(R"((memory (export "a") 1) (memory (export "b") 1)
    (func (export "grow_a") (param i32) (result i32) (memory.grow 0 (local.get 0)))
    (func (export "grow_b") (param i32) (result i32) (memory.grow 1 (local.get 0)))
    (func (export "a_at") (param i32) (result i32) (i32.load 0 (local.get 0)))
    (func (export "b_at") (param i32) (result i32) (i32.load 1 (local.get 0))))");
  machine_.linker().define_instance("owner", owner);
  Instance& user = instantiate(R"(
    (import "owner" "b" (memory $b 1)) (import "owner" "a" (memory $a 1))
    (import "owner" "grow_a" (func $grow_a (param i32) (result i32)))
    (import "owner" "grow_b" (func $grow_b (param i32) (result i32)))
    (memory $own 1)
    (table funcref (elem $grow_a $grow_b))
    (func (export "call") (param i32) (result i32)
      (i32.store $own (i32.const 8) (i32.const 1))
      (drop (call $grow_a (local.get 0))) (drop (call $grow_b (local.get 0)))
      (call $store_ends)
      (i32.load $own (i32.const 8)))
    (func (export "indirect") (param i32) (result i32)
      (drop (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
      (drop (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1)))
      (call $store_ends)
      (i32.load $own (i32.const 8)))
    (func (export "own") (param i32) (result i32)
      (drop (memory.grow $a (local.get 0))) (drop (memory.grow $b (local.get 0)))
      (drop (memory.grow $own (local.get 0)))
      (call $store_ends)
      (i32.load $own (i32.const 8)))
    (func $store_ends
      (i32.store $a (i32.sub (i32.mul (memory.size $a) (i32.const 65536)) (i32.const 4)) (memory.size $a))
      (i32.store $b (i32.sub (i32.mul (memory.size $b) (i32.const 65536)) (i32.const 4)) (memory.size $b))
      (i32.store $own (i32.sub (i32.mul (memory.size $own) (i32.const 65536)) (i32.const 4)) (memory.size $own))))");
  Memory& a = *owner.memory("a");
  Memory& b = *owner.memory("b");
  for (uint32_t round = 1; round <= 4; ++round) {
    for (const char* const name : {"call", "indirect", "own"}) {
      EXPECT_EQ(call(user, name, i32s({100 * round})), 1u) << name;
      EXPECT_EQ(call(owner, "a_at", i32s({static_cast<uint32_t>(a.size_bytes() - 4)})),
                a.size_pages());
      EXPECT_EQ(call(owner, "b_at", i32s({static_cast<uint32_t>(b.size_bytes() - 4)})),
                b.size_pages());
    }
  }
  EXPECT_EQ(a.size_pages(), 1u + 3 * (100 + 200 + 300 + 400));
  EXPECT_EQ(b.size_pages(), a.size_pages());
}

// Growing memory 1 may move memory 0, whose base is in a register.
TEST_P(MultiMemoryTest, OneMemoryUnderTwoIndices) {
  machine_.linker().define_instance("owner", instantiate(R"((memory (export "m") 1))"));
  Instance& instance = instantiate(R"(
    (import "owner" "m" (memory $x 1)) (import "owner" "m" (memory $y 1))
    (func (export "f") (param i32) (result i32)
      (i32.store $x (i32.const 0) (local.get 0))
      (drop (memory.grow $y (i32.const 500)))
      (i32.store $x (i32.const 4) (local.get 0))
      (drop (memory.grow $x (i32.const 500)))
      (memory.copy $y $x (i32.const 5) (i32.const 4) (i32.const 4))
      (i32.add (i32.load $y (i32.const 0)) (i32.load $x (i32.const 5)))))");
  for (uint32_t i = 1; i < 5; ++i) EXPECT_EQ(call(instance, "f", i32s({i})), 2 * i);
}

// No register is held for a base longer than one access.
TEST_P(MultiMemoryTest, ManyMemoriesInOneExpression) {
  constexpr uint32_t kCount = 26;
  std::string fields;
  std::string sum = "(i32.const 0)";
  for (uint32_t i = 0; i < kCount; ++i) {
    const std::string k = std::to_string(i);
    const std::string letter(1, static_cast<char>('A' + i));
    fields += "(memory 1) (data (memory " + k + ") (i32.const 4) \"" + letter + "\")";
    sum = "(i32.add " + sum + " (i32.load " + k + " (local.get 0)))";
  }
  Instance& instance =
      instantiate(fields + "(func (export \"f\") (param i32) (result i32) " + sum + ")");
  EXPECT_EQ(call(instance, "f", i32s({4})), kCount * (kCount - 1) / 2 + kCount * 'A');
}

}  // namespace
}  // namespace swoop

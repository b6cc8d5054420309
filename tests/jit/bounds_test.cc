// Accesses that are not compared with the size of the memory, because an earlier one or the least
// size tells that they are in bounds (explicit mode): whatever could make that untrue in between,
// and random programs against the guards.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace swoop {
namespace {

constexpr TrapCode kMemoryTrap = TrapCode::out_of_bounds_memory_access;
constexpr uint32_t kPage = 65536;

class BoundsTest : public testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(Modes, BoundsTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return std::string(test.param.name); });

/// Parameters: 0 is 0, 1 the address that decides whether the code traps, 2 the same as i64 with
/// dirt above, 3 is 1, 4 and 5 are locals. {check} accesses local 0, so does {again}.
struct Case {
  const char* name;
  const char* code;
};
constexpr Case kCases[] = {
    {"set", "{check} local.get 1 local.set 0 {again}"},
    {"set_to_sum", "{check} local.get 0 local.get 1 i32.add local.set 0 {again}"},
    {"set_by_constant", "{check} local.get 0 i32.const {bad} i32.add local.set 0 {again}"},
    {"tee", "{check} local.get 1 local.tee 0 i32.load drop"},
    {"tee_dropped", "{check} local.get 1 local.tee 0 drop {again}"},
    {"tee_of_sum", "{check} local.get 0 local.get 1 i32.add local.tee 0 i32.load drop {again}"},
    {"set_by_select", "{check} local.get 1 local.get 0 local.get 3 select local.set 0 {again}"},
    {"set_by_load",
     "i32.const 16 local.get 1 i32.store {check} local.get 0 i32.load offset=16 local.set "
     "0 {again}"},
    {"tee_by_load",
     "i32.const 16 local.get 1 i32.store local.get 0 i32.load offset=16 local.tee 0 drop "
     "{again}"},
    // The load is not done before the addition is, when the local is set already.
    {"set_by_sum_with_load",
     "i32.const 16 local.get 1 i32.store local.get 5 local.get 0 i32.load offset=16 "
     "i32.add local.set 0 {again}"},
    {"set_by_load_with_itself",
     "i32.const 16 local.get 1 i32.store local.get 0 local.get 0 i32.load offset=16 "
     "i32.add local.set 0 {again}"},
    {"set_by_call", "{check} local.get 1 call $same local.set 0 {again}"},
    {"set_by_global", "{check} local.get 1 global.set $g global.get $g local.set 0 {again}"},
    {"set_by_wrap", "{check} local.get 2 i32.wrap_i64 local.set 0 {again}"},
    {"set_by_block", "{check} block (result i32) local.get 1 end local.set 0 {again}"},
    {"set_below_an_alias", "{check} local.get 0 local.get 1 local.set 0 {again} i32.load drop"},
    {"loop_begin",
     "{check} loop {again} local.get 1 local.set 0 local.get 3 i32.const 0 local.set 3 "
     "br_if 0 end"},
    {"loop_inside",
     "loop {check} block local.get 3 i32.eqz br_if 0 local.get 1 local.set 0 i32.const 0 "
     "local.set 3 br 1 end end"},
    {"loop_with_table",
     "{check} loop {again} local.get 1 local.set 0 local.get 3 local.set 4 i32.const 0 "
     "local.set 3 block block block block local.get 4 br_table 0 4 2 1 0 end end end end "
     "end {again}"},
    {"then_only",
     "local.get 3 i32.eqz if i32.const 0 local.set 0 {check} else local.get 1 local.set 0 "
     "end {again}"},
    {"then_without_else", "local.get 1 local.set 0 local.get 3 i32.eqz if {check} end {again}"},
    {"then_not_else", "local.get 1 local.set 0 local.get 3 i32.eqz if {check} else {again} end"},
    {"else_only",
     "local.get 3 if local.get 1 local.set 0 else i32.const 0 local.set 0 {check} end "
     "{again}"},
    {"set_in_then", "{check} local.get 3 if local.get 1 local.set 0 end {again}"},
    {"set_in_else", "{check} local.get 3 i32.eqz if else local.get 1 local.set 0 end {again}"},
    {"skipped_by_br_if", "local.get 1 local.set 0 block local.get 3 br_if 0 {check} end {again}"},
    {"skipped_by_br",
     "local.get 1 local.set 0 block local.get 3 i32.eqz if {check} else br 1 end {check} "
     "end {again}"},
    {"skipped_by_br_table",
     "local.get 1 local.set 0 block block block local.get 3 br_table 0 1 0 1 0 end {check} "
     "end end {again}"},
    {"skipped_by_short_br_table",
     "local.get 1 local.set 0 block block local.get 3 br_table 0 1 0 end {check} end "
     "{again}"},
    {"skipped_with_result",
     "local.get 1 local.set 0 block (result i32) local.get 3 local.get 3 br_if 0 {check} "
     "end drop {again}"},
    {"skipped_with_results",
     "local.get 1 local.set 0 block (result i32 i64) local.get 3 i64.const 1 local.get 3 "
     "br_if 0 {check} end drop drop {again}"},
    {"in_dead_code", "local.get 1 local.set 0 block br 0 {check} end {again}"},
    {"behind_dead_code",
     "local.get 1 local.set 0 block block br 1 {check} end {check} end {again}"},
    {"thrown_before",
     "local.get 1 local.set 0 block try_table (catch_all 0) call $throw {check} end end "
     "{again}"},
    {"thrown_after_set",
     "{check} block try_table (catch_all 0) local.get 1 local.set 0 call $throw i32.const "
     "0 local.set 0 {check} end end {again}"},
    {"caught_in_loop",
     "{check} loop {again} local.get 3 if try_table (catch_all 1) local.get 1 local.set 0 "
     "i32.const 0 local.set 3 call $throw end end end"},
    {"caught_with_value",
     "local.get 1 local.set 0 block (result i32) try_table (catch $value 0) local.get 3 "
     "throw $value {check} end i32.const 0 end drop {again}"},
    {"caught_in_place",
     "try local.get 3 if local.get 1 local.set 0 call $throw end i32.const 0 local.set 0 {check} "
     "catch $none {again} end"},
    {"caught_in_place_after_all",
     "try local.get 3 if local.get 1 local.set 0 call $throw end "
     "i32.const 0 local.set 0 {check} catch $value i32.load drop catch_all {again} end"},
    {"farther", "{check} local.get 1 local.set 0 local.get 0 i32.load8_u drop {again}"},
    {"farther_by_offset",
     "i32.const {last} local.set 0 {check} local.get 0 i32.load offset={bad} drop"},
    {"farther_by_size",
     "i32.const {last} local.set 0 {check} local.get 1 local.set 4 local.get 0 i64.load "
     "offset={bad} drop"},
    {"another_local", "{check} local.get 1 local.set 4 local.get 4 i32.load drop"},
    {"another_memory", "local.get 1 i32.load $large drop local.get 1 i32.load drop"},
    {"into_another_memory",
     "i32.const {last} local.set 0 {check} local.get 0 i32.load $small drop"},
    {"sum_of_the_local", "{check} local.get 0 local.get 1 i32.add i32.load drop"},
    {"wrapped", "local.get 2 i32.wrap_i64 i32.load drop"},
    {"wrapped_then_set",
     "i64.const 0 local.set 6 local.get 6 i32.wrap_i64 i32.load drop local.get 2 local.set "
     "6 local.get 6 i32.wrap_i64 i32.load drop"},
    {"through_a_float",
     "f32.const 0 local.set 7 local.get 7 i32.reinterpret_f32 i32.load drop local.get 1 "
     "f32.reinterpret_i32 local.set 7 local.get 7 i32.reinterpret_f32 i32.load drop"},
    {"after_copy",
     "local.get 0 i32.const 64 i32.const 32 memory.copy local.get 1 local.set 0 local.get "
     "0 i32.const 64 i32.const 4 memory.copy"},
    {"after_fill",
     "local.get 0 i32.const 0 i32.const 32 memory.fill local.get 1 local.set 0 local.get 0 "
     "i32.const 0 i32.const 4 memory.fill"},
    {"wide_mask", "local.get 1 i32.const 0x3ffff i32.and i32.load drop"},
    {"wide_mask_scaled",
     "local.get 1 i32.const 2 i32.shr_u i32.const 0xffff i32.and i32.const 2 i32.shl "
     "i32.load drop"},
};

TEST_P(BoundsTest, WhatWasCheckedIsForgottenWhenItMayBeUntrue) {
  constexpr const char* kLoad = "local.get 0 i32.load drop";
  constexpr const char* kStore = "local.get 0 i32.const 0 i32.store";
  constexpr const char* kOperand = "local.get 5 local.get 0 i32.load i32.add local.set 5";
  constexpr uint32_t kSize = 2 * kPage;
  constexpr uint32_t kBad = kSize + kPage - 4;
  constexpr uint32_t kGood = 64;
  struct Function {
    std::string name;
    bool traps;
  };
  std::vector<Function> functions;
  std::string text = R"((module (memory (export "memory") 2) (memory $large 3) (memory $small 1)
    (tag $none) (tag $value (param i32)) (global $g (mut i32) (i32.const 0))
    (func $throw (throw $none)) (func $same (param i32) (result i32) (local.get 0)))";
  for (const Case& c : kCases) {
    int variant = 0;
    for (const char* check : {kLoad, kStore, kOperand}) {
      for (const bool in_loop : {false, true}) {  // which makes locals worth a register
        for (const uint32_t bad : {kBad, kGood}) {
          const std::string code =
              fill(c.code, {{"check", check},
                            {"again", variant % 2 == 0 ? kLoad : check},
                            {"bad", std::to_string(bad)},
                            {"last", std::to_string(bad == kGood ? 0 : kSize - 4)}});
          const std::string name = c.name + std::string("_") + std::to_string(variant++) +
                                   (bad == kGood ? "_good" : "_bad");
          text += "(func (export \"" + name +
                  "\") (param i32 i32 i64 i32) (local i32 i32 i64 f32) " +
                  (in_loop ? "loop " + code + " end" : code) + ")\n";
          functions.push_back({name, bad != kGood});
        }
      }
    }
  }
  Machine machine(GetParam());
  Instance& instance = machine.instantiate(text + ")");
  for (const Function& f : functions) {
    std::memset(instance.memory("memory")->data(), 0, kSize);
    const uint32_t address = f.traps ? kBad : kGood;
    std::array<Value, 4> values = {Value::i32(0), Value::i32(address),
                                   Value::i64(address | uint64_t{0xabcd'ef01} << 32),
                                   Value::i32(1)};
    EXPECT_EQ(trap_of(instance.func(f.name).invoke(values)), f.traps ? kMemoryTrap : TrapCode::none)
        << f.name;
  }
}

// Offsets add up in 64 bits, also where an address was in bounds as such.
TEST_P(BoundsTest, EndsAreExact) {
  std::string text = "(module (memory (export \"memory\") 1) (memory $none 0)\n";
  const auto add = [&](const std::string& name, const std::string& code) {
    text += "(func (export \"" + name + "\") (param i32) " + code + ")\n";
  };
  add("byte_then_word", "local.get 0 i32.load8_u drop local.get 0 i32.load drop");
  add("word_then_byte", "local.get 0 i32.load drop local.get 0 i32.load8_u offset=3 drop");
  add("word_then_next_byte", "local.get 0 i32.load drop local.get 0 i32.load8_u offset=4 drop");
  add("word_then_far", "local.get 0 i32.load drop local.get 0 i32.load offset=0xffffffff drop");
  add("far_then_near", "local.get 0 i32.load offset=0x7ffffff0 drop local.get 0 i32.load drop");
  add("masked_byte", "local.get 0 i32.const 0xffff i32.and i32.load8_u drop");
  add("masked_half", "local.get 0 i32.const 0xffff i32.and i32.load16_u drop");
  add("masked_offset", "local.get 0 i32.const 0xff i32.and i32.load8_u offset=65280 drop");
  add("masked_next_offset", "local.get 0 i32.const 0xff i32.and i32.load8_u offset=65281 drop");
  add("scaled",
      "local.get 0 i32.const 0xff i32.and i32.const 2 i32.shl i32.load offset=64512 drop");
  add("scaled_next",
      "local.get 0 i32.const 0xff i32.and i32.const 2 i32.shl i32.load offset=64513 drop");
  add("constant", "i32.const 65532 i32.load drop");
  add("constant_next", "i32.const 65533 i32.load drop");
  add("constant_offset", "i32.const 0 i32.load offset=65532 drop");
  add("constant_next_offset", "i32.const 1 i32.load offset=65532 drop");
  add("negative_constant", "i32.const -4 i32.load offset=65536 drop");
  add("empty_memory", "i32.const 0 i32.load8_u $none drop");
  add("masked_empty_memory", "local.get 0 i32.const 0 i32.and i32.load8_u $none drop");
  Machine machine(GetParam());
  Instance& instance = machine.instantiate(text + ")");
  struct Call {
    const char* name;
    uint32_t address;
    bool traps;
  };
  const Call kCalls[] = {
      {"byte_then_word", 65532, false},
      {"byte_then_word", 65533, true},
      {"byte_then_word", 65535, true},
      {"word_then_byte", 65532, false},
      {"word_then_byte", 65533, true},
      {"word_then_next_byte", 65531, false},
      {"word_then_next_byte", 65532, true},
      {"word_then_far", 0, true},
      {"word_then_far", 1, true},
      {"word_then_far", 65532, true},
      {"far_then_near", 0, true},
      {"far_then_near", 0x8000'0010, true},
      {"masked_byte", 0xffff'ffff, false},
      {"masked_half", 0xffff'fffe, false},
      {"masked_half", 0xffff'ffff, true},
      {"masked_offset", 0xff, false},
      {"masked_next_offset", 0xfe, false},
      {"masked_next_offset", 0xff, true},
      {"scaled", 0xff, false},
      {"scaled_next", 0xfe, false},
      {"scaled_next", 0xff, true},
      {"constant", 0, false},
      {"constant_next", 0, true},
      {"constant_offset", 0, false},
      {"constant_next_offset", 0, true},
      {"negative_constant", 0, true},
      {"empty_memory", 0, true},
      {"masked_empty_memory", 0, true},
  };
  for (const Call& call : kCalls) {
    Value value = Value::i32(call.address);
    EXPECT_EQ(trap_of(instance.func(call.name).invoke({&value, 1})),
              call.traps ? kMemoryTrap : TrapCode::none)
        << call.name << " " << call.address;
  }
}

// What was in bounds stays so when the memory grows, wherever it moves to.
TEST_P(BoundsTest, AccessesFollowAMemoryThatGrows) {
  Machine machine(GetParam());
  Instance& instance = machine.instantiate(R"((module (memory 1)
    (func $grow (drop (memory.grow (i32.const 100))))
    (func (export "run") (param i32) (result i32)
      (i32.store (local.get 0) (i32.const 11))
      (drop (memory.grow (i32.const 200)))
      (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 22)))
      (call $grow)
      (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 33)))
      (i32.add (i32.load (local.get 0)) (i32.load (i32.const 65532))))))");
  Value value = Value::i32(65532);
  EXPECT_EQ(trap_of(instance.func("run").invoke({&value, 1})), TrapCode::none);
  EXPECT_EQ(value.low, 132u);
}

/// Bodies of random functions: parameters 0 and 1 are addresses, 2 random bits, 3 and 4 addresses
/// too, 5 is a sum, 6 an i64 address, 7 to 9 count loops.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string body() {
    std::string text;
    for (uint32_t i = 3 + below(5); i > 0; --i) text += statement(0);
    return text;
  }

 private:
  static constexpr uint32_t kAddresses[] = {0, 1, 3, 4};

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  std::string local() { return std::to_string(kAddresses[below(4)]); }
  std::string get() { return "local.get " + local() + " "; }
  std::string offset() {
    constexpr uint32_t kOffsets[] = {0,     0,      0,           1,          4,     8,
                                     12,    40,     60000,       65528,      65532, 65535,
                                     65536, 131072, 0x7fff'fffc, 0xffff'fff0};
    const uint32_t value = kOffsets[below(below(4) == 0 ? 16 : 8)];
    return value == 0 ? " " : " offset=" + std::to_string(value) + " ";
  }
  std::string constant() {
    constexpr uint32_t kValues[] = {0,     8,      64,     1000,        65000,
                                    65488, 65500,  65528,  65532,       65535,
                                    65536, 131000, 131068, 0x7fff'fff0, 0xffff'fffc};
    return "i32.const " + std::to_string(kValues[below(below(4) == 0 ? 15 : 8)]) + " ";
  }
  std::string value() {
    switch (below(8)) {
      case 0: return get();
      case 1: return get() + constant() + "i32.add ";
      case 2: return get() + "i32.const 0xff i32.and ";
      case 3: return get() + "i32.load" + offset();
      case 4: return get() + get() + "i32.load" + offset() + "i32.add ";
      case 5: return "local.get 6 i32.wrap_i64 ";
      default: return constant();
    }
  }
  std::string index() {
    switch (below(10)) {
      case 0: return value() + "local.tee " + local() + " ";
      case 1: return get() + "i32.const 0xffff i32.and ";
      case 2: return get() + "i32.const 0xff i32.and i32.const 2 i32.shl ";
      case 3: return constant();
      case 4: return "local.get 6 i32.wrap_i64 ";
      case 5: return get() + get() + value() + "local.set " + local() + " drop ";
      default: return get();
    }
  }
  std::string mix(const std::string& term) {
    return term + "local.get 5 i32.const 31 i32.mul i32.add local.set 5\n";
  }
  std::string condition() {
    return "local.get 2 i32.const " + std::to_string(below(32)) + " i32.shr_u i32.const 1 i32.and ";
  }
  std::string statement(uint32_t depth) {
    constexpr const char* kLoads[] = {"i32.load8_u", "i32.load16_u", "i32.load"};
    const uint32_t kinds = depth < 3 ? 18 : 11;
    switch (below(kinds)) {
      case 0:
      case 1:
      case 2:
      case 3: return mix(index() + kLoads[below(3)] + offset());
      case 4: return mix("i32.const 7 " + index() + "i32.load" + offset() + "i32.xor ");
      case 5:
      case 6: return index() + "local.get 5 i32.store" + offset() + "\n";
      case 7:
      case 8: return value() + "local.set " + local() + "\n";
      case 9: return value() + "i64.extend_i32_u i64.const 0x700000000 i64.or local.set 6\n";
      case 10:
        return below(2) == 0 ? "i32.const 1 memory.grow drop\n"
                             : index() + get() + "i32.const 24 memory.copy\n";
      case 11:
      case 12:
        return condition() + "if\n" + block(depth) +
               (below(2) == 0 ? "else\n" + block(depth) : "") + "end\n";
      case 13: return "block\n" + block(depth) + condition() + "br_if 0\n" + block(depth) + "end\n";
      case 14:
        return "block block block\n" + block(depth) + condition() + "br_table 0 1 2 0 1\nend\n" +
               block(depth) + "end\n" + block(depth) + "end\n";
      case 15:
        return "block try_table (catch_all 0)\n" + block(depth) + condition() + "call $throw_if\n" +
               block(depth) + "end end\n";
      default: {
        const std::string counter = std::to_string(7 + depth);
        return "i32.const 0 local.set " + counter + " loop\n" + block(depth) + "local.get " +
               counter + " i32.const 1 i32.add local.tee " + counter +
               " i32.const 3 i32.lt_u br_if 0 end\n";
      }
    }
  }
  std::string block(uint32_t depth) {
    std::string text;
    for (uint32_t i = 1 + below(3); i > 0; --i) text += statement(depth + 1);
    return text;
  }

  std::mt19937 random_;
};

TEST_P(BoundsTest, RandomProgramsDoWhatGuardsMakeThemDo) {
  constexpr uint32_t kModules = 8;
  constexpr uint32_t kFunctions = 150;
  for (uint32_t seed = 0; seed < kModules; ++seed) {
    Generator generator(seed);
    std::string text = R"((module (memory (export "memory") 1 4) (tag $tag)
      (func $throw_if (param i32) (if (local.get 0) (then (throw $tag)))))";
    for (uint32_t i = 0; i < kFunctions; ++i) {
      text += "(func (export \"f" + std::to_string(i) +
              "\") (param i32 i32 i32) (result i32) (local i32 i32 i32 i64 i32 i32 i32 i32)\n" +
              generator.body() + "local.get 5)\n";
    }
    text += ")";
    Machine guarded(kModes[0]);
    Machine machine(GetParam());
    Instance& expected = guarded.instantiate(text);
    Instance& instance = machine.instantiate(text);
    std::mt19937 random(seed);
    for (uint32_t i = 0; i < kFunctions; ++i) {
      constexpr uint32_t kArguments[] = {0, 64, 65000, 65528, 65532, 65536, 131064, 0xffff'fff8};
      const std::string name = "f" + std::to_string(i);
      for (int round = 0; round < 6; ++round) {
        std::array<Value, 3> values = {Value::i32(kArguments[random() % 8]),
                                       Value::i32(kArguments[random() % 5]),
                                       Value::i32(static_cast<int32_t>(random()))};
        std::array<Value, 3> copies = values;
        const TrapCode wanted = trap_of(expected.func(name).invoke(copies));
        ASSERT_EQ(trap_of(instance.func(name).invoke(values)), wanted) << seed << " " << name;
        if (wanted == TrapCode::none) {
          ASSERT_EQ(values[0].low, copies[0].low) << seed << " " << name;
        }
        const Memory& a = *expected.memory("memory");
        const Memory& b = *instance.memory("memory");
        ASSERT_EQ(a.size_bytes(), b.size_bytes()) << seed << " " << name;
        ASSERT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0) << seed << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace swoop

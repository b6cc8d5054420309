// Upper halves of i32s: every operator that makes an i32 feeds every operator that forms an address
// or an index of it, widens it or hands it on. With garbage in all upper halves that nobody may
// trust, results stay the same.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

namespace swoop {
namespace {

constexpr uint64_t kPage = 65536;
constexpr uint32_t kTableSize = 16;

/// Code that leaves an i32; its input is in local 0, and in local 1 as an i64 with garbage above.
/// Locals 2 (i32) and 3 (i64) are in registers where the code begins with a loop.
struct Producer {
  const char* name;
  const char* code;
  uint32_t (*value)(uint32_t) = nullptr;  // null: the input
};

// clang-format off
constexpr Producer kProducers[] = {
    {"param", "local.get 0"},
    {"wrap_slot", "local.get 1 i32.wrap_i64"},
    {"wrap_pinned", "local.get 1 local.set 3 loop (result i32) local.get 3 local.tee 3 i32.wrap_i64 end"},
    {"wrap_alias", "loop local.get 1 local.set 3 end loop (result i32) local.get 3 i32.wrap_i64 i64.const 0 local.set 3 end"},
    {"wrap_temp", "global.get $wide i32.wrap_i64"},
    {"wrap_home", "global.get $wide i32.wrap_i64 block end"},
    {"wrap_load", "i32.const 0x800 i64.load i32.wrap_i64"},
    {"wrap_xor", "local.get 1 i64.const 0x123400000000 i64.xor i32.wrap_i64"},
    {"wrap_spilled", "global.get $wide i32.wrap_i64 global.get $wide global.get $wide global.get $wide "
     "global.get $wide global.get $wide i64.add i64.add i64.add i64.add drop"},
    {"wrap_extend_wrap", "local.get 1 i32.wrap_i64 i64.extend_i32_s i32.wrap_i64"},
    {"wrap_tee", "local.get 1 i32.wrap_i64 local.tee 2"},
    {"wrap_tee_pinned", "loop (result i32) local.get 1 i32.wrap_i64 local.tee 2 drop local.get 2 end"},
    {"add", "local.get 1 i32.wrap_i64 global.get $zero i32.add"},
    {"add_const", "local.get 1 i32.wrap_i64 i32.const 3 i32.add", [](uint32_t v) { return v + 3; }},
    {"lea", "local.get 0 local.get 0 i32.const 1 i32.shl i32.add", [](uint32_t v) { return 3 * v; }},
    {"add_nothing", "local.get 1 i32.wrap_i64 i32.const 0 i32.add"},
    {"shl_nothing", "local.get 1 i32.wrap_i64 i32.const 32 i32.shl"},
    {"divide_by_one", "local.get 1 i32.wrap_i64 i32.const 1 i32.div_u"},
    {"sub", "local.get 1 i32.wrap_i64 global.get $zero i32.sub"},
    {"sub_from", "global.get $zero local.get 1 i32.wrap_i64 i32.sub", [](uint32_t v) { return 0 - v; }},
    {"mul", "local.get 1 i32.wrap_i64 global.get $one i32.mul"},
    {"mul_3", "local.get 1 i32.wrap_i64 i32.const 3 i32.mul", [](uint32_t v) { return 3 * v; }},
    {"mul_1", "local.get 1 i32.wrap_i64 i32.const 1 i32.mul"},
    {"and", "local.get 1 i32.wrap_i64 i32.const -1 i32.and"},
    {"or", "local.get 1 i32.wrap_i64 global.get $zero i32.or"},
    {"xor", "local.get 1 i32.wrap_i64 i32.const -1 i32.xor i32.const -1 i32.xor"},
    {"shl", "local.get 1 i32.wrap_i64 i32.const 1 i32.shl", [](uint32_t v) { return v << 1; }},
    {"shr_s", "local.get 1 i32.wrap_i64 i32.const 1 i32.shr_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int32_t>(v) >> 1); }},
    {"shr_u", "local.get 1 i32.wrap_i64 global.get $zero i32.shr_u"},
    {"rotl", "local.get 1 i32.wrap_i64 global.get $zero i32.rotl"},
    {"rotr", "local.get 1 i32.wrap_i64 i32.const 4 i32.rotr i32.const 4 i32.rotl"},
    {"div_s", "local.get 1 i32.wrap_i64 global.get $one i32.div_s"},
    {"div_u", "local.get 1 i32.wrap_i64 global.get $one i32.div_u"},
    {"rem_s", "local.get 1 i32.wrap_i64 i32.const 7 i32.rem_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int32_t>(v) % 7); }},
    {"rem_u", "local.get 1 i32.wrap_i64 i32.const 7 i32.rem_u", [](uint32_t v) { return v % 7; }},
    {"clz", "local.get 1 i32.wrap_i64 i32.clz", [](uint32_t v) { return static_cast<uint32_t>(std::countl_zero(v)); }},
    {"ctz", "local.get 1 i32.wrap_i64 i32.ctz", [](uint32_t v) { return static_cast<uint32_t>(std::countr_zero(v)); }},
    {"popcnt", "local.get 1 i32.wrap_i64 i32.popcnt", [](uint32_t v) { return static_cast<uint32_t>(std::popcount(v)); }},
    {"extend8_s", "local.get 1 i32.wrap_i64 i32.extend8_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int8_t>(v)); }},
    {"extend16_s", "local.get 1 i32.wrap_i64 i32.extend16_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int16_t>(v)); }},
    {"eqz", "local.get 1 i32.wrap_i64 i32.eqz", [](uint32_t v) { return uint32_t{v == 0}; }},
    {"lt_u", "local.get 1 i32.wrap_i64 i32.const 6 i32.lt_u", [](uint32_t v) { return uint32_t{v < 6}; }},
    {"eqz_64", "local.get 1 i64.eqz", [](uint32_t) { return uint32_t{0}; }},
    {"f64_eq", "global.get $float global.get $float f64.eq", [](uint32_t) { return uint32_t{1}; }},
    {"trunc_f64_u", "local.get 1 i32.wrap_i64 f64.convert_i32_u i32.trunc_f64_u"},
    {"trunc_f64_s", "local.get 1 i32.wrap_i64 f64.convert_i32_s i32.trunc_f64_s"},
    {"trunc_sat_f64_u", "local.get 1 i32.wrap_i64 f64.convert_i32_u i32.trunc_sat_f64_u"},
    {"trunc_sat_of_too_much", "f64.const -1e30 i32.trunc_sat_f64_s", [](uint32_t) { return 0x80000000u; }},
    {"reinterpret_f32", "local.get 1 i32.wrap_i64 f32.reinterpret_i32 i32.reinterpret_f32"},
    {"load", "i32.const 0x800 i32.load"},
    {"load8_s", "i32.const 0x800 i32.load8_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int8_t>(v)); }},
    {"load8_u", "i32.const 0x800 i32.load8_u", [](uint32_t v) { return v & 0xff; }},
    {"load16_s", "i32.const 0x800 i32.load16_s", [](uint32_t v) { return static_cast<uint32_t>(static_cast<int16_t>(v)); }},
    {"load16_u", "i32.const 0x800 i32.load16_u", [](uint32_t v) { return v & 0xffff; }},
    {"load_operand", "global.get $zero i32.const 0x800 i32.load i32.add"},
    {"global", "global.get $narrow"},
    {"select", "local.get 1 i32.wrap_i64 i32.const 3 global.get $one select"},
    {"select_temps", "i32.const 3 global.get $wide i32.wrap_i64 global.get $zero select"},
    {"block_result", "block (result i32) local.get 1 i32.wrap_i64 br 0 end"},
    {"block_end", "block (result i32) global.get $wide i32.wrap_i64 end"},
    {"if_result", "global.get $one if (result i32) local.get 1 i32.wrap_i64 else i32.const 1 end"},
    {"loop_param", "global.get $wide i32.wrap_i64 loop (param i32) (result i32) end"},
    {"br_if_value", "block (result i32) global.get $wide i32.wrap_i64 global.get $one br_if 0 drop i32.const 9 end"},
    {"br_table_value", "block (result i32) global.get $wide i32.wrap_i64 global.get $one br_table 0 0 0 0 0 end"},
    {"multi_value", "block (result i32 i32) i32.const 1 global.get $wide i32.wrap_i64 end local.set 2 drop local.get 2"},
    {"call", "local.get 1 call $wrap"},
    {"call_of_i32", "local.get 1 i32.wrap_i64 call $identity"},
    {"call_indirect", "local.get 1 global.get $wrapper call_indirect $t (param i64) (result i32)"},
    {"call_stack_result", "local.get 1 call $many drop local.set 2 drop drop drop drop drop local.get 2"},
    {"host_call", "local.get 1 call $host"},
    {"memory_size", "memory.size", [](uint32_t) { return uint32_t{1}; }},
    {"memory_grow", "i32.const 100 memory.grow", [](uint32_t) { return ~uint32_t{0}; }},
    {"second_size", "memory.size $second", [](uint32_t) { return uint32_t{1}; }},
    {"second_load", "i32.const 0xa00 i32.load $second", [](uint32_t) { return uint32_t{7}; }},
    {"table_size", "table.size $externs", [](uint32_t) { return kTableSize; }},
    {"table_grow", "ref.null extern i32.const 1 table.grow $externs", [](uint32_t) { return ~uint32_t{0}; }},
    {"ref_is_null", "ref.null extern ref.is_null", [](uint32_t) { return uint32_t{1}; }},
    {"evacuated", "global.get $wide i32.wrap_i64 global.get $one global.get $one i32.div_u drop"},
};
// clang-format on

/// What must come of a value, in a fresh memory that holds pattern(i) at i.
struct Expected {
  uint64_t result = 0;
  TrapCode trap = TrapCode::none;
};

uint8_t pattern(uint64_t at) {
  return static_cast<uint8_t>(at * 7 + (at >> 8) + 1);
}

Expected fails_unless(bool good, uint64_t result, TrapCode trap) {
  return good ? Expected{result, TrapCode::none} : Expected{0, trap};
}

/// Code that takes an i32 between `before` and `after` and leaves an i64.
struct Consumer {
  const char* name;
  const char* before;
  const char* after;
  Expected (*expected)(uint64_t value);
};

constexpr TrapCode kMemoryTrap = TrapCode::out_of_bounds_memory_access;
constexpr TrapCode kTableTrap = TrapCode::out_of_bounds_table_access;

// clang-format off
const Consumer kConsumers[] = {
    {"load", "", "i64.load8_u", [](uint64_t v) { return fails_unless(v < kPage, pattern(v), kMemoryTrap); }},
    {"load_offset", "", "i64.load8_u offset=16", [](uint64_t v) { return fails_unless(v + 16 < kPage, pattern(v + 16), kMemoryTrap); }},
    {"load_far", "", "i64.load8_u offset=0xffffff00", [](uint64_t) { return fails_unless(false, 0, kMemoryTrap); }},
    {"load_operand", "global.get $wide_zero", "i64.load i64.add i64.const 0xff i64.and", [](uint64_t v) { return fails_unless(v + 8 <= kPage, pattern(v), kMemoryTrap); }},
    {"float_load", "", "f32.load i32.reinterpret_f32 i64.extend_i32_u i64.const 0xff i64.and", [](uint64_t v) { return fails_unless(v + 4 <= kPage, pattern(v), kMemoryTrap); }},
    {"store_index", "", "i32.const 200 i32.store8 i64.const 0", [](uint64_t v) { return fails_unless(v < kPage, 0, kMemoryTrap); }},
    {"store_value", "i32.const 0x900", "i32.store i32.const 0x900 i64.load32_u", [](uint64_t v) { return Expected{v}; }},
    {"store64", "i32.const 0x900", "i64.extend_i32_u i64.store i32.const 0x900 i64.load", [](uint64_t v) { return Expected{v}; }},
    {"extend_u", "", "i64.extend_i32_u", [](uint64_t v) { return Expected{v}; }},
    {"extend_s", "", "i64.extend_i32_s", [](uint64_t v) { return Expected{static_cast<uint64_t>(static_cast<int32_t>(v))}; }},
    {"extend_add", "global.get $wide_zero", "i64.extend_i32_u i64.add", [](uint64_t v) { return Expected{v}; }},
    {"convert_u", "", "f64.convert_i32_u i64.trunc_f64_u", [](uint64_t v) { return Expected{v}; }},
    {"convert_f32_u", "", "i32.const 0xffff i32.and f32.convert_i32_u i64.trunc_f32_u", [](uint64_t v) { return Expected{v & 0xffff}; }},
    {"local_slot", "", "local.set 2 local.get 2 i64.extend_i32_u", [](uint64_t v) { return Expected{v}; }},
    {"local_pinned", "", "local.set 2 loop (result i64) local.get 2 local.tee 2 i64.extend_i32_u end", [](uint64_t v) { return Expected{v}; }},
    {"home", "", "block end i64.extend_i32_u", [](uint64_t v) { return Expected{v}; }},
    {"global", "", "global.set $other global.get $other i64.extend_i32_u", [](uint64_t v) { return Expected{v}; }},
    {"argument", "", "call $extend", [](uint64_t v) { return Expected{v}; }},
    {"stack_argument", "i32.const 1 i32.const 1 i32.const 1 i32.const 1 i32.const 1", "call $extend_sixth", [](uint64_t v) { return Expected{v}; }},
    {"host_argument", "", "call $host_extend", [](uint64_t v) { return Expected{v}; }},
    {"result", "", "call $identity i64.extend_i32_u", [](uint64_t v) { return Expected{v}; }},
    {"compare", "", "global.get $five i32.eq i64.extend_i32_u", [](uint64_t v) { return Expected{v == 5}; }},
    {"compare_unsigned", "", "i32.const 6 i32.lt_u i64.extend_i32_u", [](uint64_t v) { return Expected{v < 6}; }},
    {"eqz", "", "i32.eqz i64.extend_i32_u", [](uint64_t v) { return Expected{v == 0}; }},
    {"if_", "", "if (result i64) i64.const 1 else i64.const 0 end", [](uint64_t v) { return Expected{v != 0}; }},
    {"select_condition", "i64.const 1 i64.const 2", "select", [](uint64_t v) { return Expected{v != 0 ? 1u : 2u}; }},
    {"divide", "", "i32.const 3 i32.div_u i64.extend_i32_u", [](uint64_t v) { return Expected{v / 3}; }},
    {"shift_right", "", "i32.const 3 i32.shr_u i64.extend_i32_u", [](uint64_t v) { return Expected{v >> 3}; }},
    {"shift_count", "i32.const 0x80000000", "i32.shr_u i64.extend_i32_u", [](uint64_t v) { return Expected{0x80000000u >> (v & 31)}; }},
    {"call_indirect", "i64.const 7", "call_indirect $t (param i64) (result i32) i64.extend_i32_u",
     [](uint64_t v) { return v >= kTableSize ? Expected{0, TrapCode::undefined_element} : fails_unless(v < 8, 7, TrapCode::uninitialized_element); }},
    {"br_table", "", "call $jump i64.extend_i32_u", [](uint64_t v) { return Expected{v < 6 ? v : 100}; }},
    {"br_table_inline", "block block block block block block",
     "br_table 0 1 2 3 4 5 end end end end i64.const 4 return end i64.const 5 return end i64.const 6", [](uint64_t v) { return Expected{v < 4 ? 4u : v == 4 ? 5u : 6u}; }},
    {"br_table_chain", "block block", "br_table 0 1 end i64.const 4 return end i64.const 5", [](uint64_t v) { return Expected{v == 0 ? 4u : 5u}; }},
    {"table_get", "", "table.get $externs ref.is_null i64.extend_i32_u", [](uint64_t v) { return fails_unless(v < kTableSize, 1, kTableTrap); }},
    {"table_get_function", "", "table.get $t ref.is_null i64.extend_i32_u", [](uint64_t v) { return fails_unless(v < kTableSize, v >= 8, kTableTrap); }},
    {"table_set", "", "ref.null extern table.set $externs i64.const 0", [](uint64_t v) { return fails_unless(v < kTableSize, 0, kTableTrap); }},
    {"table_set_function", "", "ref.null func table.set $u i64.const 0", [](uint64_t v) { return fails_unless(v < kTableSize, 0, kTableTrap); }},
    {"table_fill_at", "", "ref.null extern i32.const 1 table.fill $externs i64.const 0", [](uint64_t v) { return fails_unless(v + 1 <= kTableSize, 0, kTableTrap); }},
    {"table_fill_size", "i32.const 0 ref.null extern", "table.fill $externs i64.const 0", [](uint64_t v) { return fails_unless(v <= kTableSize, 0, kTableTrap); }},
    {"table_copy", "i32.const 0 i32.const 0", "table.copy $u $t i64.const 0", [](uint64_t v) { return fails_unless(v <= kTableSize, 0, kTableTrap); }},
    {"table_init", "i32.const 0 i32.const 0", "table.init $u $segment i64.const 0", [](uint64_t v) { return fails_unless(v <= 8, 0, kTableTrap); }},
    {"table_grow", "ref.null extern", "table.grow $externs i64.extend_i32_u", [](uint64_t v) { return Expected{v == 0 ? kTableSize : 0xffffffffu}; }},
    {"memory_grow", "", "memory.grow i64.extend_i32_u", [](uint64_t v) { return Expected{v == 0 ? 1u : 0xffffffffu}; }},
    {"second_load", "", "i64.load8_u $second", [](uint64_t v) { return fails_unless(v < kPage, pattern(v) ^ 0xffu, kMemoryTrap); }},
    {"second_load_offset", "", "i64.load8_u $second offset=16", [](uint64_t v) { return fails_unless(v + 16 < kPage, pattern(v + 16) ^ 0xffu, kMemoryTrap); }},
    {"second_load_far", "", "i64.load8_u $second offset=0xffffff00", [](uint64_t) { return fails_unless(false, 0, kMemoryTrap); }},
    {"second_load_operand", "global.get $wide_zero", "i64.load $second i64.add i64.const 0xff i64.and", [](uint64_t v) { return fails_unless(v + 8 <= kPage, pattern(v) ^ 0xffu, kMemoryTrap); }},
    {"second_store_index", "", "i32.const 200 i32.store8 $third i64.const 0", [](uint64_t v) { return fails_unless(v < kPage, 0, kMemoryTrap); }},
    {"second_store_value", "i32.const 0x900", "i32.store $third i32.const 0x900 i64.load32_u $third", [](uint64_t v) { return Expected{v}; }},
    {"second_grow", "", "memory.grow $third i64.extend_i32_u", [](uint64_t v) { return Expected{v == 0 ? 1u : 0xffffffffu}; }},
    {"second_copy_size", "i32.const 0 i32.const 0", "memory.copy $third $second i64.const 0", [](uint64_t v) { return fails_unless(v <= kPage, 0, kMemoryTrap); }},
    {"memory_fill_at", "", "i32.const 200 i32.const 1 memory.fill i64.const 0", [](uint64_t v) { return fails_unless(v + 1 <= kPage, 0, kMemoryTrap); }},
    {"memory_fill_byte", "i32.const 0x900", "i32.const 1 memory.fill i32.const 0x900 i64.load8_u", [](uint64_t v) { return Expected{v & 0xff}; }},
    {"memory_fill_size", "i32.const 0 i32.const 200", "memory.fill i64.const 0", [](uint64_t v) { return fails_unless(v <= kPage, 0, kMemoryTrap); }},
    {"memory_copy_from", "i32.const 0x900", "i32.const 1 memory.copy i32.const 0x900 i64.load8_u", [](uint64_t v) { return fails_unless(v + 1 <= kPage, pattern(v), kMemoryTrap); }},
    {"memory_copy_size", "i32.const 0 i32.const 0", "memory.copy i64.const 0", [](uint64_t v) { return fails_unless(v <= kPage, 0, kMemoryTrap); }},
    {"memory_init_from", "i32.const 0x900", "i32.const 1 memory.init $data i64.const 0", [](uint64_t v) { return fails_unless(v < 8, 0, kMemoryTrap); }},
};
// clang-format on

constexpr const char* kModule = R"(
  (type $unary (func (param i64) (result i32)))
  (import "env" "wrap" (func $host (param i64) (result i32)))
  (import "env" "extend" (func $host_extend (param i32) (result i64)))
  (memory (export "memory") 1 1)
  (memory $second (export "second") 1 1)
  (memory $third 1 1)
  (table $t (export "t") 16 16 funcref)
  (table $u 16 16 funcref)
  (table $externs 16 16 externref)
  (elem (table $t) (i32.const 0) func $wrap $wrap $wrap $wrap $wrap $wrap $wrap $wrap)
  (elem $segment func $wrap $wrap $wrap $wrap $wrap $wrap $wrap $wrap)
  (data $data "12345678")
  (global $wide (export "wide") (mut i64) (i64.const 0))
  (global $narrow (export "narrow") (mut i32) (i32.const 0))
  (global $other (mut i32) (i32.const 0))
  (global $zero (mut i32) (i32.const 0))
  (global $one (mut i32) (i32.const 1))
  (global $five (mut i32) (i32.const 5))
  (global $wrapper (mut i32) (i32.const 3))
  (global $wide_zero (mut i64) (i64.const 0))
  (global $float (mut f64) (f64.const 2))
  (func $wrap (param i64) (result i32) local.get 0 i32.wrap_i64)
  (func $identity (param i32) (result i32) local.get 0)
  (func $extend (param i32) (result i64) local.get 0 i64.extend_i32_u)
  (func $extend_sixth (param i32 i32 i32 i32 i32 i32) (result i64) local.get 5 i64.extend_i32_u)
  (func $many (param i64) (result i32 i32 i32 i32 i32 i32 i64)
    i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 local.get 0 i32.wrap_i64 local.get 0)
  (func $jump (param i32) (result i32)
    block block block block block block block
    local.get 0 br_table 0 1 2 3 4 5 6
    end i32.const 0 return end i32.const 1 return end i32.const 2 return end i32.const 3 return
    end i32.const 4 return end i32.const 5 return end i32.const 100)
)";

std::string function_name(const Producer& producer, const Consumer& consumer) {
  return std::string(producer.name) + " to " + consumer.name;
}

class PoisonTest : public testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(Modes, PoisonTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

TEST_P(PoisonTest, NoConsumerSeesTheUpperHalfOfAnyProducer) {
  std::string functions;
  for (const Producer& producer : kProducers) {
    for (const Consumer& consumer : kConsumers) {
      functions += "(func (export \"" + function_name(producer, consumer) +
                   "\") (param i32 i64) (result i64) (local i32 i64) " + consumer.before + " " +
                   producer.code + " " + consumer.after + ")\n";
    }
  }
  Machine machine(GetParam());
  machine.linker()
      .define_func("env", "wrap", {{ValType::i64}, {ValType::i32}},
                   [](Caller&, std::span<Value> values) {
                     values[0] = Value::i32(values[0].as_i32());
                     return HostResult();
                   })
      .value();
  machine.linker()
      .define_func("env", "extend", {{ValType::i32}, {ValType::i64}},
                   [](Caller&, std::span<Value>) { return HostResult(); })
      .value();
  Instance& instance = machine.instantiate("(module " + std::string(kModule) + functions + ")");
  Global& wide = *instance.global("wide");
  Global& narrow = *instance.global("narrow");
  uint8_t* const memory = instance.memory("memory")->data();
  std::vector<uint8_t> fresh(kPage);
  for (size_t i = 0; i < kPage; ++i) fresh[i] = pattern(i);
  uint8_t* const second = instance.memory("second")->data();  // never written by the guest
  for (size_t i = 0; i < kPage; ++i) second[i] = static_cast<uint8_t>(~pattern(i));
  std::memcpy(second + 0xa00, "\7\0\0", 4);

  for (const Producer& producer : kProducers) {
    for (const Consumer& consumer : kConsumers) {
      const std::string name = function_name(producer, consumer);
      const Func func = instance.func(name);
      for (const uint32_t input : {0u, 5u, 12u, 0x7fff'ffffu, 0x8000'0000u, 0xffff'ffffu}) {
        const uint64_t dirty = 0xdead'beef'0000'0000 | input;
        wide.store({dirty, 0});
        narrow.store({dirty, 0});  // the upper half of a narrow cell means nothing
        std::memcpy(memory, fresh.data(), kPage);
        std::memcpy(memory + 0x800, &dirty, sizeof dirty);
        const uint32_t value = producer.value == nullptr ? input : producer.value(input);
        const Expected expected = consumer.expected(value);
        // Where the consumer reads what the test or the producer wrote.
        if (value + 32 > 0x800 && value < 0x808 + 32) continue;
        Value values[2] = {{input, 0}, {dirty, 0}};
        const Completion completion = func.invoke(values);
        ASSERT_EQ(trap_of(completion), expected.trap) << name << " of " << input;
        if (expected.trap == TrapCode::none) {
          ASSERT_EQ(values[0].low, expected.result) << name << " of " << input;
        }
      }
    }
  }
}

}  // namespace
}  // namespace swoop

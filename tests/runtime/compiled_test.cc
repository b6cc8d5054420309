// The run-time system with code of the compiler: traps at every width and place, calls in all
// directions. Each test runs with guard regions, with explicit bounds, and with the upper halves of
// i32s poisoned.
#include "runtime/linker.h"
#include "tests/support/wat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace swoop {
namespace {

using testing::ElementsAre;

struct Mode {
  const char* name;
  bool explicit_bounds;
  bool poison_upper_halves;
};

class CompiledTest : public testing::TestWithParam<Mode> {
 protected:
  CompiledTest() {
    EngineConfig config;
    if (GetParam().explicit_bounds) config.target.bounds = jit::BoundsMode::explicit_;
    config.poison_upper_halves = GetParam().poison_upper_halves;
    Result<std::shared_ptr<Engine>> engine = Engine::create(config);
    CHECK(engine.ok());
    engine_ = *engine;
    store_ = std::make_unique<Store>(engine_);
    linker_ = std::make_unique<Linker>(*store_);
  }

  Instantiation try_instantiate(std::string_view text) {
    Result<std::shared_ptr<const Module>> module = Module::compile(engine_, wat(text));
    if (!module.ok()) ADD_FAILURE() << module.error().message << " at " << module.error().offset;
    CHECK(module.ok());
    return linker_->instantiate(*module);
  }
  Instance& instantiate(std::string_view text) {
    const Instantiation outcome = try_instantiate(text);
    if (outcome.error) ADD_FAILURE() << outcome.error->message;
    CHECK(outcome.instance != nullptr);
    return *outcome.instance;
  }
  void define(std::string name, const FuncType& type, HostClosure closure) {
    CHECK(linker_->define_func("env", std::move(name), type, std::move(closure)).ok());
  }

  static CallResult call(const Instance& instance, std::string_view name,
                         std::vector<Value> arguments = {}) {
    const Func func = instance.func(name);
    CHECK(func);
    return func.call(arguments);
  }
  static TrapCode trap_of(const CallResult& result) {
    return result.completion.trap() == nullptr ? TrapCode::none : result.completion.trap()->code;
  }
  static std::vector<FuncIdx> functions(const CallResult& result) {
    std::vector<FuncIdx> all;
    if (const Trap* const trap = result.completion.trap()) {
      for (const Frame& frame : trap->frames) all.push_back(frame.func);
    }
    return all;
  }

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Linker> linker_;
};

INSTANTIATE_TEST_SUITE_P(Modes, CompiledTest,
                         testing::Values(Mode{"Guard", false, false}, Mode{"Explicit", true, false},
                                         Mode{"Poisoned", false, true},
                                         Mode{"ExplicitPoisoned", true, true}),
                         [](const auto& mode) { return mode.param.name; });

struct Access {
  const char* name;
  unsigned width;
  char type;  // of the value
  bool is_signed;
};
constexpr Access kLoads[] = {
    {"i32.load", 4, 'i', false},    {"i64.load", 8, 'l', false},
    {"f32.load", 4, 'f', false},    {"f64.load", 8, 'd', false},
    {"i32.load8_s", 1, 'i', true},  {"i32.load8_u", 1, 'i', false},
    {"i32.load16_s", 2, 'i', true}, {"i32.load16_u", 2, 'i', false},
    {"i64.load8_s", 1, 'l', true},  {"i64.load8_u", 1, 'l', false},
    {"i64.load16_s", 2, 'l', true}, {"i64.load16_u", 2, 'l', false},
    {"i64.load32_s", 4, 'l', true}, {"i64.load32_u", 4, 'l', false},
};
constexpr Access kStores[] = {
    {"i32.store", 4, 'i', false},  {"i64.store", 8, 'l', false},   {"f32.store", 4, 'f', false},
    {"f64.store", 8, 'd', false},  {"i32.store8", 1, 'i', false},  {"i32.store16", 2, 'i', false},
    {"i64.store8", 1, 'l', false}, {"i64.store16", 2, 'l', false}, {"i64.store32", 4, 'l', false},
};
constexpr uint64_t kOffsets[] = {0,     1,        4095,       4096,       32760,      65535,
                                 65536, 1u << 24, 0x7fffffef, 0x7fffffff, 0x80000000, 0xffffffff};

const char* type_name(char type) {
  switch (type) {
    case 'i': return "i32";
    case 'l': return "i64";
    case 'f': return "f32";
    default: return "f64";
  }
}

// What the load gives when it does not trap.
uint64_t model_load(const Access& access, const uint8_t* from) {
  uint64_t value = 0;
  std::memcpy(&value, from, access.width);
  if (access.is_signed) {
    const unsigned shift = 64 - 8 * access.width;
    value = static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
  }
  if (access.type == 'i') value &= 0xffff'ffff;
  return value;
}

// Every access at every class of offset and index against arithmetic, before and after growth. The
// index comes in a parameter, so that its register holds whatever the mode leaves in the upper
// half.
void check_accesses(Instance& instance, bool is_memory64) {
  Memory& memory = *instance.memory("m");
  std::mt19937_64 random(7);
  const auto pattern = [](uint64_t i) { return static_cast<uint8_t>(i * 167 + (i >> 8)); };
  for (int round = 0; round < 2; ++round) {
    const uint64_t size = memory.size_bytes();
    for (uint64_t i = 0; i < size; ++i) memory.data()[i] = pattern(i);
    for (const uint64_t offset : kOffsets) {
      const auto indices = [&](unsigned width) {
        std::vector<uint64_t> all = {0, 1, 0x7fff'ffff, 0x8000'0000, 0xffff'fff8, 0xffff'ffff};
        if (is_memory64) {
          all.insert(all.end(), {uint64_t{1} << 32, uint64_t{1} << 47, ~uint64_t{0},
                                 ~uint64_t{0} - 8, uint64_t{1} << 63, -offset, -offset - width});
        }
        if (size >= offset + width) {
          const uint64_t last = size - offset - width;
          all.insert(all.end(), {last, last + 1, last + width, last - (last > 0)});
        }
        return all;
      };
      const auto is_inside = [&](uint64_t index, unsigned width) {
        return size >= offset + width && index <= size - offset - width;
      };
      for (const Access& access : kLoads) {
        const Func func = instance.func(access.name + std::string("/") + std::to_string(offset));
        for (const uint64_t index : indices(access.width)) {
          Value value{index, 0};
          const Completion completion = func.invoke({&value, 1});
          const bool inside = is_inside(index, access.width);
          ASSERT_EQ(completion.returned(), inside)
              << access.name << " offset " << offset << " index " << index << " size " << size;
          if (inside) {
            ASSERT_EQ(value.low, model_load(access, memory.data() + index + offset))
                << access.name << " offset " << offset << " index " << index;
          } else {
            ASSERT_EQ(completion.trap()->code, TrapCode::out_of_bounds_memory_access);
            ASSERT_EQ(completion.trap()->frames.size(), 1u);
            ASSERT_EQ(completion.trap()->frames[0].func_name.substr(0, 4),
                      std::string(access.name).substr(0, 4));
          }
        }
      }
      for (const Access& access : kStores) {
        const Func func = instance.func(access.name + std::string("/") + std::to_string(offset));
        for (const uint64_t index : indices(access.width)) {
          const uint64_t bits = random();
          Value values[2] = {{index, 0}, {bits, 0}};
          const Completion completion = func.invoke(values);
          const bool inside = is_inside(index, access.width);
          ASSERT_EQ(completion.returned(), inside)
              << access.name << " offset " << offset << " index " << index << " size " << size;
          const uint64_t begin = inside ? index + offset : size;
          if (inside) {
            ASSERT_EQ(std::memcmp(memory.data() + begin, &bits, access.width), 0) << access.name;
          }
          // Nothing but that was written: look around it and at the end of the memory.
          for (uint64_t i = begin < 8 ? 0 : begin - 8; i < begin; ++i) {
            ASSERT_EQ(memory.data()[i], pattern(i)) << access.name << " wrote before its place";
          }
          for (uint64_t i = begin; inside && i < begin + access.width; ++i) {
            memory.data()[i] = pattern(i);
          }
          for (uint64_t i = begin; i < std::min(begin + 16, size); ++i) {
            ASSERT_EQ(memory.data()[i], pattern(i)) << access.name << " wrote past its place";
          }
        }
      }
    }
    ASSERT_TRUE(memory.grow(2).has_value());
  }
}

// The memory "m" has this index; those before it are smaller.
std::string access_module(bool is_memory64, uint32_t memory_idx = 0) {
  const std::string index = is_memory64 ? "i64" : "i32";
  std::string text = "(module";
  for (uint32_t i = 0; i < memory_idx; ++i) {
    text += " (memory (export \"" + std::to_string(i) + "\") 1)";
  }
  text += " (memory (export \"m\") " + std::string(is_memory64 ? "i64 " : "") + "2)";
  for (const uint64_t offset : kOffsets) {
    const auto add = [&](const Access& access, bool is_store) {
      const std::string type = type_name(access.type);
      const std::string name = access.name + std::string("/") + std::to_string(offset);
      text += "(func (export \"" + name + "\") (param " + index +
              (is_store ? " " + type : ") (result " + type) + ") (" + access.name + " " +
              std::to_string(memory_idx) + " offset=" + std::to_string(offset) + " (local.get 0)" +
              (is_store ? " (local.get 1)" : "") + "))\n";
    };
    for (const Access& access : kLoads) add(access, false);
    for (const Access& access : kStores) add(access, true);
  }
  return text + ")";
}

TEST_P(CompiledTest, AccessesAtEveryOffsetAndIndex) {
  check_accesses(instantiate(access_module(false)), false);
}

TEST_P(CompiledTest, AccessesToASecondMemoryAtEveryOffsetAndIndex) {
  Instance& instance = instantiate(access_module(false, 1));
  const Memory& other = *instance.memory("0");
  std::memset(other.data(), 0x55, other.size_bytes());
  check_accesses(instance, false);
  for (const uint8_t byte : other.bytes()) ASSERT_EQ(byte, 0x55);
}

TEST_P(CompiledTest, Memory64AccessesAtEveryOffsetAndIndex) {
  const auto module = Module::compile(engine_, wat(access_module(true)));
  if (!module.ok() && module.error().kind == ErrorKind::unsupported) {
    GTEST_SKIP() << module.error().message;
  }
  check_accesses(instantiate(access_module(true)), true);
}

TEST_P(CompiledTest, EveryTrapHasItsCodeAndBacktrace) {
  Instance& instance = instantiate(R"((module
    (memory 1) (table 3 funcref) (type $v (func)) (type $i (func (param i32)))
    (func $other (param i32))
    (elem (i32.const 1) $other)
    (func $unreachable unreachable)
    (func $div_s (param i32 i32) (drop (i32.div_s (local.get 0) (local.get 1))))
    (func $rem_u (param i64 i64) (drop (i64.rem_u (local.get 0) (local.get 1))))
    (func $trunc (param f64) (drop (i32.trunc_f64_s (local.get 0))))
    (func $indirect (param i32) (call_indirect (type $v) (local.get 0)))
    (func $fill (param i32) (memory.fill (local.get 0) (i32.const 1) (i32.const 2)))
    (func $get (param i32) (drop (table.get 0 (local.get 0))))
    (func (export "unreachable") call $unreachable)
    (func (export "div_s") (param i32 i32) (call $div_s (local.get 0) (local.get 1)))
    (func (export "rem_u") (param i64 i64) (call $rem_u (local.get 0) (local.get 1)))
    (func (export "trunc") (param f64) (call $trunc (local.get 0)))
    (func (export "indirect") (param i32) (call $indirect (local.get 0)))
    (func (export "fill") (param i32) (call $fill (local.get 0)))
    (func (export "get") (param i32) (call $get (local.get 0)))
  ))");
  struct Case {
    const char* name;
    std::vector<Value> arguments;
    TrapCode expected;
  };
  const Case cases[] = {
      {"unreachable", {}, TrapCode::unreachable},
      {"div_s", {Value::i32(1), Value::i32(0)}, TrapCode::integer_divide_by_zero},
      {"div_s", {Value::i32(INT32_MIN), Value::i32(-1)}, TrapCode::integer_overflow},
      {"div_s", {Value::i32(INT32_MIN), Value::i32(1)}, TrapCode::none},
      {"rem_u", {Value::i64(1), Value::i64(0)}, TrapCode::integer_divide_by_zero},
      {"rem_u", {Value::i64(1), Value::i64(int64_t{1} << 32)}, TrapCode::none},
      {"trunc", {Value::f64(1e10)}, TrapCode::integer_overflow},
      {"trunc", {Value::f64(__builtin_nan(""))}, TrapCode::invalid_conversion_to_integer},
      {"indirect", {Value::i32(3)}, TrapCode::undefined_element},
      {"indirect", {Value::i32(-1)}, TrapCode::undefined_element},
      {"indirect", {Value::i32(0)}, TrapCode::uninitialized_element},
      {"indirect", {Value::i32(1)}, TrapCode::indirect_call_type_mismatch},
      {"fill", {Value::i32(65535)}, TrapCode::out_of_bounds_memory_access},
      {"fill", {Value::i32(65534)}, TrapCode::none},
      {"get", {Value::i32(3)}, TrapCode::out_of_bounds_table_access},
      {"get", {Value::i32(2)}, TrapCode::none},
  };
  for (const Case& c : cases) {
    const CallResult result = call(instance, c.name, c.arguments);
    EXPECT_EQ(trap_of(result), c.expected) << c.name;
    if (c.expected == TrapCode::none) continue;
    const Trap& trap = *result.completion.trap();
    EXPECT_EQ(trap.message, to_string(c.expected));
    ASSERT_EQ(trap.frames.size(), 2u) << c.name;
    EXPECT_EQ(trap.frames[1].func_name, c.name);
    EXPECT_LT(trap.frames[0].module_offset, trap.frames[1].module_offset);
  }
}

TEST_P(CompiledTest, BacktracesNameTheExactOperator) {
  Instance& instance = instantiate(R"((module
    (func $f (export "f") (param i32) (result i32)
      (local.get 0) (i32.const 1) (i32.add)
      (i32.const 100) (i32.const 0) (i32.div_u) (i32.mul))
    (func (export "g") (result i32) (nop) (nop) (call $f (i32.const 5)))
  ))");
  const CallResult result = call(instance, "g");
  ASSERT_EQ(trap_of(result), TrapCode::integer_divide_by_zero);
  const std::vector<Frame>& frames = result.completion.trap()->frames;
  ASSERT_EQ(frames.size(), 2u);
  // Offsets in a body: one byte of local declarations, then the operators.
  EXPECT_EQ(frames[0].func_offset, 1u + 2 + 2 + 1 + 3 + 2);
  EXPECT_EQ(frames[1].func_offset, 1u + 1 + 1 + 2);
  EXPECT_EQ(frames[0].func, FuncIdx{0});
  EXPECT_EQ(frames[1].func, FuncIdx{1});
}

TEST_P(CompiledTest, StackOverflowIsATrapAndTheProcessGoesOn) {
  Instance& instance = instantiate(R"((module
    (func $r (export "r") (param i32) (result i32) (i32.add (call $r (local.get 0)) (i32.const 1)))
    (func $big (export "big") (param i64) (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
      (call $big (local.get 12)))
    (func (export "ok") (result i32) (i32.const 6))
  ))");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(trap_of(call(instance, "r", {Value{}})), TrapCode::call_stack_exhausted);
    EXPECT_EQ(trap_of(call(instance, "big", {Value{}})), TrapCode::call_stack_exhausted);
    EXPECT_THAT(call(instance, "ok").values, ElementsAre(Value::i32(6)));
  }
}

TEST_P(CompiledTest, TrapsInALoop) {
  Instance& instance = instantiate(R"((module (memory 1)
    (func (export "load") (param i32) (result i32) (i32.load offset=65535 (local.get 0)))
    (func (export "div") (param i32) (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
    (func (export "unreachable") (param i32) (result i32) unreachable)
  ))");
  for (const char* const name : {"load", "div", "unreachable"}) {
    const Func func = instance.func(name);
    for (int i = 0; i < 10'000; ++i) {
      Value value;
      ASSERT_FALSE(func.invoke({&value, 1}).returned());
    }
  }
}

// A memory that moves when it grows (explicit bounds): every place that may have grown it must be
// followed by the new base.
TEST_P(CompiledTest, AccessesFollowAMemoryThatAnotherInstanceGrew) {
  Instance& grower = instantiate(R"((module (memory (export "m") 1)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))))");
  linker_->define_instance("a", grower);
  define("grow_by_host", {}, [&](Caller&, std::span<Value>) -> HostResult {
    EXPECT_TRUE(grower.memory("m")->grow(500).has_value());
    return {};
  });
  Instance& user = instantiate(R"((module
    (import "a" "m" (memory 1))
    (import "a" "grow" (func $grow (param i32) (result i32)))
    (import "env" "grow_by_host" (func $host))
    (table funcref (elem $grow))
    (func (export "own") (result i32)
      (i32.store (i32.const 0) (i32.const 7)) (drop (memory.grow (i32.const 300)))
      (i32.store (i32.const 4) (i32.const 8)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
    (func (export "call") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 9)) (drop (call $grow (local.get 0)))
      (i32.store (i32.const 4) (i32.const 1)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
    (func (export "indirect") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 19))
      (drop (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
      (i32.store (i32.const 4) (i32.const 1)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
    (func (export "host") (result i32)
      (i32.store (i32.const 0) (i32.const 29)) (call $host)
      (i32.store (i32.const 4) (i32.const 1)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
    (func $nested (result i32) (call $host) (i32.const 1))
    (func (export "nested") (result i32)
      (i32.store (i32.const 0) (i32.const 39))
      (i32.add (call $nested) (i32.load (i32.const 0))))
    (func (export "size") (result i32) (memory.size))
  ))");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(call(user, "own").values, ElementsAre(Value::i32(15)));
    EXPECT_THAT(call(user, "call", {Value::i32(200)}).values, ElementsAre(Value::i32(10)));
    EXPECT_THAT(call(user, "indirect", {Value::i32(200)}).values, ElementsAre(Value::i32(20)));
    EXPECT_THAT(call(user, "host").values, ElementsAre(Value::i32(30)));
    EXPECT_THAT(call(user, "nested").values, ElementsAre(Value::i32(40)));
  }
  EXPECT_EQ(grower.memory("m")->size_pages(), 1u + 5 * (300 + 200 + 200 + 500 + 500));
  EXPECT_THAT(call(user, "size").values,
              ElementsAre(Value::i32(static_cast<int32_t>(grower.memory("m")->size_pages()))));
}

TEST_P(CompiledTest, CallsGoThroughTablesOfOtherModules) {
  Instance& a = instantiate(R"((module
    (table (export "t") 10 funcref) (memory 1) (data (i32.const 0) "\05")
    (func $five (result i32) (i32.load8_u (i32.const 0)))
    (func $add (param i32 i64) (result i64) (i64.add (i64.extend_i32_u (local.get 0)) (local.get 1)))
    (elem (i32.const 0) $five $add)))");
  linker_->define_instance("a", a);
  Instance& b = instantiate(R"((module
    (import "a" "t" (table $t 10 funcref)) (memory 1) (data (i32.const 0) "\07")
    (type $unused (func (param f32)))
    (func $own (result i32) (i32.load8_u (i32.const 0)))
    (elem (i32.const 2) $own)
    (func (export "i") (param i32) (result i32)
      (i32.add (i32.mul (call_indirect (result i32) (local.get 0)) (i32.const 100))
               (i32.load8_u (i32.const 0))))
    (func (export "add") (param i32) (result i64)
      (call_indirect (param i32 i64) (result i64) (i32.const -1) (i64.const 1) (local.get 0)))
    (func (export "set") (param i32 i32) (table.set $t (local.get 0) (table.get $t (local.get 1))))
    (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))))");
  EXPECT_THAT(call(b, "i", {Value::i32(0)}).values, ElementsAre(Value::i32(507)));
  EXPECT_THAT(call(b, "i", {Value::i32(2)}).values, ElementsAre(Value::i32(707)));
  EXPECT_EQ(trap_of(call(b, "i", {Value::i32(1)})), TrapCode::indirect_call_type_mismatch);
  EXPECT_EQ(trap_of(call(b, "i", {Value::i32(3)})), TrapCode::uninitialized_element);
  EXPECT_EQ(trap_of(call(b, "i", {Value::i32(10)})), TrapCode::undefined_element);
  EXPECT_THAT(call(b, "add", {Value::i32(1)}).values, ElementsAre(Value::i64(int64_t{1} << 32)));
  EXPECT_TRUE(call(b, "set", {Value::i32(9), Value::i32(2)}).ok());
  EXPECT_THAT(call(b, "i", {Value::i32(9)}).values, ElementsAre(Value::i32(707)));
  EXPECT_EQ(a.table("t")->get(9), a.table("t")->get(2));

  EXPECT_THAT(call(b, "grow", {Value::i32(1000)}).values, ElementsAre(Value::i32(10)));
  EXPECT_TRUE(call(b, "set", {Value::i32(1009), Value::i32(0)}).ok());
  EXPECT_THAT(call(b, "i", {Value::i32(1009)}).values, ElementsAre(Value::i32(507)));
  EXPECT_EQ(trap_of(call(b, "set", {Value::i32(1010), Value::i32(0)})),
            TrapCode::out_of_bounds_table_access);

  const Func host =
      store_
          ->make_host_func({{}, {ValType::i32}},
                           [&](Caller& caller, std::span<Value> values) -> HostResult {
                             EXPECT_EQ(caller.instance(), &b);
                             values[0] = Value::i32(3);
                             return {};
                           })
          .value();
  a.table("t")->set(5, reinterpret_cast<uintptr_t>(host.ref()));
  EXPECT_THAT(call(b, "i", {Value::i32(5)}).values, ElementsAre(Value::i32(307)));
}

// wasm -> host -> wasm with traps: frames of all activations, and every level can go on.
TEST_P(CompiledTest, HostFunctionsNestBothWays) {
  Instance* instance = nullptr;
  define("host", {{ValType::i32}, {ValType::i32}},
         [&](Caller& caller, std::span<Value> values) -> HostResult {
           EXPECT_EQ(caller.instance(), instance);
           Value down[1] = {Value::i32(values[0].as_i32() - 1)};
           HostResult inner = instance->func("down").invoke(down);
           if (!inner.returned() && values[0].as_i32() % 3 != 0) return inner;
           values[0] = inner.returned() ? down[0] : Value::i32(1000);  // handled at multiples of 3
           return {};
         });
  instance = &instantiate(R"((module
    (import "env" "host" (func $host (param i32) (result i32)))
    (func $trap (param i32) (result i32) unreachable)
    (func $down (export "down") (param i32) (result i32) (local i64 f64)
      (local.set 1 (i64.const 123456789)) (local.set 2 (f64.const 1.5))
      (if (i32.eqz (local.get 0)) (then (return (call $trap (i32.const 0)))))
      (i32.add (call $host (local.get 0))
        (i32.and (i64.eq (local.get 1) (i64.const 123456789)) (f64.eq (local.get 2) (f64.const 1.5)))))
  ))");
  constexpr FuncIdx kTrap{1};
  constexpr FuncIdx kDown{2};
  const CallResult unhandled = call(*instance, "down", {Value::i32(2)});
  EXPECT_EQ(trap_of(unhandled), TrapCode::unreachable);
  EXPECT_THAT(functions(unhandled), ElementsAre(kTrap, kDown, kDown, kDown));

  const CallResult handled = call(*instance, "down", {Value::i32(8)});
  ASSERT_TRUE(handled.ok());
  // Handled at 3; the five levels above each add 1 for their intact locals, as that level itself
  // does.
  EXPECT_THAT(handled.values, ElementsAre(Value::i32(1006)));
}

std::string list(const char* keyword, const std::vector<ValType>& types) {
  std::string text = std::string("(") + keyword;
  for (const ValType type : types) {
    text += type == ValType::i32   ? " i32"
            : type == ValType::i64 ? " i64"
            : type == ValType::f32 ? " f32"
                                   : " f64";
  }
  return text + ")";
}

TEST_P(CompiledTest, SignaturesOfEveryShapeInBothDirections) {
  std::mt19937 random(3);
  constexpr ValType kTypes[] = {ValType::i32, ValType::i64, ValType::f32, ValType::f64};
  for (int round = 0; round < 40; ++round) {
    FuncType type;
    const size_t limit = round % 8 == 7 ? 200 : 20;
    for (size_t n = random() % (limit + 1); n > 0; --n) type.params.push_back(kTypes[random() % 4]);
    for (size_t n = random() % (limit + 1); n > 0; --n)
      type.results.push_back(kTypes[random() % 4]);
    const auto fill = [&random](const std::vector<ValType>& types) {
      std::vector<Value> values;
      for (const ValType t : types) {
        Value value{random() | uint64_t{random()} << 32, 0};
        if (t == ValType::i32 || t == ValType::f32) value.low &= 0xffff'ffff;
        values.push_back(value);
      }
      return values;
    };
    const std::vector<Value> arguments = fill(type.params);
    const std::vector<Value> results = fill(type.results);
    const std::string name = "h" + std::to_string(round);
    define(name, type, [&](Caller&, std::span<Value> values) -> HostResult {
      EXPECT_TRUE(std::equal(arguments.begin(), arguments.end(), values.begin()));
      std::copy(results.begin(), results.end(), values.begin());
      return {};
    });
    std::string forward;
    for (size_t i = 0; i < type.params.size(); ++i)
      forward += "(local.get " + std::to_string(i) + ")";
    const std::string signature = list("param", type.params) + list("result", type.results);
    Instance& instance = instantiate("(module (type $t (func " + signature + "))" +
                                     "(import \"env\" \"" + name + "\" (func $h (type $t)))" +
                                     "(table funcref (elem $direct))" + "(func $direct (type $t) " +
                                     forward + " call $h)" + "(func (export \"f\") (type $t) " +
                                     forward + " i32.const 0 call_indirect (type $t)))");
    const CallResult result = call(instance, "f", arguments);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.values, results) << signature;
  }
}

TEST_P(CompiledTest, ATrapInTheStartFunctionIsReported) {
  const Instantiation outcome =
      try_instantiate("(module (func $start unreachable) (start $start))");
  EXPECT_EQ(outcome.instance, nullptr);
  EXPECT_FALSE(outcome.error);
  ASSERT_NE(outcome.completion.trap(), nullptr);
  EXPECT_EQ(outcome.completion.trap()->code, TrapCode::unreachable);
}

TEST_P(CompiledTest, AnExitEndsEveryActivation) {
  Instance* instance = nullptr;
  define("exit", {{ValType::i32}, {}}, [](Caller&, std::span<Value> values) -> HostResult {
    return Completion::exit(values[0].as_i32());
  });
  define("again", {}, [&](Caller&, std::span<Value>) -> HostResult {
    return instance->func("leave").invoke({});
  });
  instance = &instantiate(R"((module
    (import "env" "exit" (func $exit (param i32))) (import "env" "again" (func $again))
    (func (export "leave") (call $exit (i32.const 42)))
    (func (export "f") (call $again) unreachable)))");
  const CallResult result = call(*instance, "f");
  ASSERT_NE(result.completion.exit(), nullptr);
  EXPECT_EQ(result.completion.exit()->code, 42);
}

TEST_P(CompiledTest, TagsAreLinkedByType) {
  Instance& owner = instantiate(R"((module
    (tag (export "a") (param i32)) (tag (export "b") (param i32)) (tag (export "none"))))");
  linker_->define_instance("owner", owner);
  TagType type;
  type.type = engine_->types().intern({{ValType::i32}, {}}).value();
  Tag* const host_tag = store_->make_tag(type);
  linker_->define("env", "tag", host_tag);
  const auto tag = [](const Instance& instance, const char* name) {
    const std::optional<Extern> found = instance.find_export(name);
    return found ? std::get<Tag*>(*found) : nullptr;
  };

  Instance& user = instantiate(R"((module
    (import "owner" "a" (tag $a (param i32))) (import "env" "tag" (tag $host (param i32)))
    (import "owner" "b" (tag $b (param i32))) (tag $own (param i32))
    (export "a" (tag $a)) (export "b" (tag $b)) (export "host" (tag $host)) (export "own" (tag $own))))");
  // One tag however it is reached, and a new one for each declaration and each instance.
  EXPECT_EQ(tag(user, "a"), tag(owner, "a"));
  EXPECT_EQ(tag(user, "b"), tag(owner, "b"));
  EXPECT_EQ(tag(user, "host"), host_tag);
  EXPECT_NE(tag(owner, "a"), tag(owner, "b"));
  EXPECT_NE(tag(user, "own"), tag(owner, "a"));
  EXPECT_NE(tag(user, "own"), host_tag);
  linker_->define_instance("user", user);
  Instance& third =
      instantiate(R"((module (import "user" "a" (tag $a (param i32))) (export "a" (tag $a))))");
  EXPECT_EQ(tag(third, "a"), tag(owner, "a"));

  const auto refusal = [&](const char* text) {
    const Instantiation outcome = try_instantiate(text);
    return outcome.error ? outcome.error->message : "links";
  };
  EXPECT_EQ(refusal(R"((module (import "owner" "none" (tag (param i32)))))"),
            "incompatible import type for `owner`.`none`: expected tag func (i32) -> (), found tag "
            "func () -> ()");
  EXPECT_EQ(refusal(R"((module (import "env" "tag" (tag (param i64)))))"),
            "incompatible import type for `env`.`tag`: expected tag func (i64) -> (), found tag "
            "func (i32) -> ()");
  EXPECT_EQ(refusal(R"((module (import "owner" "a" (func (param i32)))))").substr(0, 24),
            "incompatible import type");
}

}  // namespace
}  // namespace swoop

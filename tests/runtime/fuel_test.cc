// What wasm may still execute, counted. All numbers here are written by hand, or computed by a few
// lines of C++ that do what the wasm does, so that they hold on every machine and in every mode.
#include "runtime/fuel.h"

#include "runtime/typed_func.h"
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace swoop {
namespace {

constexpr uint64_t kPlenty = 1'000'000'000;

EngineConfig counting(const Mode& mode, unsigned jobs = 1) {
  EngineConfig config = mode.config();
  config.target.fuel = true;
  config.jobs = jobs;
  return config;
}

struct FuelMode {
  Mode mode;
  unsigned jobs = 1;
  bool interruption = false;
  std::string name() const {
    return std::string(mode.name) + (jobs > 1 ? "Jobs" : "") + (interruption ? "Interruption" : "");
  }
  EngineConfig config() const {
    EngineConfig config = counting(mode, jobs);
    config.target.interruption = interruption;
    return config;
  }
};

std::vector<FuelMode> all_modes() {
  std::vector<FuelMode> modes;
  for (const Mode& mode : kModes) modes.push_back({mode});
  modes.push_back({kModes[0], 2});
  modes.push_back({kModes[1], 1, true});
  return modes;
}

class FuelTest : public testing::TestWithParam<FuelMode> {
 protected:
  FuelTest() : machine_(GetParam().config()) {}

  Instance& load(std::string_view text) {
    instance_ = &machine_.instantiate(text);
    return *instance_;
  }
  Store& store() { return machine_.store(); }

  Completion call(std::string_view name, std::vector<Value> values = {},
                  const CallOptions& options = {}) {
    const Func func = instance_->func(name);
    values.resize(std::max(values.size(), func.num_values()));
    Completion completion = func.invoke(values, options);
    if (!values.empty()) result_ = values[0];
    return completion;
  }
  /// What the call cost, which must return.
  uint64_t cost(std::string_view name, std::vector<Value> values = {}) {
    EXPECT_TRUE(store().set_fuel(kPlenty));
    const Completion completion = call(name, std::move(values));
    EXPECT_TRUE(completion.returned()) << name << ": " << to_string(trap_of(completion));
    return kPlenty - *store().fuel();
  }
  uint64_t cost(std::string_view name, int32_t argument) {
    return cost(name, std::vector{Value::i32(argument)});
  }
  /// What the call cost, which must trap.
  uint64_t cost_of_trap(std::string_view name, TrapCode code, std::vector<Value> values = {}) {
    EXPECT_TRUE(store().set_fuel(kPlenty));
    EXPECT_EQ(trap_of(call(name, std::move(values))), code) << name;
    return kPlenty - *store().fuel();
  }

  Machine machine_;
  Instance* instance_ = nullptr;
  Value result_;
};

INSTANTIATE_TEST_SUITE_P(Modes, FuelTest, testing::ValuesIn(all_modes()),
                         [](const auto& test) { return test.param.name(); });

constexpr std::string_view kShapes = R"((module
  (func (export "nothing"))
  (func (export "no_work") (block (nop) (drop (i32.const 1))) (return))
  (func (export "straight") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "nested") (param i32) (local i32)
    (loop $outer
      (local.set 1 (i32.const 3))
      (loop $inner
        (br_if $inner (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
      (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "if_else") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (i32.const 3)))
      (else (i32.const 7))))
  (func (export "if_only") (param i32)
    (if (i32.eqz (local.get 0)) (then (local.set 0 (i32.const 1)))))
  (func (export "early_return") (param i32) (result i32)
    (if (local.get 0) (then (return (i32.const 1))))
    (i32.add (i32.const 2) (i32.const 3)))
  (func (export "unreachable_code") (param i32) (result i32)
    (block $out
      (br $out)
      (drop (i32.add (i32.const 1) (i32.const 2)))
      (block (drop (i32.const 3)) (if (i32.const 4) (then (nop)) (else (drop (i32.const 5)))))
      (unreachable))
    (local.get 0)
    (return)
    (drop (i32.const 6))
    (i32.const 7))
  (func (export "table") (param i32) (result i32)
    (block $three (block $two (block $one (block $zero
      (br_table $zero $one $two $zero $one $three (local.get 0)))
      (return (i32.const 10)))
      (drop (i32.const 1)) (return (i32.const 11)))
      (local.set 0 (i32.const 2)))
    (i32.const 13))
  (func (export "few_labels") (param i32) (result i32)
    (block $one (block $zero (br_table $zero $one (local.get 0)))
      (return (i32.const 10)))
    (i32.add (i32.const 5) (i32.const 6)))
  (func (export "with_value") (param i32) (result i32)
    (i32.add (i32.const 1)
             (block $out (result i32)
               (br_if $out (i32.const 40) (local.get 0))
               (drop)
               (i32.const 2))))
  (func (export "select") (param i32) (result i32)
    (select (i32.const 1) (i32.const 2) (i32.lt_s (local.get 0) (i32.const 5))))
))";

TEST_P(FuelTest, IsTheNumberOfOperators) {
  load(kShapes);
  EXPECT_EQ(cost("nothing"), 0u);
  EXPECT_EQ(cost("no_work"), 1u);  // the constant
  EXPECT_EQ(cost("straight", 1), 3u);
  EXPECT_EQ(cost("loop", 1), 10u);
  EXPECT_EQ(cost("loop", 1000), 9001u);
  // Around the inner loop 2 and 5, and 5 for each of its turns.
  EXPECT_EQ(cost("nested", 1), 22u);
  EXPECT_EQ(cost("nested", 10), 220u);
  EXPECT_EQ(cost("if_else", 1), 5u);
  EXPECT_EQ(cost("if_else", 0), 3u);
  EXPECT_EQ(cost("if_only", 0), 5u);
  EXPECT_EQ(cost("if_only", 1), 3u);
  EXPECT_EQ(cost("early_return", 1), 3u);
  EXPECT_EQ(cost("early_return", 0), 5u);
  EXPECT_EQ(cost("unreachable_code", 0), 2u);  // a branch and a local
  EXPECT_EQ(cost("table", 0), 3u);
  EXPECT_EQ(cost("table", 1), 4u);
  EXPECT_EQ(cost("table", 2), 5u);
  EXPECT_EQ(cost("table", 3), 3u);
  EXPECT_EQ(cost("table", 4), 4u);
  EXPECT_EQ(cost("table", -1), 3u);
  EXPECT_EQ(cost("few_labels", 0), 3u);
  EXPECT_EQ(cost("few_labels", 9), 5u);
  EXPECT_EQ(cost("with_value", 1), 5u);
  EXPECT_EQ(cost("with_value", 0), 6u);
  EXPECT_EQ(cost("select", 0), 6u);
}

TEST_P(FuelTest, IsThatOfAProgramWhichCountsItself) {
  load(R"((module
    (func (export "collatz") (param i32) (result i32) (local i32)
      (block $done
        (loop $again
          (br_if $done (i32.le_u (local.get 0) (i32.const 1)))
          (if (i32.and (local.get 0) (i32.const 1))
            (then (local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1))))
            (else (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))))
          (local.set 1 (i32.add (local.get 1) (i32.const 1)))
          (br $again)))
      (local.get 1))
    (func $fib (export "fib") (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
        (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                       (call $fib (i32.sub (local.get 0) (i32.const 2)))))))))");
  for (int32_t start = 1; start < 60; ++start) {
    uint64_t expected = 0;
    for (uint32_t value = static_cast<uint32_t>(start);;) {
      expected += 4;  // to the first branch
      if (value <= 1) break;
      const bool is_odd = value % 2 != 0;
      value = is_odd ? 3 * value + 1 : value / 2;
      expected += 4 + (is_odd ? 6 : 4) + 4 + 1;
    }
    EXPECT_EQ(cost("collatz", start), expected + 1) << start;
  }
  const std::function<uint64_t(int32_t)> fib = [&](int32_t n) -> uint64_t {
    return n < 2 ? 5 : 4 + 4 + fib(n - 1) + 4 + fib(n - 2) + 1;
  };
  for (int32_t n = 0; n < 15; ++n) EXPECT_EQ(cost("fib", n), fib(n)) << n;
}

TEST_P(FuelTest, CountsCallsOfAllKinds) {
  Instance& other = machine_.instantiate(R"((module
    (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))))");
  machine_.linker().define("other", "twice", other.func("twice"));
  load(R"((module
    (import "other" "twice" (func $twice (param i32) (result i32)))
    (type $unary (func (param i32) (result i32)))
    (table funcref (elem $twice $own))
    (func $own (param i32) (result i32) (i32.sub (local.get 0) (i32.const 2)))
    (func (export "direct") (result i32) (call $own (i32.const 5)))
    (func (export "imported") (result i32) (call $twice (i32.const 5)))
    (func (export "indirect") (param i32) (result i32)
      (call_indirect (type $unary) (i32.const 5) (local.get 0)))
    (func (export "several") (result i32)
      (i32.add (call $own (i32.const 1)) (i32.add (call $own (i32.const 2)) (i32.const 3))))))");
  EXPECT_EQ(cost("direct"), 5u);
  EXPECT_EQ(cost("imported"), 5u);
  EXPECT_EQ(cost("indirect", 0), 6u);
  EXPECT_EQ(cost("indirect", 1), 6u);
  EXPECT_EQ(cost("several"), 13u);
}

TEST_P(FuelTest, HostFunctionsSeeWhatIsLeftAndMayCharge) {
  std::vector<uint64_t> seen;
  machine_.linker().define("host", "charge",
                           make_func(store(), [&](Caller& caller, int32_t amount) -> Completion {
                             seen.push_back(*caller.store().fuel());
                             return caller.charge(static_cast<uint64_t>(amount));
                           }).value());
  load(R"((module
    (import "host" "charge" (func $charge (param i32)))
    (func (export "run") (param i32)
      (drop (i32.const 1))
      (call $charge (local.get 0))
      (drop (i32.const 2))
      (drop (i32.const 3))
      (call $charge (i32.const 0)))))");
  EXPECT_EQ(cost("run", 1000), 3u + 1000 + 4);
  EXPECT_EQ(seen, (std::vector{kPlenty - 3, kPlenty - 1007}));

  ASSERT_TRUE(store().set_fuel(100));
  EXPECT_EQ(trap_of(call("run", {Value::i32(98)})), TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 0u);
  ASSERT_TRUE(store().set_fuel(101));
  EXPECT_EQ(trap_of(call("run", {Value::i32(98)})), TrapCode::out_of_fuel);
  ASSERT_TRUE(store().set_fuel(105));
  EXPECT_EQ(trap_of(call("run", {Value::i32(98)})), TrapCode::none);
  EXPECT_EQ(store().fuel(), 0u);
}

constexpr std::string_view kBulk = R"((module
  (memory 1 4)
  (data $bytes "0123456789012345678901234567890123456789012345678901234567890123456789")
  (table $t 100 funcref)
  (table $small 1 200 externref)
  (elem $elems func $f $f $f $f $f $f $f $f $f $f)
  (func $f (export "f"))
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
  (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 100) (local.get 0)))
  (func (export "init") (param i32)
    (memory.init $bytes (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "drop_data") (data.drop $bytes))
  (func (export "table_fill") (param i32)
    (table.fill $t (i32.const 0) (ref.func $f) (local.get 0)))
  (func (export "table_copy") (param i32)
    (table.copy $t $t (i32.const 0) (i32.const 1) (local.get 0)))
  (func (export "table_init") (param i32)
    (table.init $t $elems (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "table_grow") (param i32) (result i32)
    (table.grow $small (ref.null extern) (local.get 0)))
  {constant}
))";

std::string bulk_with_constant(int size) {
  return fill(std::string(kBulk),
              {{"constant",
                "(func (export \"constant_fill\") (memory.fill (i32.const 0) "
                "(i32.const 7) (i32.const " +
                    std::to_string(size) +
                    "))) (func (export \"constant_copy\") (memory.copy (i32.const 0) "
                    "(i32.const 100) (i32.const " +
                    std::to_string(size) + ")))"}});
}

TEST_P(FuelTest, BulkOperationsPayBySize) {
  load(bulk_with_constant(0));
  EXPECT_EQ(cost("fill", 0), 4u);
  EXPECT_EQ(cost("fill", 63), 4u);
  EXPECT_EQ(cost("fill", 64), 5u);
  EXPECT_EQ(cost("fill", 65'536), 1028u);
  EXPECT_EQ(cost("copy", 1000), 4u + 15);
  EXPECT_EQ(cost("init", 70), 5u);
  EXPECT_EQ(cost("drop_data"), 1u);
  EXPECT_EQ(cost("table_fill", 99), 4u + 12);
  EXPECT_EQ(cost("table_copy", 16), 4u + 2);
  EXPECT_EQ(cost("table_init", 10), 4u + 1);
  EXPECT_EQ(cost("table_grow", 64), 3u + 8);
  EXPECT_EQ(cost("table_grow", 1000), 3u);  // what the type forbids is not done
  EXPECT_EQ(cost("grow", 2), 2u + 2 * 1024);
  EXPECT_EQ(cost("grow", 2), 2u);
  EXPECT_EQ(cost("grow", 0), 2u);

  // Bytes are paid for before bounds are looked at.
  EXPECT_EQ(cost_of_trap("fill", TrapCode::out_of_bounds_memory_access, {Value::i32(1 << 20)}),
            4u + (1u << 20) / 64);
  ASSERT_TRUE(store().set_fuel(100));
  EXPECT_EQ(trap_of(call("fill", {Value::i32(-1)})), TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 0u);
  ASSERT_TRUE(store().set_fuel(1025));
  EXPECT_EQ(trap_of(call("grow", {Value::i32(1)})), TrapCode::out_of_fuel);
  ASSERT_TRUE(store().set_fuel(1026));
  EXPECT_EQ(trap_of(call("grow", {Value::i32(1)})), TrapCode::none);
  EXPECT_EQ(result_.low, 3u) << "the call before has not grown it";
}

TEST_P(FuelTest, SmallBulkOperationsCostTheSameWhenTheirSizeIsKnown) {
  for (const int size : {0, 1, 4, 63, 64, 100, 127, 128, 144, 145, 300}) {
    load(bulk_with_constant(size));
    EXPECT_EQ(cost("constant_fill"), cost("fill", size)) << size;
    EXPECT_EQ(cost("constant_copy"), cost("copy", size)) << size;
    const uint64_t exact = cost("constant_fill");
    ASSERT_TRUE(store().set_fuel(exact));
    EXPECT_EQ(trap_of(call("constant_fill")), TrapCode::none) << size;
    ASSERT_TRUE(store().set_fuel(exact - 1));
    EXPECT_EQ(trap_of(call("constant_fill")), TrapCode::out_of_fuel) << size;
  }
}

TEST_P(FuelTest, TrapsBeforeABlockThatItCannotPay) {
  load(R"((module
    (global $steps (export "steps") (mut i32) (i32.const 0))
    (func (export "steps_now") (result i32) (global.get $steps))
    (func (export "step")
      (loop $again
        (global.set $steps (i32.add (global.get $steps) (i32.const 1)))
        (br $again)))
    (func (export "two") (result i32)
      (global.set $steps (i32.const 100))
      (i32.add (i32.const 1) (i32.const 2)))))");
  // Each turn costs 5.
  for (const uint64_t fuel : {0, 1, 4, 5, 9, 10, 11, 1000, 1004}) {
    EXPECT_EQ(cost("steps_now"), 1u);
    const uint64_t before = result_.low;
    ASSERT_TRUE(store().set_fuel(fuel));
    const Completion completion = call("step");
    EXPECT_EQ(trap_of(completion), TrapCode::out_of_fuel);
    EXPECT_EQ(completion.trap()->message, "all fuel consumed");
    ASSERT_EQ(completion.trap()->frames.size(), 1u);
    EXPECT_EQ(store().fuel(), 0u);
    EXPECT_EQ(cost("steps_now"), 1u);
    EXPECT_EQ(result_.low - before, fuel / 5);
  }
  ASSERT_TRUE(store().set_fuel(5));
  EXPECT_EQ(trap_of(call("two")), TrapCode::none);
  EXPECT_EQ(result_.low, 3u);
  EXPECT_EQ(store().fuel(), 0u);
  ASSERT_TRUE(store().set_fuel(4));
  EXPECT_EQ(trap_of(call("two")), TrapCode::out_of_fuel);
}

TEST_P(FuelTest, BlocksThatTrapAreNotRefunded) {
  load(R"((module
    (memory 1)
    (func (export "divide") (param i32) (result i32)
      (i32.add (i32.div_u (i32.const 1) (local.get 0)) (i32.const 3)))
    (func (export "load") (param i32) (result i32)
      (drop (i32.load (local.get 0)))
      (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3))))
    (func (export "unreachable") (drop (i32.const 1)) (unreachable) (drop (i32.const 2)))))");
  EXPECT_EQ(cost("divide", 1), 5u);
  EXPECT_EQ(cost_of_trap("divide", TrapCode::integer_divide_by_zero, {Value::i32(0)}), 5u);
  EXPECT_EQ(cost("load", 0), 5u);
  EXPECT_EQ(cost_of_trap("load", TrapCode::out_of_bounds_memory_access, {Value::i32(0x10000)}), 4u);
  EXPECT_EQ(cost_of_trap("unreachable", TrapCode::unreachable), 1u);
}

TEST_P(FuelTest, CountsWhereExceptionsAreCaught) {
  load(R"((module
    (tag $e (param i32))
    (func $throws (param i32) (result i32)
      (if (local.get 0) (then (throw $e (local.get 0))))
      (i32.const 0))
    (func (export "catches") (param i32) (result i32)
      (block $caught (result i32)
        (try_table (result i32) (catch $e $caught)
          (drop (call $throws (local.get 0)))
          (i32.add (i32.const 1) (i32.const 2)))
        (drop)
        (return (i32.const 9)))
      (drop (i32.const 5)))))");
  // get, call | get, if | get, throw | const
  EXPECT_EQ(cost("catches", 3), 2u + 2 + 2 + 1);
  EXPECT_EQ(result_.low, 3u);
  // get, call | get, if | const | const, const, add | const
  EXPECT_EQ(cost("catches", 0), 2u + 2 + 1 + 3 + 1);
}

TEST_P(FuelTest, CountsWhereLegacyHandlersCatch) {
  load(R"((module
    (tag $e (param i32))
    (func (export "catches") (param i32) (result i32)
      (try (result i32)
        (do
          (if (local.get 0) (then (throw $e (i32.const 4))))
          (i32.const 1))
        (catch $e (i32.const 2) (i32.add))
        (catch_all (i32.const 3))))))");
  EXPECT_EQ(cost("catches", 1), 2u + 2 + 2);
  EXPECT_EQ(result_.low, 6u);
  EXPECT_EQ(cost("catches", 0), 2u + 1);
}

TEST_P(FuelTest, CountsWhereOtherInstancesThrow) {
  Instance& other = machine_.instantiate(R"((module
    (tag $e (export "e") (param i32))
    (func (export "throws") (param i32) (result i32)
      (if (local.get 0) (then (throw $e (local.get 0))))
      (i32.const 0))))");
  machine_.linker().define("other", "e", *other.find_export("e"));
  machine_.linker().define("other", "throws", other.func("throws"));
  load(R"((module
    (import "other" "e" (tag $e (param i32)))
    (import "other" "throws" (func $throws (param i32) (result i32)))
    (func (export "catches") (param i32) (result i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum)
          (block $caught (result i32)
            (try_table (result i32) (catch $e $caught) (call $throws (local.get 0))))))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get $sum))))");
  // get, get, call | get, if | get, throw | add, set, get, const, sub, tee, br_if
  EXPECT_EQ(cost("catches", 10), 10u * (3 + 2 + 2 + 7) + 1);
  EXPECT_EQ(result_.low, 55u);
}

TEST_P(FuelTest, LeavesLocalsAlone) {
  constexpr int kLocals = 14;
  machine_.linker().define("host", "twice",
                           make_func(store(), [](int32_t value) { return 2 * value; }).value());
  std::string step;
  std::string sum = "(i32.const 0)";
  for (int i = 1; i <= kLocals; ++i) {
    const std::string local = std::to_string(i);
    step += "(local.set " + local + " (i32.add (local.get " + local + ") (local.get 0)))";
    sum = "(i32.add (i32.mul " + sum + " (i32.const 3)) (local.get " + local + "))";
  }
  load(
      "(module (import \"host\" \"twice\" (func $twice (param i32) (result i32)))"
      "(func (export \"leaf\") (param i32) (result i32) (local " +
      repeated(kLocals, "i32 ") + ") (loop $again " + step +
      "(br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) " + sum +
      ") (func (export \"calls\") (param i32) (result i32) (local " + repeated(kLocals, "i32 ") +
      ") (loop $again " + step +
      "(local.set 14 (i32.add (local.get 14) (call $twice (local.get 0))))"
      "(br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) " +
      sum + "))");
  constexpr int kTurns = 10;
  uint32_t leaf = 0;
  for (int i = 0; i < kLocals; ++i) leaf = leaf * 3 + 55;
  EXPECT_EQ(cost("leaf", kTurns), uint64_t{kTurns} * (4 * kLocals + 5) + 1 + 4 * kLocals);
  EXPECT_EQ(static_cast<uint32_t>(result_.low), leaf);
  EXPECT_EQ(cost("calls", kTurns), uint64_t{kTurns} * (4 * kLocals + 5 + 5) + 1 + 4 * kLocals);
  EXPECT_EQ(static_cast<uint32_t>(result_.low), leaf + 110);
}

TEST_P(FuelTest, BudgetsOfCallsComeOutOfTheStores) {
  load(kShapes);
  const auto with_budget = [](uint64_t fuel) {
    CallOptions options;
    options.fuel = fuel;
    return options;
  };
  ASSERT_TRUE(store().set_fuel(1000));
  EXPECT_TRUE(call("straight", {Value::i32(1)}, with_budget(100)).returned());
  EXPECT_EQ(store().fuel(), 997u);
  EXPECT_TRUE(call("straight", {Value::i32(1)}, with_budget(3)).returned());
  EXPECT_EQ(store().fuel(), 994u);
  // A call that cannot pay has used all it was given.
  EXPECT_EQ(trap_of(call("loop", {Value::i32(100)}, with_budget(50))), TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 944u);
  EXPECT_EQ(trap_of(call("straight", {Value::i32(1)}, with_budget(0))), TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 944u);
  // No call may use more than the store has.
  EXPECT_EQ(trap_of(call("loop", {Value::i32(200)}, with_budget(5000))), TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 0u);
}

TEST_P(FuelTest, NestedCallsDrawFromTheBudgetOfTheOuter) {
  Func leaf;
  std::vector<uint64_t> left;
  std::optional<uint64_t> inner_budget;
  TrapCode inner_trap{};
  bool passes_on = true;
  machine_.linker().define("host", "call_back",
                           make_func(store(), [&](int32_t turns) -> Completion {
                             Value values[1] = {Value::i32(turns)};
                             CallOptions options;
                             options.fuel = inner_budget;
                             Completion completion = leaf.invoke(values, options);
                             left.push_back(*store().fuel());
                             inner_trap = trap_of(completion);
                             if (passes_on) return completion;
                             return {};
                           }).value());
  leaf = load(R"((module
    (import "host" "call_back" (func $call_back (param i32)))
    (func (export "leaf") (param i32)
      (loop $again
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "outer") (param i32)
      (call $call_back (local.get 0))
      (drop (i32.const 1)))))")
             .func("leaf");

  CallOptions options;
  options.fuel = 100;
  ASSERT_TRUE(store().set_fuel(1000));
  EXPECT_TRUE(call("outer", {Value::i32(10)}, options).returned());
  EXPECT_EQ(left.back(), 48u);  // 2 for the call, 5 for each turn
  EXPECT_EQ(store().fuel(), 947u);

  EXPECT_EQ(trap_of(call("outer", {Value::i32(20)}, options)), TrapCode::out_of_fuel);
  EXPECT_EQ(left.back(), 0u);
  EXPECT_EQ(store().fuel(), 847u);

  // A smaller budget of its own: what it leaves, the outer call has.
  inner_budget = 30;
  passes_on = false;
  EXPECT_TRUE(call("outer", {Value::i32(20)}, options).returned());
  EXPECT_EQ(inner_trap, TrapCode::out_of_fuel);
  EXPECT_EQ(left.back(), 68u);
  EXPECT_EQ(store().fuel(), 847u - 33);

  // A greater one does not help, and whoever keeps the trap to himself gains nothing.
  inner_budget = 5000;
  EXPECT_EQ(trap_of(call("outer", {Value::i32(20)}, options)), TrapCode::out_of_fuel);
  EXPECT_EQ(inner_trap, TrapCode::out_of_fuel);
  EXPECT_EQ(store().fuel(), 814u - 100);
}

TEST_P(FuelTest, TypedCallsAndStartFunctionsHaveBudgets) {
  Instance& instance = load(kShapes);
  const auto loop = TypedFunc<int32_t(int32_t)>::of(instance.func("loop")).value();
  CallOptions options;
  options.fuel = 91;
  EXPECT_TRUE(loop.call(options, 10).ok());
  EXPECT_EQ(trap_of(loop.call(options, 11).completion()), TrapCode::out_of_fuel);

  const auto module = Module::compile(machine_.engine(), wat(R"((module
    (func $start (local i32)
      (local.set 0 (i32.const 10))
      (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (start $start)))"))
                          .value();
  options.fuel = 51;
  EXPECT_EQ(trap_of(store().instantiate(module, {}, options).completion), TrapCode::out_of_fuel);
  options.fuel = 52;
  EXPECT_NE(store().instantiate(module, {}, options).instance, nullptr);
}

TEST_P(FuelTest, EndlessProgramsEnd) {
  load(R"((module
    (func $deep (export "deep") (call $deep))
    (func (export "empty_loop") (loop $again (br $again)))
    (func $a (export "mutual") (call $b)) (func $b (call $a))))");
  CallOptions options;
  options.fuel = 1000;
  for (const char* name : {"deep", "empty_loop", "mutual"})
    EXPECT_EQ(trap_of(call(name, {}, options)), TrapCode::out_of_fuel) << name;
}

TEST_P(FuelTest, CostsAreThoseOfTheEngine) {
  EngineConfig config = GetParam().config();
  config.fuel_costs.set_all(0).set(Opcode::i32_add, 1000).set(Opcode::end, 7);
  config.fuel_costs.set(Opcode::loop, 3).set(Opcode::memory_fill, 10).set(Opcode::memory_copy, 20);
  Machine machine(config);
  Instance& instance = machine.instantiate(kShapes);
  const auto cost_of = [&](std::string_view name, int32_t argument) {
    EXPECT_TRUE(machine.store().set_fuel(kPlenty));
    Value values[1] = {Value::i32(argument)};
    EXPECT_TRUE(instance.func(name).invoke(values).returned());
    return kPlenty - *machine.store().fuel();
  };
  EXPECT_EQ(cost_of("nothing", 0), 7u);
  EXPECT_EQ(cost_of("straight", 0), 1007u);
  EXPECT_EQ(cost_of("loop", 5), 3u + 5 * 1000 + 14);
  // Who branches over an `end`, or returns, does not execute it.
  EXPECT_EQ(cost_of("early_return", 1), 0u);
  EXPECT_EQ(cost_of("early_return", 0), 1007u);
  EXPECT_EQ(cost_of("unreachable_code", 0), 0u);

  Instance& bulk = machine.instantiate(bulk_with_constant(128));
  for (const auto& [name, expected] :
       {std::pair("constant_fill", 30u + 7), std::pair("constant_copy", 60u + 7)}) {
    EXPECT_TRUE(machine.store().set_fuel(kPlenty));
    EXPECT_TRUE(bulk.func(name).invoke({}).returned());
    EXPECT_EQ(kPlenty - *machine.store().fuel(), expected) << name;
  }
}

TEST_P(FuelTest, GreatCostsAreExactToo) {
  for (const uint32_t cost : {127u, 128u, 4095u, 4096u, 1u << 20, INT32_MAX / 2u, UINT32_MAX}) {
    EngineConfig config = GetParam().config();
    config.fuel_costs.set_all(0).set(Opcode::i32_const, cost);
    Machine machine(config);
    Instance& instance = machine.instantiate(kShapes);
    const auto early = TypedFunc<int32_t(int32_t)>::of(instance.func("early_return")).value();
    const uint64_t expected = 2 * uint64_t{cost};
    ASSERT_TRUE(machine.store().set_fuel(expected + 5));
    EXPECT_EQ(early(0).value(), 5) << cost;
    EXPECT_EQ(machine.store().fuel(), 5u) << cost;
    ASSERT_TRUE(machine.store().set_fuel(expected - 1));
    EXPECT_EQ(trap_of(early(0).completion()), TrapCode::out_of_fuel) << cost;
    ASSERT_TRUE(machine.store().set_fuel(UINT64_MAX));
    EXPECT_EQ(early(0).value(), 5) << cost;
    EXPECT_EQ(machine.store().fuel(), UINT64_MAX - expected) << cost;
  }
}

TEST_P(FuelTest, CostsOfZeroChangeNoCode) {
  EngineConfig config = GetParam().config();
  config.fuel_costs.set_all(0);
  Machine machine(config);
  config.target.fuel = false;
  Machine uncounted(config);
  for (const std::string& text : {std::string(kShapes), bulk_with_constant(100)}) {
    const auto& free = machine.instantiate(text).module().code().text;
    const auto& plain = uncounted.instantiate(text).module().code().text;
    ASSERT_EQ(free.size(), plain.size());
    EXPECT_EQ(std::memcmp(free.data(), plain.data(), free.size()), 0);
  }
}

TEST_P(FuelTest, IsWholeAtFirst) {
  EXPECT_EQ(store().fuel(), UINT64_MAX);
  load(kShapes);
  EXPECT_TRUE(call("straight", {Value::i32(1)}).returned());
  EXPECT_EQ(store().fuel(), UINT64_MAX - 3);
}

TEST(Fuel, IsRefusedWhereCodeDoesNotCount) {
  Machine machine(EngineConfig{});
  Instance& instance = machine.instantiate(kShapes);
  EXPECT_FALSE(machine.store().set_fuel(1));
  EXPECT_EQ(machine.store().fuel(), std::nullopt);
  EXPECT_TRUE(machine.store().charge(1000).returned());
  Value values[1] = {Value::i32(1)};
  EXPECT_TRUE(instance.func("straight").invoke(values).returned());
  CallOptions options;
  options.fuel = 1000;
  const Completion completion = instance.func("straight").invoke(values, options);
  ASSERT_NE(completion.trap(), nullptr);
  EXPECT_EQ(completion.trap()->message, "a budget of fuel, but the engine's code does not count");
}

TEST(Fuel, EndsWithWhateverComesFirst) {
  EngineConfig config = counting(kModes[0]);
  config.target.interruption = true;
  Machine machine(config);
  Instance& instance =
      machine.instantiate(R"((module (func (export "f") (loop $again (br $again)))))");
  const Func func = instance.func("f");
  CallOptions options;
  options.timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(trap_of(func.invoke({}, options)), TrapCode::interrupted);
  options.timeout = std::chrono::seconds(1000);
  options.fuel = 10'000;
  EXPECT_EQ(trap_of(func.invoke({}, options)), TrapCode::out_of_fuel);
  StopToken token;
  options = {};
  options.stop = token;
  std::thread stopper([token] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    token.stop();
  });
  EXPECT_EQ(trap_of(func.invoke({}, options)), TrapCode::interrupted);
  stopper.join();
}

}  // namespace
}  // namespace swoop

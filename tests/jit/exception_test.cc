// Exceptions: who catches what, and that nothing else changes on the way: locals in registers and
// in slots, operands below the block, the instance, its memory.
#include "runtime/heap.h"
#include "tests/jit/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop {
namespace {

using testing::HasSubstr;

class ExceptionTest : public testing::TestWithParam<Mode> {
 protected:
  ExceptionTest() : machine_(GetParam()) {}

  Instance& instantiate(std::string_view text) { return machine_.instantiate(text); }

  /// The single i32 that a function gives.
  static int32_t call(Instance& instance, std::string_view name,
                      std::vector<Value> arguments = {}) {
    const CallResult result = instance.func(name).call(arguments);
    if (!result.ok()) {
      const CallFailure* const failure = result.completion.failure();
      ADD_FAILURE() << name << ": " << (failure == nullptr ? "exit" : failure->render());
      return -1;
    }
    return result.values.at(0).as_i32();
  }

  Machine machine_;
};

INSTANTIATE_TEST_SUITE_P(Modes, ExceptionTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

constexpr const char* kBasics = R"((module
  (tag $e (param i32))
  (tag $pair (param i64 f32))
  (tag $none)
  (tag $wide (param i32 i64 f32 f64 i32))
  (func $throw (param i32)
    (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $e (i32.const 41))))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $pair (i64.const -5) (f32.const 2.5))))
    (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $none)))
    (if (i32.eq (local.get 0) (i32.const 4))
      (then (throw $wide (i32.const -7) (i64.const 0x123456789abcdef) (f32.const 1.5)
                         (f64.const -2.25) (local.get 0)))))
  (func (export "which") (param i32) (result i32)
    (block $none (block $e (result i32) (block $pair (result i64 f32)
      (try_table (catch $e $e) (catch $pair $pair) (catch $none $none)
        (call $throw (local.get 0))
        (return (i32.const 0)))
      (unreachable))
      (i32.trunc_f32_s) (i32.wrap_i64 (; the sum of both ;) (i64.extend_i32_s)) (local.set 0)
      (i32.wrap_i64) (i32.add (local.get 0)) (return))
      (i32.add (i32.const 1)) (return))
    (i32.const 300))
  (func (export "any") (param i32) (result i32)
    (block $h (try_table (catch_all $h) (call $throw (local.get 0)) (return (i32.const 0))))
    (i32.const 1))
  (func (export "wide") (result i32 i64 f32 f64 i32)
    (try_table (catch $wide 0) (call $throw (i32.const 4)))
    (unreachable))
  (func (export "ref_and_values") (param i32) (result i32)
    (local $x exnref) (local $v i32)
    (block $h (result i32 exnref)
      (try_table (catch_ref $e $h) (call $throw (local.get 0)))
      (return (i32.const 0)))
    (local.set $x) (local.set $v)
    (block $again (result i32)
      (try_table (catch $e $again) (throw_ref (local.get $x)))
      (unreachable))
    (i32.add (local.get $v)))
  (func (export "to_loop") (param i32) (result i32)
    (local $sum i32)
    (i32.const 0)
    (loop $again (param i32) (result i32)
      (local.set $sum (i32.add (local.get $sum)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (if (i32.eqz (local.get 0)) (then (return (local.get $sum))))
      (try_table (result i32) (catch $e $again) (call $throw (i32.const 1)) (i32.const 0))))
  (func (export "throw") (param i32) (call $throw (local.get 0)))
  (func (export "throw_null") (throw_ref (ref.null exn)))
  (func (export "legacy") (param i32) (result i32)
    (try (result i32)
      (do (call $throw (local.get 0)) (i32.const 0))
      (catch $e (i32.add (i32.const 100)))
      (catch $pair (i32.trunc_f32_s) (drop) (i32.wrap_i64))
      (catch_all (i32.const 7))))
))";

TEST_P(ExceptionTest, TheFirstClauseOfTheTagCatches) {
  Instance& instance = instantiate(kBasics);
  EXPECT_EQ(call(instance, "which", {Value::i32(0)}), 0);
  EXPECT_EQ(call(instance, "which", {Value::i32(1)}), 42);
  EXPECT_EQ(call(instance, "which", {Value::i32(2)}), -3);
  EXPECT_EQ(call(instance, "which", {Value::i32(3)}), 300);
  EXPECT_EQ(call(instance, "any", {Value::i32(0)}), 0);
  for (int32_t i = 1; i <= 4; ++i) EXPECT_EQ(call(instance, "any", {Value::i32(i)}), 1);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(0)}), 0);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(1)}), 141);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(2)}), -5);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(3)}), 7);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(4)}), 7);
}

TEST_P(ExceptionTest, ValuesOfAllTypesArriveAtTheFunctionsOwnLabel) {
  Instance& instance = instantiate(kBasics);
  const CallResult result = instance.func("wide").call({});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.values[0].as_i32(), -7);
  EXPECT_EQ(result.values[1].as_i64(), 0x123456789abcdef);
  EXPECT_EQ(result.values[2].as_f32(), 1.5f);
  EXPECT_EQ(result.values[3].as_f64(), -2.25);
  EXPECT_EQ(result.values[4].as_i32(), 4);
}

TEST_P(ExceptionTest, AReferenceCanBeThrownAgain) {
  Instance& instance = instantiate(kBasics);
  EXPECT_EQ(call(instance, "ref_and_values", {Value::i32(1)}), 82);
  EXPECT_EQ(call(instance, "to_loop", {Value::i32(5)}), 4 * 41);
}

TEST_P(ExceptionTest, UncaughtEndsTheCallWithValues) {
  Instance& instance = instantiate(kBasics);
  const CallResult result = instance.func("throw").call({{Value::i32(2)}});
  ASSERT_NE(result.completion.exception(), nullptr);
  EXPECT_EQ(result.completion.trap(), nullptr);
  EXPECT_EQ(result.completion.exit(), nullptr);
  const Exception& exception = *result.completion.exception();
  EXPECT_EQ(exception.message, "uncaught exception (i64, f32)");
  ASSERT_EQ(exception.values().size(), 2u);
  EXPECT_EQ(exception.values()[0].as_i64(), -5);
  EXPECT_EQ(exception.values()[1].as_f32(), 2.5f);
  ASSERT_EQ(exception.frames.size(), 2u);
  EXPECT_EQ(exception.frames[0].func, FuncIdx{0});
  EXPECT_EQ(exception.frames[1].func_name, "throw");
  EXPECT_EQ(call(instance, "which", {Value::i32(1)}), 42) << "the store goes on";
}

TEST_P(ExceptionTest, NullIsATrap) {
  Instance& instance = instantiate(kBasics);
  const CallResult result = instance.func("throw_null").call({});
  ASSERT_NE(result.completion.trap(), nullptr);
  EXPECT_EQ(result.completion.trap()->message, "null exception reference");
}

// --- What survives

struct LocalKind {
  const char* type;
  const char* name;
  int count;
  const char* from_i32;
  const char* to_i64;
};
// More than there are registers, so that some are in slots.
constexpr LocalKind kLocalKinds[] = {{"i32", "i", 5, "i32.add (i32.const 0)", "i64.extend_i32_s"},
                                     {"i64", "l", 4, "i64.extend_i32_s", "i64.add (i64.const 0)"},
                                     {"f32", "f", 5, "f32.convert_i32_s", "i64.trunc_f32_s"},
                                     {"f64", "d", 5, "f64.convert_i32_s", "i64.trunc_f64_s"}};

/// For each local what `{type}`, `{name}`, `{number}` and so on in `pattern` make of it.
std::string for_locals(const std::string& pattern) {
  std::string text;
  int number = 1;
  for (const LocalKind& kind : kLocalKinds) {
    for (int i = 0; i < kind.count; ++i, ++number) {
      text += fill(pattern, {{"type", kind.type},
                             {"name", kind.name + std::to_string(i)},
                             {"from", kind.from_i32},
                             {"to", kind.to_i64},
                             {"number", std::to_string(number)}});
    }
  }
  return text;
}

/// What the locals add up to after `rounds` rounds with `p`.
int64_t sum_of_locals(int64_t p, int64_t rounds) {
  int64_t sum = 0;
  for (int64_t number = 1; number <= 19; ++number) sum += number * rounds * (p + number);
  return sum;
}

std::string survivors() {
  const std::string declare = for_locals("(local ${name} {type})") + "(local $n i32)";
  const std::string change = "(local.set $n (i32.const 0)) (loop $again " +
                             for_locals(
                                 "(local.set ${name} ({type}.add (local.get ${name}) "
                                 "({from} (i32.add (local.get $p) (i32.const {number})))))") +
                             "(local.set $n (i32.add (local.get $n) (i32.const 1)))"
                             "(br_if $again (i32.lt_u (local.get $n) (i32.const 3))))";
  const std::string add_up =
      "(i64.const 0)" +
      for_locals("(i64.mul ({to} (local.get ${name})) (i64.const {number})) (i64.add)");
  return "(module (tag $e (param i32))\n"
         "(func $deep (param $p i32) " +
         declare + change +
         "(if (i32.eqz (local.get $p)) (then (throw $e (i32.const 9))))"
         "(call $deep (i32.sub (local.get $p) (i32.const 1)))" +
         add_up +
         "(drop))\n"
         "(func $few (param $p i32) (local $x i32) (local.set $x (local.get $p))"
         "(call $deep (local.get $p)) (drop (local.get $x)))\n"
         "(func (export \"catch\") (param $p i32) (param $depth i32) (result i64 i64) (local $v "
         "i32)" +
         declare + change +
         "(block $h (result i32) (try_table (catch $e $h) (call $few (local.get $depth)))"
         "(unreachable)) (local.set $v)" +
         add_up + change + add_up +
         "(i64.add (i64.extend_i32_u (local.get $v))))\n"
         "(func (export \"legacy\") (param $p i32) (param $depth i32) (result i64 i64) (local $v "
         "i32)" +
         declare + change +
         "(try (result i64) (do (call $few (local.get $depth)) (unreachable))"
         "(catch $e (local.set $v) " +
         add_up + "))" + change + add_up + "(i64.add (i64.extend_i32_u (local.get $v)))))";
}

TEST_P(ExceptionTest, LocalsSurviveInTheirRegistersAndSlots) {
  Instance& instance = instantiate(survivors());
  for (const char* const name : {"catch", "legacy"}) {
    for (const int32_t depth : {0, 1, 2, 50}) {
      const CallResult result = instance.func(name).call({{Value::i32(1000), Value::i32(depth)}});
      ASSERT_TRUE(result.ok());
      EXPECT_EQ(result.values[0].as_i64(), sum_of_locals(1000, 3)) << name << depth;
      EXPECT_EQ(result.values[1].as_i64(), sum_of_locals(1000, 6) + 9) << name << depth;
    }
  }
}

TEST_P(ExceptionTest, OperandsBelowTheBlockSurvive) {
  Instance& instance = instantiate(R"((module
    (tag $e (param i32 i32))
    (func $throw (param i32) (throw $e (local.get 0) (i32.const 3)))
    (func (export "f") (param i32) (result i32)
      (i32.mul (local.get 0) (i32.const 3)) (i32.const 1000) (i32.clz (local.get 0))
      (f64.mul (f64.convert_i32_s (local.get 0)) (f64.const 2)) (i64.const 0x123456789a)
      (local.get 0)
      (block $h (result i32 i32)
        (i32.mul (local.get 0) (i32.const 77)) (i32.ctz (local.get 0)) (i32.popcnt (local.get 0))
        (block (try_table (catch $e $h) (call $throw (local.get 0))))
        (drop) (drop) (drop) (unreachable))
      (i32.sub)            ;; 20 - 3
      (i32.add)            ;; + 20
      (i64.extend_i32_s) (i64.add) (i32.wrap_i64)  ;; + low half
      (f64.convert_i32_s) (f64.add) (i32.trunc_f64_s)  ;; + 40
      (i32.add) (i32.add) (i32.add))))");
  EXPECT_EQ(call(instance, "f", {Value::i32(20)}), 17 + 20 + 0x3456789a + 40 + 27 + 1000 + 60);
}

// --- Nesting

TEST_P(ExceptionTest, InnerBlocksCatchFirst) {
  Instance& instance = instantiate(R"((module
    (tag $a (param i32)) (tag $b (param i32)) (tag $c (param i32))
    (func $throw (param i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 1))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i32.const 2))))
      (throw $c (i32.const 3)))
    (func (export "table") (param i32) (result i32)
      (block $outer (result i32)
        (try_table (catch $a $outer) (catch $b $outer) (catch $c $outer)
          (block $inner (result i32)
            (try_table (catch $b $inner)
              (try_table (call $throw (local.get 0))))
            (unreachable))
          (i32.mul (i32.const 10)) (br $outer))
        (unreachable)))
    (func (export "handler_throws") (param i32) (result i32)
      (block $outer (result i32)
        (try_table (catch $b $outer)
          (block $inner (result i32)
            (try_table (catch $a $inner) (catch $b $inner) (call $throw (local.get 0)))
            (unreachable))
          (drop) (call $throw (i32.const 2)))
        (unreachable)))
    (func (export "legacy") (param i32) (result i32)
      (try (result i32)
        (do (try (result i32)
          (do (call $throw (local.get 0)) (unreachable))
          (catch $a (i32.add (i32.const 10)))
          (catch $b (drop) (call $throw (i32.const 1)) (unreachable))))
        (catch $a (i32.add (i32.const 20)))
        (catch $c (i32.add (i32.const 30)))))
    (func (export "rethrow") (param i32) (result i32)
      (try (result i32)
        (do (try (result i32)
          (do (call $throw (local.get 0)) (unreachable))
          (catch_all
            (try (result i32)
              (do (call $throw (i32.const 3)) (unreachable))
              (catch $c (drop)
                (if (i32.eq (local.get 0) (i32.const 1)) (then (rethrow 2)))
                (rethrow 0))))))
        (catch $a (i32.add (i32.const 40)))
        (catch $c (i32.add (i32.const 50)))))
    (func (export "rethrow_twice") (result i32)
      (try (result i32)
        (do (try (result i32)
          (do (call $throw (i32.const 1)) (unreachable))
          (catch $a (drop)
            (try (do (rethrow 1)) (catch_all))
            (try (do (call $throw (i32.const 2))) (catch_all))
            (rethrow 0))))
        (catch $a (i32.add (i32.const 60)))
        (catch_all (i32.const -1))))
    (func (export "delegate") (param i32) (result i32)
      (try $outer (result i32)
        (do
          (try (result i32)
            (do
              (try (result i32)
                (do (call $throw (local.get 0)) (unreachable))
                (delegate $outer)))
            (catch_all (i32.const -1))))
        (catch $a (i32.add (i32.const 70)))
        (catch $b (i32.add (i32.const 80)))))
    (func (export "delegate_from_handler") (result i32)
      (try (result i32)
        (do
          (try $middle (result i32)
            (do (call $throw (i32.const 1)) (unreachable))
            (catch_all
              (try (result i32)
                (do (call $throw (i32.const 2)) (unreachable))
                (delegate $middle)))))
        (catch $b (i32.add (i32.const 90)))))
    (func (export "delegate_to_caller") (result i32)
      (try (result i32)
        (do (try (do (throw $a (i32.const 5))) (delegate 1)) (i32.const 0))
        (catch $a)))
    (func $away (result i32)
      (try (result i32)
        (do (try (do (throw $a (i32.const 5))) (delegate 1)) (i32.const 0))
        (catch $a (i32.const -1) (drop) (drop) (i32.const -2))))
    (func (export "past_all") (result i32)
      (try (result i32) (do (call $away)) (catch $a (i32.add (i32.const 100)))))))");
  EXPECT_EQ(call(instance, "table", {Value::i32(1)}), 1);
  EXPECT_EQ(call(instance, "table", {Value::i32(2)}), 20);
  EXPECT_EQ(call(instance, "table", {Value::i32(3)}), 3);
  EXPECT_EQ(call(instance, "handler_throws", {Value::i32(1)}), 2);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(1)}), 11);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(2)}), 21);
  EXPECT_EQ(call(instance, "legacy", {Value::i32(3)}), 33);
  EXPECT_EQ(call(instance, "rethrow", {Value::i32(1)}), 41);
  EXPECT_EQ(call(instance, "rethrow", {Value::i32(2)}), 53);
  EXPECT_EQ(call(instance, "rethrow_twice"), 61);
  EXPECT_EQ(call(instance, "delegate", {Value::i32(1)}), 71);
  EXPECT_EQ(call(instance, "delegate", {Value::i32(2)}), 82);
  EXPECT_EQ(call(instance, "delegate_from_handler"), 92);
  EXPECT_EQ(call(instance, "past_all"), 105);
}

TEST_P(ExceptionTest, TrapsAreNotCaught) {
  Instance& instance = instantiate(R"((module
    (table 1 funcref) (memory 1)
    (func (export "unreachable") (block $h (try_table (catch_all $h) (unreachable))))
    (func (export "load") (block $h (try_table (catch_all $h) (drop (i32.load (i32.const -1))))))
    (func (export "call") (block $h (try_table (catch_all $h) (call_indirect (i32.const 0)))))
    (func $endless (export "endless") (block $h (try_table (catch_all $h) (call $endless))))
    (func (export "legacy") (try (do (unreachable)) (catch_all)))))");
  const auto trap = [&](const char* name) {
    return trap_of(instance.func(name).call({}).completion);
  };
  EXPECT_EQ(trap("unreachable"), TrapCode::unreachable);
  EXPECT_EQ(trap("load"), TrapCode::out_of_bounds_memory_access);
  EXPECT_EQ(trap("call"), TrapCode::uninitialized_element);
  EXPECT_EQ(trap("endless"), TrapCode::call_stack_exhausted);
  EXPECT_EQ(trap("legacy"), TrapCode::unreachable);
}

// --- Instances and the host

TEST_P(ExceptionTest, TheHandlersInstanceGoesOn) {
  Instance& callee = instantiate(R"((module
    (tag (export "tag") (param i32)) (tag $own (param i32))
    (memory 2)
    (func (export "throw") (param i32)
      (drop (memory.grow (i32.const 3)))
      (if (local.get 0) (then (throw 0 (i32.load (i32.const 0)))))
      (throw $own (i32.const 1)))
    (func (export "set") (i32.store (i32.const 0) (i32.const 77)))))");
  machine_.linker().define_instance("callee", callee);
  Instance& instance = instantiate(R"((module
    (import "callee" "tag" (tag $e (param i32)))
    (import "callee" "throw" (func $throw (param i32)))
    (import "callee" "set" (func $set))
    (tag $own (param i32))
    (memory (export "memory") 1) (table funcref (elem $throw))
    (global $g (mut i32) (i32.const 5))
    (func (export "f") (param i32) (param i32) (result i32)
      (call $set)
      (i32.store (i32.const 0) (i32.const 1000))
      (block $any (block $h (result i32)
        (try_table (catch $own $h) (catch $e $h) (catch_all $any)
          (drop (memory.grow (i32.const 1)))
          (if (local.get 1)
            (then (call_indirect (param i32) (local.get 0) (i32.const 0)))
            (else (call $throw (local.get 0)))))
        (unreachable))
        (i32.add (i32.load (i32.const 0))) (i32.add (global.get $g)) (return))
      (i32.add (i32.load (i32.const 0)) (memory.size)))))");
  for (const int32_t indirect : {0, 1}) {
    EXPECT_EQ(call(instance, "f", {Value::i32(1), Value::i32(indirect)}), 77 + 1000 + 5);
    EXPECT_EQ(call(instance, "f", {Value::i32(0), Value::i32(indirect)}), 1000 + 3 + 2 * indirect);
  }
}

TEST_P(ExceptionTest, PassesThroughHostFunctions) {
  Linker& linker = machine_.linker();
  Func inner;
  int passed = 0;
  const FuncType type{{ValType::i32}, {}};
  ASSERT_TRUE(linker
                  .define_func("host", "pass", type,
                               [&](Caller&, std::span<Value> values) {
                                 Completion completion = inner.invoke(values.first(1));
                                 if (completion.exception() != nullptr) ++passed;
                                 return completion;
                               })
                  .ok());
  ASSERT_TRUE(linker
                  .define_func("host", "stop", type,
                               [&](Caller&, std::span<Value> values) {
                                 const Completion completion = inner.invoke(values.first(1));
                                 EXPECT_NE(completion.exception(), nullptr);
                                 return Completion();
                               })
                  .ok());
  Instance& instance = instantiate(R"((module
    (import "host" "pass" (func $pass (param i32)))
    (import "host" "stop" (func $stop (param i32)))
    (tag $e (export "tag") (param i32))
    (func (export "inner") (param i32)
      (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 5))))
      (call $pass (i32.sub (local.get 0) (i32.const 1))))
    (func (export "catch") (param i32) (result i32) (local $a i32) (local $b f64)
      (loop (local.set $a (i32.const 100)) (local.set $b (f64.const 1000)))
      (block $h (result i32)
        (try_table (catch $e $h) (call $pass (local.get 0)))
        (unreachable))
      (i32.add (local.get $a)) (i32.add (i32.trunc_f64_s (local.get $b))))
    (func (export "stopped") (param i32) (result i32)
      (block $h (result i32)
        (try_table (catch $e $h) (call $stop (local.get 0)))
        (i32.const 8)))
    (func (export "uncaught") (param i32) (call $pass (local.get 0)))))");
  inner = instance.func("inner");
  for (const int32_t depth : {0, 1, 10}) {
    passed = 0;
    EXPECT_EQ(call(instance, "catch", {Value::i32(depth)}), 1105);
    EXPECT_EQ(passed, depth + 1);
    EXPECT_EQ(call(instance, "stopped", {Value::i32(depth)}), 8);
  }
  const CallResult result = instance.func("uncaught").call({{Value::i32(2)}});
  ASSERT_NE(result.completion.exception(), nullptr);
  EXPECT_EQ(result.completion.exception()->frames.size(), 4u) << "from the throw, once";
}

TEST_P(ExceptionTest, TheHostThrowsAndHoldsReferences) {
  Linker& linker = machine_.linker();
  Tag* const tag =
      machine_.store().make_tag({machine_.engine()->types().intern({{ValType::i64}, {}}).value()});
  linker.define("host", "tag", tag);
  ASSERT_TRUE(linker
                  .define_func("host", "throw", {{ValType::i64}, {}},
                               [&](Caller& caller, std::span<Value> values) {
                                 return Completion::exception(
                                     caller.store().make_exception(*tag, values.first(1)).value());
                               })
                  .ok());
  const ValType exnref = ValType::ref(AbstractHeapType::exn, true);
  Value held;
  ASSERT_TRUE(linker
                  .define_func("host", "hold", {{exnref}, {exnref}},
                               [&](Caller&, std::span<Value> values) {
                                 held = values[0];
                                 return Completion();
                               })
                  .ok());
  Instance& instance = instantiate(R"((module
    (import "host" "tag" (tag $e (param i64)))
    (import "host" "throw" (func $throw (param i64)))
    (import "host" "hold" (func $hold (param exnref) (result exnref)))
    (global $kept (mut exnref) (ref.null exn))
    (table $kept 2 exnref)
    (func (export "f") (param i64) (result i64) (local exnref)
      (block $h (result i64 exnref)
        (try_table (catch_ref $e $h) (call $throw (local.get 0)))
        (unreachable))
      (global.set $kept (call $hold)) (drop)
      (table.set $kept (i32.const 1) (global.get $kept))
      (local.set 1 (table.get $kept (i32.const 1)))
      (block $again (result i64)
        (try_table (catch $e $again) (throw_ref (local.get 1)))
        (unreachable)))
    (func (export "throw") (param exnref) (throw_ref (local.get 0)))
    (func (export "is_null") (param exnref) (result i32) (ref.is_null (local.get 0)))))");
  const CallResult caught = instance.func("f").call({{Value::i64(-9)}});
  ASSERT_TRUE(caught.ok());
  EXPECT_EQ(caught.values[0].as_i64(), -9);
  const CallResult thrown = instance.func("throw").call({{held}});
  ASSERT_NE(thrown.completion.exception(), nullptr);
  EXPECT_EQ(&thrown.completion.exception()->tag(), tag);
  EXPECT_EQ(thrown.completion.exception()->reference(), held);
  EXPECT_EQ(thrown.completion.exception()->values()[0].as_i64(), -9);
  EXPECT_EQ(call(instance, "is_null", {held}), 0);
  EXPECT_EQ(call(instance, "is_null", {Value()}), 1);

  Machine other(GetParam());
  Tag* const other_tag =
      other.store().make_tag({other.engine()->types().intern(FuncType{}).value()});
  const Exception of_other = other.store().make_exception(*other_tag, {}).value();
  ASSERT_TRUE(
      linker
          .define_func("host", "wrong", {{}, {}},
                       [&](Caller&, std::span<Value>) { return Completion::exception(of_other); })
          .ok());
  const Func wrong = std::get<Func>(*linker.find("host", "wrong"));
  const CallResult refused = wrong.call({});
  ASSERT_NE(refused.completion.trap(), nullptr);
  EXPECT_THAT(refused.completion.trap()->message, HasSubstr("another store"));
}

TEST_P(ExceptionTest, ATagOfEachInstanceIsItsOwn) {
  const char* const text = R"((module
    (tag $e (export "tag"))
    (func (export "throw") (throw $e))))";
  Instance& first = instantiate(text);
  Instance& second = instantiate(text);
  machine_.linker().define_instance("first", first);
  machine_.linker().define("second", "throw", second.func("throw"));
  Instance& instance = instantiate(R"((module
    (import "first" "tag" (tag $e))
    (import "first" "throw" (func $first)) (import "second" "throw" (func $second))
    (func (export "f") (param i32) (result i32)
      (block $h
        (try_table (catch $e $h)
          (if (local.get 0) (then (call $first)) (else (call $second))))
        (unreachable))
      (i32.const 1))))");
  EXPECT_EQ(call(instance, "f", {Value::i32(1)}), 1);
  const CallResult result = instance.func("f").call({{Value::i32(0)}});
  ASSERT_NE(result.completion.exception(), nullptr);
  EXPECT_EQ(&result.completion.exception()->tag(), second.tag("tag"));
}

TEST_P(ExceptionTest, AStartFunctionMayThrow) {
  const Result<std::shared_ptr<const Module>> module =
      Module::compile(machine_.engine(), wat("(module (tag $e (param i32))"
                                             "(func $f (throw $e (i32.const 3))) (start $f))"));
  ASSERT_TRUE(module.ok());
  const Instantiation outcome = machine_.store().instantiate(*module, {});
  EXPECT_EQ(outcome.instance, nullptr);
  EXPECT_FALSE(outcome.error.has_value());
  ASSERT_NE(outcome.completion.exception(), nullptr);
  EXPECT_EQ(outcome.completion.exception()->values()[0].as_i32(), 3);
}

// --- Hostile programs

TEST_P(ExceptionTest, MemoryOfCaughtExceptionsIsUsedAgain) {
  EngineConfig config = GetParam().config();
  config.max_heap_bytes = 100 * 1024;
  Machine machine(config);
  Instance& instance = machine.instantiate(R"((module
    (tag $e (param i64 i64 i64 i64))
    (global $kept (mut exnref) (ref.null exn))
    (func $throw (throw $e (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))
    (func (export "catch") (param i32)
      (loop $again
        (block $h (result i64 i64 i64 i64)
          (try_table (catch $e $h) (call $throw)) (unreachable))
        (drop) (drop) (drop) (drop)
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0))))
    (func (export "keep") (param i32)
      (loop $again
        (block $h (result exnref)
          (try_table (catch_all_ref $h) (call $throw)) (unreachable))
        (global.set $kept)
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $again (local.get 0))))))");
  EXPECT_TRUE(instance.func("catch").call({{Value::i32(10'000)}}).ok());
  EXPECT_TRUE(instance.func("keep").call({{Value::i32(100)}}).ok());
  EXPECT_EQ(trap_of(instance.func("keep").call({{Value::i32(10'000)}}).completion),
            TrapCode::out_of_heap);
  EXPECT_EQ(trap_of(instance.func("catch").call({{Value::i32(1)}}).completion),
            TrapCode::out_of_heap);
}

TEST_P(ExceptionTest, AThousandValuesAndBack) {
  std::string params, values, types;
  for (int i = 0; i < 1000; ++i) {
    const char* const type = i % 3 == 0 ? "i32" : i % 3 == 1 ? "i64" : "f32";
    types += std::string(" ") + type;
    values += std::string("(") + type + ".const " + std::to_string(i) + ")";
  }
  Instance& instance =
      instantiate("(module (type $t (func (param" + types +
                  "))) (tag $e (type $t))"
                  "(func $throw " +
                  values +
                  "(throw $e))"
                  "(func (export \"f\") (result" +
                  types + ") (try_table (catch $e 0) (call $throw)) (unreachable)))");
  for (int round = 0; round < 3; ++round) {
    const CallResult result = instance.func("f").call({});
    ASSERT_TRUE(result.ok());
    for (int i = 0; i < 1000; ++i) {
      const Value& value = result.values[static_cast<size_t>(i)];
      EXPECT_EQ(i % 3 == 2 ? static_cast<int64_t>(value.as_f32()) : value.as_i64(), i);
    }
  }
}

TEST_P(ExceptionTest, DeepNestsAndManyClausesTakeLinearTime) {
  constexpr int kDepth = 20'000;
  const std::string nest = repeated(kDepth, "block try_table (catch $other 0) ") + "call $throw " +
                           repeated(kDepth, "end end ");
  const std::string clauses = repeated(50'000, "(catch $other 0)");
  const std::string legacy =
      repeated(kDepth, "try ") + "call $throw " + repeated(kDepth, "catch $other call $throw end ");
  const std::string delegates =
      repeated(kDepth, "try ") + "call $throw " + repeated(kDepth, "delegate 0 ");
  Instance& instance = instantiate(
      "(module (tag $e (param i32)) (tag $other)\n"
      "(func $throw (throw $e (i32.const 6)))\n"
      "(func $nest " +
      nest + ")(func $clauses block try_table " + clauses +
      " call $throw end end)\n(func $legacy " + legacy + ")\n(func $delegates " + delegates +
      ")\n(func (export \"f\") (param i32) (result i32)"
      "(block $h (result i32) (try_table (catch $e $h)"
      "(if (i32.eq (local.get 0) (i32.const 0)) (then (call $nest)))"
      "(if (i32.eq (local.get 0) (i32.const 1)) (then (call $clauses)))"
      "(if (i32.eq (local.get 0) (i32.const 2)) (then (call $legacy)))"
      "(if (i32.eq (local.get 0) (i32.const 3)) (then (call $delegates))))"
      "(unreachable))))");
  for (int32_t i = 0; i < 4; ++i) EXPECT_EQ(call(instance, "f", {Value::i32(i)}), 6);
}

TEST_P(ExceptionTest, NestedHandlersEachKeepTheirException) {
  constexpr int kDepth = 3'000;
  // Handler i holds exception i; the innermost throws that of handler 1,000 again.
  std::string text;
  for (int i = 0; i < kDepth; ++i)
    text += "try (result i32) i32.const " + std::to_string(i) + " throw $e catch $e drop ";
  text += "rethrow 1000 " + repeated(kDepth, "end ");
  Instance& instance = instantiate(
      "(module (tag $e (param i32)) (func (export \"f\") (result i32)"
      "(try (result i32) (do " +
      text + ") (catch $e))))");
  EXPECT_EQ(call(instance, "f"), kDepth - 1 - 1000);
}

TEST_P(ExceptionTest, AnExceptionLeavesManyFrames) {
  EngineConfig config = GetParam().config();
  config.max_wasm_stack_bytes = 6 << 20;  // the thread has 8 MiB
  Machine machine(config);
  Instance& instance = machine.instantiate(R"((module
    (tag $e (param i32))
    (func $deep (param i32)
      (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (throw $e (i32.const 4)))))
    (func $each (param i32)
      (block $h (result exnref)
        (try_table (catch_all_ref $h)
          (if (local.get 0) (then (call $each (i32.sub (local.get 0) (i32.const 1)))) (else (throw $e (i32.const 5)))))
        (return))
      (throw_ref))
    (func (export "f") (param i32 i32) (result i32)
      (block $h (result i32)
        (try_table (catch $e $h)
          (if (local.get 1) (then (call $each (local.get 0))) (else (call $deep (local.get 0)))))
        (unreachable)))))");
  EXPECT_EQ(call(instance, "f", {Value::i32(100'000), Value::i32(0)}), 4);
  EXPECT_EQ(call(instance, "f", {Value::i32(50'000), Value::i32(1)}), 5);
}

}  // namespace
}  // namespace swoop

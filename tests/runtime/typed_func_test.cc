#include "runtime/typed_func.h"

#include "runtime/linker.h"
#include "tests/jit/machine.h"
#include "tests/support/machine_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <sys/mman.h>
#include <thread>
#include <tuple>
#include <ucontext.h>
#include <utility>

namespace swoop {
namespace {

using testing::HasSubstr;

class TypedFuncTest : public testing::Test {
 protected:
  template <class Body>
  void define(std::string name, Body body) {
    machine_.linker().define("host", std::move(name), make_func(store(), std::move(body)).value());
  }
  template <class Signature>
  TypedFunc<Signature> typed(const Instance& instance, std::string_view name) {
    return TypedFunc<Signature>::of(instance.func(name)).value();
  }
  Store& store() { return machine_.store(); }

  Machine machine_{EngineConfig()};
};

// --- Every signature

constexpr uint32_t kSignatures = 60;

constexpr uint32_t mix(uint32_t a, uint32_t b) {
  uint32_t x = a * 0x9e3779b9u + b * 0x85ebca6bu + 1;
  x = (x ^ x >> 15) * 0x2c1b3c6du;
  x = (x ^ x >> 12) * 0x297a2d39u;
  return x ^ x >> 15;
}

using AnyType = std::tuple<int32_t, int64_t, float, double, uint32_t, uint64_t, VmFuncRef*,
                           ExternRef, int8_t, uint16_t>;
template <uint32_t kSeed, size_t kIndex>
using PickType = std::tuple_element_t<mix(kSeed, kIndex) % std::tuple_size_v<AnyType>, AnyType>;

template <uint32_t kSeed, class Indices>
struct PickResult;
template <uint32_t kSeed>
struct PickResult<kSeed, std::index_sequence<>> {
  using Type = void;
};
template <uint32_t kSeed>
struct PickResult<kSeed, std::index_sequence<0>> {
  using Type = PickType<kSeed, 100>;
};
template <uint32_t kSeed, size_t... kIndex>
struct PickResult<kSeed, std::index_sequence<kIndex...>> {
  using Type = std::tuple<PickType<kSeed, 100 + kIndex>...>;
};

// Narrow integers of C++ are extended on their way.
template <class T>
Value canonical(const Value& value) {
  return to_value<T>(from_value<T>(value));
}

std::string types_of(const std::vector<ValType>& types) {
  std::string text;
  for (const ValType type : types) {
    text += type == ValType::i32       ? " i32"
            : type == ValType::i64     ? " i64"
            : type == ValType::f32     ? " f32"
            : type == ValType::f64     ? " f64"
            : type == ValType::funcref ? " funcref"
                                       : " externref";
  }
  return text;
}

class SignatureTest : public TypedFuncTest {
 public:
  template <uint32_t kSeed>
  void check() {
    constexpr size_t kParams = mix(kSeed, 1000) % 21;
    constexpr size_t kResults = mix(kSeed, 1001) % 4 == 0 ? mix(kSeed, 1002) % 12 : kSeed % 3;
    using R = typename PickResult<kSeed, std::make_index_sequence<kResults>>::Type;
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      check_type<R, PickType<kSeed, kIndex>...>();
    }
    (std::make_index_sequence<kParams>());
  }

 private:
  template <class R>
  static R from_values(const std::vector<Value>& values) {
    if constexpr (ResultTypes<R>::kCount > 1) {
      return ResultTypes<R>::from_values(values.data());
    } else if constexpr (ResultTypes<R>::kCount == 1) {
      return from_value<R>(values[0]);
    }
  }

  template <class R>
  static std::vector<Value> to_values(const R& results) {
    std::vector<Value> values(ResultTypes<R>::kCount);
    if constexpr (ResultTypes<R>::kCount > 1) {
      ResultTypes<R>::to_values(results, values.data());
    } else {
      values[0] = to_value<R>(results);
    }
    return values;
  }
  template <class R>
  static std::vector<Value> canonical_results(const std::vector<Value>& values) {
    if constexpr (ResultTypes<R>::kCount != 0) return to_values<R>(from_values<R>(values));
    return {};
  }

  // Calls `caller`, once typed and once by an array: arguments arrive at the host, its results come
  // back.
  template <class R, class... A>
  void check_calls(const Func& caller) {
    const std::vector<Value> arguments = {canonical<A>(random_value(WasmType<A>::kType))...};
    answer_.clear();
    for (const ValType type : ResultTypes<R>::types()) answer_.push_back(random_value(type));
    answer_ = canonical_results<R>(answer_);

    const TypedFunc<R(A...)> func = TypedFunc<R(A...)>::of(caller).value();
    const auto call = [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      return func(from_value<A>(arguments[kIndex])...);
    };
    seen_.clear();
    const auto result = call(std::index_sequence_for<A...>());
    ASSERT_TRUE(result);
    EXPECT_EQ(seen_, arguments);
    if constexpr (ResultTypes<R>::kCount != 0) {
      EXPECT_EQ(to_values<R>(*result), answer_);
    }

    seen_.clear();
    const CallResult by_array = caller.call(arguments);
    ASSERT_TRUE(by_array.ok());
    EXPECT_EQ(seen_, arguments);
    EXPECT_EQ(by_array.values, answer_);
  }

  template <class R, class... A>
  void check_type() {
    const Func typed = make_func(store(), [this](A... arguments) -> R {
                         seen_ = {to_value<A>(arguments)...};
                         return from_values<R>(answer_);
                       }).value();
    const FuncType type = func_type_of<R, A...>();
    EXPECT_EQ(typed.type(), type);
    const Func array =
        store()
            .make_host_func(type,
                            [this, type](Caller&, std::span<Value> values) {
                              seen_.assign(
                                  values.begin(),
                                  values.begin() + static_cast<ptrdiff_t>(type.params.size()));
                              std::ranges::copy(answer_, values.begin());
                              return Completion();
                            })
            .value();
    std::string text = "(module (type $t (func (param" + types_of(type.params) + ") (result" +
                       types_of(type.results) + "))) (import \"host\" \"f\" (func $f (type $t)))" +
                       "(func (export \"f\") (type $t) (call $f";
    for (size_t i = 0; i < type.params.size(); ++i)
      text += " (local.get " + std::to_string(i) + ")";
    text += ")))";
    for (const Func& host : {typed, array}) {
      machine_.linker().define("host", "f", host);
      for (const Func& caller : {host, machine_.instantiate(text).func("f")}) {
        check_calls<R, A...>(caller);
      }
    }
  }

  Value random_value(ValType type) {
    const uint64_t bits = random_();
    if (type == ValType::i32 || type == ValType::f32) return {bits & 0xffff'ffff, 0};
    if (type == ValType::externref) return {bits % 3 == 0 ? 0 : host_reference(bits >> 2), 0};
    if (type == ValType::funcref) {
      return {bits % 2 == 0 ? 0 : reinterpret_cast<uintptr_t>(some_func_.ref()), 0};
    }
    return {bits, 0};
  }

  std::mt19937_64 random_{1};
  Func some_func_ = make_func(store(), [] {}).value();
  std::vector<Value> answer_;
  std::vector<Value> seen_;
};

TEST_F(SignatureTest, ArgumentsAndResultsOfEveryTypeArrive) {
  [&]<uint32_t... kSeed>(std::integer_sequence<uint32_t, kSeed...>) {
    (check<kSeed>(), ...);
  }
  (std::make_integer_sequence<uint32_t, kSignatures>());
}

TEST_F(TypedFuncTest, TakesTwentyMixedArguments) {
  define("f",
         [](int32_t a, double b, int64_t c, float d, int32_t e, int32_t f, int32_t g, int64_t h,
            double i, double j, double k, double l, double m, double n, double o, float p,
            int64_t q, int32_t r, float s, double t) -> double {
           return a + 2 * b + 3 * static_cast<double>(c) + 4 * d + 5 * e + 6 * f + 7 * g +
                  8 * static_cast<double>(h) + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n +
                  15 * o + 16 * p + 17 * static_cast<double>(q) + 18 * r + 19 * s + 20 * t;
         });
  const auto func =
      TypedFunc<double(int32_t, double, int64_t, float, int32_t, int32_t, int32_t, int64_t, double,
                       double, double, double, double, double, double, float, int64_t, int32_t,
                       float, double)>::of(std::get<Func>(*machine_.linker().find("host", "f")))
          .value();
  double expected = 0;
  for (int i = 1; i <= 20; ++i) expected += i * i;
  EXPECT_EQ(func(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20).value(),
            expected);
}

enum class Color : uint8_t { red = 1, green = 200 };

TEST_F(TypedFuncTest, NarrowIntegersAreExtendedByTheirSign) {
  define("f", [](int8_t a, uint8_t b, int16_t c, bool d, Color e) -> int64_t {
    return a + 1000 * b + 1000'000 * c + (d ? 1 : 0) + (e == Color::green ? 2 : 0);
  });
  Instance& instance = machine_.instantiate(R"((module
    (import "host" "f" (func $f (param i32 i32 i32 i32 i32) (result i64)))
    (func (export "f") (param i32 i32 i32 i32 i32) (result i64)
      (call $f (i32.or (local.get 0) (i32.const 0xabcd00)) (i32.or (local.get 1) (i32.const 0xab00))
               (local.get 2) (local.get 3) (local.get 4)))
    (func (export "same") (param i32) (result i32) (local.get 0))))");
  EXPECT_EQ((typed<int64_t(int8_t, uint8_t, int16_t, bool, Color)>(instance, "f")(-1, 255, -2, true,
                                                                                  Color::green))
                .value(),
            -1 + 255'000 - 2'000'000 + 3);
  EXPECT_EQ(typed<int32_t(int8_t)>(instance, "same")(-1).value(), -1);
  EXPECT_EQ(typed<int32_t(uint8_t)>(instance, "same")(255).value(), 255);
  EXPECT_EQ(typed<int8_t(int32_t)>(instance, "same")(0x1ff).value(), -1);
  EXPECT_EQ(typed<bool(int32_t)>(instance, "same")(0x100).value(), true);
}

// --- Signatures that do not match

TEST_F(TypedFuncTest, RefusesOtherSignatures) {
  Instance& instance = machine_.instantiate(
      R"((module (func (export "f") (param i32 f64) (result i64) (i64.const 1))))");
  const Func func = instance.func("f");
  EXPECT_TRUE((TypedFunc<int64_t(uint32_t, double)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<int64_t(uint32_t)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<int64_t(uint32_t, double, double)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<int64_t(uint32_t, float)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<int64_t(uint64_t, double)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<double(uint32_t, double)>::of(func).ok()));
  EXPECT_FALSE((TypedFunc<void(uint32_t, double)>::of(func).ok()));
  const auto refused = TypedFunc<std::tuple<float, ExternRef>(VmFuncRef*)>::of(func);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::unlinkable);
  EXPECT_EQ(refused.error().message,
            "incompatible function type: expected func (funcref) -> (f32, externref), found func "
            "(i32, f64) -> i64");
  EXPECT_FALSE((TypedFunc<void()>::of(Func()).ok()));
}

TEST_F(TypedFuncTest, ReferencesFollowSubtyping) {
  Instance& instance = machine_.instantiate(R"((module
    (type $t (func))
    (func $nothing)
    (elem declare func $nothing)
    (func (export "give") (result (ref $t)) (ref.func $nothing))
    (func (export "take") (param (ref $t)))
    (func (export "is_null") (param funcref) (result i32) (ref.is_null (local.get 0)))))");
  VmFuncRef* const reference = typed<VmFuncRef*()>(instance, "give")().value();
  EXPECT_TRUE(TypedFunc<void()>::of(store().func(reference)).value()().returned());
  EXPECT_FALSE(TypedFunc<void(VmFuncRef*)>::of(instance.func("take")).ok()) << "might be null";
  const auto is_null = typed<bool(VmFuncRef*)>(instance, "is_null");
  EXPECT_TRUE(is_null(nullptr).value());
  EXPECT_FALSE(is_null(reference).value());
}

TEST_F(TypedFuncTest, AnImportOfAnotherTypeIsRefused) {
  define("f", [](int32_t) {});
  const auto module =
      Module::compile(machine_.engine(), wat(R"((module (import "host" "f" (func (param i64)))))"));
  const Instantiation outcome = machine_.linker().instantiate(module.value());
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_THAT(outcome.error->message, HasSubstr("incompatible import type"));
}

// --- Host functions

int32_t twice(int32_t value) {
  return 2 * value;
}

TEST_F(TypedFuncTest, AnythingWithOneSignatureCanBeCalled) {
  int calls = 0;
  define("pointer", twice);
  define("counter", [&calls] { ++calls; });
  define("mutable", [state = 0](int32_t by) mutable { return state += by; });
  define("const_reference", [](const int32_t& value) noexcept { return value - 1; });
  Instance& instance = machine_.instantiate(R"((module
    (import "host" "pointer" (func $pointer (param i32) (result i32)))
    (import "host" "counter" (func $counter))
    (import "host" "mutable" (func $mutable (param i32) (result i32)))
    (import "host" "const_reference" (func $const_reference (param i32) (result i32)))
    (func (export "f") (result i32)
      (call $counter) (call $counter)
      (drop (call $mutable (i32.const 5)))
      (call $const_reference (call $pointer (call $mutable (i32.const 6)))))))");
  EXPECT_EQ(typed<int32_t()>(instance, "f")().value(), 21);
  EXPECT_EQ(calls, 2);
}

TEST_F(TypedFuncTest, TheCallerIsKnown) {
  Instance* seen = nullptr;
  define("f", [&](Caller& caller, int32_t at) -> TypedResult<int32_t> {
    seen = caller.instance();
    if (caller.memory() == nullptr) return Completion::trap("no memory");
    return caller.memory()->bytes()[static_cast<size_t>(at)];
  });
  Instance& instance = machine_.instantiate(R"((module
    (import "host" "f" (func $f (param i32) (result i32)))
    (export "host" (func $f))
    (memory (export "memory") 1) (data (i32.const 7) "x")
    (func (export "f") (result i32) (call $f (i32.const 7)))))");
  EXPECT_EQ(typed<int32_t()>(instance, "f")().value(), 'x');
  EXPECT_EQ(seen, &instance);
  const TypedResult<int32_t> direct = typed<int32_t(int32_t)>(instance, "host")(7);
  EXPECT_EQ(seen, nullptr) << "C++ called";
  ASSERT_NE(direct.completion().trap(), nullptr);
  EXPECT_EQ(direct.completion().trap()->message, "no memory");
  EXPECT_TRUE(direct.completion().trap()->frames.empty());
}

TEST_F(TypedFuncTest, TheStoreKeepsTheState) {
  const auto state = std::make_shared<int>(1);
  {
    Store store(machine_.engine());
    const Func func = make_func(store, [state] { return *state; }).value();
    EXPECT_EQ(state.use_count(), 2);
    EXPECT_EQ(TypedFunc<int32_t()>::of(func).value()().value(), 1);
  }
  EXPECT_EQ(state.use_count(), 1);
}

// Locals that live across a call lie in every register that wasm preserves.
TEST_F(TypedFuncTest, LocalsSurviveCallsOfTheHost) {
  define("clobber", [](int32_t value) {
    clobber_what_cpp_may();
    return value;
  });
  std::string text = R"((module (import "host" "clobber" (func $f (param i32) (result i32)))
    (func (export "f") (param $n i32) (result f64) (local $sum f64))";
  for (int i = 0; i < 9; ++i) text += " (local $i" + std::to_string(i) + " i64)";
  for (int i = 0; i < 9; ++i) text += " (local $d" + std::to_string(i) + " f64)";
  text += "(loop $again ";
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    text += "(local.set $i" + n + " (i64.add (local.get $i" + n + ") (i64.const " + n + ")))";
    text += "(local.set $d" + n + " (f64.add (local.get $d" + n + ") (f64.const 1" + n + ")))";
  }
  text += "(br_if $again (call $f (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))";
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    text += "(local.set $sum (f64.add (local.get $sum) (f64.add (local.get $d" + n +
            ") (f64.convert_i64_s (local.get $i" + n + ")))))";
  }
  text += "(local.get $sum)))";
  EXPECT_EQ(typed<double(int32_t)>(machine_.instantiate(text), "f")(10).value(), 10 * (36 + 126));
}

// --- Calls that do not return

TEST_F(TypedFuncTest, TrapsArriveWhateverTheResult) {
  Instance& instance = machine_.instantiate(R"((module
    (memory 1)
    (func (export "void") (unreachable))
    (func (export "i32") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
    (func (export "f64") (result f64) (f64.load (i32.const 65536)))
    (func (export "pair") (result i64 f32) (unreachable))))");
  EXPECT_EQ(trap_of(typed<void()>(instance, "void")()), TrapCode::unreachable);
  const auto divide = typed<int32_t(int32_t)>(instance, "i32");
  EXPECT_EQ(trap_of(divide(0).completion()), TrapCode::integer_divide_by_zero);
  EXPECT_EQ(divide(1).value(), 1);
  EXPECT_EQ(trap_of(typed<double()>(instance, "f64")().completion()),
            TrapCode::out_of_bounds_memory_access);
  const auto pair = typed<std::tuple<int64_t, float>()>(instance, "pair")();
  EXPECT_FALSE(pair.ok());
  EXPECT_EQ(pair.completion().trap()->frames.size(), 1u);
}

TEST_F(TypedFuncTest, HostFunctionsMayFailWhateverTheirResult) {
  define("void", []() { return Completion::trap("void"); });
  define("i64", []() -> TypedResult<int64_t> { return Completion::trap("i64"); });
  define("f32", []() -> TypedResult<float> { return Completion::trap("f32"); });
  define("pair", [](bool fail) -> TypedResult<std::tuple<double, int32_t>> {
    if (fail) return Completion::exit(3);
    return std::tuple(1.5, 2);
  });
  Instance& instance = machine_.instantiate(R"((module
    (import "host" "void" (func $void))
    (import "host" "i64" (func $i64 (result i64)))
    (import "host" "f32" (func $f32 (result f32)))
    (import "host" "pair" (func $pair (param i32) (result f64 i32)))
    (func (export "void") (call $void))
    (func (export "i64") (result i64) (call $i64))
    (func (export "f32") (result f32) (call $f32))
    (func (export "pair") (param i32) (result f64 i32) (call $pair (local.get 0)))))");
  for (const char* const name : {"void", "i64", "f32"}) {
    const CallResult result = instance.func(name).call({});
    ASSERT_NE(result.completion.trap(), nullptr);
    EXPECT_EQ(result.completion.trap()->code, TrapCode::host);
    EXPECT_EQ(result.completion.trap()->message, name);
    EXPECT_EQ(result.completion.trap()->frames.size(), 1u);
  }
  const auto pair = typed<std::tuple<double, int32_t>(bool)>(instance, "pair");
  EXPECT_EQ(pair(false).value(), std::tuple(1.5, 2));
  const auto exited = pair(true);
  ASSERT_NE(exited.completion().exit(), nullptr);
  EXPECT_EQ(exited.completion().exit()->code, 3);
}

// f(n) calls host(n - 1) until n is 0, then traps or throws.
constexpr std::string_view kNested = R"((module
  (import "host" "call" (func $call (param i32) (result i64)))
  (tag $e (export "tag") (param i64))
  (func (export "trap") (param i32) (result i64)
    (if (i32.eqz (local.get 0)) (then (unreachable)))
    (call $call (i32.sub (local.get 0) (i32.const 1))))
  (func (export "throw") (param i32) (result i64)
    (if (i32.eqz (local.get 0)) (then (throw $e (i64.const 42))))
    (call $call (i32.sub (local.get 0) (i32.const 1))))
  (func (export "catch") (param i32) (result i64)
    (block $h (result i64)
      (try_table (result i64) (catch $e $h) (call $call (local.get 0)))))))";

class NestedTest : public TypedFuncTest {
 protected:
  NestedTest() {
    define("call", [this](int32_t depth) -> TypedResult<int64_t> {
      ++calls_;
      return inner()(depth);
    });
    instance_ = &machine_.instantiate(kNested);
  }
  TypedFunc<int64_t(int32_t)> inner() { return typed<int64_t(int32_t)>(*instance_, name_); }

  std::string_view name_;
  int calls_ = 0;
  Instance* instance_ = nullptr;
};

TEST_F(NestedTest, BacktracesGoThroughAllActivations) {
  name_ = "trap";
  const TypedResult<int64_t> result = inner()(5);
  EXPECT_EQ(trap_of(result.completion()), TrapCode::unreachable);
  EXPECT_EQ(result.completion().trap()->frames.size(), 6u);
  EXPECT_EQ(calls_, 5);
}

TEST_F(NestedTest, ExceptionsAreCaughtBeyondTheHost) {
  name_ = "throw";
  EXPECT_EQ(typed<int64_t(int32_t)>(*instance_, "catch")(5).value(), 42);
  EXPECT_EQ(calls_, 6);
  const TypedResult<int64_t> uncaught = inner()(2);
  ASSERT_NE(uncaught.completion().exception(), nullptr);
  EXPECT_EQ(uncaught.completion().exception()->values()[0], Value::i64(42));
  EXPECT_EQ(uncaught.completion().exception()->frames.size(), 3u) << "from the throw, once";
}

TEST_F(NestedTest, RecursionIsBounded) {
  name_ = "trap";
  const TypedResult<int64_t> result = inner()(INT32_MAX);
  EXPECT_EQ(trap_of(result.completion()), TrapCode::call_stack_exhausted);
  EXPECT_GT(calls_, 100);
  EXPECT_EQ(trap_of(inner()(1).completion()), TrapCode::unreachable) << "and can be called again";
}

TEST_F(TypedFuncTest, BacktracesAreRightAfterAnInnerCallEnded) {
  Instance* instance = nullptr;
  define("call_twice", [&]() -> Completion {
    EXPECT_EQ(trap_of(typed<void()>(*instance, "inner")()), TrapCode::host);
    EXPECT_TRUE(typed<void()>(*instance, "nothing")().returned());
    return Completion::trap("outer");
  });
  define("fail", [] { return Completion::trap("inner"); });
  instance = &machine_.instantiate(R"((module
    (import "host" "call_twice" (func $call_twice))
    (import "host" "fail" (func $fail))
    (func $inner (export "inner") (call $fail))
    (func $nothing (export "nothing"))
    (func $outer (export "outer") (call $call_twice))))");
  const Completion completion = typed<void()>(*instance, "outer")();
  ASSERT_NE(completion.trap(), nullptr);
  EXPECT_EQ(completion.trap()->message, "outer");
  ASSERT_EQ(completion.trap()->frames.size(), 1u);
  EXPECT_EQ(completion.trap()->frames[0].func_name, "outer");
}

TEST_F(TypedFuncTest, EachThreadHasItsStackLimit) {
  Instance& instance = machine_.instantiate(R"((module
    (func $f (export "f") (param i32) (result i32)
      (i32.add (i32.const 1) (call $f (local.get 0))))))");
  const auto func = typed<int32_t(int32_t)>(instance, "f");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(trap_of(func(1).completion()), TrapCode::call_stack_exhausted);
    std::thread([&] {
      EXPECT_EQ(trap_of(func(1).completion()), TrapCode::call_stack_exhausted);
    }).join();
  }
}

// A host function may run on a stack of its own, and call wasm there.
TEST_F(TypedFuncTest, ACallOnAnotherStackHasItsOwnLimit) {
  static constexpr size_t kStackBytes = 512 * 1024;
  static std::function<void()> s_run;
  define("switch", [&] {
    void* const stack =
        mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ucontext_t here;
    ucontext_t fiber;
    getcontext(&fiber);
    fiber.uc_stack = {stack, 0, kStackBytes};
    fiber.uc_link = &here;
    makecontext(
        &fiber, [] { s_run(); }, 0);
    swapcontext(&here, &fiber);
    munmap(stack, kStackBytes);
  });
  Instance& instance = machine_.instantiate(R"((module
    (import "host" "switch" (func $switch))
    (func $depth (export "depth") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
      (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1)))))
    (func (export "f") (param i32) (result i32) (call $switch) (call $depth (local.get 0)))))");
  const auto depth = typed<int32_t(int32_t)>(instance, "depth");
  int runs = 0;
  s_run = [&] {
    ++runs;
    EXPECT_EQ(depth(100).value(), 100);
    EXPECT_EQ(trap_of(depth(INT32_MAX).completion()), TrapCode::call_stack_exhausted);
    EXPECT_EQ(depth(100).value(), 100);
  };
  constexpr int32_t kDeep = 10'000;  // more than the other stack has room for
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(typed<int32_t(int32_t)>(instance, "f")(kDeep).value(), kDeep);
  }
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace swoop

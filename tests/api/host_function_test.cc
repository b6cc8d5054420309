// Host functions in C++: what they are given, and how they fail.
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <swoop/swoop.hh>

namespace {

using namespace swoop;

struct Point {
  float x, y;
};
struct MyFailure : std::exception {
  const char* what() const noexcept override { return "my failure"; }
};
struct Db {
  int next = 0;
  Result<int> open(GuestStr path) {
    if (path.empty()) return Error::trap("empty path");
    return ++next;
  }
};

class HostFunctions : public testing::Test {
 protected:
  Instance make(std::string_view wat, const Imports& imports) {
    return Instance::make(store_, Module::compile_wat(engine_, wat).value(), imports).value();
  }
  Engine engine_;
  Store store_{engine_, std::string("log: ")};
};

TEST_F(HostFunctions, AddOne) {
  Imports imports;
  imports.ns("math").func("sum", [](int x, int y) { return x + y; });
  const Instance instance = make(R"((module
      (import "math" "sum" (func $sum (param i32 i32) (result i32)))
      (func (export "add_one") (param $x i32) (result i32)
        local.get $x  i32.const 1  call $sum)))",
                                 imports);
  const auto add_one = instance.func<int(int)>("add_one").value();
  EXPECT_EQ(add_one(41).value(), 42);
  EXPECT_EQ(add_one(-1).value(), 0);
}

TEST_F(HostFunctions, SeveralResultsAreTuplesInOrder) {
  Imports imports;
  imports.ns("env").func("swap", [](std::int32_t a, std::int64_t b) { return std::tuple{b, a}; });
  const Instance instance = make(R"((module
      (import "env" "swap" (func $swap (param i32 i64) (result i64 i32)))
      (func (export "swap") (param i32 i64) (result i64 i32)
        local.get 0  local.get 1  call $swap)))",
                                 imports);
  const auto swap =
      instance.func<std::tuple<std::int64_t, std::int32_t>(std::int32_t, std::int64_t)>("swap")
          .value();
  const auto [hi, lo] = swap(41, std::int64_t{42} << 40).value();
  EXPECT_EQ(hi, std::int64_t{42} << 40);
  EXPECT_EQ(lo, 41);
}

TEST_F(HostFunctions, GuestPointersAreCheckedBeforeTheBodyRuns) {
  int runs = 0;
  Imports imports;
  imports.ns("env")
      .func("norm", [&](GuestPtr<const Point> p) { return ++runs, p->x * p->x + p->y * p->y; })
      .func("total",
            [&](GuestSpan<const std::int32_t> v) {
              std::int64_t sum = 0;
              for (const auto i : v) sum += i;
              return ++runs, sum;
            })
      .func("log", [&](Caller& c, GuestStr s) { ++runs, c.data<std::string>().append(s); });
  const Instance instance = make(R"((module
      (import "env" "norm" (func $norm (param i32) (result f32)))
      (import "env" "total" (func $total (param i32 i32) (result i64)))
      (import "env" "log" (func $log (param i32 i32)))
      (memory (export "memory") 1)
      (data (i32.const 16) "\00\00\40\40\00\00\80\40" "\01\00\00\00\02\00\00\00" "hello")
      (func (export "norm") (param i32) (result f32) (call $norm (local.get 0)))
      (func (export "total") (param i32 i32) (result i64)
        (call $total (local.get 0) (local.get 1)))
      (func (export "log") (param i32 i32) (call $log (local.get 0) (local.get 1)))))",
                                 imports);
  const auto norm = instance.func<float(int)>("norm").value();
  const auto total = instance.func<std::int64_t(int, int)>("total").value();
  const auto log = instance.func<void(int, int)>("log").value();

  EXPECT_EQ(norm(16).value(), 25.0f);
  EXPECT_EQ(total(24, 2).value(), 3);
  EXPECT_EQ(total(65536, 0).value(), 0);
  log(32, 5).value();
  EXPECT_EQ(store_.data<std::string>(), "log: hello");

  runs = 0;
  EXPECT_EQ(norm(65536 - 7).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(norm(-8).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(total(24, -1).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(total(65536, 1).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(log(65535, 2).error().trap_code(), TrapCode::memory_out_of_bounds);
  EXPECT_EQ(norm(18).error().message(), "a guest pointer is not aligned");
  EXPECT_EQ(runs, 0);
}

TEST_F(HostFunctions, ThrowThroughWasmUnharmed) {
  Imports imports;
  imports.ns("env").func("fail", []() -> int { throw MyFailure{}; });
  const Instance instance = make(R"((module
      (import "env" "fail" (func $fail (result i32)))
      (func $inner (result i32) call $fail)
      (func (export "fail") (result i32) call $inner)))",
                                 imports);
  const auto fail = instance.func<int()>("fail").value();
  EXPECT_THROW(fail().value(), MyFailure);
  const auto failed = fail();
  EXPECT_EQ(failed.error().kind(), ErrorKind::trap);
  EXPECT_EQ(failed.error().trap_code(), TrapCode::host);
  EXPECT_EQ(failed.error().message(), "host function threw an exception: my failure");
  ASSERT_EQ(failed.error().frames().size(), 2u);
  EXPECT_EQ(failed.error().frames()[0].function, "inner");
  EXPECT_EQ(failed.error().frames()[1].function, "fail");
}

TEST_F(HostFunctions, ResultsThatAreErrorsTrap) {
  Db db;
  Imports imports;
  imports.ns("env").method("open", db, &Db::open);
  const Instance instance = make(R"((module
      (import "env" "open" (func $open (param i32 i32) (result i32)))
      (memory 1)
      (func (export "open") (param i32) (result i32) (call $open (i32.const 0) (local.get 0)))))",
                                 imports);
  const auto open = instance.func<int(int)>("open").value();
  EXPECT_EQ(open(1).value(), 1);
  EXPECT_EQ(open(1).value(), 2);
  EXPECT_EQ(open(0).error().message(), "empty path");
}

TEST_F(HostFunctions, ExternrefsAreAnyObject) {
  Imports imports;
  imports.ns("env")
      .func("make", [] { return ExternRef::make<std::string>("hi"); })
      .func("len", [](ExternRef r) {
        auto* s = r.get<std::string>();
        return s != nullptr ? static_cast<std::uint32_t>(s->size()) : 0u;
      });
  const Instance instance = make(R"((module
      (import "env" "make" (func $make (result externref)))
      (import "env" "len" (func $len (param externref) (result i32)))
      (table 1 externref)
      (func (export "round_trip") (result i32)
        (table.set (i32.const 0) (call $make))
        (call $len (table.get (i32.const 0))))
      (func (export "id") (param externref) (result externref) (local.get 0))
      (func (export "len") (param externref) (result i32) (call $len (local.get 0)))))",
                                 imports);
  EXPECT_EQ(instance.func<int()>("round_trip").value()().value(), 2);
  const auto id = instance.func<ExternRef(ExternRef)>("id").value();
  const auto len = instance.func<int(ExternRef)>("len").value();
  const ExternRef box = ExternRef::make<std::string>("four");
  EXPECT_EQ(id(box).value(), box);
  EXPECT_FALSE(id(ExternRef()).value());
  EXPECT_EQ(len(box).value(), 4);
  EXPECT_EQ(len(ExternRef::make<int>(7)).value(), 0);
}

TEST_F(HostFunctions, FuncrefsGoBothWays) {
  Imports imports;
  imports.ns("env").func("call", [](Func f) -> Result<int> {
    if (!f) return -1;
    const auto typed = f.as<int()>();
    if (!typed) return typed.error();
    return (*typed)();
  });
  const Instance instance = make(R"((module
      (import "env" "call" (func $call (param funcref) (result i32)))
      (func $seven (export "seven") (result i32) (i32.const 7))
      (func (export "own") (result i32) (call $call (ref.func $seven)))
      (func (export "null") (result i32) (call $call (ref.null func)))
      (func (export "given") (param funcref) (result i32) (call $call (local.get 0)))))",
                                 imports);
  EXPECT_EQ(instance.func<int()>("own").value()().value(), 7);
  EXPECT_EQ(instance.func<int()>("null").value()().value(), -1);
  const Func seven = instance.exports().func("seven").value();
  EXPECT_EQ(instance.func<int(Func)>("given").value()(seven).value(), 7);
}

TEST_F(HostFunctions, TypesOfRunTimeAndSpelledSignatures) {
  Imports imports;
  imports.ns("env")
      .dynamic("any", FuncType{{ValKind::i32}, {ValKind::i32}},
               [](Caller&, std::span<const Value> a) -> Result<std::vector<Value>> {
                 return std::vector<Value>{a[0]};
               })
      .func("twice", host<int(int)>([](auto x) { return 2 * x; }));
  const Instance instance = make(R"((module
      (import "env" "any" (func $any (param i32) (result i32)))
      (import "env" "twice" (func $twice (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (call $twice (call $any (local.get 0))))))",
                                 imports);
  const std::vector<Value> results =
      instance.exports().func("f").value().call(std::vector<Value>{21}).value();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(std::get<std::int32_t>(results[0]), 42);
}

TEST_F(HostFunctions, ErrorsOfNestedCallsPassThrough) {
  Imports imports;
  const Instance inner = make(R"((module (func (export "divide") (param i32) (result i32)
      (i32.div_s (i32.const 1) (local.get 0)))))",
                              imports);
  const auto divide = inner.func<int(int)>("divide").value();
  imports.ns("env").func("divide", [=](int by) { return divide(by); });
  const Instance outer = make(R"((module
      (import "env" "divide" (func $divide (param i32) (result i32)))
      (func (export "divide") (param i32) (result i32) (call $divide (local.get 0)))))",
                              imports);
  const auto outer_divide = outer.func<int(int)>("divide").value();
  EXPECT_EQ(outer_divide(1).value(), 1);
  EXPECT_EQ(outer_divide(0).error().trap_code(), TrapCode::integer_divide_by_zero);
}

TEST_F(HostFunctions, ExitEndsTheProgram) {
  Imports imports;
  imports.ns("env").func("exit", [](int code) -> Result<> { return Error::exit(code); });
  const Instance instance = make(R"((module
      (import "env" "exit" (func $exit (param i32)))
      (func (export "main") (call $exit (i32.const 3)) unreachable)))",
                                 imports);
  const auto ended = instance.func<void()>("main").value()();
  EXPECT_EQ(ended.error().kind(), ErrorKind::exit);
  EXPECT_EQ(ended.error().exit_code(), 3);
}

TEST(Deduction, OfTypes) {
  const FuncType type =
      deduce_type<decltype([](Caller&, GuestStr, double) -> Result<std::pair<int, long>> {
        return std::pair{1, 2l};
      })>();
  EXPECT_EQ(type,
            (FuncType{{ValKind::i32, ValKind::i32, ValKind::f64}, {ValKind::i32, ValKind::i64}}));
}

TEST_F(HostFunctions, ErrorsPassedOnForeverAreNoChain) {
  std::optional<Error> last;
  Imports imports;
  imports.ns("env").func("fail",
                         [&]() -> Result<int> { return last ? *last : Error::trap("the first"); });
  const Instance instance = make(R"((module
      (import "env" "fail" (func $fail (result i32)))
      (func (export "fail") (result i32) (call $fail))))",
                                 imports);
  const auto fail = instance.func<int()>("fail").value();
  for (int i = 0; i < 300'000; ++i) last = fail().error();
  EXPECT_EQ(last->message(), "the first");
  last.reset();  // by a loop, where a chain would exhaust the stack
}

TEST_F(HostFunctions, WithoutCodeAreMisuse) {
  const swoop_func_type_t type = {nullptr, 0, nullptr, 0};
  swoop_func_t func;
  EXPECT_EQ(Error(swoop_func_new(store_.raw(), &type, nullptr, nullptr, nullptr, &func)).kind(),
            ErrorKind::misuse);
  EXPECT_EQ(
      Error(swoop_func_new_native(store_.raw(), &type, nullptr, nullptr, nullptr, &func)).kind(),
      ErrorKind::misuse);
  const Imports imports;
  EXPECT_EQ(Error(swoop_imports_define_func(imports.raw(), "m", 1, "f", 1, &type, nullptr, nullptr,
                                            nullptr))
                .kind(),
            ErrorKind::misuse);
}

TEST_F(HostFunctions, OfVectorsHaveNoNativeCode) {
  const swoop_val_kind_t kind = SWOOP_V128;
  const swoop_func_type_t type = {&kind, 1, nullptr, 0};
  const auto code = reinterpret_cast<void (*)()>(+[] {});
  swoop_func_t func;
  EXPECT_EQ(Error(swoop_func_new_native(store_.raw(), &type, code, nullptr, nullptr, &func)).kind(),
            ErrorKind::unsupported);
  const Imports imports;
  EXPECT_EQ(Error(swoop_imports_define_native(imports.raw(), "m", 1, "f", 1, &type, code, nullptr,
                                              nullptr))
                .kind(),
            ErrorKind::unsupported);
}

TEST_F(HostFunctions, ThatFailWithoutAReasonTrapAllTheSame) {
  const swoop_func_type_t type = {nullptr, 0, nullptr, 0};
  const auto code = +[](swoop_native_self_t*, void*) -> std::uint64_t { return 1; };
  swoop_func_t func;
  ASSERT_EQ(swoop_func_new_native(store_.raw(), &type, reinterpret_cast<void (*)()>(code), nullptr,
                                  nullptr, &func),
            nullptr);
  const Error error(swoop_func_call(func, nullptr, nullptr, 0, nullptr, 0));
  EXPECT_EQ(error.kind(), ErrorKind::trap);
  EXPECT_EQ(error.message(), "a host function failed without a reason");
}

}  // namespace

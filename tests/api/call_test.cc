// Calls: results, traps, limits of one call, stacks and threads.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <swoop/swoop.hh>
#include <thread>

namespace {

using namespace swoop;
using std::chrono::milliseconds;

class Calls : public testing::Test {
 protected:
  Instance make(std::string_view wat, const Imports& imports = {}) {
    return Instance::make(store_, Module::compile_wat(engine_, wat).value(), imports).value();
  }
  Engine engine_;
  Store store_{engine_};
};

TEST_F(Calls, OfAllTypes) {
  const Instance instance = make(R"((module
      (func (export "i32") (param i32) (result i32) (local.get 0))
      (func (export "i64") (param i64) (result i64) (local.get 0))
      (func (export "f32") (param f32) (result f32) (local.get 0))
      (func (export "f64") (param f64) (result f64) (local.get 0))
      (func (export "many") (param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64) (result f64)
        (f64.add (f64.convert_i64_s (local.get 9)) (f64.promote_f32 (local.get 6))))))");
  EXPECT_EQ(instance.func<int(int)>("i32").value()(-5).value(), -5);
  EXPECT_EQ(instance.func<std::uint8_t(std::int8_t)>("i32").value()(-1).value(), 255);
  EXPECT_EQ(instance.func<bool(bool)>("i32").value()(true).value(), true);
  EXPECT_EQ(instance.func<long(long)>("i64").value()(1l << 60).value(), 1l << 60);
  EXPECT_EQ(instance.func<float(float)>("f32").value()(0.5f).value(), 0.5f);
  EXPECT_EQ(instance.func<double(double)>("f64").value()(-0.25).value(), -0.25);
  const auto many =
      instance.func<double(int, long, float, double, int, long, float, double, int, long)>("many")
          .value();
  EXPECT_EQ(many(0, 0, 0, 0, 0, 0, 2.5f, 0, 0, 4).value(), 6.5);
  // The same through arrays of values, as with limits.
  EXPECT_EQ(many.call({.timeout = std::chrono::hours(1)}, 0, 0, 0, 0, 0, 0, 2.5f, 0, 0, 4).value(),
            6.5);
}

TEST_F(Calls, NeedTheRightTypes) {
  const Instance instance = make(R"((module (func (export "f") (param i32) (result i64)
      (i64.const 0)) (memory (export "m") 1)))");
  const auto wrong = instance.func<int(int)>("f");
  EXPECT_EQ(wrong.error().kind(), ErrorKind::type_mismatch);
  EXPECT_EQ(wrong.error().message(), "the function is func (i32) -> i64, not func (i32) -> i32");
  EXPECT_EQ(instance.func<void()>("g").error().kind(), ErrorKind::not_found);
  EXPECT_EQ(instance.func<void()>("m").error().kind(), ErrorKind::type_mismatch);
  const Func f = instance.exports().func("f").value();
  EXPECT_EQ(f.call(std::vector<Value>{}).error().kind(), ErrorKind::type_mismatch);
  EXPECT_EQ(f.call(std::vector<Value>{1.0}).error().message(),
            "call: argument 1: a value is f64 instead of i32");
}

TEST_F(Calls, TrapWithFrames) {
  const Instance instance = make(R"((module $app
      (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func (export "run") (param i32) (result i32) (call $divide (local.get 0)))))");
  const auto run = instance.func<int(int)>("run").value();
  EXPECT_EQ(run(1).value(), 1);
  const auto failed = run(0);
  EXPECT_EQ(failed.error().kind(), ErrorKind::trap);
  EXPECT_EQ(failed.error().trap_code(), TrapCode::integer_divide_by_zero);
  const auto frames = failed.error().frames();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].module, "app");
  EXPECT_EQ(frames[0].function, "divide");
  EXPECT_EQ(frames[0].func_index, 0u);
  EXPECT_GT(frames[0].module_offset, frames[0].func_offset);
  EXPECT_NE(failed.error().render().find("divide"), std::string::npos);
  EXPECT_THROW(run(0).value(), Exception);
  try {
    run(0).value();
  } catch (const Exception& e) {
    EXPECT_EQ(e.error.trap_code(), TrapCode::integer_divide_by_zero);
    EXPECT_NE(std::string(e.what()).find("integer divide by zero"), std::string::npos);
  }
}

TEST_F(Calls, TrapAtLinesOfTheSource) {
  // Line 5, column 9 of a.c is everything.
  const Instance instance = make(R"((module
      (@custom ".debug_line"
        "\32\00\00\00\04\00\1b\00\00\00" "\01\01\01\fd\0c\0d" "\00\01\01\01\01\00\00\00\01\00\00\01"
        "\00" "a.c\00" "\00\00\00" "\00"
        "\00\05\02\01\00\00\00" "\03\04\05\09\01" "\02\7f" "\00\01\01")
      (func $fail unreachable)
      (func (export "run") (call $fail))))");
  const auto failed = instance.func<void()>("run").value()();
  const auto frames = failed.error().frames();
  ASSERT_EQ(frames.size(), 2u);
  for (const Frame& frame : frames) {
    EXPECT_EQ(frame.file, "a.c");
    EXPECT_EQ(frame.line, 5u);
    EXPECT_EQ(frame.column, 9u);
  }
  EXPECT_NE(failed.error().render().find(" (a.c:5:9)"), std::string::npos);
  const auto without = make("(func (export \"run\") unreachable)").func<void()>("run").value()();
  EXPECT_EQ(without.error().frames().at(0).file, "");
  EXPECT_EQ(without.error().frames().at(0).line, 0u);
}

TEST_F(Calls, EndByTimeout) {
  const Instance instance = make(R"((module
      (func (export "spin") (loop $l (br $l)))
      (func (export "seven") (result i32) (i32.const 7))))");
  const auto spin = instance.func<void()>("spin").value();
  const auto seven = instance.func<int()>("seven").value();
  const auto spun = spin.call({.timeout = milliseconds(5)});
  EXPECT_EQ(spun.error().trap_code(), TrapCode::interrupted);
  EXPECT_EQ(seven().value(), 7);  // a deadline dies with its call
  EXPECT_EQ(seven.call({.timeout = std::chrono::hours(1)}).value(), 7);
  EXPECT_EQ(seven.call({.timeout = milliseconds(0)}).error().trap_code(), TrapCode::interrupted);
}

TEST_F(Calls, EndByStopToken) {
  const Instance instance = make(R"((module (func (export "spin") (loop $l (br $l)))))");
  const auto spin = instance.func<void()>("spin").value();
  const StopToken token;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(5));
    token.stop();
  });
  EXPECT_EQ(spin.call({.stop = &token}).error().trap_code(), TrapCode::interrupted);
  EXPECT_TRUE(token.is_stopped());
}

TEST_F(Calls, EndInStartFunctions) {
  const Module module =
      Module::compile_wat(engine_, "(module (func $s (loop $l (br $l))) (start $s))").value();
  const Linked linked = Imports().link(module).value();
  EXPECT_EQ(linked.instantiate(store_, {.timeout = milliseconds(5)}).error().trap_code(),
            TrapCode::interrupted);
}

TEST_F(Calls, OfHostAndWasmByTurnsExhaustTheStack) {
  Imports imports;
  Instance* again = nullptr;
  imports.ns("env").func("again", [&](int depth) -> Result<int> {
    return again->func<int(int)>("down").value()(depth + 1);
  });
  Instance instance = make(R"((module
      (import "env" "again" (func $again (param i32) (result i32)))
      (func (export "down") (param i32) (result i32) (call $again (local.get 0)))))",
                           imports);
  again = &instance;
  const auto down = instance.func<int(int)>("down").value();
  EXPECT_EQ(down(0).error().trap_code(), TrapCode::stack_exhausted);
  EXPECT_EQ(down(0).error().trap_code(), TrapCode::stack_exhausted);  // and the store goes on
}

TEST_F(Calls, MoveBetweenThreads) {
  const Instance instance = make(R"((module
      (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0))))))");
  const auto f = instance.func<int(int)>("f").value();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(f(1000).value(), 1000);
    std::jthread([&] { EXPECT_EQ(f(1000).value(), 1000); });
  }
}

TEST_F(Calls, OfExceptionsThatNobodyCaught) {
  const Instance instance = make(R"((module (tag $t (param i32))
      (func (export "f") (throw $t (i32.const 1)))))");
  const auto thrown = instance.func<void()>("f").value()();
  EXPECT_EQ(thrown.error().kind(), ErrorKind::exception);
  EXPECT_EQ(thrown.error().message(), "uncaught exception (i32)");
  EXPECT_EQ(thrown.error().frames().size(), 1u);
}

}  // namespace

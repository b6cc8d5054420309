// What host functions can take and give: guest pointers that are checked before the body runs,
// several results, objects of C++, errors and exceptions.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <swoop/swoop.hh>

struct Point {
  float x, y;
};

int main() {
  using namespace swoop;
  Engine engine;
  Store store(engine, std::string());  // the string is what Caller::data gives

  Imports imports;
  imports.ns("env")
      .func("norm", [](GuestPtr<const Point> p) { return p->x * p->x + p->y * p->y; })
      .func("log", [](Caller& caller, GuestStr s) { caller.data<std::string>().append(s); })
      .func("swap",
            [](std::int32_t a, std::int64_t b) {
              return std::tuple{b, a};
            })
      .func("make", [] { return ExternRef::make<std::string>("an object of the host"); })
      .func("show", [](ExternRef ref) { std::printf("%s\n", ref.get<std::string>()->c_str()); })
      .func("fail", []() -> int { throw std::runtime_error("thrown through wasm"); });
  auto module = Module::compile_wat(engine, R"((module
      (import "env" "norm" (func $norm (param i32) (result f32)))
      (import "env" "log" (func $log (param i32 i32)))
      (import "env" "swap" (func $swap (param i32 i64) (result i64 i32)))
      (import "env" "make" (func $make (result externref)))
      (import "env" "show" (func $show (param externref)))
      (import "env" "fail" (func $fail (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 8) "\00\00\40\40\00\00\80\40")
      (data (i32.const 16) "hello from wasm")
      (func (export "norm") (param i32) (result f32) (call $norm (local.get 0)))
      (func (export "log") (call $log (i32.const 16) (i32.const 15)))
      (func (export "swap") (param i32 i64) (result i64 i32)
        (call $swap (local.get 0) (local.get 1)))
      (func (export "objects") (call $show (call $make)))
      (func (export "fail") (result i32) (call $fail))))")
                    .value();
  auto instance = Instance::make(store, module, imports).value();

  auto norm = instance.func<float(int)>("norm").value();
  std::printf("norm: %g\n", static_cast<double>(norm(8).value()));
  std::printf("norm of nothing: %s\n", norm(65536).error().render().c_str());

  instance.func<void()>("log").value()().value();
  std::printf("log: %s\n", store.data<std::string>().c_str());

  auto swap =
      instance.func<std::tuple<std::int64_t, std::int32_t>(std::int32_t, std::int64_t)>("swap");
  auto [first, second] = swap.value()(1, 2).value();
  std::printf("swap: %lld %d\n", static_cast<long long>(first), second);

  instance.func<void()>("objects").value()().value();
  try {
    instance.func<int()>("fail").value()().value();
  } catch (const std::runtime_error& e) {
    std::printf("caught: %s\n", e.what());
  }
}

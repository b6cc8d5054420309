// What calls cost that cross the public interfaces, in either direction.
#include <benchmark/benchmark.h>

#include <swoop/swoop.hh>

namespace {

using namespace swoop;

constexpr std::string_view kModule = R"((module
    (import "env" "add" (func $add (param i32 i32) (result i32)))
    (import "env" "add_dynamic" (func $add_dynamic (param i32 i32) (result i32)))
    (import "env" "length" (func $length (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "empty_loop") (param $n i32)
      (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "host_loop") (param $n i32)
      (loop $l (drop (call $add (local.get $n) (i32.const 1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "dynamic_loop") (param $n i32)
      (loop $l (drop (call $add_dynamic (local.get $n) (i32.const 1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "string_loop") (param $n i32)
      (loop $l (drop (call $length (i32.const 8) (i32.const 5)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))))";

struct Setup {
  Engine engine;
  Module module = Module::compile_wat(engine, kModule).value();
  Imports imports = make_imports();
  Linked linked = imports.link(module).value();
  Store store{engine};
  Instance instance = linked.instantiate(store).value();

  static Imports make_imports() {
    Imports imports;
    imports.ns("env")
        .func("add", [](int a, int b) { return a + b; })
        .dynamic("add_dynamic", {{ValKind::i32, ValKind::i32}, {ValKind::i32}},
                 [](Caller&, std::span<const Value> a) -> Result<std::vector<Value>> {
                   return std::vector<Value>{std::get<int>(a[0]) + std::get<int>(a[1])};
                 })
        .func("length", [](GuestStr s) { return static_cast<int>(s.size()); });
    return imports;
  }
};

void typed_call(benchmark::State& state) {
  const Setup setup;
  const auto add = setup.instance.func<int(int, int)>("add").value();
  int sum = 0;
  for (auto _ : state) sum = add(sum, 1).value();
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(typed_call);

void call_with_values(benchmark::State& state) {
  const Setup setup;
  const swoop_func_t add = setup.instance.exports().func("add").value().raw();
  swoop_value_t arguments[2] = {}, result;
  for (auto _ : state) {
    benchmark::DoNotOptimize(swoop_func_call(add, nullptr, arguments, 2, &result, 1));
  }
}
BENCHMARK(call_with_values);

void call_with_timeout(benchmark::State& state) {
  const Setup setup;
  const auto add = setup.instance.func<int(int, int)>("add").value();
  for (auto _ : state) benchmark::DoNotOptimize(add.call({.timeout = std::chrono::hours(1)}, 1, 2));
}
BENCHMARK(call_with_timeout);

// The loop itself, to be taken off the three that follow.
void from_wasm(benchmark::State& state, const char* loop) {
  const Setup setup;
  const auto run = setup.instance.func<void(int)>(loop).value();
  constexpr int kCalls = 10'000;
  for (auto _ : state) run(kCalls).value();
  state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK_CAPTURE(from_wasm, loop_alone, "empty_loop");
BENCHMARK_CAPTURE(from_wasm, host_function, "host_loop");
BENCHMARK_CAPTURE(from_wasm, host_function_with_string, "string_loop");
BENCHMARK_CAPTURE(from_wasm, host_function_with_values, "dynamic_loop");

void instantiate(benchmark::State& state) {
  const Setup setup;
  for (auto _ : state) {
    const Store store(setup.engine);
    benchmark::DoNotOptimize(setup.linked.instantiate(store).value());
  }
}
BENCHMARK(instantiate);

}  // namespace

BENCHMARK_MAIN();

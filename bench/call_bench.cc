// Cost of entering and leaving wasm: calls in each direction, typed and by an array of values,
// indirect calls, traps, and growing a memory. Calls made by wasm run in a loop there; read
// `per_call`, which includes the loop. Results are checked.
#include "runtime/typed_func.h"
#include "text/wat.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace swoop {
namespace {

constexpr int32_t kCallsOfLoop = 1000;

constexpr std::string_view kModule = R"((module
  (type $unary (func (param i32) (result i32)))
  (import "host" "increment" (func $host_increment (type $unary)))
  (import "host" "increment_array" (func $host_increment_array (type $unary)))
  (memory 1)
  (table funcref (elem $increment $host_increment))
  (func $increment (type $unary) (i32.add (local.get 0) (i32.const 1)))

  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "direct") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $increment (local.get $sum)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "to_host") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $host_increment (local.get $sum)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "to_host_array") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call $host_increment_array (local.get $sum)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "indirect") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (call_indirect (type $unary) (local.get $sum) (i32.const 0)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "oob") (result i32) (i32.load (i32.const 65536)))
  (func (export "unreachable") (unreachable))
  (func (export "grow") (param $n i32) (result i32)
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (memory.size))
))";

int32_t increment(int32_t value) {
  return value + 1;
}
HostResult increment_array(void*, Caller&, std::span<Value> values) {
  values[0] = Value::i32(values[0].as_i32() + 1);
  return {};
}

/// The module above with an engine; stores are made of it as needed.
class Fixture {
 public:
  /// Nothing after the benchmark was told.
  static std::optional<Fixture> make(benchmark::State& state) {
    const auto told = [&](const Error& error) {
      state.SkipWithError(error.message.c_str());
      return std::nullopt;
    };
    const Result<std::vector<uint8_t>> wasm = text::wat_to_wasm(kModule);
    if (!wasm) return told(wasm.error());
    Fixture fixture;
    Result<std::shared_ptr<Engine>> engine = Engine::create();
    if (!engine) return told(engine.error());
    fixture.engine_ = std::move(*engine);
    Result<std::shared_ptr<const Module>> module = Module::compile(fixture.engine_, *wasm);
    if (!module) return told(module.error());
    fixture.module_ = std::move(*module);
    if (fixture.renew() == nullptr) {
      state.SkipWithError("cannot instantiate");
      return std::nullopt;
    }
    return fixture;
  }

  /// Another instance in another store; null if there is none.
  Instance* renew() {
    store_ = std::make_unique<Store>(engine_);
    const FuncType unary{{ValType::i32}, {ValType::i32}};
    const Result<Func> typed = make_func(*store_, increment);
    const Result<Func> array = store_->make_host_func(unary, increment_array, nullptr);
    if (!typed || !array) return nullptr;
    const Extern imports[] = {*typed, *array};
    instance_ = store_->instantiate(module_, imports).instance;
    return instance_;
  }

  Func func(std::string_view name) const { return instance_->func(name); }

 private:
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Store> store_;
  Instance* instance_ = nullptr;
};

void check_sum(benchmark::State& state, int32_t sum) {
  if (sum != static_cast<int32_t>(3 * static_cast<uint32_t>(state.iterations()))) {
    state.SkipWithError("wrong sum");
  }
}

void host_to_wasm(benchmark::State& state) {
  const std::optional<Fixture> fixture = Fixture::make(state);
  if (!fixture) return;
  const auto add = TypedFunc<int32_t(int32_t, int32_t)>::of(fixture->func("add"));
  if (!add) return state.SkipWithError(add.error().message.c_str());
  int32_t sum = 0;
  for (auto _ : state) {
    const TypedResult<int32_t> result = (*add)(sum, 3);
    if (!result) return state.SkipWithError("the call failed");
    sum = *result;
  }
  check_sum(state, sum);
}
BENCHMARK(host_to_wasm)->Name("call/host_to_wasm");

void host_to_wasm_array(benchmark::State& state) {
  const std::optional<Fixture> fixture = Fixture::make(state);
  if (!fixture) return;
  const Func add = fixture->func("add");
  Value values[2];
  int32_t sum = 0;
  for (auto _ : state) {
    values[0] = Value::i32(sum);
    values[1] = Value::i32(3);
    const Completion completion = add.invoke(values);
    benchmark::DoNotOptimize(completion);
    sum = values[0].as_i32();
  }
  check_sum(state, sum);
}
BENCHMARK(host_to_wasm_array)->Name("call/host_to_wasm_array");

void loop(benchmark::State& state, std::string_view name) {
  const std::optional<Fixture> fixture = Fixture::make(state);
  if (!fixture) return;
  const Func func = fixture->func(name);
  for (auto _ : state) {
    Value values[1] = {Value::i32(kCallsOfLoop)};
    const Completion completion = func.invoke(values);
    if (!completion.returned() || values[0].as_i32() != kCallsOfLoop) {
      return state.SkipWithError("wrong result");
    }
  }
  state.counters["per_call"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kCallsOfLoop),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(loop, direct, "direct")->Name("call/direct");
BENCHMARK_CAPTURE(loop, indirect, "indirect")->Name("call/indirect");
BENCHMARK_CAPTURE(loop, to_host, "to_host")->Name("call/wasm_to_host");
BENCHMARK_CAPTURE(loop, to_host_array, "to_host_array")->Name("call/wasm_to_host_array");

void trap(benchmark::State& state, std::string_view name, TrapCode code) {
  const std::optional<Fixture> fixture = Fixture::make(state);
  if (!fixture) return;
  const Func func = fixture->func(name);
  for (auto _ : state) {
    Value values[1];
    const Completion completion = func.invoke(values);
    if (completion.trap() == nullptr || completion.trap()->code != code) {
      return state.SkipWithError("not the trap that was expected");
    }
  }
}
BENCHMARK_CAPTURE(trap, oob, "oob", TrapCode::out_of_bounds_memory_access)->Name("trap/oob");
BENCHMARK_CAPTURE(trap, unreachable, "unreachable", TrapCode::unreachable)
    ->Name("trap/unreachable");

// A memory never shrinks, so each time a new one grows, page by page.
void memory_grow(benchmark::State& state) {
  constexpr int32_t kPages = 256;
  std::optional<Fixture> fixture = Fixture::make(state);
  if (!fixture) return;
  for (auto _ : state) {
    if (fixture->renew() == nullptr) return state.SkipWithError("cannot instantiate");
    const Func grow = fixture->func("grow");
    Value values[1] = {Value::i32(kPages)};
    const auto start = std::chrono::steady_clock::now();
    const Completion completion = grow.invoke(values);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (!completion.returned() || values[0].as_i32() != kPages + 1) {
      return state.SkipWithError("the memory did not grow");
    }
    state.SetIterationTime(spent.count() / kPages);
  }
}
BENCHMARK(memory_grow)->Name("memory/grow")->UseManualTime();

}  // namespace
}  // namespace swoop

BENCHMARK_MAIN();

// What it costs that calls can be ended, and how soon they then end. `latency/...`: from
// StopToken::stop() on one thread to the return of the call on another, as percentiles over all
// iterations. `overhead/<kernel>/<mode>`: the same work in code that looks for interruption, that
// counts fuel, or neither; ratios are exact to what the machine is quiet.
#include "runtime/typed_func.h"
#include "text/wat.h"
#include "wasi/context.h"
#include "wasi/imports.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace swoop {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kEndless = R"((module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 16384)
  (func (export "loop") (loop $again (br $again)))
  (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $tree (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $tree (i32.sub (local.get 0) (i32.const 1)))
                     (call $tree (i32.sub (local.get 0) (i32.const 1)))))
      (else (call $next (i32.const 0)))))
  (func (export "calls") (drop (call $tree (i32.const 60))))
  (func (export "fill")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 0x40000000))
      (br $again)))
  (func (export "copy")
    (loop $again
      (memory.copy (i32.const 0) (i32.const 0x20000000) (i32.const 0x20000000))
      (br $again)))
  (func (export "sleep")
    ;; One subscription at 64, to the monotonic clock, in 1000 s.
    (i32.store8 (i32.const 72) (i32.const 0))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 1000000000000))
    (drop (call $poll_oneoff (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 512))))
  (func (export "read")
    (i32.store (i32.const 64) (i32.const 1024))
    (i32.store (i32.const 68) (i32.const 16))
    (drop (call $fd_read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 512))))
))";

constexpr std::string_view kKernels = R"((module
  (memory 16)
  (func (export "collatz") (param $n i32) (result i32) (local $x i32) (local $steps i32)
    (loop $numbers
      (local.set $x (local.get $n))
      (block $done
        (loop $again
          (br_if $done (i32.le_u (local.get $x) (i32.const 1)))
          (if (i32.and (local.get $x) (i32.const 1))
            (then (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.const 1))))
            (else (local.set $x (i32.shr_u (local.get $x) (i32.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $again)))
      (br_if $numbers (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $steps))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "sieve") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $n))
    (local.set $i (i32.const 2))
    (loop $candidates
      (if (i32.load8_u (local.get $i))
        (then
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $j (i32.mul (local.get $i) (i32.const 2)))
          (if (i32.lt_u (local.get $j) (local.get $n))
            (then
              (loop $multiples
                (i32.store8 (local.get $j) (i32.const 0))
                (br_if $multiples
                  (i32.lt_u (local.tee $j (i32.add (local.get $j) (local.get $i)))
                            (local.get $n))))))))
      (br_if $candidates
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $count))
  (func (export "matmul") (param $n i32) (result i32)
    (local $i i32) (local $j i32) (local $k i32) (local $a i32) (local $b i32) (local $sum f64)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (f64.const 0))
        (local.set $k (local.get $n))
        (local.set $a (i32.mul (i32.mul (local.get $i) (local.get $n)) (i32.const 8)))
        (local.set $b (i32.mul (local.get $j) (i32.const 8)))
        (loop $products
          (local.set $sum
            (f64.add (local.get $sum)
                     (f64.mul (f64.load (local.get $a)) (f64.load offset=131072 (local.get $b)))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (i32.mul (local.get $n) (i32.const 8))))
          (br_if $products (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (f64.store offset=262144
          (i32.mul (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 8))
          (local.get $sum))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.trunc_f64_s (f64.load offset=262144 (i32.const 0))))
))";

struct Kernel {
  const char* name;
  int32_t argument;
  int32_t result;
};
constexpr Kernel kKernelList[] = {
    {"collatz", 3000, 215'063}, {"fib", 24, 46'368}, {"sieve", 100'000, 9592}, {"matmul", 96, 0}};

enum class Metering : uint8_t { none, interruption, fuel };

/// One instance in a store of its own.
class Fixture {
 public:
  /// False after the benchmark was told.
  bool make(benchmark::State& state, std::string_view text, Metering metering) {
    const auto tell = [&](std::string_view message) {
      state.SkipWithError(std::string(message).c_str());
      return false;
    };
    const Result<std::vector<uint8_t>> wasm = text::wat_to_wasm(text);
    if (!wasm) return tell(wasm.error().message);
    EngineConfig config;
    config.target.interruption = metering == Metering::interruption;
    config.target.fuel = metering == Metering::fuel;
    Result<std::shared_ptr<Engine>> engine = Engine::create(config);
    if (!engine) return tell(engine.error().message);
    Result<std::shared_ptr<const Module>> module = Module::compile(*engine, *wasm);
    if (!module) return tell(module.error().message);
    Result<std::unique_ptr<wasi::Context>> context =
        wasi::Context::Builder().stdin_from(source_).build();
    if (!context) return tell(context.error().message);
    context_ = std::move(*context);
    store_.emplace(*engine);
    imports_.emplace(*store_, *context_);
    std::vector<Extern> externs;
    for (const Import& import : (*module)->info().imports) {
      Result<std::optional<Extern>> found = imports_->resolve(import.module, import.name);
      if (!found || !*found) return tell("an import is missing");
      externs.push_back(**found);
    }
    const Instantiation outcome = store_->instantiate(*module, externs);
    if (outcome.instance == nullptr) return tell("not instantiated");
    instance_ = outcome.instance;
    return true;
  }
  Func func(std::string_view name) const { return instance_->func(name); }

 private:
  std::shared_ptr<wasi::Source> source_ = std::make_shared<wasi::Source>();
  std::unique_ptr<wasi::Context> context_;
  std::optional<Store> store_;
  std::optional<wasi::Imports> imports_;
  Instance* instance_ = nullptr;
};

void latency(benchmark::State& state, const char* name) {
  Fixture fixture;
  if (!fixture.make(state, kEndless, Metering::interruption)) return;
  const Func func = fixture.func(name);
  std::mt19937 random(1);
  std::vector<double> micros;

  // The thread that stops sleeps first: not at the same point of the program each time.
  std::atomic<int> round = 0;
  std::atomic<bool> is_over = false;
  StopToken token;
  uint32_t delay_us = 0;
  Clock::time_point stopped;
  std::thread stopper([&] {
    for (int done = 0;; ++done) {
      round.wait(done);
      if (is_over) return;
      const StopToken mine = token;
      std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
      stopped = Clock::now();
      mine.stop();
    }
  });
  for (auto _ : state) {
    token = StopToken();
    delay_us = 200 + static_cast<uint32_t>(random() % 1000);
    CallOptions options;
    options.stop = token;
    ++round;
    round.notify_one();
    const Completion completion = func.invoke({}, options);
    const auto latency = Clock::now() - stopped;
    const Trap* const trap = completion.trap();
    if (trap == nullptr || trap->code != TrapCode::interrupted) {
      state.SkipWithError("not interrupted");
      break;
    }
    micros.push_back(std::chrono::duration<double, std::micro>(latency).count());
    state.SetIterationTime(micros.back() * 1e-6);
  }
  is_over = true;
  ++round;
  round.notify_one();
  stopper.join();
  if (micros.empty()) return;
  std::ranges::sort(micros);
  const auto percentile = [&](double part) {
    return micros[static_cast<size_t>(std::ceil(part * static_cast<double>(micros.size()))) - 1];
  };
  state.counters["p50_us"] = percentile(0.5);
  state.counters["p99_us"] = percentile(0.99);
  state.counters["max_us"] = micros.back();
}

void overhead(benchmark::State& state, const Kernel& kernel, Metering metering) {
  Fixture fixture;
  if (!fixture.make(state, kKernels, metering)) return;
  const auto func = TypedFunc<int32_t(int32_t)>::of(fixture.func(kernel.name));
  if (!func) return state.SkipWithError(func.error().message.c_str());
  for (auto _ : state) {
    const TypedResult<int32_t> result = (*func)(kernel.argument);
    if (!result.ok() || *result != kernel.result) {
      state.SkipWithError("wrong result");
      return;
    }
  }
}

void register_all() {
  for (const char* const name : {"loop", "calls", "fill", "copy", "sleep", "read"}) {
    benchmark::RegisterBenchmark((std::string("latency/") + name).c_str(),
                                 [name](benchmark::State& state) { latency(state, name); })
        ->UseManualTime()
        ->Iterations(500)
        ->Unit(benchmark::kMicrosecond);
  }
  for (const Kernel& kernel : kKernelList) {
    for (const auto& [mode, metering] :
         {std::pair("plain", Metering::none), std::pair("interruption", Metering::interruption),
          std::pair("fuel", Metering::fuel)}) {
      benchmark::RegisterBenchmark(("overhead/" + std::string(kernel.name) + "/" + mode).c_str(),
                                   [&kernel, metering = metering](benchmark::State& state) {
                                     overhead(state, kernel, metering);
                                   })
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace swoop

int main(int argc, char** argv) {
  swoop::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

// What it takes to have an instance in its first state again: to make a new one, or to reset the
// one there is. Names: <way>/<mode>/<MiB of memory>/<pages written between>. The time is that until
// the instance is ready, of the CPU, destruction of the one before it included; "run_us" is what
// the function takes that writes the pages, and with it the faults that either way leaves to it.
#include "runtime/linker.h"
#include "runtime/snapshot.h"
#include "text/wat.h"

#include <benchmark/benchmark.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace swoop::bench {
namespace {

constexpr int64_t kPageBytes = 4096;

/// CPU time of this thread, system included: other work on the machine must not count.
double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// A megabyte of its memory begins with data. "write" writes to so many pages, far from each other.
std::string text_of(int64_t mebibytes) {
  return "(module (memory (export \"memory\") " + std::to_string(mebibytes * 16) + R"()
    (table 100 funcref) (elem (i32.const 1) $write) (global $count (mut i32) (i32.const 0))
    (func $write (export "write") (param $pages i32) (param $stride i32) (result i32)
      (local $at i32)
      (block $end
        (loop $next
          (br_if $end (i32.eqz (local.get $pages)))
          (i32.store (local.get $at) (i32.const -1))
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (local.set $at (i32.add (local.get $at) (local.get $stride)))
          (local.set $pages (i32.sub (local.get $pages) (i32.const 1)))
          (br $next)))
      (global.get $count))
    (data (i32.const 0) ")" +
         std::string(65536, 'd') + R"(")
    (data (i32.const 65536) ")" +
         std::string(900'000, 'e') + "\"))";
}

class Fixture {
 public:
  static std::unique_ptr<Fixture> make(benchmark::State& state, jit::BoundsMode bounds) {
    const auto skip = [&state](const Error& error) {
      state.SkipWithError(error.message.c_str());
      return nullptr;
    };
    const std::string text = text_of(state.range(0));
    const Result<std::vector<uint8_t>> binary = text::wat_to_wasm(text);
    if (!binary) return skip(binary.error());
    EngineConfig config;
    config.target.bounds = bounds;
    Result<std::shared_ptr<Engine>> engine = Engine::create(config);
    if (!engine) return skip(engine.error());
    Result<std::shared_ptr<const Module>> module = Module::compile(*engine, *binary);
    if (!module) return skip(module.error());
    return std::unique_ptr<Fixture>(
        new Fixture(std::move(*engine), std::move(*module), state.range(0), state.range(1)));
  }

  bool instantiate() {
    store_.emplace(engine_);
    instance_ = store_->instantiate(module_, {}).instance;
    return instance_ != nullptr;
  }
  Instance& instance() { return *instance_; }
  /// False if the instance was not in its first state.
  bool run() {
    const CallResult result =
        instance_->func("write").call(std::vector{Value::i32(num_pages_), Value::i32(stride_)});
    return result.ok() && result.values[0].as_i32() == num_pages_;
  }

 private:
  Fixture(std::shared_ptr<Engine> engine, std::shared_ptr<const Module> module, int64_t mebibytes,
          int64_t num_pages)
      : engine_(std::move(engine)),
        module_(std::move(module)),
        num_pages_(static_cast<int32_t>(num_pages)),
        stride_(static_cast<int32_t>((mebibytes << 20) / kPageBytes / num_pages * kPageBytes)) {}

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<const Module> module_;
  int32_t num_pages_;
  int32_t stride_;
  std::optional<Store> store_;
  Instance* instance_ = nullptr;
};

/// Times what makes the instance ready, runs it, and so on.
template <class Ready>
void measure(benchmark::State& state, Fixture& fixture, const Ready& make_ready) {
  double run_seconds = 0;
  for (auto _ : state) {
    const double start = seconds();
    if (!make_ready()) return state.SkipWithError("the instance is not ready");
    state.SetIterationTime(seconds() - start);
    const double ready = seconds();
    if (!fixture.run()) return state.SkipWithError("the instance is not in its first state");
    run_seconds += seconds() - ready;
  }
  state.counters["run_us"] = run_seconds * 1e6 / static_cast<double>(state.iterations());
}

void instantiate(benchmark::State& state, jit::BoundsMode bounds) {
  const std::unique_ptr<Fixture> fixture = Fixture::make(state, bounds);
  if (fixture) measure(state, *fixture, [&] { return fixture->instantiate(); });
}

void reset(benchmark::State& state, jit::BoundsMode bounds) {
  const std::unique_ptr<Fixture> fixture = Fixture::make(state, bounds);
  if (!fixture) return;
  if (!fixture->instantiate()) return state.SkipWithError("cannot instantiate");
  const Result<std::shared_ptr<const Snapshot>> snapshot = fixture->instance().snapshot();
  if (!snapshot) return state.SkipWithError(snapshot.error().message.c_str());
  measure(state, *fixture, [&] { return fixture->instance().reset(**snapshot).ok(); });
}

/// To take a snapshot, of an instance that was reset to it before.
void take(benchmark::State& state, jit::BoundsMode bounds) {
  const std::unique_ptr<Fixture> fixture = Fixture::make(state, bounds);
  if (!fixture) return;
  if (!fixture->instantiate()) return state.SkipWithError("cannot instantiate");
  std::shared_ptr<const Snapshot> first;
  for (auto _ : state) {
    const double start = seconds();
    const Result<std::shared_ptr<const Snapshot>> snapshot = fixture->instance().snapshot();
    state.SetIterationTime(seconds() - start);
    if (!snapshot) return state.SkipWithError(snapshot.error().message.c_str());
    if (first == nullptr) first = *snapshot;
    if (!fixture->instance().reset(*first).ok()) return state.SkipWithError("cannot reset");
  }
}

}  // namespace
}  // namespace swoop::bench

int main(int argc, char** argv) {
  using namespace swoop::bench;
  using swoop::jit::BoundsMode;
  struct Way {
    const char* name;
    void (*function)(benchmark::State&, BoundsMode);
  };
  for (const Way& way : {Way{"instantiate", instantiate}, Way{"reset", reset}, Way{"take", take}}) {
    for (const BoundsMode mode : {BoundsMode::guard, BoundsMode::explicit_}) {
      const std::string mode_name = mode == BoundsMode::guard ? "/guard" : "/explicit";
      auto* const benchmark =
          benchmark::RegisterBenchmark((way.name + mode_name).c_str(), way.function, mode);
      benchmark->UseManualTime()->Unit(benchmark::kMicrosecond);
      for (const int64_t mebibytes : {1, 64}) {
        for (const int64_t pages : {1, 100}) benchmark->Args({mebibytes, pages});
      }
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

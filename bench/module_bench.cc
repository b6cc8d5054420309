// What it takes to get from the bytes of real modules to an instance: decode, validate, compile
// (with validation, to executable code), the same while the bytes arrive (the time is that from the
// last of them to the module), instantiate once more. Bytes per second are those of the
// code section, but for decoding, which reads the whole module.
// Names: <phase>/<module>.
#include "bench/inputs.h"
#include "decoder/module_decoder.h"
#include "runtime/module_stream.h"
#include "runtime/store.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

namespace swoop::bench {
namespace {

/// Frames sections and bodies, but looks at no body.
class NoBodies final : public ModuleDecoder::Listener {
 public:
  size_t count = 0;
  Result<> on_body(const ModuleInfo&, uint32_t, std::span<const uint8_t> body, size_t) override {
    benchmark::DoNotOptimize(body.data());
    ++count;
    return {};
  }
};

void report(benchmark::State& state, const Error& error) {
  state.SkipWithError(error.message.c_str());
}

void set_rate(benchmark::State& state, uint64_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(bytes * state.iterations()));
}

void decode(benchmark::State& state, const char* name) {
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  if (wasm.empty()) return;
  TypeRegistry types;
  for (auto _ : state) {
    NoBodies listener;
    const Result<ModuleInfo> module = decode_module(types, Features(), wasm, listener);
    if (!module) return report(state, module.error());
    if (listener.count != module->num_defined_funcs()) {
      return state.SkipWithError("not all bodies were seen");
    }
  }
  set_rate(state, wasm.size());
}

void validate(benchmark::State& state, const char* name) {
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  if (wasm.empty()) return;
  TypeRegistry types;
  const Result<ModuleInfo> module = validate_module(types, Features(), wasm);
  if (!module) return report(state, module.error());
  for (auto _ : state) benchmark::DoNotOptimize(validate_module(types, Features(), wasm));
  set_rate(state, module->code_section_size);
}

/// An engine and a module compiled by it, or nothing after the benchmark was told.
struct Compiled {
  std::shared_ptr<Engine> engine;
  std::shared_ptr<const Module> module;
};

std::optional<Compiled> compile_once(benchmark::State& state, std::span<const uint8_t> wasm) {
  if (wasm.empty()) return std::nullopt;
  Result<std::shared_ptr<Engine>> engine = Engine::create();
  if (!engine) {
    report(state, engine.error());
    return std::nullopt;
  }
  Result<std::shared_ptr<const Module>> module = Module::compile(*engine, wasm);
  if (!module) {
    report(state, module.error());
    return std::nullopt;
  }
  return Compiled{std::move(*engine), std::move(*module)};
}

void compile(benchmark::State& state, const char* name) {
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  const std::optional<Compiled> compiled = compile_once(state, wasm);
  if (!compiled) return;
  const ModuleInfo& info = compiled->module->info();
  if (compiled->module->code().functions.size() != info.num_defined_funcs()) {
    return state.SkipWithError("not all functions were compiled");
  }
  for (auto _ : state) benchmark::DoNotOptimize(Module::compile(compiled->engine, wasm));
  set_rate(state, info.code_section_size);
  state.counters["machine/wasm"] = static_cast<double>(compiled->module->code().text.size()) /
                                   static_cast<double>(info.code_section_size);
}

/// The bytes come in pieces of 64 KiB, which take twice as long as it takes to compile them all at
/// once with as many threads ("whole_ms"). "behind_ms" is what all of it took beyond that.
void stream(benchmark::State& state, const char* name) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr size_t kPieceBytes = 64 * 1024;
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  if (wasm.empty()) return;
  EngineConfig config;
  config.jobs = static_cast<unsigned>(state.range(0));
  const Result<std::shared_ptr<Engine>> engine = Engine::create(config);
  if (!engine) return report(state, engine.error());
  std::vector<Milliseconds> compiled;
  for (int i = 0; i < 5; ++i) {
    const Clock::time_point start = Clock::now();
    const Result<std::shared_ptr<const Module>> module = Module::compile(*engine, wasm);
    if (!module) return report(state, module.error());
    compiled.push_back(Clock::now() - start);
  }
  std::ranges::nth_element(compiled, compiled.begin() + 2);
  const Milliseconds whole = compiled[2];
  const auto per_byte = 2 * whole / static_cast<double>(wasm.size());

  Milliseconds behind{0};
  for (auto _ : state) {
    ModuleStream stream(*engine);
    const Clock::time_point start = Clock::now();
    Clock::time_point last;
    for (size_t begin = 0; begin < wasm.size(); begin += kPieceBytes) {
      const size_t size = std::min(kPieceBytes, wasm.size() - begin);
      last = start + std::chrono::duration_cast<Clock::duration>(per_byte *
                                                                 static_cast<double>(begin + size));
      std::this_thread::sleep_until(last);
      if (begin + size == wasm.size()) last = Clock::now();
      if (Result<> fed = stream.feed(std::span(wasm).subspan(begin, size)); !fed) {
        return report(state, fed.error());
      }
    }
    const Result<std::shared_ptr<const Module>> module = stream.finish();
    if (!module) return report(state, module.error());
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - last).count());
    behind += Clock::now() - start - 2 * whole;
  }
  state.counters["whole_ms"] = whole.count();
  state.counters["behind_ms"] = behind.count() / static_cast<double>(state.iterations());
}

HostResult do_nothing(void*, Caller&, std::span<Value> values) {
  for (Value& value : values) value = {};
  return {};
}

/// Something of the right type for every import.
Result<std::vector<Extern>> make_imports(Store& store, const ModuleInfo& module) {
  std::vector<Extern> externs;
  const TypeRegistry& types = store.engine().types();
  for (const Import& import : module.imports) {
    switch (import.kind) {
      case ExternKind::func: {
        const FuncType& type = types.func_type(module.funcs[FuncIdx(import.index)].type);
        externs.push_back(TRY(store.make_host_func(type, do_nothing, nullptr)));
        break;
      }
      case ExternKind::table:
        externs.push_back(TRY(store.make_table(module.tables[TableIdx(import.index)].type, 0)));
        break;
      case ExternKind::memory:
        externs.push_back(TRY(store.make_memory(module.memories[MemoryIdx(import.index)].type)));
        break;
      case ExternKind::global:
        externs.push_back(store.make_global(module.globals[GlobalIdx(import.index)].type, Value()));
        break;
      case ExternKind::tag:
        externs.push_back(store.make_tag(module.tags[TagIdx(import.index)].type));
        break;
    }
  }
  return externs;
}

/// Stores and imports are made and destroyed outside of the time.
void instantiate(benchmark::State& state, const std::vector<uint8_t>& wasm) {
  const std::optional<Compiled> compiled = compile_once(state, wasm);
  if (!compiled) return;
  for (auto _ : state) {
    state.PauseTiming();
    auto store = std::make_unique<Store>(compiled->engine);
    const Result<std::vector<Extern>> imports = make_imports(*store, compiled->module->info());
    if (!imports) return report(state, imports.error());
    state.ResumeTiming();
    const Instantiation instantiation = store->instantiate(compiled->module, *imports);
    state.PauseTiming();
    if (instantiation.instance == nullptr) {
      return state.SkipWithError("there is no instance: a trap, or an import that does not match");
    }
    store.reset();
    state.ResumeTiming();
  }
}

void instantiate_corpus(benchmark::State& state, const char* name) {
  instantiate(state, corpus_module(state, name));
}

void instantiate_hello(benchmark::State& state) {
  const std::string bytes = read_file(source_root() / "examples/hello/hello.wasm");
  if (bytes.empty()) return state.SkipWithError("no examples/hello/hello.wasm");
  instantiate(state, {bytes.begin(), bytes.end()});
}

}  // namespace
}  // namespace swoop::bench

int main(int argc, char** argv) {
  using namespace swoop::bench;
  constexpr const char* kModules[] = {"cjs-module-lexer", "llhttp",     "tree-sitter-c", "quickjs",
                                      "sqlite3",          "esbuild-go", "ruby-3.4"};
  const auto add = [](const std::string& phase, const char* name, auto function,
                      benchmark::TimeUnit unit) {
    benchmark::RegisterBenchmark((phase + "/" + name).c_str(), function, name)->Unit(unit);
  };
  for (const char* const name : kModules) add("decode", name, decode, benchmark::kMillisecond);
  for (const char* const name : kModules) add("validate", name, validate, benchmark::kMillisecond);
  for (const char* const name : kModules) add("compile", name, compile, benchmark::kMillisecond);
  for (const char* const name : {"quickjs", "sqlite3", "esbuild-go"}) {
    benchmark::RegisterBenchmark((std::string("stream/") + name).c_str(), stream, name)
        ->Arg(1)
        ->Arg(2)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("instantiate/hello", instantiate_hello)
      ->Unit(benchmark::kMicrosecond);
  for (const char* const name : {"llhttp", "quickjs", "sqlite3"}) {
    add("instantiate", name, instantiate_corpus, benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

// Speed of the text format: reading and assembling the scripts of the official suite, and printing
// and reading back modules of the corpus. What is looked for and where: bench/README.md.
#include "bench/inputs.h"
#include "text/printer.h"
#include "text/script.h"
#include "text/wat.h"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>
#include <vector>

namespace swoop::text {
namespace {

using namespace bench;

void read_scripts(benchmark::State& state) {
  std::vector<std::string> scripts;
  const std::filesystem::path folder =
      find_folder("SWOOP_SPEC_TESTSUITE", "spec-tests/testsuite", "spec-testsuite");
  if (folder.empty()) return state.SkipWithError("no official suite: see bench/README.md");
  int64_t bytes = 0;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".wast") continue;
    scripts.push_back(read_file(entry.path()));
    bytes += static_cast<int64_t>(scripts.back().size());
  }
  for (auto _ : state) {
    for (const std::string& script : scripts) {
      ScriptReader reader(script);
      while (const auto command = reader.next()) {
        if (command->ok() && (*command)->module) {
          benchmark::DoNotOptimize((*command)->module->encode());
        }
      }
    }
  }
  state.SetBytesProcessed(bytes * static_cast<int64_t>(state.iterations()));
}
BENCHMARK(read_scripts)->Name("text/read/suite")->Unit(benchmark::kMillisecond);

void print_module(benchmark::State& state, const char* name, bool fold) {
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  for (auto _ : state) benchmark::DoNotOptimize(wasm_to_wat(wasm, {.fold = fold}));
  state.SetBytesProcessed(static_cast<int64_t>(wasm.size() * state.iterations()));
}
BENCHMARK_CAPTURE(print_module, flat, "sqlite3", false)
    ->Name("text/print/sqlite3/flat")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(print_module, folded, "sqlite3", true)
    ->Name("text/print/sqlite3/folded")
    ->Unit(benchmark::kMillisecond);

void read_module(benchmark::State& state, const char* name) {
  const std::vector<uint8_t> wasm = corpus_module(state, name);
  const Result<std::string> text = wasm_to_wat(wasm);
  if (!text.ok()) return;  // told by corpus_module
  for (auto _ : state) benchmark::DoNotOptimize(wat_to_wasm(*text));
  state.SetBytesProcessed(static_cast<int64_t>(text->size() * state.iterations()));
}
BENCHMARK_CAPTURE(read_module, flat, "sqlite3")
    ->Name("text/read/sqlite3")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace swoop::text

BENCHMARK_MAIN();

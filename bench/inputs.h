// Where benchmarks find what they work on. What is looked for and where: bench/README.md.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace swoop::bench {

inline std::filesystem::path source_root() {
  return SWOOP_SOURCE_ROOT;
}

/// The folder that the variable names, or the first of the usual ones; empty if there is none.
inline std::filesystem::path find_folder(const char* variable, const char* own,
                                         const char* shared) {
  if (const char* const named = std::getenv(variable)) return named;
  const std::filesystem::path root = source_root();
  for (const std::filesystem::path& folder : {root / own, root / "../shared" / shared}) {
    if (std::filesystem::is_directory(folder)) return folder;
  }
  return {};
}

/// Empty if it cannot be read.
inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A module of the corpus, or nothing after the benchmark was told.
inline std::vector<uint8_t> corpus_module(benchmark::State& state, const std::string& name) {
  const std::string bytes =
      read_file(find_folder("SWOOP_CORPUS", "bench/corpus", "corpus") / (name + ".wasm"));
  if (bytes.empty()) state.SkipWithError("no corpus: see bench/README.md");
  return {bytes.begin(), bytes.end()};
}

}  // namespace swoop::bench

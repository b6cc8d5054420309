// Real modules through decoder, validator and compiler: all 46 of the corpus validate, those that
// need only compiled features compile to the same bytes for any number of threads, and thousands of
// damaged variants neither crash nor hang nor allocate without bound. A crash or a hang is seen by
// Meson; what is held at once and what one variant costs is checked here.
//
// usage: corpus_sweep EXPECTED_FAILURES
#include "decoder/module_decoder.h"
#include "jit/compile.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <malloc.h>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

// What operator new gives out, and the most that was out at once. A ceiling turns a runaway
// allocation into an abort with a message instead of a machine without memory.
std::atomic<size_t> held_bytes = 0;
std::atomic<size_t> peak_bytes = 0;
constexpr size_t kCeilingBytes = size_t{2} << 30;

void* allocate(size_t size) {
  void* const pointer = std::malloc(size);
  if (pointer == nullptr) std::abort();
  const size_t held = held_bytes += malloc_usable_size(pointer);
  size_t peak = peak_bytes;
  while (held > peak && !peak_bytes.compare_exchange_weak(peak, held)) {
  }
  if (held > kCeilingBytes) {
    std::fprintf(stderr, "FAILED: %zu bytes held, the last allocation of %zu\n", held, size);
    std::abort();
  }
  return pointer;
}

void release(void* pointer) {
  held_bytes -= malloc_usable_size(pointer);
  std::free(pointer);
}

}  // namespace

void* operator new(size_t size) {
  return allocate(size);
}
void* operator new[](size_t size) {
  return allocate(size);
}
void operator delete(void* pointer) noexcept {
  release(pointer);
}
void operator delete[](void* pointer) noexcept {
  release(pointer);
}
void operator delete(void* pointer, size_t) noexcept {
  release(pointer);
}
void operator delete[](void* pointer, size_t) noexcept {
  release(pointer);
}

namespace swoop {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kModules = 46;
constexpr int kSkipped = 77;  // Meson's exit code for a test that was skipped

int failures = 0;

void fail(const std::string& name, const std::string& why) {
  ++failures;
  std::printf("FAILED  %s: %s\n", name.c_str(), why.c_str());
}

std::string describe(const Error& error) {
  return std::string(to_string(error.kind)) + ": " + error.message;
}

struct Module {
  std::string name;
  std::vector<uint8_t> bytes;
};

fs::path find_corpus() {
  const fs::path root = SWOOP_SOURCE_ROOT;
  const char* const chosen = std::getenv("SWOOP_CORPUS");
  if (chosen != nullptr && *chosen != '\0') return fs::is_directory(chosen) ? chosen : fs::path();
  for (const fs::path& path : {root / "corpus", root / "../shared/corpus"}) {
    if (fs::is_directory(path)) return path;
  }
  return {};
}

std::vector<Module> read_modules(const fs::path& corpus) {
  std::vector<Module> modules;
  for (const fs::directory_entry& entry : fs::directory_iterator(corpus)) {
    if (entry.path().extension() != ".wasm") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    modules.push_back({entry.path().stem(), {std::istreambuf_iterator<char>(file), {}}});
  }
  std::ranges::sort(modules, {}, &Module::name);
  return modules;
}

// Lines "corpus/NAME | text | reason".
std::map<std::string, std::string> read_expected_failures(const char* path) {
  std::map<std::string, std::string> expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kSuite = "corpus/";
    if (!line.starts_with(kSuite)) continue;
    const size_t name_end = line.find(" | ");
    const size_t text_end = line.find(" | ", name_end + 3);
    expected[line.substr(kSuite.size(), name_end - kSuite.size())] =
        line.substr(name_end + 3, text_end - name_end - 3);
  }
  return expected;
}

Result<jit::CompiledModule> compile(std::span<const uint8_t> bytes, unsigned jobs) {
  TypeRegistry types;
  jit::CompileOptions options;
  options.jobs = jobs;
  return jit::compile_module(types, options, bytes);
}

bool equal(const jit::CodeObject& a, const jit::CodeObject& b) {
  const auto same = [](const auto& left, const auto& right, auto key) {
    return std::ranges::equal(left, right, {}, key, key);
  };
  return std::ranges::equal(std::span(a.text.data(), a.text.size()),
                            std::span(b.text.data(), b.text.size())) &&
         a.functions == b.functions && a.tries == b.tries &&
         same(a.sites, b.sites,
              [](const jit::CodeSite& s) {
                return std::tuple(s.code_offset, uint32_t{s.wasm_offset}, uint32_t{s.kind});
              }) &&
         same(a.relocs, b.relocs,
              [](const jit::Reloc& r) { return std::tuple(r.offset, r.kind, r.symbol); });
}

void check_module(const Module& module, std::map<std::string, std::string>& expected) {
  TypeRegistry types;
  const Result<ModuleInfo> info = validate_module(types, Features(), module.bytes);
  if (!info) return fail(module.name, "does not validate: " + describe(info.error()));

  const Result<jit::CompiledModule> one = compile(module.bytes, 1);
  const Result<jit::CompiledModule> three = compile(module.bytes, 3);
  const auto refusal = expected.find(module.name);
  const std::string text = refusal == expected.end() ? "" : refusal->second;
  if (refusal != expected.end()) expected.erase(refusal);
  if (one.ok() != three.ok()) return fail(module.name, "compiles with one number of threads only");
  if (!one) {
    const std::string why = describe(one.error());
    if (why != describe(three.error()) || one.error().offset != three.error().offset) {
      fail(module.name, "the error depends on the number of threads: " + why);
    } else if (text.empty() || !why.starts_with(text)) {
      fail(module.name, why);
    } else {
      std::printf("refused %s: %s\n", module.name.c_str(), why.c_str());
    }
    return;
  }
  if (!text.empty()) return fail(module.name, "compiles, but is expected not to: " + text);
  if (!equal(one->code, three->code)) {
    fail(module.name, "the code depends on the number of threads");
  }
}

/// Knuth's MMIX generator: the same variants everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  size_t below(size_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((state_ >> 33) % bound);
  }

 private:
  uint64_t state_;
};

// Cut off somewhere, some bytes replaced, or both. Half of the damage falls into the first 2 KiB,
// where types, imports and counts are.
std::vector<uint8_t> damage(std::span<const uint8_t> bytes, Random& random) {
  std::vector<uint8_t> variant(bytes.begin(), bytes.end());
  const size_t kind = random.below(8);
  if (kind == 0) {
    variant.resize(random.below(variant.size()));
    return variant;
  }
  const size_t flips = kind < 5 ? 1 : 1 + random.below(16);
  for (size_t i = 0; i < flips; ++i) {
    const size_t range =
        random.below(2) == 0 ? std::min<size_t>(variant.size(), 2048) : variant.size();
    uint8_t& byte = variant[random.below(range)];
    switch (random.below(4)) {
      case 0: byte = static_cast<uint8_t>(byte ^ (1u << random.below(8))); break;
      case 1: byte = 0xff; break;  // the longest LEB128, the largest counts
      case 2: byte = 0; break;
      default: byte = static_cast<uint8_t>(random.below(256));
    }
  }
  return variant;
}

class Sweep {
 public:
  void run(const Module& module, size_t variants) {
    Random random(module.bytes.size());
    for (size_t i = 0; i < variants; ++i) {
      const std::vector<uint8_t> variant = damage(module.bytes, random);
      check(module, variant, i);
    }
  }

  void print() const {
    std::printf(
        "sweep: %zu variants, %zu compile, %zu malformed, %zu invalid, %zu other; "
        "most memory %.1f MB for %s, longest %.1f ms for %s\n",
        variants_, accepted_, malformed_, invalid_, other_, static_cast<double>(most_bytes_) / 1e6,
        most_name_.c_str(), longest_ms_, longest_name_.c_str());
  }

 private:
  void check(const Module& module, std::span<const uint8_t> variant, size_t number) {
    const std::string name = module.name + " variant " + std::to_string(number);
    const size_t before = held_bytes;
    peak_bytes = before;
    const Clock::time_point start = Clock::now();
    const Result<jit::CompiledModule> result = compile(variant, number % 16 == 0 ? 2 : 1);
    const double elapsed_ms =
        std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    // Machine code lies in mapped memory.
    const size_t held = peak_bytes - before + (result ? result->code.text.size() : 0);

    ++variants_;
    if (result) {
      ++accepted_;
    } else {
      const Error& error = result.error();
      if (error.kind == ErrorKind::malformed)
        ++malformed_;
      else if (error.kind == ErrorKind::invalid)
        ++invalid_;
      else
        ++other_;
      if (error.offset != kNoOffset && error.offset > variant.size()) {
        fail(name, "an error beyond the end: " + describe(error));
      }
      if (error.message.empty()) fail(name, "an error without a message");
    }
    // The undamaged modules take a tenth of this.
    const size_t allowed = (size_t{16} << 20) + variant.size() * 64;
    if (held > allowed) {
      fail(name, "held " + std::to_string(held) + " bytes for " + std::to_string(variant.size()));
    }
    if (held > most_bytes_) {
      most_bytes_ = held;
      most_name_ = name;
    }
    if (elapsed_ms > longest_ms_) {
      longest_ms_ = elapsed_ms;
      longest_name_ = name;
    }
    // Generous, for busy machines and sanitizers: a quadratic pass takes minutes.
    if (elapsed_ms > 5000 + static_cast<double>(variant.size()) / 500) {
      fail(name, "took " + std::to_string(elapsed_ms) + " ms");
    }
  }

  size_t variants_ = 0;
  size_t accepted_ = 0;
  size_t malformed_ = 0;
  size_t invalid_ = 0;
  size_t other_ = 0;
  size_t most_bytes_ = 0;
  std::string most_name_;
  double longest_ms_ = 0;
  std::string longest_name_;
};

size_t variants_of(const Module& module) {
  // About the same time for each module, a few for the giants.
  constexpr size_t kBytesPerModule = size_t{48} << 20;
  return std::clamp<size_t>(kBytesPerModule / module.bytes.size(), 3, 1000);
}

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const fs::path corpus = find_corpus();
  if (corpus.empty()) {
    std::printf("SKIPPED: no corpus of modules; set SWOOP_CORPUS to its directory\n");
    const char* const ci = std::getenv("CI");
    return ci != nullptr && std::string_view(ci) == "true" ? 1 : kSkipped;
  }
  const std::vector<Module> modules = read_modules(corpus);
  if (modules.size() != kModules) {
    fail("corpus", "has " + std::to_string(modules.size()) + " modules");
  }
  std::map<std::string, std::string> expected = read_expected_failures(argv[1]);
  for (const Module& module : modules) check_module(module, expected);
  for (const auto& [name, text] : expected) {
    fail(name, "expected to be refused, but there is no such module");
  }
  Sweep sweep;
  for (const Module& module : modules) sweep.run(module, variants_of(module));
  sweep.print();
  std::printf("corpus: %zu modules, %d failures\n", modules.size(), failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace swoop

int main(int argc, char** argv) {
  return swoop::main(argc, argv);
}

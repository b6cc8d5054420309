// Compiles modules and prints how much work each was, by a measure that no machine changes: the
// basic blocks that ran, and the bytes that were moved and allocated. The code of the compiler is
// built for it with -fsanitize-coverage=trace-pc, so that no loop can be forgotten
// (docs/RATIONALE.md). usage: work_units FILE...
//
// One line for each file, separated by tabs: file, its bytes, defined functions, units of work,
// bytes allocated, result (ok, or the kind of error), message.
#include "base/error.h"
#include "jit/compile.h"
#include "jit/linker.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>
#include <vector>

namespace {

uint64_t blocks = 0;
uint64_t moved_bytes = 0;
uint64_t allocated_bytes = 0;

}  // namespace

// What instrumented code calls, by the names that the compilers and linkers fix.
extern "C" {

void __sanitizer_cov_trace_pc();
void* __real_memcpy(void* to, const void* from, size_t size);
void* __real_memmove(void* to, const void* from, size_t size);
void* __real_memset(void* to, int value, size_t size);
int __real_memcmp(const void* a, const void* b, size_t size);
void* __wrap_memcpy(void* to, const void* from, size_t size);
void* __wrap_memmove(void* to, const void* from, size_t size);
void* __wrap_memset(void* to, int value, size_t size);
int __wrap_memcmp(const void* a, const void* b, size_t size);

void __sanitizer_cov_trace_pc() {
  ++blocks;
}
void* __wrap_memcpy(void* to, const void* from, size_t size) {
  moved_bytes += size;
  return __real_memcpy(to, from, size);
}
void* __wrap_memmove(void* to, const void* from, size_t size) {
  moved_bytes += size;
  return __real_memmove(to, from, size);
}
void* __wrap_memset(void* to, int value, size_t size) {
  moved_bytes += size;
  return __real_memset(to, value, size);
}
int __wrap_memcmp(const void* a, const void* b, size_t size) {
  moved_bytes += size;
  return __real_memcmp(a, b, size);
}

}  // extern "C"

void* operator new(size_t size) {
  allocated_bytes += size;
  void* const memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace {

/// A block is a few instructions; a machine moves eight bytes in one.
uint64_t units() {
  return blocks + moved_bytes / 8;
}

void measure(const char* file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "work_units: cannot read %s\n", file);
    std::exit(1);
  }
  const std::vector<char> contents(std::istreambuf_iterator<char>(in), {});
  const std::vector<uint8_t> wasm(contents.begin(), contents.end());

  const uint64_t units_before = units();
  const uint64_t allocated_before = allocated_bytes;
  swoop::TypeRegistry types;
  swoop::Result<swoop::jit::CompiledModule> compiled = swoop::jit::compile_module(types, {}, wasm);
  std::optional<swoop::Error> error;
  uint32_t functions = 0;
  if (!compiled) {
    error = std::move(compiled).error();
  } else {
    functions = compiled->info.num_defined_funcs();
    if (swoop::Result<> loaded = swoop::jit::load(compiled->code, compiled->info.types); !loaded)
      error = std::move(loaded).error();
  }
  const uint64_t units_after = units();
  const uint64_t allocated_after = allocated_bytes;
  const std::string result = error ? std::string(to_string(error->kind)) : "ok";
  std::printf("%s\t%zu\t%u\t%llu\t%llu\t%s\t%s\n", file, wasm.size(), functions,
              static_cast<unsigned long long>(units_after - units_before),
              static_cast<unsigned long long>(allocated_after - allocated_before), result.c_str(),
              error ? error->message.c_str() : "");
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) measure(argv[i]);
}

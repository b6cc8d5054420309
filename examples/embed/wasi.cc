// A WASI program with an input and an output of the embedder's, and nothing else of the host.
#include <cstdio>
#include <sstream>
#include <swoop/swoop.hh>
#include <swoop/wasi.hh>

int main() {
  using namespace swoop;
  Engine engine;
  // Copies its input to its output; a real one would come from a file: Module::load.
  auto module = Module::compile_wat(engine, R"((module
      (import "wasi_snapshot_preview1" "fd_read"
        (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (loop $next
          (i32.store (i32.const 0) (i32.const 64))     ;; a buffer at 64 ...
          (i32.store (i32.const 4) (i32.const 1024))   ;; ... of 1024 bytes
          (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (br_if $next (i32.load (i32.const 4)))))))")
                    .value();
  auto env =
      wasi::Builder("cat").stdin_text("apples\npears\nfigs\n").capture_stdout().build().value();
  Store store(engine);
  const int code = env.run(store, module, {.timeout = std::chrono::seconds(10)}).value();
  const std::string output = env.out().text();
  std::printf("exit code %d, %zu bytes:\n", code, output.size());
  std::istringstream lines(output);
  int number = 0;
  for (std::string line; std::getline(lines, line);)
    std::printf("  %d %s\n", ++number, line.c_str());
}

// One module on many threads: engines, modules and linked modules are shared, each thread has a
// store of its own.
#include <atomic>
#include <cstdio>
#include <swoop/swoop.hh>
#include <thread>
#include <vector>

int main() {
  using namespace swoop;
  std::atomic<int> total = 0;
  Imports imports;
  imports.ns("env").func("add", [&](int n) { total += n; });
  Engine engine;
  auto module = Module::compile_wat(engine, R"((module
      (import "env" "add" (func $add (param i32)))
      (func (export "run") (param $n i32)
        (loop $next
          (call $add (i32.const 1))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))))")
                    .value();
  auto linked = imports.link(module).value();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        Store store(engine);
        auto run = linked.instantiate(store).value().func<void(int)>("run").value();
        run(1000).value();
      });
    }
  }
  std::printf("%d\n", total.load());
}

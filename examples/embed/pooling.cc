// One instance for many requests: each finds it as it was, because it is reset to a snapshot.
#include <cstdio>
#include <swoop/swoop.hh>

int main() {
  using namespace swoop;
  Engine engine;
  auto module = Module::compile_wat(engine, R"((module
      (memory (export "memory") 16)
      (global $handled (mut i32) (i32.const 0))
      (func (export "handle") (param $request i32) (result i32)
        (global.set $handled (i32.add (global.get $handled) (i32.const 1)))
        (i32.store (i32.mul (local.get $request) (i32.const 4096)) (local.get $request))
        (i32.add (global.get $handled) (i32.load (i32.const 4096))))))")
                    .value();
  Store store(engine);
  auto instance = Instance::make(store, module).value();
  auto handle = instance.func<int(int)>("handle").value();
  auto fresh = instance.snapshot().value();
  for (int request = 1; request <= 3; ++request) {
    std::printf("request %d: %d\n", request, handle(request).value());
    instance.reset(fresh).value();
  }
}

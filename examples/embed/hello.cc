// The smallest whole program in C++: wasm calls a function of the host.
#include <cstdio>
#include <swoop/swoop.hh>

int main() {
  swoop::Engine engine;
  auto module = swoop::Module::compile_wat(engine, R"((module
      (import "math" "sum" (func $sum (param i32 i32) (result i32)))
      (func (export "add_one") (param $x i32) (result i32)
        local.get $x  i32.const 1  call $sum)))")
                    .value();
  swoop::Imports imports;
  imports.ns("math").func("sum", [](int x, int y) { return x + y; });
  swoop::Store store(engine);
  auto instance = swoop::Instance::make(store, module, imports).value();
  auto add_one = instance.func<int(int)>("add_one").value();
  std::printf("%d\n", add_one(41).value());
}

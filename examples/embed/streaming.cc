// A module that is compiled while its bytes arrive.
#include <cstdio>
#include <swoop/swoop.hh>

int main() {
  using namespace swoop;
  Engine engine;
  // As if from a network, in pieces of any size.
  const Bytes wasm = wat2wasm(R"((module
      (func (export "fib") (param $n i32) (result i32)
        (local $a i32) (local $b i32)
        (local.set $b (i32.const 1))
        (loop $next
          (local.get $b)
          (local.set $b (i32.add (local.get $a) (local.get $b)))
          (local.set $a)
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $a))))")
                         .value();
  ModuleStream stream(engine);
  for (std::size_t at = 0; at < wasm.size(); at += 16)
    stream.feed(BytesView(wasm).subspan(at, std::min<std::size_t>(16, wasm.size() - at))).value();
  auto module = std::move(stream).finish().value();

  Store store(engine);
  auto fib = Instance::make(store, module).value().func<int(int)>("fib").value();
  std::printf("fib(30) = %d\n", fib(30).value());
}

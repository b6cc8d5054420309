// Guests that do too much: time, a stop from outside, fuel, stack and memory.
#include <chrono>
#include <cstdio>
#include <swoop/swoop.hh>
#include <thread>

int main() {
  using namespace swoop;
  using namespace std::chrono_literals;
  Engine engine({.fuel = true});  // counting costs time: leave it out if timeouts are enough
  auto module = Module::compile_wat(engine, R"((module
      (memory (export "memory") 1)
      (func (export "spin") (loop $again (br $again)))
      (func $dive (export "dive") (result i32) (i32.add (call $dive) (i32.const 1)))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "answer") (result i32) (i32.const 42))))")
                    .value();
  Store store(engine, StoreLimits{.memory_bytes = 1 << 20});
  auto instance = Instance::make(store, module).value();
  auto spin = instance.func<void()>("spin").value();

  std::printf("timeout: %s\n", std::string(spin.call({.timeout = 10ms}).error().message()).c_str());

  StopToken token;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(10ms);
    token.stop();
  });
  std::printf("stop: %s\n", std::string(spin.call({.stop = &token}).error().message()).c_str());

  store.set_fuel(1'000'000).value();
  std::printf("fuel: %s\n", std::string(spin.call({.fuel = 1000}).error().message()).c_str());
  std::printf("left: %llu\n", static_cast<unsigned long long>(store.fuel().value()));
  store.set_fuel(UINT64_MAX).value();

  auto dive = instance.func<int()>("dive").value();
  std::printf("stack: %s\n", std::string(dive().error().message()).c_str());

  auto grow = instance.func<int(int)>("grow").value();
  std::printf("grow by 15 pages: %d\n", grow(15).value());
  std::printf("grow by one more: %d\n", grow(1).value());

  // Whatever happened, the instance can be used.
  std::printf("answer: %d\n", instance.func<int()>("answer").value()().value());
}

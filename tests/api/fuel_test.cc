// Fuel of stores and calls through the public interface. What is charged for which operator is in
// tests/runtime/fuel_test.cc.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <swoop/swoop.hh>

namespace {

using namespace swoop;

// What "host" charges apart, `run` costs 4 operators, and 8 for each round.
constexpr const char* kModule = R"((module
  (import "env" "host" (func $host))
  (memory 1)
  (func (export "run") (param $rounds i32) (result i32) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $rounds))))
    (call $host)
    (i32.add (local.get $i) (i32.const 0)))
  (func (export "fill") (param i32)
    (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
  (func (export "forever") (loop $again (br $again)))))";

class FuelTest : public testing::Test {
 protected:
  static constexpr uint64_t cost_of_run(uint64_t rounds) { return 8 * rounds + 4; }

  void load(const Config& config) {
    engine_.emplace(config);
    store_.emplace(*engine_);
    Imports imports;
    imports.ns("env").func("host", [this](Caller& caller) -> Result<> {
      seen_ = caller.store().fuel();
      return caller.charge(host_cost_);
    });
    instance_ =
        Instance::make(*store_, Module::compile_wat(*engine_, kModule).value(), imports).value();
  }
  TypedFunc<int(int)> run() { return instance_->func<int(int)>("run").value(); }
  uint64_t used(int rounds) {
    store_->set_fuel(1'000'000).value();
    EXPECT_EQ(run()(rounds).value(), rounds);
    return 1'000'000 - store_->fuel().value();
  }

  std::optional<Engine> engine_;
  std::optional<Store> store_;
  std::optional<Instance> instance_;
  uint64_t host_cost_ = 0;
  std::optional<uint64_t> seen_;
};

TEST_F(FuelTest, CountsTheOperatorsThatWereExecuted) {
  load({.fuel = true});
  EXPECT_EQ(store_->fuel(), UINT64_MAX);
  EXPECT_EQ(used(1), cost_of_run(1));
  EXPECT_EQ(used(1000), cost_of_run(1000));
}

TEST_F(FuelTest, EndsTheCallWhenThereIsNoMore) {
  load({.fuel = true});
  store_->set_fuel(cost_of_run(10) - 1).value();
  const auto outcome = run()(10);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::trap);
  EXPECT_EQ(outcome.error().trap_code(), TrapCode::out_of_fuel);
  EXPECT_EQ(outcome.error().frames().front().function, "run");
  EXPECT_EQ(store_->fuel(), 0u);
  store_->set_fuel(cost_of_run(10)).value();
  EXPECT_EQ(run()(10).value(), 10);
  EXPECT_EQ(store_->fuel(), 0u);
}

TEST_F(FuelTest, OfACallIsAPartOfTheStores) {
  load({.fuel = true});
  store_->set_fuel(1000).value();
  EXPECT_EQ(run().call({.fuel = 900}, 10).value(), 10);
  EXPECT_EQ(store_->fuel(), 1000 - cost_of_run(10));
  EXPECT_EQ(run().call({.fuel = cost_of_run(10) - 1}, 10).error().trap_code(),
            TrapCode::out_of_fuel);
  EXPECT_EQ(store_->fuel(), 1000 - 2 * cost_of_run(10) + 1);
  EXPECT_EQ(run().call({.fuel = UINT64_MAX - 1}, 1000).error().trap_code(), TrapCode::out_of_fuel);
  EXPECT_EQ(store_->fuel(), 0u);
}

TEST_F(FuelTest, IsChargedByHostFunctionsToo) {
  load({.fuel = true});
  host_cost_ = 500;
  EXPECT_EQ(used(1), cost_of_run(1) + 500);
  EXPECT_EQ(seen_, 1'000'000 - cost_of_run(1) + 3);
  const auto outcome = run().call({.fuel = 400}, 1);
  EXPECT_EQ(outcome.error().trap_code(), TrapCode::out_of_fuel);
  EXPECT_LE(seen_, 400u);
}

TEST_F(FuelTest, CostsWhatTheEngineSays) {
  std::map<uint32_t, int> asked;
  const auto cost = [&asked](uint32_t opcode) -> uint32_t {
    ++asked[opcode];
    return opcode == 0x6A ? 5 : opcode == (0xFC << 12 | 11) ? 100 : 0;
  };
  load({.fuel = true, .cost = cost});
  EXPECT_EQ(asked[0x6A], 1);
  EXPECT_EQ(asked[0xFD << 12 | 0x113], 1) << "numbers of relaxed SIMD have nine bits";
  EXPECT_EQ(used(10), 5u * 11);
  store_->set_fuel(10'000).value();
  instance_->func<void(int)>("fill").value()(130).value();
  EXPECT_EQ(store_->fuel(), 10'000u - 100 - 2 * 100);
}

TEST_F(FuelTest, EndsWhatNothingElseEnds) {
  load({.fuel = true});
  EXPECT_EQ(
      instance_->func<void()>("forever").value().call({.fuel = 1'000'000}).error().trap_code(),
      TrapCode::out_of_fuel);
}

TEST_F(FuelTest, IsMisuseWhereNobodyCounts) {
  load({});
  EXPECT_FALSE(store_->fuel());
  EXPECT_EQ(store_->set_fuel(1).error().kind(), ErrorKind::misuse);
  EXPECT_EQ(run().call({.fuel = 1}, 1).error().kind(), ErrorKind::misuse);
  host_cost_ = 500;
  EXPECT_EQ(run()(3).value(), 3) << "host functions may charge all the same";
}

}  // namespace

// How much the wasm of a store may still execute. Code made for it (jit::Target::fuel) counts down
// before each basic block, so that what is left is the same on every machine and in every mode;
// what is charged when is in docs/RATIONALE.md. Tests: tests/runtime/fuel_test.cc.
//
// Safety: machine code writes the counter through VmContext::fuel, so it stays where it is as long
// as the store.
#pragma once

#include "jit/fuel_costs.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace swoop {

class Fuel {
 public:
  /// `costs` outlive it; null: the engine's code does not count.
  explicit Fuel(const jit::FuelCosts* costs) : costs_(costs) {}
  Fuel(const Fuel&) = delete;
  Fuel& operator=(const Fuel&) = delete;

  bool is_counted() const { return costs_ != nullptr; }
  /// What machine code counts down. When it could not, the number means nothing until exhaust().
  uint64_t* counter() { return &left_; }
  uint64_t left() const { return left_; }
  void set(uint64_t amount) { left_ = amount; }
  void exhaust() { left_ = 0; }

  /// False when there is less: then nothing is left. Does nothing if nothing is counted.
  [[nodiscard]] bool charge(uint64_t amount) {
    if (!is_counted()) return true;
    const bool can_pay = amount <= left_;
    left_ = can_pay ? left_ - amount : 0;
    return can_pay;
  }
  /// The same for what a bulk operation is asked to touch, beside the operator itself.
  [[nodiscard]] bool charge_bytes(Opcode opcode, uint64_t size_bytes) {
    return !is_counted() || charge(costs_->of_bytes(opcode, size_bytes));
  }

 private:
  const jit::FuelCosts* const costs_;
  uint64_t left_ = UINT64_MAX;
};

/// Gives a call a budget of its own, if it has one, out of what is left, as long as it lives.
class FuelScope {
 public:
  FuelScope(Fuel& fuel, std::optional<uint64_t> budget)
      : fuel_(fuel), withheld_(budget && *budget < fuel.left() ? fuel.left() - *budget : 0) {
    fuel_.set(fuel_.left() - withheld_);
  }
  ~FuelScope() { fuel_.set(fuel_.left() + std::min(withheld_, UINT64_MAX - fuel_.left())); }
  FuelScope(const FuelScope&) = delete;
  FuelScope& operator=(const FuelScope&) = delete;

 private:
  Fuel& fuel_;
  const uint64_t withheld_;
};

}  // namespace swoop

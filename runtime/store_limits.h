// What a store may hold, and what it may still make.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>

namespace swoop {

/// Limits of one store, beside those of its engine (EngineConfig), which hold for each memory and
/// table. Beyond one, `memory.grow` and `table.grow` give -1 and everything else gives
/// limit_exceeded with a message that names it.
struct StoreLimits {
  uint64_t memory_bytes = UINT64_MAX;    // all memories together
  uint64_t table_elements = UINT64_MAX;  // all tables together
  uint64_t instances = UINT64_MAX;       // with those whose instantiation failed half-way
  uint64_t memories = UINT64_MAX;
  uint64_t tables = UINT64_MAX;
};

/// How much is left of a limit.
class Budget {
 public:
  Budget(const char* name, uint64_t limit) : name_(name), limit_(limit), left_(limit) {}
  explicit Budget(uint64_t limit) : Budget("", limit) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  uint64_t left() const { return left_; }
  bool has(uint64_t amount) const { return amount <= left_; }
  /// False, and nothing taken, if so much is not left.
  [[nodiscard]] bool take(uint64_t amount) {
    const bool is_left = has(amount);
    if (is_left) left_ -= amount;
    return is_left;
  }
  void give_back(uint64_t amount) { left_ += amount; }
  /// After `take` was refused.
  Error exceeded() const {
    return Error(ErrorKind::limit_exceeded,
                 "the store's limit of " + std::to_string(limit_) + " " + name_ + " is exceeded");
  }

 private:
  const char* name_;
  uint64_t limit_;
  uint64_t left_;
};

/// Of all limits of a store.
struct StoreBudget {
  explicit StoreBudget(const StoreLimits& limits)
      : memory_bytes("memory_bytes", limits.memory_bytes),
        table_elements("table_elements", limits.table_elements),
        instances("instances", limits.instances),
        memories("memories", limits.memories),
        tables("tables", limits.tables) {}

  Budget memory_bytes;
  Budget table_elements;
  Budget instances;
  Budget memories;
  Budget tables;
};

}  // namespace swoop

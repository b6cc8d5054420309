// What operators cost in code that counts (Target::fuel), and what is paid for at once.
#pragma once

#include "wasm/opcode.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace swoop::jit {

class FuelCosts {
 public:
  /// 1 for each operator, but 0 for those that only mark where something begins or ends or drop
  /// what is there: unreachable, nop, block, loop, else, end, return, drop, and the heads of try
  /// blocks and handlers.
  constexpr FuelCosts() {
    costs_.fill(1);
    for (const Opcode free :
         {Opcode::unreachable, Opcode::nop, Opcode::block, Opcode::loop, Opcode::else_, Opcode::end,
          Opcode::return_, Opcode::drop, Opcode::try_table, Opcode::try_, Opcode::catch_,
          Opcode::catch_all, Opcode::delegate})
      set(free, 0);
  }

  constexpr uint32_t of(Opcode opcode) const { return costs_[row(opcode)]; }
  /// What bulk operations and growth pay beside: the same again for each 64 bytes, rounded down,
  /// that they are asked to fill, copy or add. An element of a table counts as 8 bytes.
  constexpr uint64_t of_bytes(Opcode opcode, uint64_t size_bytes) const {
    uint64_t cost;
    return __builtin_mul_overflow(size_bytes / 64, of(opcode), &cost) ? UINT64_MAX : cost;
  }
  constexpr FuelCosts& set(Opcode opcode, uint32_t cost) {
    costs_[row(opcode)] = cost;
    return *this;
  }
  constexpr FuelCosts& set_all(uint32_t cost) {
    costs_.fill(cost);
    return *this;
  }

  constexpr bool all_are_zero() const {
    return std::ranges::all_of(costs_, [](uint32_t cost) { return cost == 0; });
  }

 private:
  static constexpr size_t row(Opcode opcode) {
    return static_cast<size_t>(&op_info(opcode) - kOpcodes);
  }
  std::array<uint32_t, std::size(kOpcodes)> costs_{};
};

inline constexpr FuelCosts kDefaultFuelCosts;
inline constexpr uint64_t kBytesPerElement = 8;  // of a table, to whoever pays for it

/// Whether what comes after the operator may be executed less or more often than it: a basic block
/// ends with it.
constexpr bool ends_basic_block(Opcode opcode) {
  switch (opcode) {
    case Opcode::unreachable:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::else_:
    case Opcode::end:
    case Opcode::br:
    case Opcode::br_if:
    case Opcode::br_table:
    case Opcode::return_:
    case Opcode::call:
    case Opcode::call_indirect:
    case Opcode::return_call:
    case Opcode::return_call_indirect:
    case Opcode::call_ref:
    case Opcode::return_call_ref:
    case Opcode::br_on_null:
    case Opcode::br_on_non_null:
    case Opcode::br_on_cast:
    case Opcode::br_on_cast_fail:
    case Opcode::throw_:
    case Opcode::throw_ref:
    case Opcode::catch_:
    case Opcode::catch_all:
    case Opcode::rethrow:
    case Opcode::delegate: return true;
    default: return false;
  }
}

}  // namespace swoop::jit

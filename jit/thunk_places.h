// Where values lie on the two sides of a thunk, as far as machines do not differ in it. `Mem` is a
// machine's memory operand.
#pragma once

#include "jit/call_layout.h"
#include "jit/thunks.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit {

/// The sides differ in what must be defined of a narrow value: for C its own bits alone, for wasm
/// 64 bits, of a Value every byte.
enum class Side : uint8_t { c, wasm, values };

/// Of the values of a signature.
template <class Mem>
struct Places {
  Side side;
  std::vector<ValueLocation> locations;
  Mem memory;  // what stack_offset counts from
};

/// One Value after the other from `memory` on.
template <class Mem>
Places<Mem> in_array(size_t count, Mem memory) {
  Places<Mem> places{Side::values, {}, memory};
  for (size_t i = 0; i < count; ++i) {
    const auto offset = static_cast<uint32_t>(i * sizeof(Value));
    places.locations.push_back({ValueLocation::Kind::stack, 0, offset});
  }
  return places;
}

inline bool is_narrow(ValType type) {
  return type == ValType::i32 || type == ValType::f32;
}

struct GpMove {
  uint8_t to;
  uint8_t from;
  bool is_narrow;
};

/// Calls `move` for the values that go from general registers to general registers, each before its
/// source is written. Cycles go through `scratch`.
template <class Mem, class Move>
void for_each_gp_move(std::span<const ValType> types, const Places<Mem>& from,
                      const Places<Mem>& to, uint8_t scratch, Move&& move) {
  std::vector<GpMove> moves;
  for (size_t i = 0; i < types.size(); ++i) {
    if (from.locations[i].kind == ValueLocation::Kind::gp &&
        to.locations[i].kind == ValueLocation::Kind::gp) {
      moves.push_back({to.locations[i].reg, from.locations[i].reg, is_narrow(types[i])});
    }
  }
  while (!moves.empty()) {
    const auto next = std::ranges::find_if(moves, [&](const GpMove& candidate) {
      return std::ranges::none_of(moves, [&](const GpMove& other) {
        return &other != &candidate && other.from == candidate.to;
      });
    });
    if (next == moves.end()) {  // only cycles are left
      move(GpMove{scratch, moves.front().from, false});
      moves.front().from = scratch;
      continue;
    }
    move(*next);
    moves.erase(next);
  }
}

/// A C++ function of a form as the thunks see it: `num_fixed` parameters, then a pointer to Values
/// if `has_values`, then the arguments of the native form, in registers of the C ABI.
struct CppSide {
  CppSide(const FuncType& type, CallForm form, size_t num_fixed, std::span<const uint8_t> gp_args,
          std::span<const uint8_t> fp_args)
      : is_array(form == CallForm::array),
        has_values(is_array || type.results.size() > 1),
        values_reg(gp_args[num_fixed]),
        num_values(
            std::max(is_array ? type.params.size() : 0, has_values ? type.results.size() : 0)) {
    if (!is_array) {
      layout = make_call_layout({type.params, {}},
                                gp_args.subspan(num_fixed + (has_values ? 1 : 0)), fp_args);
    }
  }

  /// `values` addresses the array, `stack` the arguments on the stack.
  template <class Mem>
  Places<Mem> params(const FuncType& type, Mem values, Mem stack) const {
    return is_array ? in_array(type.params.size(), values)
                    : Places<Mem>{Side::c, layout.params, stack};
  }

  bool is_array;
  bool has_values;
  uint8_t values_reg;
  size_t num_values;
  CallLayout layout;
};

}  // namespace swoop::jit

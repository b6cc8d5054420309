// Where parameters and results of a wasm call lie. The order of registers is the ISA's
// (jit/<isa>/abi.h).
#pragma once

#include "wasm/types.h"

#include <cstdint>
#include <span>
#include <vector>

namespace swoop::jit {

struct ValueLocation {
  enum class Kind : uint8_t { gp, fp, stack };
  Kind kind;
  uint8_t reg = 0;            // number of the machine register
  uint32_t stack_offset = 0;  // bytes from the stack pointer at the call instruction
};

/// Parameters that find no register, then results that find none, lie in the caller's outgoing
/// area: the callee finds them at fp + 16 + stack_offset, and writes results there.
struct CallLayout {
  std::vector<ValueLocation> params;
  std::vector<ValueLocation> results;
  uint32_t stack_bytes = 0;  // of the outgoing area, a multiple of 16
};

CallLayout make_call_layout(const FuncType& type, std::span<const uint8_t> gp_order,
                            std::span<const uint8_t> fp_order);

}  // namespace swoop::jit

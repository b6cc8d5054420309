// Evaluates constant expressions of validated modules. Spec:
// valid/instructions#constant-expressions.
#pragma once

#include "base/result.h"
#include "wasm/module.h"
#include "wasm/value.h"

namespace swoop {

class Instance;

/// The globals that `expr` may read and all functions of the instance exist. Errors: those of Heap,
/// for structs and arrays.
Result<Value> evaluate(const ConstExpr& expr, const Instance& instance);

/// The value of an active segment's offset, which is an i32 or i64 by the address type of its
/// memory or table.
inline uint64_t as_address(uint64_t offset, AddressType type) {
  return type == AddressType::i32 ? static_cast<uint32_t>(offset) : offset;
}

}  // namespace swoop

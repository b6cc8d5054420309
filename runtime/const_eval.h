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

}  // namespace swoop

// Evaluates constant expressions of validated modules. Spec:
// valid/instructions#constant-expressions.
#pragma once

#include "base/result.h"
#include "wasm/module.h"
#include "wasm/value.h"

namespace swoop {

class Instance;

/// The globals that `expr` may read and all functions of the instance exist. Errors: unsupported
/// for instructions of the GC proposal.
Result<Value> evaluate(const ConstExpr& expr, const Instance& instance);

}  // namespace swoop

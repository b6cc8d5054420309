// Decodes and validates a module in every way of cutting it, and checks that the ways agree.
#pragma once

#include "base/result.h"
#include "tests/support/matchers.h"
#include "tests/support/module_builder.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

namespace swoop {

/// The types of all modules of the tests.
TypeRegistry& test_types();

/// The result for the whole module; a test fails if it is not the same byte by byte and split at
/// each point.
Result<ModuleInfo> decode(const Bytes& bytes, Features features = Features());

}  // namespace swoop

// Constant expressions of globals, tables and segments: read, validated, and made ready to use.
// Spec: valid/instructions#constant-expressions.
#pragma once

#include "decoder/byte_reader.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

namespace swoop {

/// Reads the expression at `reader`, with its `end`, whose value must match `expected`. Only
/// globals that are in `module` already can be used. Functions that it names become declared. After
/// an error the value means nothing.
ConstExpr read_const_expr(ByteReader& reader, ModuleInfo& module, const TypeRegistry& types,
                          Features features, ValType expected);

}  // namespace swoop

// Values of scripts against values of the engine: arguments on the way in, patterns of results on
// the way out.
#pragma once

#include "base/result.h"
#include "text/script.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <span>
#include <string>
#include <string_view>

namespace swoop::wast {

/// The argument as a value of this parameter type. Errors: invalid when it has another type.
Result<Value> to_argument(const TypeRegistry& types, const text::ScriptValue& argument,
                          ValType param);

/// Whether a value of static type `type` is what the script expects. Numbers compare as bits.
bool matches(const TypeRegistry& types, const text::ScriptValue& expected, ValType type,
             const Value& actual);

/// Whether a script that expects this message of a trap means the trap we give: what it expects is
/// the beginning of it. The suite may name the element that is uninitialized; we do not.
bool matches_trap_message(std::string_view expected, std::string_view actual);

// As a script writes them: "(i32.const 1)", "(f32.const nan:canonical)", "(either ...)".
std::string describe(const text::ScriptValue& value);
/// A vector is shown in the shape of what was expected.
std::string describe(const TypeRegistry& types, ValType type, const Value& value,
                     text::VectorShape shape = text::VectorShape::i32x4);
/// The bare number: "-1", "0x1.8p+0", "nan:0x400000".
std::string format_number(ValType type, const Value& value);

}  // namespace swoop::wast

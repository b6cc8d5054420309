// Values of wasm as words of the command line.
#pragma once

#include "wasm/type_registry.h"
#include "wasm/value.h"

#include <optional>
#include <string>

namespace swoop::cli {

/// Reads a number of this type: integers in decimal or hexadecimal, signed or unsigned, floats also
/// as "inf", "nan" and in hexadecimal; for references only "null". Nothing when the word is none or
/// out of range.
std::optional<Value> parse_value(ValType type, const std::string& word);

/// The bare value: integers signed, floats in the shortest form that reads back the same.
std::string format_value(ValType type, const Value& value);

/// "func (i32, i64) -> f32".
std::string describe_type(const TypeRegistry& types, const FuncType& type);

}  // namespace swoop::cli

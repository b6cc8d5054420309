#include "wast/matching.h"

#include "vm/object.h"

#include <bit>
#include <cstdio>

namespace swoop::wast {
namespace {

using text::NanPattern;
using text::ScriptValue;
using text::VectorShape;
using Kind = ScriptValue::Kind;

/// How a float is laid out, in the low bits of a 64-bit word.
struct FloatFormat {
  unsigned bits;
  uint64_t sign;
  uint64_t exponent;   // all ones: infinite, or a NaN
  uint64_t quiet_bit;  // the highest of the fraction
};
constexpr FloatFormat kFloat32{32, 0x8000'0000, 0x7f80'0000, 0x0040'0000};
constexpr FloatFormat kFloat64{64, 0x8000'0000'0000'0000, 0x7ff0'0000'0000'0000,
                               0x0008'0000'0000'0000};

/// Spec: exec/numerics#aux-nans, syntax/values#canonical-nan.
bool matches_nan(NanPattern pattern, uint64_t bits, const FloatFormat& format) {
  const uint64_t quiet = format.exponent | format.quiet_bit;
  if (pattern == NanPattern::canonical) return (bits & ~format.sign) == quiet;
  return (bits & quiet) == quiet;
}

bool matches_float(NanPattern pattern, uint64_t expected, uint64_t actual,
                   const FloatFormat& format) {
  return pattern == NanPattern::none ? expected == actual : matches_nan(pattern, actual, format);
}

bool is_float_shape(VectorShape shape) {
  return shape == VectorShape::f32x4 || shape == VectorShape::f64x2;
}

unsigned lane_bits(VectorShape shape) {
  switch (shape) {
    case VectorShape::i8x16: return 8;
    case VectorShape::i16x8: return 16;
    case VectorShape::i32x4:
    case VectorShape::f32x4: return 32;
    case VectorShape::i64x2:
    case VectorShape::f64x2: return 64;
  }
  return 64;
}

const char* shape_name(VectorShape shape) {
  switch (shape) {
    case VectorShape::i8x16: return "i8x16";
    case VectorShape::i16x8: return "i16x8";
    case VectorShape::i32x4: return "i32x4";
    case VectorShape::i64x2: return "i64x2";
    case VectorShape::f32x4: return "f32x4";
    case VectorShape::f64x2: return "f64x2";
  }
  return "?";
}

uint64_t lane(const Value& vector, unsigned bits, unsigned index) {
  const unsigned at = bits * index;
  const uint64_t word = (at < 64 ? vector.low : vector.high) >> (at % 64);
  return bits == 64 ? word : word & ((uint64_t{1} << bits) - 1);
}

bool matches_vector(const ScriptValue& expected, const Value& actual) {
  if (!is_float_shape(expected.shape)) return expected.bits == actual;
  const FloatFormat& format = expected.shape == VectorShape::f32x4 ? kFloat32 : kFloat64;
  for (unsigned i = 0; i < 128 / format.bits; ++i) {
    if (!matches_float(expected.nan_patterns[i], lane(expected.bits, format.bits, i),
                       lane(actual, format.bits, i), format)) {
      return false;
    }
  }
  return true;
}

bool is_in(const TypeRegistry& types, ValType type, AbstractHeapType hierarchy) {
  return type.is_ref() && types.is_subtype(type.heap_type(), HeapType(hierarchy));
}

/// Which kind of aggregate an object is: of the type it was made with.
bool is_aggregate(const TypeRegistry& types, uint64_t reference, CompositeType::Kind kind) {
  if (!is_object(reference)) return false;
  const auto* const object = std::bit_cast<const VmObject*>(reference);
  return types[TypeId(object->type_id)].definition.composite.kind == kind;
}

bool matches_reference(const TypeRegistry& types, std::optional<AbstractHeapType> expected,
                       ValType type, uint64_t actual) {
  if (!type.is_ref() || actual == 0) return false;
  if (!expected) return !is_in(types, type, AbstractHeapType::func);
  switch (*expected) {
    case AbstractHeapType::func:
    case AbstractHeapType::extern_:
    case AbstractHeapType::exn:
    case AbstractHeapType::any: return is_in(types, type, *expected);
    default: break;
  }
  // What it really is, whatever its static type says.
  if (!is_in(types, type, AbstractHeapType::any)) return false;
  switch (*expected) {
    case AbstractHeapType::eq: return is_i31(actual) || is_object(actual);
    case AbstractHeapType::i31: return is_i31(actual);
    case AbstractHeapType::struct_:
      return is_aggregate(types, actual, CompositeType::Kind::struct_);
    case AbstractHeapType::array: return is_aggregate(types, actual, CompositeType::Kind::array);
    default: return false;  // no value has a bottom type
  }
}

/// The type below all others of the hierarchy.
AbstractHeapType bottom_of(AbstractHeapType type) {
  switch (type) {
    case AbstractHeapType::func:
    case AbstractHeapType::nofunc: return AbstractHeapType::nofunc;
    case AbstractHeapType::extern_:
    case AbstractHeapType::noextern: return AbstractHeapType::noextern;
    case AbstractHeapType::exn:
    case AbstractHeapType::noexn: return AbstractHeapType::noexn;
    default: return AbstractHeapType::none;
  }
}

bool null_fits(const TypeRegistry& types, std::optional<AbstractHeapType> heap_type,
               ValType param) {
  if (!param.is_ref() || !param.nullable()) return false;
  return !heap_type || types.is_subtype(HeapType(bottom_of(*heap_type)), param.heap_type());
}

ValType number_type(Kind kind) {
  switch (kind) {
    case Kind::i32: return ValType::i32;
    case Kind::i64: return ValType::i64;
    case Kind::f32: return ValType::f32;
    case Kind::f64: return ValType::f64;
    default: return ValType::v128;
  }
}

std::string hex(uint64_t bits) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(bits));
  return text;
}

std::string format_float(uint64_t bits, const FloatFormat& format) {
  const bool is_negative = (bits & format.sign) != 0;
  const uint64_t payload = bits & ((format.quiet_bit << 1) - 1);
  if ((bits & format.exponent) == format.exponent) {
    const std::string sign = is_negative ? "-" : "";
    return payload == 0 ? sign + "inf" : sign + "nan:" + hex(payload);
  }
  char text[48];
  const double value = format.bits == 32
                           ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                           : std::bit_cast<double>(bits);
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

const char* pattern_name(NanPattern pattern) {
  return pattern == NanPattern::canonical ? "nan:canonical" : "nan:arithmetic";
}

std::string describe_vector(const Value& bits, VectorShape shape, const ScriptValue* patterns) {
  std::string text = std::string("(v128.const ") + shape_name(shape);
  const unsigned width = lane_bits(shape);
  for (unsigned i = 0; i < 128 / width; ++i) {
    text += " ";
    if (patterns != nullptr && is_float_shape(shape) &&
        patterns->nan_patterns[i] != NanPattern::none) {
      text += pattern_name(patterns->nan_patterns[i]);
    } else if (is_float_shape(shape)) {
      text += format_float(lane(bits, width, i), width == 32 ? kFloat32 : kFloat64);
    } else {
      text += hex(lane(bits, width, i));
    }
  }
  return text + ")";
}

const char* heap_type_name(AbstractHeapType type) {
  switch (type) {
    // clang-format off
#define HEAP_TYPE(name, code, text, reference) case AbstractHeapType::name: return text;
#include "wasm/heap_types.def"
      // clang-format on
    case AbstractHeapType::bot: break;
  }
  return "bot";
}

const char* number_name(ValType type) {
  switch (type.kind()) {
    case ValType::Kind::i32: return "i32";
    case ValType::Kind::i64: return "i64";
    case ValType::Kind::f32: return "f32";
    default: return "f64";
  }
}

}  // namespace

Result<Value> to_argument(const TypeRegistry& types, const ScriptValue& argument, ValType param) {
  const auto is_supertype_of = [&](AbstractHeapType type) {
    return types.is_subtype(ValType::ref(type, false), param);
  };
  switch (argument.kind) {
    case Kind::i32:
    case Kind::i64:
    case Kind::f32:
    case Kind::f64:
    case Kind::v128:
      if (param == number_type(argument.kind)) return argument.bits;
      break;
    case Kind::ref_null:
      if (null_fits(types, argument.heap_type, param)) return Value();
      break;
    case Kind::ref_extern:
      if (is_supertype_of(AbstractHeapType::extern_)) return Value{host_reference(argument.number)};
      break;
    case Kind::ref_host:
      if (is_supertype_of(AbstractHeapType::any)) return Value{host_reference(argument.number)};
      break;
    case Kind::ref:
    case Kind::either: break;  // patterns of results only
  }
  return Error(ErrorKind::invalid, "argument " + describe(argument) + " for a parameter of type " +
                                       types.to_string(param));
}

bool matches(const TypeRegistry& types, const ScriptValue& expected, ValType type,
             const Value& actual) {
  switch (expected.kind) {
    case Kind::i32:
      return type == ValType::i32 &&
             static_cast<uint32_t>(expected.bits.low) == static_cast<uint32_t>(actual.low);
    case Kind::i64: return type == ValType::i64 && expected.bits.low == actual.low;
    case Kind::f32:
      return type == ValType::f32 &&
             matches_float(expected.nan_patterns[0], static_cast<uint32_t>(expected.bits.low),
                           static_cast<uint32_t>(actual.low), kFloat32);
    case Kind::f64:
      return type == ValType::f64 &&
             matches_float(expected.nan_patterns[0], expected.bits.low, actual.low, kFloat64);
    case Kind::v128: return type == ValType::v128 && matches_vector(expected, actual);
    case Kind::ref_null: return type.is_ref() && actual.low == 0;
    case Kind::ref_extern:
      return is_in(types, type, AbstractHeapType::extern_) &&
             actual.low == host_reference(expected.number);
    case Kind::ref_host:
      return is_in(types, type, AbstractHeapType::any) &&
             actual.low == host_reference(expected.number);
    case Kind::ref: return matches_reference(types, expected.heap_type, type, actual.low);
    case Kind::either:
      for (const ScriptValue& alternative : expected.alternatives) {
        if (matches(types, alternative, type, actual)) return true;
      }
      return false;
  }
  return false;
}

bool matches_trap_message(std::string_view expected, std::string_view actual) {
  if (actual.starts_with(expected)) return true;
  constexpr std::string_view kUninitialized = "uninitialized element";
  return actual == kUninitialized && expected.starts_with(kUninitialized) &&
         expected.substr(kUninitialized.size()).starts_with(' ');
}

std::string describe(const ScriptValue& value) {
  switch (value.kind) {
    case Kind::i32:
    case Kind::i64:
    case Kind::f32:
    case Kind::f64: {
      const ValType type = number_type(value.kind);
      return std::string("(") + number_name(type) + ".const " +
             (value.nan_patterns[0] == NanPattern::none ? format_number(type, value.bits)
                                                        : pattern_name(value.nan_patterns[0])) +
             ")";
    }
    case Kind::v128: return describe_vector(value.bits, value.shape, &value);
    case Kind::ref_null:
      return value.heap_type ? std::string("(ref.null ") + heap_type_name(*value.heap_type) + ")"
                             : "(ref.null)";
    case Kind::ref_extern: return "(ref.extern " + std::to_string(value.number) + ")";
    case Kind::ref_host: return "(ref.host " + std::to_string(value.number) + ")";
    case Kind::ref:
      return value.heap_type ? std::string("(ref.") + heap_type_name(*value.heap_type) + ")"
                             : "(ref)";
    case Kind::either: {
      std::string text = "(either";
      for (const ScriptValue& alternative : value.alternatives) text += " " + describe(alternative);
      return text + ")";
    }
  }
  return "?";
}

std::string describe(const TypeRegistry& types, ValType type, const Value& value,
                     VectorShape shape) {
  if (type.is_num()) {
    return std::string("(") + number_name(type) + ".const " + format_number(type, value) + ")";
  }
  if (type.is_vec()) return describe_vector(value, shape, nullptr);
  if (value.low == 0) return "null of type " + types.to_string(type);
  if (is_in(types, type, AbstractHeapType::any) || is_in(types, type, AbstractHeapType::extern_)) {
    const bool is_extern = is_in(types, type, AbstractHeapType::extern_);
    if (is_host_reference(value.low)) {
      return (is_extern ? "(ref.extern " : "(ref.host ") + std::to_string(host_number(value.low)) +
             ")";
    }
    if (is_i31(value.low)) return "(ref.i31 " + std::to_string(i31_value_u(value.low)) + ")";
    if (is_aggregate(types, value.low, CompositeType::Kind::struct_)) return "a struct";
    if (is_aggregate(types, value.low, CompositeType::Kind::array)) return "an array";
  }
  return "a reference of type " + types.to_string(type);
}

std::string format_number(ValType type, const Value& value) {
  switch (type.kind()) {
    case ValType::Kind::i32: return std::to_string(value.as_i32());
    case ValType::Kind::i64: return std::to_string(value.as_i64());
    case ValType::Kind::f32: return format_float(static_cast<uint32_t>(value.low), kFloat32);
    default: return format_float(value.low, kFloat64);
  }
}

}  // namespace swoop::wast

#include "decoder/type_reader.h"

#include "decoder/errors.h"

#include <string>

namespace swoop {

namespace {

bool require_feature(ByteReader& reader, size_t offset, const TypeScope& scope, Feature feature,
                     const char* text) {
  if (scope.features.has(feature)) return true;
  reader.fail_malformed(offset,
                        std::string(text) + " (feature " + to_string(feature) + " is disabled)");
  return false;
}

Feature feature_of(AbstractHeapType type) {
  switch (type) {
    case AbstractHeapType::func: return Feature::core;
    case AbstractHeapType::extern_: return Feature::reference_types;
    case AbstractHeapType::exn:
    case AbstractHeapType::noexn: return Feature::exceptions;
    default: return Feature::gc;
  }
}

std::optional<ValType> read_val_type_or_nothing(ByteReader& reader, const TypeScope& scope,
                                                const char* text) {
  const size_t start = reader.offset();
  const uint8_t code = reader.read_u8();
  switch (code) {
    case 0x7f: return ValType::i32;
    case 0x7e: return ValType::i64;
    case 0x7d: return ValType::f32;
    case 0x7c: return ValType::f64;
    case 0x7b: require_feature(reader, start, scope, Feature::simd, text); return ValType::v128;
    case 0x63:
    case 0x64:
      if (!require_feature(reader, start, scope, Feature::function_references, text)) break;
      return ValType::ref(read_heap_type(reader, scope), code == 0x63);
    default: break;
  }
  if (const auto abstract = internal::abstract_heap_type(code)) {
    // The one element type of Wasm 1.0's tables; elsewhere funcref came with reference types.
    require_feature(reader, start, scope, feature_of(*abstract), text);
    return ValType::ref(*abstract, true);
  }
  return std::nullopt;
}

}  // namespace

namespace internal {

HeapType read_heap_type_slow(ByteReader& reader, const TypeScope& scope) {
  const size_t start = reader.offset();
  if (const auto abstract = abstract_heap_type(reader.peek_u8())) {
    reader.read_u8();
    require_feature(reader, start, scope, feature_of(*abstract), errors::kHeapType);
    return *abstract;
  }
  const int64_t index = reader.read_s33();
  if (!reader.ok()) return AbstractHeapType::none;
  if (index < 0) {
    reader.fail_malformed(start, errors::kHeapType);
    return AbstractHeapType::none;
  }
  const uint64_t known = scope.types.size();
  if (static_cast<uint64_t>(index) < known)
    return scope.types[TypeIdx(static_cast<uint32_t>(index))];
  if (static_cast<uint64_t>(index) - known < scope.group_size) {
    return HeapType::rec_relative(static_cast<uint32_t>(static_cast<uint64_t>(index) - known));
  }
  reader.fail_invalid(start, std::string(errors::kUnknownType) + " " + std::to_string(index));
  return AbstractHeapType::none;
}

ValType read_val_type_slow(ByteReader& reader, const TypeScope& scope) {
  const size_t start = reader.offset();
  if (const auto type = read_val_type_or_nothing(reader, scope, errors::kValType)) return *type;
  reader.fail_malformed(start, errors::kValType);
  return ValType::i32;
}

}  // namespace internal

ValType read_ref_type(ByteReader& reader, const TypeScope& scope) {
  const size_t start = reader.offset();
  const auto type = read_val_type_or_nothing(reader, scope, errors::kRefType);
  if (type && type->is_ref()) return *type;
  reader.fail_malformed(start, errors::kRefType);
  return ValType::funcref;
}

ValType read_storage_type(ByteReader& reader, const TypeScope& scope) {
  const uint8_t code = reader.peek_u8();
  if (code == 0x78 || code == 0x77) {
    reader.read_u8();
    return code == 0x78 ? ValType::i8 : ValType::i16;
  }
  return read_val_type(reader, scope);
}

}  // namespace swoop

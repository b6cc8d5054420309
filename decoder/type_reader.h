// Reads types, in sections and in code. Type indices become canonical types at once.
// Spec: binary/types.
#pragma once

#include "base/index_vector.h"
#include "decoder/byte_reader.h"
#include "wasm/features.h"
#include "wasm/types.h"

#include <cstdint>
#include <optional>

namespace swoop {

/// What a type index can name.
struct TypeScope {
  const IndexVector<TypeIdx, TypeId>& types;
  Features features;
  /// The recursion group being read: indices from types.size() on, so many, are positions in it.
  uint32_t group_size = 0;
};

namespace internal {

// All of these read one form in full and blame its first byte.
ValType read_val_type_slow(ByteReader& reader, const TypeScope& scope);
HeapType read_heap_type_slow(ByteReader& reader, const TypeScope& scope);

// The abstract heap type of a byte, if it is one.
constexpr std::optional<AbstractHeapType> abstract_heap_type(uint8_t code) {
  switch (code) {
    // clang-format off
#define HEAP_TYPE(name, heap_code, ...) case heap_code: return AbstractHeapType::name;
#include "wasm/heap_types.def"
    // clang-format on
    default: return std::nullopt;
  }
}

}  // namespace internal

/// Errors: malformed, invalid ("unknown type"). Returns some type after an error.
inline HeapType read_heap_type(ByteReader& reader, const TypeScope& scope) {
  return internal::read_heap_type_slow(reader, scope);
}
inline HeapType read_heap_type(UncheckedReader& reader, const TypeScope& scope) {
  if (const auto abstract = internal::abstract_heap_type(reader.peek_u8())) {
    reader.skip(1);
    return *abstract;
  }
  return scope.types[TypeIdx(reader.read_u32())];
}

inline ValType read_val_type(ByteReader& reader, const TypeScope& scope) {
  const uint8_t code = reader.peek_u8();
  if (code >= 0x7c && code <= 0x7f) {
    static constexpr ValType kNumTypes[] = {ValType::f64, ValType::f32, ValType::i64, ValType::i32};
    reader.set_position(reader.position() + 1);
    return kNumTypes[code - 0x7c];
  }
  return internal::read_val_type_slow(reader, scope);
}
inline ValType read_val_type(UncheckedReader& reader, const TypeScope& scope) {
  const uint8_t code = reader.read_u8();
  switch (code) {
    case 0x7f: return ValType::i32;
    case 0x7e: return ValType::i64;
    case 0x7d: return ValType::f32;
    case 0x7c: return ValType::f64;
    case 0x7b: return ValType::v128;
    case 0x63: return ValType::ref(read_heap_type(reader, scope), true);
    case 0x64: return ValType::ref(read_heap_type(reader, scope), false);
    default: return ValType::ref(*internal::abstract_heap_type(code), true);
  }
}

/// A value type that must be a reference.
ValType read_ref_type(ByteReader& reader, const TypeScope& scope);

/// A value type or i8 or i16.
ValType read_storage_type(ByteReader& reader, const TypeScope& scope);

}  // namespace swoop

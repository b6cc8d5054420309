// Structs, arrays and i31s as machine code and C++ see them: one word for any reference, a header
// before the fields of an object.
//
// A reference in the hierarchies of `any` and `extern` is null (0), or its low bits say what it is:
//
//   bit 0 set       an i31: its 31 bits lie in bits 1-31, bits 32-63 are zero
//   bits 1,0 = 10   a reference of the host: its number lies in bits 2-63
//   bits 1,0 = 00   a VmObject*
//
// So ref.eq compares words, and any.convert_extern and extern.convert_any do nothing. Function
// references are VmFuncRef*, and in no hierarchy with these.
//
// Safety: only i31s and host references are made of numbers; who passes one as a pointer would let
// a guest read anywhere. Fields lie inside the object that make_struct_layout measured. Noticed by:
// tests/runtime/const_eval_test.cc.
#pragma once

#include "base/check.h"
#include "wasm/types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace swoop {

/// What an object begins with; its fields or elements follow. Aligned to 8 bytes.
struct VmObject {
  uint32_t type_id = 0;  // canonical (wasm/type_registry.h)
  uint32_t length = 0;   // elements of an array
};
inline constexpr uint32_t kVmObjectTypeId = 0;
inline constexpr uint32_t kVmObjectLength = 4;
inline constexpr uint32_t kVmObjectFields = 8;
inline constexpr uint32_t kVmObjectAlignment = 8;
static_assert(offsetof(VmObject, type_id) == kVmObjectTypeId);
static_assert(offsetof(VmObject, length) == kVmObjectLength);
static_assert(sizeof(VmObject) == kVmObjectFields);

constexpr uint64_t i31_reference(uint32_t value) {
  return static_cast<uint32_t>(value << 1 | 1);
}
/// A reference that the host passes as an externref; `number` is below 2^62. No other number is
/// one.
constexpr uint64_t host_reference(uint64_t number) {
  DCHECK(number < uint64_t{1} << 62);
  return number << 2 | 2;
}

constexpr bool is_i31(uint64_t reference) {
  return (reference & 1) != 0;
}
constexpr bool is_host_reference(uint64_t reference) {
  return (reference & 3) == 2;
}
constexpr bool is_object(uint64_t reference) {
  return reference != 0 && (reference & 3) == 0;
}
constexpr uint32_t i31_value_u(uint64_t reference) {
  return static_cast<uint32_t>(reference) >> 1;
}
constexpr uint64_t host_number(uint64_t reference) {
  return reference >> 2;
}

/// Bytes of a field or an element. Powers of two.
constexpr uint32_t storage_bytes(ValType type) {
  switch (type.kind()) {
    case ValType::Kind::i8: return 1;
    case ValType::Kind::i16: return 2;
    case ValType::Kind::i32:
    case ValType::Kind::f32: return 4;
    case ValType::Kind::v128: return 16;
    default: return 8;
  }
}

/// Where the fields of a struct lie, in bytes from the VmObject. A field's place depends on those
/// before it alone, so that a subtype's begin with its supertype's.
struct StructLayout {
  std::vector<uint32_t> offsets;
  uint32_t size_bytes = kVmObjectFields;  // of the object, a multiple of kVmObjectAlignment
};
StructLayout make_struct_layout(std::span<const FieldType> fields);

/// Bytes of an array of `length` elements, which follow each other from kVmObjectFields on; a
/// multiple of kVmObjectAlignment.
constexpr uint64_t array_bytes(ValType element, uint32_t length) {
  const uint64_t bytes = kVmObjectFields + uint64_t{storage_bytes(element)} * length;
  return (bytes + kVmObjectAlignment - 1) & ~uint64_t{kVmObjectAlignment - 1};
}

}  // namespace swoop

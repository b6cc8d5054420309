// Types of Wasm 3.0: value, heap, composite and recursive types. A defined type is named by its
// canonical TypeId, unique in an engine (wasm/type_registry.h), so equality is a compare of numbers
// in every layer. Spec: syntax/types.
#pragma once

#include "base/check.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swoop {

// Index spaces of a module. Spec: syntax/modules#indices.
enum class TypeIdx : uint32_t {};
enum class FuncIdx : uint32_t {};
enum class TableIdx : uint32_t {};
enum class MemoryIdx : uint32_t {};
enum class GlobalIdx : uint32_t {};
enum class TagIdx : uint32_t {};
enum class ElemIdx : uint32_t {};
enum class DataIdx : uint32_t {};
enum class LocalIdx : uint32_t {};
enum class LabelIdx : uint32_t {};
enum class FieldIdx : uint32_t {};

/// The canonical number of a defined type in an engine's TypeRegistry. Equal types have equal ids.
enum class TypeId : uint32_t {};
inline constexpr TypeId kNoTypeId{0xffffff};
inline constexpr uint32_t kMaxTypeIds = 0xfffffe;  // a heap type has 24 bits for it

/// Spec: syntax/types#heap-types; `bot` is the validator's type of an unknown reference.
enum class AbstractHeapType : uint8_t {
#define HEAP_TYPE(name, ...) name,
#include "wasm/heap_types.def"
  bot,
};

/// An abstract heap type, a canonical type, or (only while its recursion group is read) a position
/// in the group.
class HeapType {
 public:
  constexpr HeapType(AbstractHeapType type) : bits_(static_cast<uint32_t>(type)) {}
  constexpr HeapType(TypeId id) : bits_(kConcrete | static_cast<uint32_t>(id)) {}
  static constexpr HeapType rec_relative(uint32_t position) {
    return HeapType(kRecRelative | position);
  }

  constexpr bool is_abstract() const { return (bits_ & (kConcrete | kRecRelative)) == 0; }
  constexpr bool is_concrete() const { return (bits_ & kConcrete) != 0; }
  constexpr bool is_rec_relative() const { return (bits_ & kRecRelative) != 0; }
  constexpr AbstractHeapType abstract() const {
    DCHECK(is_abstract());
    return AbstractHeapType(bits_);
  }
  constexpr TypeId id() const {
    DCHECK(is_concrete());
    return TypeId(bits_ & kPayload);
  }
  constexpr uint32_t rec_position() const {
    DCHECK(is_rec_relative());
    return bits_ & kPayload;
  }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr HeapType from_bits(uint32_t bits) { return HeapType(bits); }
  friend constexpr bool operator==(HeapType, HeapType) = default;

 private:
  explicit constexpr HeapType(uint32_t bits) : bits_(bits) {}
  static constexpr uint32_t kPayload = 0xffffff;
  static constexpr uint32_t kConcrete = 1u << 24;
  static constexpr uint32_t kRecRelative = 1u << 25;
  uint32_t bits_;
};

/// A value type or, in fields of structs and arrays, a storage type. 4 bytes. Spec:
/// syntax/types#value-types.
class ValType {
 public:
  enum class Kind : uint8_t { bot, i32, i64, f32, f64, v128, i8, i16, ref };

  constexpr ValType() : ValType(Kind::bot) {}
  static constexpr ValType ref(HeapType heap_type, bool nullable) {
    return ValType((heap_type.bits() << kHeapShift) | (nullable ? kNullable : 0) |
                   static_cast<uint32_t>(Kind::ref));
  }

  static const ValType bot, i32, i64, f32, f64, v128, i8, i16, funcref, externref;

  constexpr Kind kind() const { return Kind(bits_ & 0xf); }
  constexpr bool is_ref() const { return kind() == Kind::ref; }
  constexpr bool is_num() const { return kind() >= Kind::i32 && kind() <= Kind::f64; }
  constexpr bool is_vec() const { return kind() == Kind::v128; }
  constexpr bool is_packed() const { return kind() == Kind::i8 || kind() == Kind::i16; }
  /// Lives in a floating-point or vector register.
  constexpr bool is_float_class() const { return kind() >= Kind::f32 && kind() <= Kind::v128; }
  constexpr bool nullable() const { return (bits_ & kNullable) != 0; }
  constexpr HeapType heap_type() const {
    DCHECK(is_ref());
    return HeapType::from_bits(bits_ >> kHeapShift);
  }
  constexpr ValType as_nullable() const { return ValType(bits_ | kNullable); }
  constexpr ValType as_non_null() const { return ValType(bits_ & ~kNullable); }
  /// All types but non-nullable references have a default value. Spec:
  /// valid/types#defaultable-types.
  constexpr bool is_defaultable() const { return !is_ref() || nullable(); }
  /// The type on the operand stack: i8 and i16 are i32 there.
  constexpr ValType unpacked() const { return is_packed() ? ValType(Kind::i32) : *this; }
  constexpr uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(ValType, ValType) = default;

 private:
  explicit constexpr ValType(Kind kind) : bits_(static_cast<uint32_t>(kind)) {}
  explicit constexpr ValType(uint32_t bits) : bits_(bits) {}
  static constexpr uint32_t kNullable = 1u << 4;
  static constexpr uint32_t kHeapShift = 6;  // HeapType needs 26 bits
  uint32_t bits_;
};

inline constexpr ValType ValType::bot = ValType(ValType::Kind::bot);
inline constexpr ValType ValType::i32 = ValType(ValType::Kind::i32);
inline constexpr ValType ValType::i64 = ValType(ValType::Kind::i64);
inline constexpr ValType ValType::f32 = ValType(ValType::Kind::f32);
inline constexpr ValType ValType::f64 = ValType(ValType::Kind::f64);
inline constexpr ValType ValType::v128 = ValType(ValType::Kind::v128);
inline constexpr ValType ValType::i8 = ValType(ValType::Kind::i8);
inline constexpr ValType ValType::i16 = ValType(ValType::Kind::i16);
inline constexpr ValType ValType::funcref = ValType::ref(AbstractHeapType::func, true);
inline constexpr ValType ValType::externref = ValType::ref(AbstractHeapType::extern_, true);

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

struct FieldType {
  ValType storage;
  bool is_mutable = false;
  friend bool operator==(const FieldType&, const FieldType&) = default;
};

/// Exactly one of the three forms. Spec: syntax/types#composite-types.
struct CompositeType {
  enum class Kind : uint8_t { func, struct_, array };
  Kind kind = Kind::func;
  FuncType func;                  // kind == func
  std::vector<FieldType> fields;  // kind == struct_; one field when kind == array
  friend bool operator==(const CompositeType&, const CompositeType&) = default;
};

/// Spec: syntax/types#recursive-types.
struct SubType {
  bool is_final = true;
  std::optional<HeapType> supertype;  // concrete, or rec-relative while the group is read
  CompositeType composite;
  friend bool operator==(const SubType&, const SubType&) = default;
};

struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  friend bool operator==(const Limits&, const Limits&) = default;
};

enum class AddressType : uint8_t { i32, i64 };

constexpr ValType to_val_type(AddressType type) {
  return type == AddressType::i32 ? ValType::i32 : ValType::i64;
}

struct MemoryType {
  Limits limits;  // in pages
  AddressType address_type = AddressType::i32;
  bool is_shared = false;
  uint8_t page_size_log2 = 16;  // custom page sizes: 0 or 16
};

struct TableType {
  ValType element;
  Limits limits;  // in elements
  AddressType address_type = AddressType::i32;
  bool is_shared = false;
};

struct GlobalType {
  ValType type;
  bool is_mutable = false;
  bool is_shared = false;
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

struct TagType {
  TypeId type;  // a function type without results
  friend bool operator==(const TagType&, const TagType&) = default;
};

enum class ExternKind : uint8_t { func, table, memory, global, tag };

}  // namespace swoop

// Types of a module: definitions, uses, and those that uses add. Spec: text/types,
// text/modules#type-uses.
#pragma once

#include "text/byte_writer.h"
#include "text/cursor.h"
#include "text/names.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace swoop::text {

/// A value, storage or heap type as the binary format writes it.
class EncodedType {
 public:
  void push(uint8_t byte) { bytes_[size_++] = byte; }
  std::string_view bytes() const {
    return {static_cast<const char*>(static_cast<const void*>(bytes_.data())), size_};
  }
  friend bool operator==(const EncodedType&, const EncodedType&) = default;

 private:
  std::array<uint8_t, 7> bytes_{};  // a prefix and a LEB128 number of 33 bits
  uint8_t size_ = 0;
};

struct RefType {
  EncodedType type;
  EncodedType heap_type;
  bool is_nullable = false;
};

struct Signature {
  std::vector<EncodedType> params;
  std::vector<EncodedType> results;
  friend bool operator==(const Signature&, const Signature&) = default;
};

/// `(type x)? (param ..)* (result ..)*` and what it stands for.
struct TypeUse {
  std::optional<uint32_t> index;  // if written
  Signature signature;            // as written
  struct ParamId {
    uint32_t index;
    std::string id;
    size_t offset;
  };
  std::vector<ParamId> param_ids;
  NameMap param_names;  // for the name section
  size_t offset = 0;
  bool has_signature() const { return !signature.params.empty() || !signature.results.empty(); }
};

class TypeParser {
 public:
  TypeParser(Cursor& cursor, Names& names) : cursor_(cursor), names_(names) {}

  /// First pass, over `(type ...)` or `(rec ...)`: gives identifiers their indices. The cursor is
  /// behind the keyword and is left somewhere in the form.
  void declare_type();
  void declare_group(size_t close);
  /// Second pass over the same forms. All types must be declared.
  void define_type();
  void define_group();

  EncodedType read_heap_type();
  EncodedType read_val_type();
  RefType read_ref_type();
  bool at_ref_type() const;

  uint32_t read_index();
  /// The field of a struct type, by name or number.
  uint32_t read_field_index(uint32_t type);

  /// Names of parameters are an error unless `has_names`.
  TypeUse read_use(bool has_names);
  /// The index of its type, which is added to the module if it has none.
  uint32_t resolve(const TypeUse& use);
  /// The parameters and results of a function type; null if there is none of this index yet.
  const Signature* find_signature(uint32_t index) const;

  /// The contents of the type section; empty if there is no type.
  ByteWriter encode() const;

 private:
  void read_sub_type();
  void read_composite_type();
  void add_plain();
  EncodedType read_storage_type();
  void write_field_type();
  void read_struct();
  void read_signature(TypeUse& use, bool has_names);
  static std::string key(const Signature& signature);

  Cursor& cursor_;
  Names& names_;
  NameSpace ids_;
  uint32_t num_declared_ = 0;
  std::vector<std::optional<Signature>> signatures_;  // by type index; nothing for other types
  std::unordered_map<uint32_t, NameSpace> fields_;    // by type index
  std::unordered_map<std::string, uint32_t> plain_;   // final function types alone in their group
  ByteWriter groups_;
  uint32_t num_groups_ = 0;
  bool in_group_ = false;
  bool is_plain_ = false;  // the type read last is final and has no supertype
};

/// `(@name "...")`, if it is next, or else the identifier, as a name for the name section.
std::optional<std::string> read_name_annotation(Cursor& cursor, std::optional<std::string> id);

}  // namespace swoop::text

// Types as a module's bytes have them. The decoder knows canonical types only, in which the indices
// and the forms that were written are lost; a printer needs just these. Spec: binary/types,
// text/types.
#pragma once

#include "decoder/byte_reader.h"
#include "text/print_names.h"
#include "text/print_output.h"
#include "wasm/types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace swoop::text {

/// A value, storage or heap type, or a field with its mutability.
struct WrittenType {
  static constexpr uint8_t kRefNull = 0x63;
  static constexpr uint8_t kRef = 0x64;
  static constexpr uint8_t kIndex = 0;

  uint8_t code = 0;       // the byte in front; kIndex: a heap type that is an index
  uint8_t heap_code = 0;  // of (ref ...): the byte of an abstract type, or kIndex
  bool is_mutable = false;
  uint32_t index = 0;
};

WrittenType read_written_val_type(ByteReader& reader);
/// As the heap type of the result.
WrittenType read_written_heap_type(ByteReader& reader);
bool read_written_mutability(ByteReader& reader);

struct WrittenTypeDef {
  uint8_t form = 0;      // 0x60 func, 0x5f struct, 0x5e array
  uint8_t sub_form = 0;  // 0x50 sub, 0x4f sub final, or 0
  uint32_t num_supertypes = 0;
  uint32_t num_params = 0;  // or fields
  uint32_t num_results = 0;
  size_t first_supertype = 0;
  size_t first_type = 0;
};

/// The type section.
class WrittenTypes {
 public:
  /// Errors stick to the reader.
  void read(ByteReader& reader);

  size_t size() const { return defs_.size(); }
  bool is_func(uint64_t index) const { return index < size() && defs_[index].form == 0x60; }
  size_t num_fields(size_t index) const {
    return defs_[index].form == 0x5f ? defs_[index].num_params : 0;
  }
  /// Of a function type; empty for all others.
  std::span<const WrittenType> params(uint64_t index) const {
    if (!is_func(index)) return {};
    return std::span(types_).subspan(defs_[index].first_type, defs_[index].num_params);
  }
  std::span<const WrittenType> results(uint64_t index) const {
    if (!is_func(index)) return {};
    const WrittenTypeDef& def = defs_[index];
    return std::span(types_).subspan(def.first_type + def.num_params, def.num_results);
  }
  /// Of a struct; empty for all others.
  std::span<const WrittenType> fields(uint64_t index) const {
    if (index >= size() || defs_[index].form != 0x5f) return {};
    return std::span(types_).subspan(defs_[index].first_type, defs_[index].num_params);
  }

  struct Group {
    uint32_t size = 0;
    bool is_explicit = false;
  };
  std::span<const Group> groups() const { return groups_; }
  const WrittenTypeDef& operator[](size_t index) const { return defs_[index]; }
  std::span<const uint32_t> supertypes(const WrittenTypeDef& def) const {
    return std::span(supertypes_).subspan(def.first_supertype, def.num_supertypes);
  }
  const WrittenType& element(const WrittenTypeDef& array) const { return types_[array.first_type]; }

 private:
  void read_def(ByteReader& reader);
  uint32_t read_list(ByteReader& reader, bool is_fields);
  void read_field(ByteReader& reader);

  std::vector<WrittenTypeDef> defs_;
  std::vector<Group> groups_;
  std::vector<WrittenType> types_;  // of all definitions: parameters and results, or fields
  std::vector<uint32_t> supertypes_;
};

/// Puts types with the identifiers of type indices.
class TypePrinter {
 public:
  /// What is referenced must outlive the printer.
  TypePrinter(PrintOutput& out, const Identifiers& type_ids) : out_(out), type_ids_(type_ids) {}

  void put_val_type(const WrittenType& type);
  void put_heap_type(const WrittenType& type) { put_heap(type.heap_code, type.index); }
  /// " (param ...)" without names, " (result ...)": nothing for none.
  void put_list(std::string_view keyword, std::span<const WrittenType> types);
  /// "(mut i32)" or "i32".
  void put_field(const WrittenType& type);
  /// The whole section.
  void put_section(const WrittenTypes& types, const FieldIdentifiers& field_ids);

 private:
  void put_heap(uint8_t code, uint32_t index);
  void put_def(const WrittenTypes& types, uint32_t index, const FieldIdentifiers& field_ids);

  PrintOutput& out_;
  const Identifiers& type_ids_;
};

}  // namespace swoop::text

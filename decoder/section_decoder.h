// One complete section becomes fields of the ModuleInfo. All but the code section, which
// module_decoder takes apart. Spec: binary/modules, valid/modules.
#pragma once

#include "base/result.h"
#include "decoder/byte_reader.h"
#include "decoder/type_reader.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"
#include "wasm/types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace swoop {

/// Spec: binary/modules#sections.
enum class SectionId : uint8_t {
  custom,
  type,
  import,
  function,
  table,
  memory,
  global,
  export_,
  start,
  element,
  code,
  data,
  data_count,
  tag,
};

/// The name for people: "custom", "type", ..., by SectionId.
inline constexpr const char* kSectionNames[] = {
    "custom", "type",  "import",  "function", "table", "memory",     "global",
    "export", "start", "element", "code",     "data",  "data count", "tag"};

/// The error of a reader over the contents of a section, or of bytes that it left.
Result<> finish_section(ByteReader& reader);

class SectionDecoder {
 public:
  SectionDecoder(ModuleInfo& module, TypeRegistry& types, Features features)
      : module_(module), types_(types), features_(features) {}

  /// Decodes and validates the contents of a section other than code. `offset` is that of
  /// contents[0]. The sections before it in the module's order must have been decoded.
  Result<> decode(SectionId id, std::span<const uint8_t> contents, size_t offset);

 private:
  void read_types(ByteReader& reader);
  void read_rec_group(ByteReader& reader, uint32_t size);
  SubType read_sub_type(ByteReader& reader, const TypeScope& scope, uint32_t position);
  CompositeType read_composite_type(ByteReader& reader, const TypeScope& scope);
  std::vector<ValType> read_result_type(ByteReader& reader, const TypeScope& scope, uint32_t limit);
  FieldType read_field_type(ByteReader& reader, const TypeScope& scope);
  void check_sub_type(ByteReader& reader, size_t offset, TypeIdx index);
  bool matches(const CompositeType& sub, const CompositeType& super) const;
  bool matches(const FieldType& sub, const FieldType& super) const;

  void read_imports(ByteReader& reader);
  void read_functions(ByteReader& reader);
  void read_tables(ByteReader& reader);
  void read_memories(ByteReader& reader);
  void read_tags(ByteReader& reader);
  void read_globals(ByteReader& reader);
  void read_exports(ByteReader& reader);
  void read_start(ByteReader& reader);
  void read_elements(ByteReader& reader);
  void read_element_segment(ByteReader& reader);
  void read_data_count(ByteReader& reader);
  void read_data(ByteReader& reader);
  void read_custom(ByteReader& reader);

  std::string_view read_limited_name(ByteReader& reader);
  /// The type of a function or tag; null after an error.
  const FuncType* read_func_type_idx(ByteReader& reader, TypeIdx& index);
  FuncDecl read_func_decl(ByteReader& reader);
  TableType read_table_type(ByteReader& reader);
  MemoryType read_memory_type(ByteReader& reader);
  GlobalType read_global_type(ByteReader& reader);
  TagType read_tag_type(ByteReader& reader);
  bool read_mutability(ByteReader& reader);
  Limits read_limits(ByteReader& reader, uint8_t flags);
  ConstExpr read_const_expr(ByteReader& reader, ValType expected);

  void add_table(ByteReader& reader, size_t offset, TableDecl table);
  void add_memory(ByteReader& reader, size_t offset, const MemoryType& type);

  /// Reports when `count` more would be over a limit. `what` is the plural: "types".
  bool check_count(ByteReader& reader, size_t offset, uint64_t count, uint64_t limit,
                   const char* what);
  void fail_unknown(ByteReader& reader, size_t offset, const char* text, uint32_t index);
  bool require_feature(ByteReader& reader, size_t offset, Feature feature, const char* text);

  TypeScope scope() const { return {module_.types, features_}; }

  ModuleInfo& module_;
  TypeRegistry& types_;
  Features features_;
};

}  // namespace swoop

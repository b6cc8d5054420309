#include "decoder/section_decoder.h"

#include "decoder/const_expr.h"
#include "decoder/errors.h"
#include "decoder/name_section.h"
#include "wasm/limits.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace swoop {

namespace {

// An element takes a byte of input at least: so much may be reserved on the word of a count.
template <class Vector>
void reserve_more(Vector& vector, const ByteReader& reader, uint32_t count) {
  vector.reserve(vector.size() + std::min<size_t>(count, reader.remaining()));
}

}  // namespace

Result<> finish_section(ByteReader& reader) {
  if (reader.ok() && !reader.at_end()) {
    reader.fail_malformed(reader.offset(), std::string(errors::kSectionSize) + ", " +
                                               std::to_string(reader.remaining()) +
                                               " bytes are left");
  }
  if (!reader.ok()) return reader.take_error();
  return {};
}

Result<> SectionDecoder::decode(SectionId id, std::span<const uint8_t> contents, size_t offset) {
  ByteReader reader(contents, offset);
  switch (id) {
    case SectionId::custom: read_custom(reader); break;
    case SectionId::type: read_types(reader); break;
    case SectionId::import: read_imports(reader); break;
    case SectionId::function: read_functions(reader); break;
    case SectionId::table: read_tables(reader); break;
    case SectionId::memory: read_memories(reader); break;
    case SectionId::global: read_globals(reader); break;
    case SectionId::export_: read_exports(reader); break;
    case SectionId::start: read_start(reader); break;
    case SectionId::element: read_elements(reader); break;
    case SectionId::code: UNREACHABLE();
    case SectionId::data: read_data(reader); break;
    case SectionId::data_count: read_data_count(reader); break;
    case SectionId::tag: read_tags(reader); break;
  }
  return finish_section(reader);
}

// Types.

void SectionDecoder::read_types(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limits::kMaxTypes, "types")) return;
  reserve_more(module_.types, reader, count);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const size_t group_start = reader.offset();
    uint32_t size = 1;
    if (reader.peek_u8() == 0x4e) {
      reader.read_u8();
      if (!require_feature(reader, group_start, Feature::gc, errors::kDefType)) return;
      size = reader.read_count();
    }
    if (!check_count(reader, group_start, module_.types.size() + size, limits::kMaxTypes,
                     "types")) {
      return;
    }
    read_rec_group(reader, size);
  }
}

void SectionDecoder::read_rec_group(ByteReader& reader, uint32_t size) {
  const TypeScope group_scope{module_.types, features_, size};
  const size_t start = reader.offset();
  std::vector<SubType> group;
  group.reserve(std::min<size_t>(size, reader.remaining()));
  std::vector<size_t> offsets;
  for (uint32_t i = 0; i < size && reader.ok(); ++i) {
    offsets.push_back(reader.offset());
    group.push_back(read_sub_type(reader, group_scope, i));
  }
  if (!reader.ok()) return;

  Result<TypeId> first = types_.intern(group);
  if (!first) {
    reader.fail(start, first.error().kind, first.error().message);
    return;
  }
  const TypeIdx first_index = module_.types.end_index();
  for (uint32_t i = 0; i < size; ++i) module_.types.push_back(TypeId(to_underlying(*first) + i));
  // Matching asks about types of the group, so they had to get their ids first. That an invalid
  // group is interned does no harm: no module can use its ids.
  for (uint32_t i = 0; i < size && reader.ok(); ++i) {
    if (group[i].supertype) {
      check_sub_type(reader, offsets[i], TypeIdx(to_underlying(first_index) + i));
    }
  }
}

SubType SectionDecoder::read_sub_type(ByteReader& reader, const TypeScope& scope,
                                      uint32_t position) {
  SubType type;
  const size_t start = reader.offset();
  const uint8_t form = reader.peek_u8();
  if (form == 0x50 || form == 0x4f) {
    reader.read_u8();
    require_feature(reader, start, Feature::gc, errors::kDefType);
    type.is_final = form == 0x4f;
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      const size_t at = reader.offset();
      const uint32_t index = reader.read_u32();
      const size_t known = scope.types.size();
      if (i > 0) {
        reader.fail_invalid(at, std::string(errors::kSubType) + " with more than one super type");
      } else if (index >= known + scope.group_size) {
        fail_unknown(reader, at, errors::kUnknownType, index);
      } else if (index >= known + position) {
        reader.fail_invalid(
            at, "forward use of type " + std::to_string(index) + " in sub type definition");
      } else {
        type.supertype = index < known
                             ? HeapType(scope.types[TypeIdx(index)])
                             : HeapType::rec_relative(static_cast<uint32_t>(index - known));
      }
    }
  }
  type.composite = read_composite_type(reader, scope);
  return type;
}

CompositeType SectionDecoder::read_composite_type(ByteReader& reader, const TypeScope& scope) {
  CompositeType type;
  const size_t start = reader.offset();
  switch (reader.read_u8()) {
    case 0x60:
      type.kind = CompositeType::Kind::func;
      type.func.params = read_result_type(reader, scope, limits::kMaxParams);
      type.func.results = read_result_type(reader, scope, limits::kMaxResults);
      if (type.func.results.size() > 1 && !features_.has(Feature::multi_value)) {
        reader.fail_invalid(start, "invalid result arity (feature multi-value is disabled)");
      }
      break;
    case 0x5f: {
      type.kind = CompositeType::Kind::struct_;
      require_feature(reader, start, Feature::gc, errors::kDefType);
      const size_t at = reader.offset();
      const uint32_t count = reader.read_count();
      if (!check_count(reader, at, count, limits::kMaxStructFields, "fields in a struct")) break;
      type.fields.reserve(count);
      for (uint32_t i = 0; i < count && reader.ok(); ++i) {
        type.fields.push_back(read_field_type(reader, scope));
      }
      break;
    }
    case 0x5e:
      type.kind = CompositeType::Kind::array;
      require_feature(reader, start, Feature::gc, errors::kDefType);
      type.fields.push_back(read_field_type(reader, scope));
      break;
    default: reader.fail_malformed(start, errors::kDefType);
  }
  return type;
}

std::vector<ValType> SectionDecoder::read_result_type(ByteReader& reader, const TypeScope& scope,
                                                      uint32_t limit) {
  std::vector<ValType> types;
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limit, "parameters or results of a function"))
    return types;
  types.reserve(count);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) types.push_back(read_val_type(reader, scope));
  return types;
}

FieldType SectionDecoder::read_field_type(ByteReader& reader, const TypeScope& scope) {
  FieldType field;
  field.storage = read_storage_type(reader, scope);
  field.is_mutable = read_mutability(reader);
  return field;
}

void SectionDecoder::check_sub_type(ByteReader& reader, size_t offset, TypeIdx index) {
  const SubType& sub = types_[module_.types[index]].definition;
  const SubType& super = types_[sub.supertype->id()].definition;
  const std::string text =
      std::string(errors::kSubType) + " " + std::to_string(to_underlying(index));
  if (super.is_final) {
    reader.fail_invalid(offset, text + " has a final super type");
  } else if (!matches(sub.composite, super.composite)) {
    reader.fail_invalid(offset, text + " does not match its super type");
  }
}

// Spec: valid/matching#composite-types.
bool SectionDecoder::matches(const CompositeType& sub, const CompositeType& super) const {
  if (sub.kind != super.kind) return false;
  if (sub.kind != CompositeType::Kind::func) {
    return sub.fields.size() >= super.fields.size() &&
           std::equal(super.fields.begin(), super.fields.end(), sub.fields.begin(),
                      [&](const FieldType& a, const FieldType& b) { return matches(b, a); });
  }
  const auto is_subtype = [&](ValType a, ValType b) { return types_.is_subtype(a, b); };
  return std::ranges::equal(super.func.params, sub.func.params, is_subtype) &&
         std::ranges::equal(sub.func.results, super.func.results, is_subtype);
}

bool SectionDecoder::matches(const FieldType& sub, const FieldType& super) const {
  if (sub.is_mutable != super.is_mutable) return false;
  if (sub.is_mutable) return sub.storage == super.storage;
  return types_.is_subtype(sub.storage, super.storage);
}

// Imports and declarations.

void SectionDecoder::read_imports(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limits::kMaxImports, "imports")) return;
  reserve_more(module_.imports, reader, count);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    Import import;
    import.wasm_offset = reader.offset();
    import.module = read_limited_name(reader);
    import.name = read_limited_name(reader);
    const size_t kind_offset = reader.offset();
    import.kind = ExternKind(reader.read_u8());
    if (!reader.ok()) return;
    const size_t type_offset = reader.offset();
    switch (import.kind) {
      case ExternKind::func:
        import.index = module_.num_imported_funcs++;
        module_.funcs.push_back(read_func_decl(reader));
        break;
      case ExternKind::table:
        import.index = module_.num_imported_tables++;
        add_table(reader, type_offset, {read_table_type(reader), std::nullopt});
        break;
      case ExternKind::memory:
        import.index = module_.num_imported_memories++;
        add_memory(reader, type_offset, read_memory_type(reader));
        break;
      case ExternKind::global:
        import.index = module_.num_imported_globals++;
        module_.globals.push_back({read_global_type(reader), {}});
        if (module_.globals.back().type.is_mutable && !features_.has(Feature::mutable_globals)) {
          reader.fail_invalid(type_offset, "mutable globals cannot be imported");
        }
        break;
      case ExternKind::tag:
        if (!features_.has(Feature::legacy_exceptions) &&
            !require_feature(reader, kind_offset, Feature::exceptions, errors::kImportKind)) {
          return;
        }
        import.index = module_.num_imported_tags++;
        module_.tags.push_back({read_tag_type(reader)});
        break;
      default: reader.fail_malformed(kind_offset, errors::kImportKind); return;
    }
    module_.imports.push_back(std::move(import));
  }
}

void SectionDecoder::read_functions(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, uint64_t{count} + module_.funcs.size(), limits::kMaxFunctions,
                   "functions")) {
    return;
  }
  reserve_more(module_.funcs, reader, count);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    module_.funcs.push_back(read_func_decl(reader));
  }
}

void SectionDecoder::read_tables(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, uint64_t{count} + module_.tables.size(), limits::kMaxTables,
                   "tables")) {
    return;
  }
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const size_t at = reader.offset();
    TableDecl table;
    const bool has_init = reader.peek_u8() == 0x40;
    if (has_init) {
      reader.read_u8();
      require_feature(reader, at, Feature::function_references, errors::kRefType);
      const size_t zero = reader.offset();
      if (reader.read_u8() != 0) reader.fail_malformed(zero, errors::kZeroByteExpected);
    }
    table.type = read_table_type(reader);
    if (has_init) {
      table.init = read_const_expr(reader, table.type.element);
    } else if (!table.type.element.is_defaultable()) {
      reader.fail_invalid(at, std::string(errors::kTypeMismatch) + ": table of " +
                                  types_.to_string(table.type.element) + " needs an initial value");
    }
    add_table(reader, at, std::move(table));
  }
}

void SectionDecoder::read_memories(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, uint64_t{count} + module_.memories.size(), limits::kMaxMemories,
                   "memories")) {
    return;
  }
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const size_t at = reader.offset();
    add_memory(reader, at, read_memory_type(reader));
  }
}

void SectionDecoder::read_tags(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, uint64_t{count} + module_.tags.size(), limits::kMaxTags,
                   "tags")) {
    return;
  }
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    module_.tags.push_back({read_tag_type(reader)});
  }
}

void SectionDecoder::read_globals(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, uint64_t{count} + module_.globals.size(), limits::kMaxGlobals,
                   "globals")) {
    return;
  }
  reserve_more(module_.globals, reader, count);
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    GlobalDecl global;
    global.type = read_global_type(reader);
    global.init = read_const_expr(reader, global.type.type);
    module_.globals.push_back(std::move(global));
  }
}

void SectionDecoder::read_exports(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limits::kMaxExports, "exports")) return;
  reserve_more(module_.exports, reader, count);
  std::vector<size_t> offsets;
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    offsets.push_back(reader.offset());
    Export exported;
    exported.name = read_limited_name(reader);
    const size_t kind_offset = reader.offset();
    exported.kind = ExternKind(reader.read_u8());
    const size_t index_offset = reader.offset();
    const uint32_t index = exported.index = reader.read_u32();
    if (!reader.ok()) return;
    size_t limit = 0;
    const char* unknown = nullptr;
    switch (exported.kind) {
      case ExternKind::func:
        limit = module_.funcs.size();
        unknown = errors::kUnknownFunction;
        if (index < limit) module_.funcs[FuncIdx(index)].is_declared = true;
        break;
      case ExternKind::table:
        limit = module_.tables.size();
        unknown = errors::kUnknownTable;
        break;
      case ExternKind::memory:
        limit = module_.memories.size();
        unknown = errors::kUnknownMemory;
        break;
      case ExternKind::global:
        limit = module_.globals.size();
        unknown = errors::kUnknownGlobal;
        if (index < limit && module_.globals[GlobalIdx(index)].type.is_mutable &&
            !features_.has(Feature::mutable_globals)) {
          reader.fail_invalid(kind_offset, "mutable globals cannot be exported");
        }
        break;
      case ExternKind::tag:
        limit = module_.tags.size();
        unknown = errors::kUnknownTag;
        break;
      default: reader.fail_malformed(kind_offset, errors::kExportKind); return;
    }
    if (index >= limit) fail_unknown(reader, index_offset, unknown, index);
    module_.exports.push_back(std::move(exported));
  }
  if (!reader.ok()) return;

  // Sorted, not hashed: no choice of names makes this slow.
  const std::vector<Export>& exports = module_.exports;
  std::vector<uint32_t> order(exports.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    const int compared = exports[a].name.compare(exports[b].name);
    return compared != 0 ? compared < 0 : a < b;
  });
  size_t duplicate = SIZE_MAX;
  for (size_t i = 1; i < order.size(); ++i) {
    if (exports[order[i]].name == exports[order[i - 1]].name) {
      duplicate = std::min<size_t>(duplicate, order[i]);
    }
  }
  if (duplicate != SIZE_MAX) {
    reader.fail_invalid(offsets[duplicate], std::string(errors::kDuplicateExport) + " \"" +
                                                exports[duplicate].name + "\"");
  }
}

void SectionDecoder::read_start(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t index = reader.read_u32();
  if (!reader.ok()) return;
  if (index >= module_.funcs.size()) {
    return fail_unknown(reader, start, errors::kUnknownFunction, index);
  }
  const FuncType& type = types_.func_type(module_.funcs[FuncIdx(index)].type);
  if (!type.params.empty() || !type.results.empty()) {
    reader.fail_invalid(start, std::string(errors::kStartFunction) + " " + std::to_string(index) +
                                   " must not have parameters or results");
  }
  module_.start = FuncIdx(index);
}

// Segments.

void SectionDecoder::read_elements(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limits::kMaxElemSegments, "element segments")) return;
  for (uint32_t i = 0; i < count && reader.ok(); ++i) read_element_segment(reader);
}

// Bit 0 of the kind: not active. Bit 1: an explicit table, or declarative. Bit 2: expressions, not
// functions.
void SectionDecoder::read_element_segment(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t kind = reader.read_u32();
  if (!reader.ok()) return;
  if (kind > 7) return reader.fail_malformed(start, errors::kElemSegmentKind);
  if (kind != 0 &&
      !require_feature(reader, start, Feature::bulk_memory, errors::kElemSegmentKind)) {
    return;
  }
  ElemSegment segment;
  segment.mode = (kind & 1) == 0   ? SegmentMode::active
                 : (kind & 2) == 0 ? SegmentMode::passive
                                   : SegmentMode::declarative;
  const bool has_exprs = (kind & 4) != 0;
  size_t table_offset = start;
  if (segment.mode == SegmentMode::active) {
    if ((kind & 2) != 0) {
      table_offset = reader.offset();
      segment.table = TableIdx(reader.read_u32());
    }
    if (!reader.ok()) return;
    if (!module_.tables.contains(segment.table)) {
      return fail_unknown(reader, table_offset, errors::kUnknownTable,
                          to_underlying(segment.table));
    }
    const AddressType address_type = module_.tables[segment.table].type.address_type;
    segment.offset = read_const_expr(reader, to_val_type(address_type));
  }

  const size_t type_offset = reader.offset();
  if ((kind & 3) == 0) {
    segment.type = ValType::ref(AbstractHeapType::func, has_exprs);
  } else if (has_exprs) {
    segment.type = read_ref_type(reader, scope());
  } else {
    if (reader.read_u8() != 0) reader.fail_malformed(type_offset, errors::kElemKind);
    segment.type = ValType::ref(AbstractHeapType::func, false);
  }
  if (reader.ok() && segment.mode == SegmentMode::active) {
    const ValType element = module_.tables[segment.table].type.element;
    if (!types_.is_subtype(segment.type, element)) {
      return reader.fail_invalid(type_offset, std::string(errors::kTypeMismatch) +
                                                  ": elements of type " +
                                                  types_.to_string(segment.type) +
                                                  " for a table of " + types_.to_string(element));
    }
  }

  const size_t count_offset = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, count_offset, count, limits::kMaxElemSegmentSize,
                   "elements in a segment")) {
    return;
  }
  segment.funcs.reserve(std::min<size_t>(count, reader.remaining()));
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    if (!has_exprs) {
      const size_t at = reader.offset();
      const FuncIdx func = FuncIdx(reader.read_u32());
      if (!module_.funcs.contains(func)) {
        return fail_unknown(reader, at, errors::kUnknownFunction, to_underlying(func));
      }
      module_.funcs[func].is_declared = true;
      segment.funcs.push_back(func);
      continue;
    }
    ConstExpr expr = read_const_expr(reader, segment.type);
    if (expr.kind == ConstExpr::Kind::ref_func && segment.exprs.empty()) {
      segment.funcs.push_back(FuncIdx(expr.index));
      continue;
    }
    // Not plain functions after all: those so far become expressions too.
    for (const FuncIdx func : std::exchange(segment.funcs, {})) {
      ConstExpr ref_func{.kind = ConstExpr::Kind::ref_func, .index = to_underlying(func)};
      segment.exprs.push_back(std::move(ref_func));
    }
    segment.exprs.push_back(std::move(expr));
  }
  module_.elems.push_back(std::move(segment));
}

void SectionDecoder::read_data_count(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_u32();
  if (!check_count(reader, start, count, limits::kMaxDataSegments, "data segments")) return;
  module_.data_count = count;
}

void SectionDecoder::read_data(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint32_t count = reader.read_count();
  if (!check_count(reader, start, count, limits::kMaxDataSegments, "data segments")) return;
  if (module_.data_count && *module_.data_count != count) {
    return reader.fail_malformed(start, errors::kDataCount);
  }
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const size_t at = reader.offset();
    const uint32_t kind = reader.read_u32();
    if (!reader.ok()) return;
    if (kind > 2) return reader.fail_malformed(at, errors::kDataSegmentKind);
    if (kind != 0 && !require_feature(reader, at, Feature::bulk_memory, errors::kDataSegmentKind)) {
      return;
    }
    DataSegment segment;
    segment.mode = kind == 1 ? SegmentMode::passive : SegmentMode::active;
    if (segment.mode == SegmentMode::active) {
      const size_t memory_offset = kind == 2 ? reader.offset() : at;
      if (kind == 2) segment.memory = MemoryIdx(reader.read_u32());
      if (!reader.ok()) return;
      if (!module_.memories.contains(segment.memory)) {
        return fail_unknown(reader, memory_offset, errors::kUnknownMemory,
                            to_underlying(segment.memory));
      }
      const AddressType address_type = module_.memories[segment.memory].type.address_type;
      segment.offset = read_const_expr(reader, to_val_type(address_type));
    }
    const std::span<const uint8_t> bytes = reader.read_byte_vector();
    segment.bytes.assign(bytes.begin(), bytes.end());
    module_.datas.push_back(std::move(segment));
  }
}

void SectionDecoder::read_custom(ByteReader& reader) {
  const std::string_view name = reader.read_name();
  if (!reader.ok()) return;
  const std::span<const uint8_t> contents = reader.read_bytes(reader.remaining());
  if (name == "name") read_name_section(contents, module_.names);
  module_.custom_sections.push_back({std::string(name), {contents.begin(), contents.end()}});
}

// Parts.

std::string_view SectionDecoder::read_limited_name(ByteReader& reader) {
  const size_t start = reader.offset();
  const std::string_view name = reader.read_name();
  check_count(reader, start, name.size(), limits::kMaxNameBytes, "bytes in a name");
  return name;
}

const FuncType* SectionDecoder::read_func_type_idx(ByteReader& reader, TypeIdx& index) {
  const size_t start = reader.offset();
  index = TypeIdx(reader.read_u32());
  if (!reader.ok()) return nullptr;
  if (!module_.types.contains(index)) {
    fail_unknown(reader, start, errors::kUnknownType, to_underlying(index));
    return nullptr;
  }
  const TypeId type = module_.types[index];
  if (!types_.is_func(type)) {
    fail_unknown(reader, start, "unknown type: not a function type,", to_underlying(index));
    return nullptr;
  }
  return &types_.func_type(type);
}

FuncDecl SectionDecoder::read_func_decl(ByteReader& reader) {
  FuncDecl func{};
  if (read_func_type_idx(reader, func.type_idx) != nullptr)
    func.type = module_.types[func.type_idx];
  return func;
}

TagType SectionDecoder::read_tag_type(ByteReader& reader) {
  const size_t start = reader.offset();
  if (reader.read_u8() != 0) reader.fail_malformed(start, errors::kZeroByteExpected);
  TypeIdx index{};
  TagType tag{kNoTypeId};
  if (const FuncType* type = read_func_type_idx(reader, index)) {
    tag.type = module_.types[index];
    if (!type->results.empty()) reader.fail_invalid(start, errors::kTagResults);
  }
  return tag;
}

bool SectionDecoder::read_mutability(ByteReader& reader) {
  const size_t start = reader.offset();
  const uint8_t mutability = reader.read_u8();
  if (mutability > 1) reader.fail_malformed(start, errors::kMutability);
  return mutability == 1;
}

GlobalType SectionDecoder::read_global_type(ByteReader& reader) {
  GlobalType global;
  global.type = read_val_type(reader, scope());
  global.is_mutable = read_mutability(reader);
  return global;
}

// Bits of the flags of tables and memories.
namespace {
constexpr uint8_t kHasMax = 1;
constexpr uint8_t kShared = 2;
constexpr uint8_t kAddress64 = 4;
constexpr uint8_t kHasPageSize = 8;
}  // namespace

Limits SectionDecoder::read_limits(ByteReader& reader, uint8_t flags) {
  // The numbers were 32 bits wide before memory64.
  const auto read = [&] {
    return features_.has(Feature::memory64) ? reader.read_u64() : reader.read_u32();
  };
  Limits limits;
  limits.min = read();
  if ((flags & kHasMax) != 0) limits.max = read();
  return limits;
}

TableType SectionDecoder::read_table_type(ByteReader& reader) {
  TableType table;
  table.element = read_ref_type(reader, scope());
  const size_t start = reader.offset();
  const uint8_t flags = reader.read_u8();
  if ((flags & ~(kHasMax | kAddress64)) != 0) reader.fail_malformed(start, errors::kLimitsFlags);
  if ((flags & kAddress64) != 0) {
    require_feature(reader, start, Feature::memory64, errors::kLimitsFlags);
    table.address_type = AddressType::i64;
  }
  table.limits = read_limits(reader, flags);
  if (!reader.ok()) return table;

  if (table.address_type == AddressType::i32 &&
      std::max(table.limits.min, table.limits.max.value_or(0)) > UINT32_MAX) {
    reader.fail_invalid(start, std::string(errors::kTableSize) + " 2^32-1 for i32");
  } else if (table.limits.max && *table.limits.max < table.limits.min) {
    reader.fail_invalid(start, errors::kMinAboveMax);
  }
  return table;
}

MemoryType SectionDecoder::read_memory_type(ByteReader& reader) {
  MemoryType memory;
  const size_t start = reader.offset();
  const uint8_t flags = reader.read_u8();
  if ((flags & ~(kHasMax | kShared | kAddress64 | kHasPageSize)) != 0) {
    reader.fail_malformed(start, errors::kLimitsFlags);
  }
  if ((flags & kShared) != 0) {
    require_feature(reader, start, Feature::threads, errors::kLimitsFlags);
    memory.is_shared = true;
  }
  if ((flags & kAddress64) != 0) {
    require_feature(reader, start, Feature::memory64, errors::kLimitsFlags);
    memory.address_type = AddressType::i64;
  }
  if ((flags & kHasPageSize) != 0) {
    require_feature(reader, start, Feature::custom_page_sizes, errors::kLimitsFlags);
  }
  memory.limits = read_limits(reader, flags);
  if ((flags & kHasPageSize) != 0) {
    const size_t at = reader.offset();
    const uint32_t page_size_log2 = reader.read_u32();
    if (page_size_log2 >= 64) {
      reader.fail_malformed(at, errors::kPageSize);
    } else if (page_size_log2 != 0 && page_size_log2 != 16) {
      reader.fail_invalid(at,
                          std::string(errors::kPageSize) + " 2^" + std::to_string(page_size_log2));
    } else {
      memory.page_size_log2 = static_cast<uint8_t>(page_size_log2);
    }
  }
  if (!reader.ok()) return memory;

  // All of the address space, but for bytes the number of them must fit in an address too.
  const unsigned address_bits = memory.address_type == AddressType::i32 ? 32 : 64;
  const uint64_t max_pages = memory.page_size_log2 == 0
                                 ? UINT64_MAX >> (64 - address_bits)
                                 : uint64_t{1} << (address_bits - memory.page_size_log2);
  if (std::max(memory.limits.min, memory.limits.max.value_or(0)) > max_pages) {
    reader.fail_invalid(start, std::string(errors::kMemorySize) + " " + std::to_string(max_pages) +
                                   " pages" +
                                   (max_pages == 65536            ? " (4GiB)"
                                    : memory.page_size_log2 == 16 ? " (2^64 bytes)"
                                                                  : " of one byte"));
  } else if (memory.limits.max && *memory.limits.max < memory.limits.min) {
    reader.fail_invalid(start, errors::kMinAboveMax);
  } else if (memory.is_shared && !memory.limits.max) {
    reader.fail_invalid(start, errors::kSharedNeedsMax);
  }
  return memory;
}

void SectionDecoder::add_table(ByteReader& reader, size_t offset, TableDecl table) {
  if (module_.tables.size() == 1 && !features_.has(Feature::reference_types)) {
    reader.fail_invalid(offset, errors::kMultipleTables);
  }
  check_count(reader, offset, module_.tables.size() + 1, limits::kMaxTables, "tables");
  module_.tables.push_back(std::move(table));
}

void SectionDecoder::add_memory(ByteReader& reader, size_t offset, const MemoryType& type) {
  if (module_.memories.size() == 1 && !features_.has(Feature::multi_memory)) {
    reader.fail_invalid(offset, errors::kMultipleMemories);
  }
  check_count(reader, offset, module_.memories.size() + 1, limits::kMaxMemories, "memories");
  module_.memories.push_back({type});
}

ConstExpr SectionDecoder::read_const_expr(ByteReader& reader, ValType expected) {
  return swoop::read_const_expr(reader, module_, types_, features_, expected);
}

bool SectionDecoder::check_count(ByteReader& reader, size_t offset, uint64_t count, uint64_t limit,
                                 const char* what) {
  if (reader.ok() && count > limit) {
    reader.fail(offset, ErrorKind::limit_exceeded,
                std::to_string(count) + " " + what + ", at most " + std::to_string(limit));
  }
  return reader.ok();
}

void SectionDecoder::fail_unknown(ByteReader& reader, size_t offset, const char* text,
                                  uint32_t index) {
  reader.fail_invalid(offset, std::string(text) + " " + std::to_string(index));
}

bool SectionDecoder::require_feature(ByteReader& reader, size_t offset, Feature feature,
                                     const char* text) {
  if (features_.has(feature)) return true;
  reader.fail_malformed(offset,
                        std::string(text) + " (feature " + to_string(feature) + " is disabled)");
  return false;
}

}  // namespace swoop

#include "text/printer.h"

#include "decoder/byte_reader.h"
#include "decoder/errors.h"
#include "text/keywords.h"
#include "text/print_function.h"
#include "text/print_layout.h"
#include "text/print_names.h"
#include "text/print_output.h"
#include "text/print_types.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace swoop::text {

namespace {

// Names, signatures and locals make a text longer than the bytes that refer to them. No module of
// a compiler comes near this.
constexpr size_t kMaxTextPerByte = 128;
constexpr size_t kMinTextLimit = size_t{16} << 20;
constexpr size_t kTypicalTextPerByte = 12;
constexpr size_t kMaxReserve = size_t{256} << 20;

class ModulePrinter {
 public:
  ModulePrinter(const ModuleLayout& layout, const Metadata& metadata, bool is_folded, size_t limit)
      : layout_(layout),
        metadata_(metadata),
        out_(limit),
        type_printer_(out_, ids_.of(NameKind::type)),
        functions_(out_, layout, ids_, metadata, is_folded) {
    out_.reserve(std::min(kTypicalTextPerByte * layout.size, kMaxReserve));
  }

  /// What follows tells whether the text can be used. Errors: as wasm_to_wat.
  Result<> print() {
    if (!assign_ids()) {
      has_used_names_ = false;
      return {};
    }
    constexpr std::string_view kStart = "(module";
    out_.put(kStart);
    put_module_name();
    put_customs(true);
    type_printer_.put_section(layout_.types, ids_.fields);
    TRY(print_section(SectionId::import, &ModulePrinter::put_import));
    TRY(print_section(SectionId::table, &ModulePrinter::put_table));
    TRY(print_section(SectionId::memory, &ModulePrinter::put_memory));
    TRY(print_section(SectionId::tag, &ModulePrinter::put_tag));
    TRY(print_section(SectionId::global, &ModulePrinter::put_global));
    TRY(print_section(SectionId::export_, &ModulePrinter::put_export));
    TRY(print_start());
    TRY(print_section(SectionId::element, &ModulePrinter::put_elem));
    TRY(print_section(SectionId::code, &ModulePrinter::put_function));
    TRY(print_section(SectionId::data, &ModulePrinter::put_data));
    TRY(put_data_count());
    put_customs(false);
    if (out_.size() != kStart.size()) out_.put_line(0);
    out_.put(")\n");
    out_.flush();
    return {};
  }

  bool has_used_names() const { return has_used_names_ && functions_.has_used_all_names(); }
  bool has_used_hints() const { return functions_.has_used_all_hints(); }
  bool is_full() const { return out_.is_full(); }
  std::string take() { return out_.take(); }

 private:
  bool assign_ids() {
    if (metadata_.names == nullptr) return true;
    for (size_t kind = 0; kind < kNameKinds; ++kind) {
      if (!ids_.by_kind[kind].assign(metadata_.names->names[kind], layout_.counts[kind])) {
        return false;
      }
    }
    const IndirectNameMap& fields =
        metadata_.names->inner_names[static_cast<size_t>(NameKind::field)];
    return ids_.fields.assign(fields, [&](uint32_t type) {
      return type < layout_.types.size() ? layout_.types.num_fields(type) : size_t{0};
    });
  }

  void put_module_name() {
    if (metadata_.names == nullptr || !metadata_.names->module) return;
    const std::string_view name = *metadata_.names->module;
    put_definition_id(out_, {name, id_form(name)});
  }

  // The place of a custom section behind the name section, or behind all if that is one of them,
  // need not be said.
  void put_customs(bool are_first) {
    bool needs_place = true;
    for (const ModuleLayout::Custom& custom : layout_.customs) {
      if (metadata_.names != nullptr && custom.name == "name") {
        needs_place = false;
        continue;
      }
      if (are_first != !custom.after.has_value()) continue;
      if (metadata_.hints != nullptr && custom.name == kBranchHintSection) continue;
      const bool is_last = custom.after == layout_.last_section;
      out_.put_line(1);
      out_.put("(@custom ");
      out_.put_string(custom.name);
      if (!custom.after) {
        if (needs_place) out_.put(" (before first)");
      } else if (!is_last || (needs_place && metadata_.names != nullptr)) {
        out_.put(" (after ");
        out_.put(section_keyword(*custom.after));
        out_.put(')');
      }
      out_.put(' ');
      out_.put_bytes(custom.contents);
      out_.put(')');
    }
  }

  template <class PutItem>
  Result<> print_section(SectionId id, PutItem put_item) {
    if (!layout_.section(id).is_present) return {};
    ByteReader reader = layout_.reader(id);
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      (this->*put_item)(reader, i);
      if (out_.is_full()) return {};
    }
    return finish_section(reader);
  }

  // "(keyword $id (;5;)".
  void put_head(std::string_view keyword, NameKind kind, uint32_t index) {
    out_.put('(');
    out_.put(keyword);
    put_definition_id(out_, ids_.of(kind)[index]);
    out_.put(" (;");
    out_.put_unsigned(index);
    out_.put(";)");
  }

  void put_import(ByteReader& reader, uint32_t) {
    out_.put_line(1);
    out_.put("(import ");
    out_.put_string(reader.read_name());
    out_.put(' ');
    out_.put_string(reader.read_name());
    out_.put(' ');
    const auto kind = ExternKind(reader.read_u8());
    const WrittenExternType type = read_written_extern_type(reader, kind);
    const uint32_t index = num_imports_put_[static_cast<size_t>(kind)]++;
    switch (kind) {
      case ExternKind::func:
        put_head("func", NameKind::function, index);
        functions_.put_imported_signature(index);
        break;
      case ExternKind::table:
        put_head("table", NameKind::table, index);
        put_table_type(type);
        break;
      case ExternKind::memory:
        put_head("memory", NameKind::memory, index);
        put_limits(type.limits);
        break;
      case ExternKind::global:
        put_head("global", NameKind::global, index);
        out_.put(' ');
        type_printer_.put_field(type.type);
        break;
      case ExternKind::tag:
        put_head("tag", NameKind::tag, index);
        functions_.put_type_use(type.type_index);
        break;
    }
    out_.put("))");
  }

  uint32_t defined(ExternKind kind, uint32_t i) const {
    return layout_.num_imported[static_cast<size_t>(kind)] + i;
  }

  void put_table(ByteReader& reader, uint32_t i) {
    const bool has_init = reader.peek_u8() == 0x40;
    if (has_init) {
      reader.read_u8();
      const size_t zero = reader.offset();
      if (reader.read_u8() != 0) reader.fail_malformed(zero, errors::kZeroByteExpected);
    }
    out_.put_line(1);
    put_head("table", NameKind::table, defined(ExternKind::table, i));
    put_table_type(read_written_extern_type(reader, ExternKind::table));
    if (has_init) {
      out_.put(' ');
      functions_.put_const_expr(reader, {});
    }
    out_.put(')');
  }

  void put_memory(ByteReader& reader, uint32_t i) {
    out_.put_line(1);
    put_head("memory", NameKind::memory, defined(ExternKind::memory, i));
    put_limits(read_written_extern_type(reader, ExternKind::memory).limits);
    out_.put(')');
  }

  void put_tag(ByteReader& reader, uint32_t i) {
    out_.put_line(1);
    put_head("tag", NameKind::tag, defined(ExternKind::tag, i));
    functions_.put_type_use(read_written_extern_type(reader, ExternKind::tag).type_index);
    out_.put(')');
  }

  void put_global(ByteReader& reader, uint32_t i) {
    out_.put_line(1);
    put_head("global", NameKind::global, defined(ExternKind::global, i));
    out_.put(' ');
    type_printer_.put_field(read_written_extern_type(reader, ExternKind::global).type);
    out_.put(' ');
    functions_.put_const_expr(reader, {});
    out_.put(')');
  }

  void put_table_type(const WrittenExternType& type) {
    put_limits(type.limits);
    out_.put(' ');
    type_printer_.put_val_type(type.type);
  }

  void put_limits(const WrittenLimits& limits) {
    if ((limits.flags & WrittenLimits::kAddress64) != 0) out_.put(" i64");
    out_.put(' ');
    out_.put_unsigned(limits.min);
    if ((limits.flags & WrittenLimits::kHasMax) != 0) {
      out_.put(' ');
      out_.put_unsigned(limits.max);
    }
    if ((limits.flags & WrittenLimits::kShared) != 0) out_.put(" shared");
    if ((limits.flags & WrittenLimits::kHasPageSize) != 0) {
      out_.put(" (pagesize ");
      out_.put_unsigned(uint64_t{1} << limits.page_size_log2);
      out_.put(')');
    }
  }

  void put_export(ByteReader& reader, uint32_t) {
    static constexpr std::pair<std::string_view, NameKind> kKinds[] = {
        {"func", NameKind::function}, {"table", NameKind::table}, {"memory", NameKind::memory},
        {"global", NameKind::global}, {"tag", NameKind::tag},
    };
    out_.put_line(1);
    out_.put("(export ");
    out_.put_string(reader.read_name());
    const size_t kind_offset = reader.offset();
    const uint8_t kind = reader.read_u8();
    if (kind >= std::size(kKinds)) {
      return reader.fail_malformed(kind_offset, errors::kExportKind);
    }
    out_.put(" (");
    out_.put(kKinds[kind].first);
    out_.put(' ');
    ids_.of(kKinds[kind].second).put_reference(out_, reader.read_u32());
    out_.put("))");
  }

  Result<> print_start() {
    if (!layout_.section(SectionId::start).is_present) return {};
    ByteReader reader = layout_.reader(SectionId::start);
    out_.put_line(1);
    out_.put("(start ");
    ids_.of(NameKind::function).put_reference(out_, reader.read_u32());
    out_.put(')');
    return finish_section(reader);
  }

  // The table or memory of an active segment, which is the first one when nothing is said.
  void put_unless_first(std::string_view keyword, NameKind kind, uint32_t index) {
    if (index == 0) return;
    out_.put(" (");
    out_.put(keyword);
    out_.put(' ');
    ids_.of(kind).put_reference(out_, index);
    out_.put(')');
  }

  // Bit 0 of the kind: not active. Bit 1: an explicit table, or declarative. Bit 2: expressions,
  // not functions. The text has the same parts, and an encoder chooses the shortest form.
  void put_elem(ByteReader& reader, uint32_t i) {
    const size_t start = reader.offset();
    const uint32_t kind = reader.read_u32();
    if (!reader.ok()) return;
    if (kind > 7) return reader.fail_malformed(start, errors::kElemSegmentKind);
    out_.put_line(1);
    put_head("elem", NameKind::elem, i);
    if ((kind & 1) == 0) {
      if ((kind & 2) != 0) put_unless_first("table", NameKind::table, reader.read_u32());
      out_.put(' ');
      functions_.put_const_expr(reader, "offset");
    } else if ((kind & 2) != 0) {
      out_.put(" declare");
    }
    if ((kind & 4) == 0) {
      put_elem_funcs(reader, (kind & 3) != 0);
    } else {
      put_elem_exprs(reader, (kind & 3) != 0);
    }
    out_.put(')');
  }

  void put_elem_funcs(ByteReader& reader, bool has_kind) {
    const size_t kind_offset = reader.offset();
    if (has_kind && reader.read_u8() != 0) {
      return reader.fail_malformed(kind_offset, errors::kElemKind);
    }
    out_.put(" func");
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      out_.put(' ');
      ids_.of(NameKind::function).put_reference(out_, reader.read_u32());
    }
  }

  void put_elem_exprs(ByteReader& reader, bool has_type) {
    out_.put(' ');
    if (has_type) {
      const size_t type_offset = reader.offset();
      const WrittenType type = read_written_val_type(reader);
      if (reader.ok() && type.code >= 0x7b) {
        reader.fail_malformed(type_offset, errors::kRefType);
      }
      type_printer_.put_val_type(type);
    } else {
      out_.put("funcref");
    }
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      out_.put(' ');
      functions_.put_const_expr(reader, "item");
    }
  }

  void put_function(ByteReader& reader, uint32_t i) {
    const size_t size_offset = reader.offset();
    const uint32_t size = reader.read_u32();
    if (reader.ok() && size > reader.remaining()) {
      return reader.fail_malformed(size_offset, errors::kLengthOutOfBounds);
    }
    const size_t offset = reader.offset();
    ByteReader body(reader.read_bytes(size), offset);
    if (!reader.ok()) return;
    functions_.put_function(defined(ExternKind::func, i), body);
    if (!body.ok()) {
      Error error = body.take_error();
      reader.fail(error.offset, error.kind, std::move(error.message));
    }
  }

  void put_data(ByteReader& reader, uint32_t i) {
    const size_t start = reader.offset();
    const uint32_t kind = reader.read_u32();
    if (!reader.ok()) return;
    if (kind > 2) return reader.fail_malformed(start, errors::kDataSegmentKind);
    out_.put_line(1);
    put_head("data", NameKind::data, i);
    if (kind == 2) put_unless_first("memory", NameKind::memory, reader.read_u32());
    if (kind != 1) {
      out_.put(' ');
      functions_.put_const_expr(reader, "offset");
    }
    out_.put(' ');
    out_.put_bytes(reader.read_byte_vector());
    out_.put(')');
  }

  // An encoder writes the section when an instruction needs it.
  Result<> put_data_count() {
    const bool is_present = layout_.section(SectionId::data_count).is_present;
    if (functions_.needs_data_count() && !is_present) {
      return Error(ErrorKind::malformed, layout_.section(SectionId::code).offset,
                   errors::kDataCountRequired);
    }
    if (is_present && !functions_.needs_data_count()) {
      out_.put_line(1);
      out_.put("(@data_count)");
    }
    return {};
  }

  const ModuleLayout& layout_;
  const Metadata metadata_;
  PrintOutput out_;
  ModuleIdentifiers ids_;
  TypePrinter type_printer_;
  FunctionPrinter functions_;
  std::array<uint32_t, 5> num_imports_put_{};
  bool has_used_names_ = true;
};

}  // namespace

Result<std::string> wasm_to_wat(std::span<const uint8_t> wasm, const PrintOptions& options) {
  const ModuleLayout layout = TRY(read_layout(wasm));
  const std::optional<NameTable> names = find_names(layout);
  const std::optional<BranchHints> hints = find_branch_hints(layout);
  Metadata metadata{names ? &*names : nullptr, hints ? &*hints : nullptr};
  const size_t limit =
      kMinTextLimit + kMaxTextPerByte * std::min(wasm.size(), SIZE_MAX / (2 * kMaxTextPerByte));
  for (;;) {
    ModulePrinter printer(layout, metadata, options.fold, limit);
    TRY(printer.print());
    // What cannot be said by names and hints is said by custom sections; so is what is too long.
    if (metadata.names != nullptr && (!printer.has_used_names() || printer.is_full())) {
      metadata.names = nullptr;
    } else if (metadata.hints != nullptr && !printer.has_used_hints()) {
      metadata.hints = nullptr;
    } else if (printer.is_full()) {
      return Error(ErrorKind::limit_exceeded, kNoOffset,
                   "text of more than " + std::to_string(limit) + " bytes");
    } else {
      return printer.take();
    }
  }
}

}  // namespace swoop::text

// Two passes over the fields of a module: the first gives every identifier its index, the second
// writes the sections. Function bodies are read only once. Spec: text/modules.
#include "text/parser.h"

#include "base/utf8.h"
#include "text/instruction_parser.h"
#include "text/keywords.h"
#include "text/module_scope.h"
#include "text/module_writer.h"
#include "wasm/types.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace swoop::text {

namespace {

struct ElemList {
  bool is_indices = true;  // of functions; else expressions of `type`
  EncodedType type;
  bool is_funcref = false;
  uint32_t count = 0;
  ByteWriter elements;
};

class ModuleParser {
 public:
  ModuleParser(const TokenList& tokens, size_t begin, size_t end)
      : cursor_(tokens, begin, end), scope_(cursor_), instructions_(scope_) {}

  Result<std::vector<uint8_t>> parse(const WatOptions& options) {
    scope_.has_places = options.source_map != nullptr;
    const std::optional<std::string> id = cursor_.read_id();
    scope_.names.module = read_name_annotation(cursor_, id);
    if (cursor_.at_form("name", TokenKind::annotation)) {
      cursor_.fail(cursor_.offset(), "@name annotation: multiple module names");
    }
    const size_t fields = cursor_.position();
    declare_fields();
    cursor_.seek(fields);
    define_types();
    cursor_.seek(fields);
    read_fields();
    if (!cursor_.ok()) return cursor_.take_error();
    ByteWriter module = writer_.finish(scope_, options.names);
    if (options.source_map != nullptr) options.source_map->places = module.take_places();
    return module.take();
  }

 private:
  // --- First pass

  void declare_fields() {
    const char* definition = nullptr;  // the first that was no import
    while (cursor_.at_left() || cursor_.kind() == TokenKind::annotation) {
      const bool is_field = cursor_.at_left();
      const size_t close = cursor_.peek().close;
      const size_t offset = cursor_.offset();
      cursor_.take();
      if (is_field) declare_field(offset, close, definition);
      cursor_.seek(std::min(close + 1, cursor_.end()));
    }
  }

  void declare_field(size_t offset, size_t close, const char*& definition) {
    if (cursor_.take_atom("type")) return scope_.types.declare_type();
    if (cursor_.take_atom("rec")) return scope_.types.declare_group(close);
    if (cursor_.take_atom("import")) {
      if (definition != nullptr) fail_late_import(offset, definition);
      cursor_.take();
      cursor_.take();
      cursor_.take();  // names and parenthesis
      for (const Space space : kImportable) {
        if (cursor_.take_atom(kSpaceNames[static_cast<size_t>(space)])) declare(space);
      }
      return;
    }
    for (const Space space : {Space::elem, Space::data}) {
      if (cursor_.take_atom(kSpaceNames[static_cast<size_t>(space)])) return declare(space);
    }
    for (const Space space : kImportable) {
      const char* const name = kSpaceNames[static_cast<size_t>(space)];
      if (!cursor_.take_atom(name)) continue;
      declare(space);
      bool is_import = false;
      // Inline imports, and inline segments, which take an index too.
      while (cursor_.ok() && cursor_.position() < close) {
        const bool is_form = cursor_.at_left();
        is_import |= cursor_.at_form("import");
        if (space == Space::table && cursor_.at_form("elem")) ++num_declared(Space::elem);
        if (space == Space::memory && cursor_.at_form("data")) ++num_declared(Space::data);
        if (space == Space::func && is_form && !cursor_.at_form("export")) break;
        if (is_form || cursor_.kind() == TokenKind::annotation) cursor_.seek(cursor_.peek().close);
        cursor_.take();
      }
      if (is_import && definition != nullptr) fail_late_import(offset, definition);
      if (!is_import && definition == nullptr) definition = name;
      return;
    }
  }

  void fail_late_import(size_t offset, const char* definition) {
    cursor_.fail(offset, std::string("import after ") + definition);
  }

  uint32_t& num_declared(Space space) { return num_declared_[static_cast<size_t>(space)]; }

  void declare(Space space) {
    const uint32_t index = num_declared(space)++;
    if (cursor_.kind() != TokenKind::id) return;
    const size_t offset = cursor_.offset();
    std::string id = *cursor_.read_id();
    if (!scope_.space(space).bind(id, index)) {
      cursor_.fail(offset,
                   std::string("duplicate ") + kSpaceNames[static_cast<size_t>(space)] + " $" + id);
    }
  }

  // --- Second pass

  /// All types first: uses of types look for equal ones in the whole module.
  void define_types() {
    while (cursor_.at_left() || cursor_.kind() == TokenKind::annotation) {
      const size_t close = cursor_.peek().close;
      if (cursor_.take_form("type")) {
        scope_.types.define_type();
        cursor_.expect_right();
      } else if (cursor_.take_form("rec")) {
        scope_.types.define_group();
        cursor_.expect_right();
      } else {
        cursor_.seek(std::min(close + 1, cursor_.end()));
      }
    }
  }

  void read_fields() {
    while (cursor_.ok() && !cursor_.at_end()) {
      if (cursor_.take_form("custom", TokenKind::annotation)) {
        read_custom();
        continue;
      }
      // Our own: the printer's, for a data count section that no instruction needs.
      if (cursor_.take_form("data_count", TokenKind::annotation)) {
        scope_.needs_data_count = true;
        cursor_.expect_right();
        continue;
      }
      const size_t close = cursor_.peek().close;
      const size_t offset = cursor_.offset();
      if (scope_.has_places) writer_.set_place(offset);
      cursor_.expect_left();
      if (cursor_.at_atom("type") || cursor_.at_atom("rec")) {
        cursor_.seek(close);
      } else if (cursor_.take_atom("func")) {
        read_func();
      } else if (cursor_.take_atom("import")) {
        read_import();
      } else if (cursor_.take_atom("table")) {
        read_table();
      } else if (cursor_.take_atom("memory")) {
        read_memory();
      } else if (cursor_.take_atom("global")) {
        read_global();
      } else if (cursor_.take_atom("tag")) {
        read_tag();
      } else if (cursor_.take_atom("export")) {
        read_export();
      } else if (cursor_.take_atom("start")) {
        read_start(offset);
      } else if (cursor_.take_atom("elem")) {
        read_elem();
      } else if (cursor_.take_atom("data")) {
        read_data();
      } else {
        cursor_.fail_unexpected("a module field");
      }
      cursor_.expect_right();
    }
    if (cursor_.ok() && cursor_.peek().kind == TokenKind::error) cursor_.fail_unexpected("");
  }

  /// Its index, and its name for the name section.
  uint32_t begin(Space space, NameMap& names) {
    const uint32_t index = next_[static_cast<size_t>(space)]++;
    if (auto name = read_name_annotation(cursor_, cursor_.read_id())) {
      names.push_back({index, *std::move(name)});
    }
    return index;
  }

  // --- Imports and exports

  void read_inline_exports(Space kind, uint32_t index) {
    while (cursor_.take_form("export")) {
      SectionWriter& out = writer_.add(Section::export_);
      out.sized(cursor_.read_name());
      out.u8(static_cast<uint8_t>(kind));
      out.unsigned_leb(index);
      cursor_.expect_right();
    }
  }

  bool read_inline_import(Space kind) {
    if (!cursor_.take_form("import")) return false;
    write_import(kind);
    cursor_.expect_right();
    return true;
  }

  void write_import(Space kind) {
    SectionWriter& out = writer_.add(Section::import);
    out.sized(cursor_.read_name());
    out.sized(cursor_.read_name());
    out.u8(static_cast<uint8_t>(kind));
  }

  void read_import() {
    const std::string module = cursor_.read_name();
    const std::string name = cursor_.read_name();
    cursor_.expect_left();
    for (const Space space : kImportable) {
      if (!cursor_.take_atom(kSpaceNames[static_cast<size_t>(space)])) continue;
      SectionWriter& out = writer_.add(Section::import);
      out.sized(module);
      out.sized(name);
      out.u8(static_cast<uint8_t>(space));
      const uint32_t index = begin(space, names_of(space));
      write_extern_type(space, index, out);
      return cursor_.expect_right();
    }
    cursor_.fail_unexpected("func, table, memory, global or tag");
  }

  void write_extern_type(Space space, uint32_t index, SectionWriter& out) {
    switch (space) {
      case Space::func: {
        NameMap names;
        out.unsigned_leb(read_type_use(names));
        if (!names.empty()) scope_.names.locals.push_back({index, std::move(names)});
        return;
      }
      case Space::table: return write_table_type(out);
      case Space::memory: return write_memory_type(out);
      case Space::global: return write_global_type(out);
      default:
        out.u8(0);  // the attribute of exceptions
        NameMap dropped;
        return out.unsigned_leb(read_type_use(dropped));
    }
  }

  NameMap& names_of(Space space) {
    switch (space) {
      case Space::func: return scope_.names.funcs;
      case Space::table: return scope_.names.tables;
      case Space::memory: return scope_.names.memories;
      case Space::global: return scope_.names.globals;
      case Space::tag: return scope_.names.tags;
      case Space::elem: return scope_.names.elems;
      case Space::data: return scope_.names.datas;
    }
    UNREACHABLE();
  }

  void read_export() {
    SectionWriter& out = writer_.add(Section::export_);
    out.sized(cursor_.read_name());
    cursor_.expect_left();
    for (const Space space : kImportable) {
      if (!cursor_.take_atom(kSpaceNames[static_cast<size_t>(space)])) continue;
      out.u8(static_cast<uint8_t>(space));
      out.unsigned_leb(scope_.read_index(space));
      return cursor_.expect_right();
    }
    cursor_.fail_unexpected("func, table, memory, global or tag");
  }

  void read_start(size_t offset) {
    SectionWriter& out = writer_.section(Section::start);
    if (!out.empty()) return cursor_.fail(offset, "multiple start sections");
    if (scope_.has_places) out.mark(offset);
    out.unsigned_leb(scope_.read_index(Space::func));
  }

  // --- Functions

  /// `names` gets those of the parameters.
  uint32_t read_type_use(NameMap& names) {
    TypeUse use = scope_.types.read_use(true);
    NameSpace ids;
    bind_params(use, ids);
    names = std::move(use.param_names);
    return scope_.types.resolve(use);
  }

  void bind_params(const TypeUse& use, NameSpace& ids) {
    for (const TypeUse::ParamId& param : use.param_ids)
      bind_local(ids, param.id, param.index, param.offset);
  }

  void bind_local(NameSpace& ids, const std::string& id, uint32_t index, size_t offset) {
    if (!ids.bind(id, index)) cursor_.fail(offset, "duplicate local $" + id);
  }

  void read_func() {
    const uint32_t index = begin(Space::func, scope_.names.funcs);
    read_inline_exports(Space::func, index);
    if (read_inline_import(Space::func)) {
      return write_extern_type(Space::func, index, writer_.section(Section::import));
    }
    TypeUse use = scope_.types.read_use(true);
    const uint32_t type = scope_.types.resolve(use);
    writer_.add(Section::func).unsigned_leb(type);

    NameSpace ids;
    bind_params(use, ids);
    const Signature* const signature = scope_.types.find_signature(type);
    const size_t num_params = signature == nullptr ? 0 : signature->params.size();
    NameMap names = std::move(use.param_names);
    body_.clear();
    read_locals(static_cast<uint32_t>(num_params), ids, names);
    if (!names.empty()) scope_.names.locals.push_back({index, std::move(names)});
    instructions_.parse_body(body_, ids, index);
    writer_.add(Section::code).append_sized(body_);
  }

  void read_locals(uint32_t next_index, NameSpace& ids, NameMap& names) {
    std::vector<std::pair<uint32_t, EncodedType>> runs;
    while (cursor_.take_form("local")) {
      const size_t offset = cursor_.offset();
      const std::optional<std::string> id = cursor_.read_id();
      if (id) bind_local(ids, *id, next_index, offset);
      auto name = read_name_annotation(cursor_, id);
      const bool has_name = name.has_value();
      if (has_name) names.push_back({next_index, *std::move(name)});
      while (cursor_.ok() && cursor_.kind() != TokenKind::right) {
        const EncodedType type = scope_.types.read_val_type();
        if (runs.empty() || runs.back().second != type) runs.push_back({0, type});
        ++runs.back().first;
        ++next_index;
        if (has_name) break;
      }
      cursor_.expect_right();
    }
    body_.unsigned_leb(runs.size());
    for (const auto& [count, type] : runs) {
      body_.unsigned_leb(count);
      body_.raw(type.bytes());
    }
  }

  void read_tag() {
    const uint32_t index = begin(Space::tag, scope_.names.tags);
    read_inline_exports(Space::tag, index);
    const bool is_import = read_inline_import(Space::tag);
    write_extern_type(Space::tag, index,
                      is_import ? writer_.section(Section::import) : writer_.add(Section::tag));
  }

  // --- Tables and memories

  AddressType read_address_type() {
    if (cursor_.take_atom("i32")) return AddressType::i32;
    return cursor_.take_atom("i64") ? AddressType::i64 : AddressType::i32;
  }

  Limits read_limits() {
    Limits limits;
    limits.min = cursor_.read_unsigned();
    if (cursor_.at_number()) limits.max = cursor_.read_unsigned();
    return limits;
  }

  static void write_limits(ByteWriter& out, AddressType address, const Limits& limits,
                           uint8_t flags) {
    out.u8((limits.max ? 1u : 0u) | (address == AddressType::i64 ? 4u : 0u) | flags);
    out.unsigned_leb(limits.min);
    if (limits.max) out.unsigned_leb(*limits.max);
  }

  static void write_zero(ByteWriter& out, AddressType address) {
    out.u8(address == AddressType::i64 ? 0x42 : 0x41);
    out.u8(0);
    out.u8(0x0b);
  }

  void write_table_type(ByteWriter& out) {
    const AddressType address = read_address_type();
    const Limits limits = read_limits();
    out.raw(scope_.types.read_ref_type().type.bytes());
    write_limits(out, address, limits, 0);
  }

  void read_table() {
    const uint32_t index = begin(Space::table, scope_.names.tables);
    read_inline_exports(Space::table, index);
    if (read_inline_import(Space::table)) {
      return write_table_type(writer_.section(Section::import));
    }
    SectionWriter& out = writer_.add(Section::table);
    const AddressType address = read_address_type();
    if (scope_.types.at_ref_type()) return read_inline_elem(index, address, out);
    const Limits limits = read_limits();
    const RefType type = scope_.types.read_ref_type();
    const bool has_init = cursor_.kind() != TokenKind::right;
    if (has_init) out.fixed(0x0040, 2);
    out.raw(type.type.bytes());
    write_limits(out, address, limits, 0);
    if (has_init) instructions_.parse_expression(out);
  }

  /// `(table t (elem ...))`: as large as its elements are many.
  void read_inline_elem(uint32_t table, AddressType address, SectionWriter& out) {
    const RefType type = scope_.types.read_ref_type();
    if (!cursor_.take_form("elem")) return cursor_.fail_unexpected("elem");
    ++next_[static_cast<size_t>(Space::elem)];
    ElemList list;
    list.type = type.type;
    list.is_funcref = is_funcref(type);
    // Function indices stand for ref.func of each, of the table's type.
    list.is_indices = list.is_funcref && (scope_.at_index() || cursor_.kind() == TokenKind::right);
    while (cursor_.ok() && cursor_.kind() != TokenKind::right) read_element(list);
    cursor_.expect_right();
    out.raw(type.type.bytes());
    write_limits(out, address, {list.count, list.count}, 0);
    ByteWriter offset;
    write_zero(offset, address);
    write_active_elem(table, offset, list);
  }

  void write_memory_type(ByteWriter& out) {
    const AddressType address = read_address_type();
    const Limits limits = read_limits();
    const bool is_shared = cursor_.take_atom("shared");
    write_memory(out, address, limits, is_shared, read_page_size());
  }

  void write_memory(ByteWriter& out, AddressType address, const Limits& limits, bool is_shared,
                    std::optional<uint8_t> page_size_log2) {
    write_limits(out, address, limits, (is_shared ? 2 : 0) | (page_size_log2 ? 8 : 0));
    if (page_size_log2) out.unsigned_leb(*page_size_log2);
  }

  /// `(pagesize n)`: the logarithm of n.
  std::optional<uint8_t> read_page_size() {
    if (!cursor_.take_form("pagesize")) return std::nullopt;
    const size_t offset = cursor_.offset();
    const uint64_t size = cursor_.read_unsigned();
    if (cursor_.ok() && !std::has_single_bit(size))
      cursor_.fail(offset, "invalid custom page size");
    cursor_.expect_right();
    return static_cast<uint8_t>(std::countr_zero(size));
  }

  void read_memory() {
    const uint32_t index = begin(Space::memory, scope_.names.memories);
    read_inline_exports(Space::memory, index);
    if (read_inline_import(Space::memory)) {
      return write_memory_type(writer_.section(Section::import));
    }
    SectionWriter& out = writer_.add(Section::memory);
    const size_t start = cursor_.position();
    const AddressType address = read_address_type();
    const std::optional<uint8_t> page_size_log2 = read_page_size();
    if (!cursor_.take_form("data")) {
      cursor_.seek(start);
      return write_memory_type(out);
    }
    ++next_[static_cast<size_t>(Space::data)];
    const std::string bytes = cursor_.read_strings();
    cursor_.expect_right();
    // As many pages as the bytes fill.
    const unsigned shift = page_size_log2.value_or(16);
    const uint64_t mask = shift < 64 ? (uint64_t{1} << shift) - 1 : UINT64_MAX;
    const uint64_t pages = bytes.empty() ? 0 : ((bytes.size() - 1) & ~mask) / (mask + 1) + 1;
    write_memory(out, address, {pages, pages}, false, page_size_log2);
    ByteWriter offset;
    write_zero(offset, address);
    write_active_data(index, offset, bytes);
  }

  // --- Globals

  void write_global_type(ByteWriter& out) {
    const bool is_mutable = cursor_.take_form("mut");
    out.raw(scope_.types.read_val_type().bytes());
    out.u8(is_mutable ? 1 : 0);
    if (is_mutable) cursor_.expect_right();
  }

  void read_global() {
    const uint32_t index = begin(Space::global, scope_.names.globals);
    read_inline_exports(Space::global, index);
    if (read_inline_import(Space::global)) {
      return write_global_type(writer_.section(Section::import));
    }
    SectionWriter& out = writer_.add(Section::global);
    write_global_type(out);
    instructions_.parse_expression(out);
  }

  // --- Segments

  /// `(offset ...)` or one folded instruction.
  void read_offset(ByteWriter& out) {
    if (!cursor_.take_form("offset")) return instructions_.parse_folded_expression(out);
    instructions_.parse_expression(out);
    cursor_.expect_right();
  }

  static bool is_funcref(const RefType& type) { return type.type.bytes() == "\x70"; }

  void read_element(ElemList& list) {
    ++list.count;
    if (scope_.at_index()) {
      const uint32_t func = scope_.read_index(Space::func);
      if (!list.is_indices) list.elements.u8(0xd2);
      list.elements.unsigned_leb(func);
      if (!list.is_indices) list.elements.u8(0x0b);
    } else if (list.is_indices) {
      cursor_.fail_unexpected("a function");
    } else if (cursor_.take_form("item")) {
      instructions_.parse_expression(list.elements);
      cursor_.expect_right();
    } else {
      instructions_.parse_folded_expression(list.elements);
    }
  }

  /// `func` and functions, or a type and expressions. Where `may_omit`, functions alone.
  ElemList read_elem_list(bool may_omit) {
    ElemList list;
    const bool has_keyword = cursor_.take_atom("func");
    if (!has_keyword && scope_.types.at_ref_type()) {
      const RefType type = scope_.types.read_ref_type();
      list.is_indices = false;
      list.type = type.type;
      list.is_funcref = is_funcref(type);
    } else if (!has_keyword && !may_omit) {
      cursor_.fail_unexpected("func or a reference type");
    }
    while (cursor_.ok() && cursor_.kind() != TokenKind::right) {
      if (!list.is_indices && scope_.at_index()) {
        cursor_.fail_unexpected("an expression");
      } else {
        read_element(list);
      }
    }
    return list;
  }

  void read_elem() {
    begin(Space::elem, scope_.names.elems);
    if (cursor_.take_atom("declare")) return write_elem(3, read_elem_list(false));
    const bool has_table = cursor_.take_form("table");
    uint32_t table = 0;
    if (has_table) {
      table = scope_.read_index(Space::table);
      cursor_.expect_right();
    }
    if (!has_table && !(cursor_.at_left() && !scope_.types.at_ref_type())) {
      return write_elem(1, read_elem_list(false));
    }
    ByteWriter offset;
    read_offset(offset);
    write_active_elem(table, offset, read_elem_list(!has_table));
  }

  /// Passive (1) or declarative (3).
  void write_elem(uint8_t mode, const ElemList& list) {
    SectionWriter& out = writer_.add(Section::elem);
    out.u8(mode | (list.is_indices ? 0 : 4));
    if (list.is_indices) {
      out.u8(0);
    } else {
      out.raw(list.type.bytes());
    }
    out.unsigned_leb(list.count);
    out.append(list.elements);
  }

  void write_active_elem(uint32_t table, const ByteWriter& offset, const ElemList& list) {
    SectionWriter& out = writer_.add(Section::elem);
    // The short form is for table 0 and elements of the usual type.
    const bool is_short = table == 0 && (list.is_indices || list.is_funcref);
    out.u8((is_short ? 0 : 2) | (list.is_indices ? 0 : 4));
    if (!is_short) out.unsigned_leb(table);
    out.append(offset);
    if (!is_short && list.is_indices) out.u8(0);
    if (!is_short && !list.is_indices) out.raw(list.type.bytes());
    out.unsigned_leb(list.count);
    out.append(list.elements);
  }

  void read_data() {
    begin(Space::data, scope_.names.datas);
    const bool has_memory = cursor_.take_form("memory");
    uint32_t memory = 0;
    if (has_memory) {
      memory = scope_.read_index(Space::memory);
      cursor_.expect_right();
    }
    if (!has_memory && !cursor_.at_left()) {
      SectionWriter& out = writer_.add(Section::data);
      out.u8(1);
      return out.sized(cursor_.read_strings());
    }
    ByteWriter offset;
    read_offset(offset);
    write_active_data(memory, offset, cursor_.read_strings());
  }

  void write_active_data(uint32_t memory, const ByteWriter& offset, const std::string& bytes) {
    SectionWriter& out = writer_.add(Section::data);
    out.u8(memory == 0 ? 0 : 2);
    if (memory != 0) out.unsigned_leb(memory);
    out.append(offset);
    out.sized(bytes);
  }

  // --- Custom sections. Spec: appendix/custom#custom-annotations

  void fail_custom(size_t offset, const std::string& message) {
    cursor_.fail(offset, "@custom annotation: " + message);
  }

  void read_custom() {
    CustomSection section;
    const size_t offset = cursor_.offset();
    if (cursor_.kind() != TokenKind::string) return fail_custom(offset, "missing section name");
    section.name = cursor_.read_string();
    if (!is_utf8(section.name)) return fail_custom(offset, "malformed UTF-8 encoding");
    if (cursor_.at_left()) section.place = read_place();
    section.contents = cursor_.read_strings();
    if (cursor_.ok() && cursor_.kind() != TokenKind::right) {
      return fail_custom(cursor_.offset(), "unexpected token " + std::string(cursor_.text()));
    }
    cursor_.expect_right();
    writer_.add_custom(std::move(section));
  }

  CustomPlace read_place() {
    const size_t offset = cursor_.offset();
    CustomPlace place;
    const bool is_before = cursor_.take_form("before");
    if (!is_before && !cursor_.take_form("after")) {
      fail_custom(offset, "malformed placement");
      return place;
    }
    if (is_before && cursor_.take_atom("first")) {
      place.slot = CustomPlace::kFirst;
    } else if (is_before || !cursor_.take_atom("last")) {
      size_t section = 0;
      while (section < kNumSections && !cursor_.take_atom(section_keyword(kSectionOrder[section])))
        ++section;
      if (section == kNumSections) {
        fail_custom(cursor_.offset(), "malformed section kind");
        return place;
      }
      place = is_before ? CustomPlace::before(section) : CustomPlace::after(section);
    }
    cursor_.expect_right();
    return place;
  }

  // In the order of their codes in imports and exports.
  static constexpr Space kImportable[] = {Space::func, Space::table, Space::memory, Space::global,
                                          Space::tag};

  Cursor cursor_;
  ModuleScope scope_;
  InstructionParser instructions_;
  ModuleWriter writer_;
  std::array<uint32_t, std::size(kSpaceNames)> num_declared_{};
  std::array<uint32_t, std::size(kSpaceNames)> next_{};
  ByteWriter body_;  // of the function being read
};

}  // namespace

Result<std::vector<uint8_t>> parse_module(const TokenList& tokens, size_t begin, size_t end,
                                          const WatOptions& options) {
  return ModuleParser(tokens, begin, end).parse(options);
}

}  // namespace swoop::text

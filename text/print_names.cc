#include "text/print_names.h"

#include "decoder/byte_reader.h"

#include <algorithm>
#include <unordered_set>

namespace swoop::text {

namespace {

// False if it is not in ascending order.
bool read_map(ByteReader& reader, NameMap& names) {
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t index = reader.read_u32();
    if (!names.empty() && index <= names.back().first) return false;
    names.push_back({index, reader.read_name()});
  }
  return reader.ok();
}

bool read_indirect_map(ByteReader& reader, IndirectNameMap& maps) {
  const uint32_t count = reader.read_count();
  std::optional<uint32_t> last;
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t index = reader.read_u32();
    if (last && index <= *last) return false;
    last = index;
    NameMap names;
    if (!read_map(reader, names)) return false;
    if (!names.empty()) maps.push_back({index, std::move(names)});  // some tools list all functions
  }
  return reader.ok();
}

}  // namespace

size_t NameTable::count() const {
  size_t count = module ? 1 : 0;
  for (const NameMap& map : names) count += map.size();
  for (const IndirectNameMap& maps : inner_names) {
    for (const auto& [index, map] : maps) count += map.size();
  }
  return count;
}

std::optional<NameTable> decode_names(std::span<const uint8_t> contents) {
  NameTable table;
  ByteReader reader(contents, 0);
  int last_id = -1;
  while (reader.ok() && !reader.at_end()) {
    const uint8_t id = reader.read_u8();
    if (id >= kNameKinds || id <= last_id) return std::nullopt;
    last_id = id;
    ByteReader inner(reader.read_byte_vector(), 0);
    bool is_ordered = true;
    switch (NameKind(id)) {
      case NameKind::module: table.module = inner.read_name(); break;
      case NameKind::local:
      case NameKind::label:
      case NameKind::field: is_ordered = read_indirect_map(inner, table.inner_names[id]); break;
      default: is_ordered = read_map(inner, table.names[id]); break;
    }
    if (!is_ordered || !inner.ok() || !inner.at_end()) return std::nullopt;
  }
  if (!reader.ok() || table.count() == 0) return std::nullopt;
  return table;
}

Identifier::Form id_form(std::string_view name) {
  return name.empty()        ? Identifier::Form::annotation
         : is_plain_id(name) ? Identifier::Form::plain
                             : Identifier::Form::quoted;
}

void put_id(PrintOutput& out, const Identifier& id) {
  out.put('$');
  if (id.form == Identifier::Form::plain) {
    out.put(id.name);
  } else {
    out.put_string(id.name);
  }
}

void put_definition_id(PrintOutput& out, const Identifier& id) {
  if (id.form == Identifier::Form::none) return;
  out.put(' ');
  if (id.can_refer()) return put_id(out, id);
  out.put("(@name ");
  out.put_string(id.name);
  out.put(')');
}

bool Identifiers::assign(const NameMap& names, size_t size) {
  ids_.clear();
  if (names.empty()) return true;
  if (names.back().first >= size) return false;
  ids_.resize(names.back().first + size_t{1});
  std::unordered_set<std::string_view> taken;
  for (const auto& [index, name] : names) {
    const bool is_new = taken.insert(name).second;
    ids_[index] = {name, is_new ? id_form(name) : Identifier::Form::annotation};
  }
  return true;
}

const Identifiers& FieldIdentifiers::of(uint32_t type) const {
  const auto found =
      std::ranges::lower_bound(types_, type, {}, &std::pair<uint32_t, Identifiers>::first);
  return found != types_.end() && found->first == type ? found->second : none_;
}

}  // namespace swoop::text

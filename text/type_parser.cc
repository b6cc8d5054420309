#include "text/type_parser.h"

#include "base/check.h"
#include "text/keywords.h"

#include <utility>

namespace swoop::text {

namespace {

uint8_t code_of(AbstractHeapType type) {
  static constexpr uint8_t kCodes[] = {
#define HEAP_TYPE(name, code, ...) code,
#include "wasm/heap_types.def"
  };
  return kCodes[static_cast<size_t>(type)];
}

EncodedType encoded(uint8_t code) {
  EncodedType type;
  type.push(code);
  return type;
}

// Of a type index where negative numbers are codes.
void push_index(EncodedType& type, uint32_t index) {
  uint64_t rest = index;
  while (rest >= 0x40) {
    type.push(static_cast<uint8_t>(rest | 0x80));
    rest >>= 7;
  }
  type.push(static_cast<uint8_t>(rest));
}

}  // namespace

std::optional<std::string> read_name_annotation(Cursor& cursor, std::optional<std::string> id) {
  if (!cursor.take_form("name", TokenKind::annotation)) return id;
  std::string name = cursor.read_name();
  cursor.expect_right();
  return name;
}

void TypeParser::declare_type() {
  const uint32_t index = num_declared_++;
  if (cursor_.kind() != TokenKind::id) return;
  const size_t offset = cursor_.offset();
  std::string id = *cursor_.read_id();
  if (!ids_.bind(id, index)) cursor_.fail(offset, "duplicate type $" + id);
}

void TypeParser::declare_group(size_t close) {
  while (cursor_.at_left() && cursor_.position() < close) {
    const size_t inner_close = cursor_.peek().close;
    // What is not a type is found when the group is read.
    if (cursor_.take_form("type")) declare_type();
    cursor_.seek(inner_close + 1);
  }
}

void TypeParser::define_type() {
  if (!in_group_) ++num_groups_;
  groups_.mark(cursor_.offset());
  const auto index = static_cast<uint32_t>(signatures_.size());
  if (auto name = read_name_annotation(cursor_, cursor_.read_id())) {
    names_.types.push_back({index, *std::move(name)});
  }
  read_sub_type();
  if (!in_group_) add_plain();
}

void TypeParser::define_group() {
  ++num_groups_;
  in_group_ = true;
  ByteWriter rest = std::exchange(groups_, {});
  const size_t first = signatures_.size();
  while (cursor_.at_left()) {
    if (!cursor_.take_form("type")) return cursor_.fail_unexpected("a type");
    define_type();
    cursor_.expect_right();
  }
  rest.u8(0x4e);
  rest.unsigned_leb(signatures_.size() - first);
  rest.append(groups_);
  groups_ = std::move(rest);
  in_group_ = false;
  if (signatures_.size() == first + 1) add_plain();
}

void TypeParser::add_plain() {
  const auto index = static_cast<uint32_t>(signatures_.size() - 1);
  if (cursor_.ok() && is_plain_ && signatures_.back()) {
    plain_.try_emplace(key(*signatures_.back()), index);
  }
}

void TypeParser::read_sub_type() {
  is_plain_ = true;
  if (!cursor_.take_form("sub")) return read_composite_type();
  const bool is_final = cursor_.take_atom("final");
  std::vector<uint32_t> supertypes;
  while (cursor_.kind() == TokenKind::id || cursor_.at_number()) {
    supertypes.push_back(read_index());
  }
  // `(sub final t)` says what `t` alone says.
  is_plain_ = is_final && supertypes.empty();
  if (!is_plain_) {
    groups_.u8(is_final ? 0x4f : 0x50);
    groups_.unsigned_leb(supertypes.size());
    for (const uint32_t supertype : supertypes) groups_.unsigned_leb(supertype);
  }
  read_composite_type();
  cursor_.expect_right();
}

void TypeParser::read_composite_type() {
  signatures_.emplace_back();
  if (cursor_.take_form("func")) {
    TypeUse use;
    read_signature(use, true);
    groups_.u8(0x60);
    groups_.raw(key(use.signature));
    signatures_.back() = std::move(use.signature);
  } else if (cursor_.take_form("struct")) {
    groups_.u8(0x5f);
    read_struct();
  } else if (cursor_.take_form("array")) {
    groups_.u8(0x5e);
    write_field_type();
  } else {
    return cursor_.fail_unexpected("func, struct or array");
  }
  cursor_.expect_right();
}

void TypeParser::read_struct() {
  const auto type = static_cast<uint32_t>(signatures_.size() - 1);
  ByteWriter rest = std::exchange(groups_, {});
  uint32_t num_fields = 0;
  NameMap names;
  while (cursor_.at_left()) {
    if (!cursor_.take_form("field")) return cursor_.fail_unexpected("a field");
    const size_t offset = cursor_.offset();
    const std::optional<std::string> id = cursor_.read_id();
    if (id && !fields_[type].bind(*id, num_fields)) {
      return cursor_.fail(offset, "duplicate field $" + *id);
    }
    auto name = read_name_annotation(cursor_, id);
    // With a name there is one field, without one any number.
    const bool has_name = name.has_value();
    if (has_name) names.push_back({num_fields, *std::move(name)});
    while (cursor_.ok() && cursor_.kind() != TokenKind::right) {
      write_field_type();
      ++num_fields;
      if (has_name) break;
    }
    cursor_.expect_right();
  }
  if (!names.empty()) names_.fields.push_back({type, std::move(names)});
  rest.unsigned_leb(num_fields);
  rest.append(groups_);
  groups_ = std::move(rest);
}

void TypeParser::write_field_type() {
  const bool is_mutable = cursor_.take_form("mut");
  groups_.raw(read_storage_type().bytes());
  groups_.u8(is_mutable ? 1 : 0);
  if (is_mutable) cursor_.expect_right();
}

EncodedType TypeParser::read_storage_type() {
  if (cursor_.take_atom("i8")) return encoded(0x78);
  if (cursor_.take_atom("i16")) return encoded(0x77);
  return read_val_type();
}

EncodedType TypeParser::read_heap_type() {
  if (cursor_.kind() == TokenKind::atom) {
    if (const auto type = find_heap_type(cursor_.text())) {
      cursor_.take();
      return encoded(code_of(*type));
    }
    if (!cursor_.at_number()) {
      cursor_.fail_unexpected("a heap type");
      return {};
    }
  }
  EncodedType type;
  push_index(type, read_index());
  return type;
}

bool TypeParser::at_ref_type() const {
  return cursor_.at_form("ref") ||
         (cursor_.kind() == TokenKind::atom && find_reference_type(cursor_.text()));
}

RefType TypeParser::read_ref_type() {
  RefType type;
  if (cursor_.kind() == TokenKind::atom) {
    if (const auto heap_type = find_reference_type(cursor_.text())) {
      cursor_.take();
      type.type = type.heap_type = encoded(code_of(*heap_type));
      type.is_nullable = true;
      return type;
    }
    // A word that means nothing is told apart from one in the wrong place.
    const bool is_known = find_op_info(cursor_.text()) || find_heap_type(cursor_.text());
    if (!is_known && !cursor_.at_number() && !cursor_.at_atom("mut")) {
      cursor_.fail(cursor_.offset(), "unknown type " + std::string(cursor_.text()));
      return type;
    }
  }
  if (!cursor_.take_form("ref")) {
    cursor_.fail_unexpected("a type");
    return type;
  }
  type.is_nullable = cursor_.take_atom("null");
  const bool is_abstract = cursor_.kind() == TokenKind::atom && !cursor_.at_number();
  type.heap_type = read_heap_type();
  if (type.is_nullable && is_abstract) {
    type.type = type.heap_type;
  } else {
    type.type.push(type.is_nullable ? 0x63 : 0x64);
    for (const char byte : type.heap_type.bytes()) type.type.push(static_cast<uint8_t>(byte));
  }
  cursor_.expect_right();
  return type;
}

EncodedType TypeParser::read_val_type() {
  static constexpr std::pair<const char*, uint8_t> kNumTypes[] = {
      {"i32", 0x7f}, {"i64", 0x7e}, {"f32", 0x7d}, {"f64", 0x7c}, {"v128", 0x7b}};
  for (const auto& [text, code] : kNumTypes) {
    if (cursor_.take_atom(text)) return encoded(code);
  }
  return read_ref_type().type;
}

uint32_t TypeParser::read_index() {
  if (cursor_.kind() != TokenKind::id) return cursor_.read_u32();
  const size_t offset = cursor_.offset();
  const std::string id = *cursor_.read_id();
  const auto index = ids_.find(id);
  if (!index) cursor_.fail(offset, "unknown type $" + id);
  return index.value_or(0);
}

uint32_t TypeParser::read_field_index(uint32_t type) {
  if (cursor_.kind() != TokenKind::id) return cursor_.read_u32();
  const size_t offset = cursor_.offset();
  const std::string id = *cursor_.read_id();
  const auto names = fields_.find(type);
  const auto index = names == fields_.end() ? std::nullopt : names->second.find(id);
  if (!index) cursor_.fail(offset, "unknown field $" + id);
  return index.value_or(0);
}

void TypeParser::read_signature(TypeUse& use, bool has_names) {
  while (cursor_.take_form("param")) {
    std::optional<std::string> id;
    const size_t offset = cursor_.offset();
    if (cursor_.kind() == TokenKind::id) {
      if (!has_names) return cursor_.fail_unexpected("a type");
      id = cursor_.read_id();
    }
    const auto index = static_cast<uint32_t>(use.signature.params.size());
    if (id) use.param_ids.push_back({index, *id, offset});
    auto name = read_name_annotation(cursor_, id);
    const bool has_name = name.has_value();
    if (has_name) use.param_names.push_back({index, *std::move(name)});
    while (cursor_.ok() && cursor_.kind() != TokenKind::right) {
      use.signature.params.push_back(read_val_type());
      if (has_name) break;
    }
    cursor_.expect_right();
  }
  while (cursor_.take_form("result")) {
    while (cursor_.ok() && cursor_.kind() != TokenKind::right) {
      use.signature.results.push_back(read_val_type());
    }
    cursor_.expect_right();
  }
}

TypeUse TypeParser::read_use(bool has_names) {
  TypeUse use;
  use.offset = cursor_.offset();
  if (cursor_.take_form("type")) {
    use.index = read_index();
    cursor_.expect_right();
  }
  read_signature(use, has_names);
  return use;
}

uint32_t TypeParser::resolve(const TypeUse& use) {
  if (use.index) {
    if (!use.has_signature()) return *use.index;
    const Signature* signature = find_signature(*use.index);
    if (signature == nullptr) {
      cursor_.fail(use.offset, "unknown type " + std::to_string(*use.index));
    } else if (*signature != use.signature) {
      cursor_.fail(use.offset, "inline function type differs from that of its type index");
    }
    return *use.index;
  }
  const auto index = static_cast<uint32_t>(signatures_.size());
  std::string bytes = key(use.signature);
  const auto [found, is_new] = plain_.try_emplace(bytes, index);
  if (!is_new) return found->second;
  ++num_groups_;
  groups_.mark(use.offset);
  groups_.u8(0x60);
  groups_.raw(bytes);
  signatures_.emplace_back(use.signature);
  return index;
}

const Signature* TypeParser::find_signature(uint32_t index) const {
  if (index >= signatures_.size() || !signatures_[index]) return nullptr;
  return &*signatures_[index];
}

std::string TypeParser::key(const Signature& signature) {
  ByteWriter bytes;
  for (const auto* types : {&signature.params, &signature.results}) {
    bytes.unsigned_leb(types->size());
    for (const EncodedType& type : *types) bytes.raw(type.bytes());
  }
  return {bytes.bytes().begin(), bytes.bytes().end()};
}

ByteWriter TypeParser::encode() const {
  ByteWriter out;
  if (num_groups_ == 0) return out;
  out.unsigned_leb(num_groups_);
  out.append(groups_);
  return out;
}

}  // namespace swoop::text

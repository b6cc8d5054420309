// The name section in full, and the identifiers that a text takes from it. Spec:
// appendix/custom#name-section, and the extended name section proposal.
#pragma once

#include "text/print_output.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop::text {

/// The subsections of the name section, by id.
enum class NameKind : uint8_t {
  module,
  function,
  local,
  label,
  type,
  table,
  memory,
  global,
  elem,
  data,
  field,
  tag,
};
inline constexpr size_t kNameKinds = 12;

/// Ascending by index. Names lie in the module's bytes.
using NameMap = std::vector<std::pair<uint32_t, std::string_view>>;
using IndirectNameMap = std::vector<std::pair<uint32_t, NameMap>>;

struct NameTable {
  std::optional<std::string_view> module;
  std::array<NameMap, kNameKinds> names;                // by kind, where there is one index
  std::array<IndirectNameMap, kNameKinds> inner_names;  // locals, labels and fields

  size_t count() const;
};

/// Nothing if a section made from the names alone would say something else: it is malformed, out of
/// order, has unknown parts, or no name at all.
std::optional<NameTable> decode_names(std::span<const uint8_t> contents);

/// How one thing is called.
struct Identifier {
  enum class Form : uint8_t {
    none,
    plain,       // $name
    quoted,      // $"na me"
    annotation,  // empty or taken: (@name "...") keeps it, but references are by index
  };
  std::string_view name;
  Form form = Form::none;

  bool can_refer() const { return form == Form::plain || form == Form::quoted; }
};

Identifier::Form id_form(std::string_view name);

/// With the dollar sign.
void put_id(PrintOutput& out, const Identifier& id);
/// After a keyword, with a space before it; nothing for what has no name.
void put_definition_id(PrintOutput& out, const Identifier& id);

/// The identifiers of one index space.
class Identifiers {
 public:
  /// Takes the first of equal names. False if a name is for an index of `size` or more.
  bool assign(const NameMap& names, size_t size);
  void clear() { ids_.clear(); }
  bool empty() const { return ids_.empty(); }

  Identifier operator[](size_t index) const {
    return index < ids_.size() ? ids_[index] : Identifier{};
  }
  /// The identifier or the index.
  void put_reference(PrintOutput& out, uint32_t index) const {
    if (index < ids_.size() && ids_[index].can_refer()) return put_id(out, ids_[index]);
    out.put_unsigned(index);
  }

 private:
  std::vector<Identifier> ids_;  // up to the last that has a name
};

/// The identifiers of the fields of all types.
class FieldIdentifiers {
 public:
  /// `num_fields(type)` of any index. False if a name is for a field that is not there.
  template <class NumFields>
  bool assign(const IndirectNameMap& names, NumFields num_fields) {
    for (const auto& [type, fields] : names) {
      types_.push_back({type, Identifiers()});
      if (!types_.back().second.assign(fields, num_fields(type))) return false;
    }
    return true;
  }
  void clear() { types_.clear(); }
  const Identifiers& of(uint32_t type) const;

 private:
  std::vector<std::pair<uint32_t, Identifiers>> types_;  // ascending
  Identifiers none_;
};

}  // namespace swoop::text

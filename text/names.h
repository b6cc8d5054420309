// Identifiers of the text format, and the name section they become.
// Spec: text/conventions#contexts, appendix/custom#name-section.
#pragma once

#include "text/byte_writer.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace swoop::text {

/// Lets maps with string keys be asked with views.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

/// Identifiers without their dollar sign, each once.
class NameSpace {
 public:
  /// False if the name is taken.
  bool bind(std::string name, uint32_t index) {
    return indices_.try_emplace(std::move(name), index).second;
  }
  std::optional<uint32_t> find(std::string_view name) const {
    const auto found = indices_.find(name);
    if (found == indices_.end()) return std::nullopt;
    return found->second;
  }

 private:
  StringMap<uint32_t> indices_;
};

/// Ascending by index.
using NameMap = std::vector<std::pair<uint32_t, std::string>>;
using IndirectNameMap = std::vector<std::pair<uint32_t, NameMap>>;

struct Names {
  std::optional<std::string> module;
  NameMap funcs;
  IndirectNameMap locals;
  IndirectNameMap labels;
  NameMap types;
  NameMap tables;
  NameMap memories;
  NameMap globals;
  NameMap elems;
  NameMap datas;
  IndirectNameMap fields;
  NameMap tags;

  /// The contents of the name section after its name; empty if nothing has a name.
  ByteWriter encode() const;
};

}  // namespace swoop::text

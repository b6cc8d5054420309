// What the parts of a module share while it is parsed.
#pragma once

#include "text/cursor.h"
#include "text/names.h"
#include "text/type_parser.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace swoop::text {

/// Index spaces with identifiers, but for types, locals, labels and fields.
enum class Space : uint8_t { func, table, memory, global, tag, elem, data };
inline constexpr const char* kSpaceNames[] = {"func", "table", "memory", "global",
                                              "tag",  "elem",  "data"};

/// A hint in front of a branch. Spec: appendix/custom#branch-hints.
struct BranchHint {
  uint32_t offset;  // of the branch, from the start of the function's body
  uint8_t is_likely;
};

struct ModuleScope {
  explicit ModuleScope(Cursor& c) : cursor(c), types(c, names) {}

  NameSpace& space(Space space) { return spaces[static_cast<size_t>(space)]; }

  bool at_index() const { return cursor.kind() == TokenKind::id || cursor.at_number(); }

  uint32_t read_index(Space in) {
    if (cursor.kind() != TokenKind::id) return cursor.read_u32();
    const size_t offset = cursor.offset();
    const std::string id = *cursor.read_id();
    const std::optional<uint32_t> index = space(in).find(id);
    if (!index) {
      cursor.fail(offset,
                  std::string("unknown ") + kSpaceNames[static_cast<size_t>(in)] + " $" + id);
    }
    return index.value_or(0);
  }

  Cursor& cursor;
  Names names;
  TypeParser types;
  std::array<NameSpace, std::size(kSpaceNames)> spaces;
  bool has_places = false;        // of the text are noted for the source map
  bool needs_data_count = false;  // code names a data segment
  std::vector<std::pair<uint32_t, std::vector<BranchHint>>> hints;  // by function
};

}  // namespace swoop::text

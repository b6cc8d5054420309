// Where everything lies in a module that is to be printed: sections, custom sections with their
// places, types, and how many things each index space has. Well-formedness only. Spec:
// binary/modules.
#pragma once

#include "base/result.h"
#include "decoder/byte_reader.h"
#include "decoder/section_decoder.h"
#include "text/print_names.h"
#include "text/print_types.h"
#include "wasm/types.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace swoop::text {

struct WrittenLimits {
  static constexpr uint8_t kHasMax = 1;
  static constexpr uint8_t kShared = 2;
  static constexpr uint8_t kAddress64 = 4;
  static constexpr uint8_t kHasPageSize = 8;

  uint8_t flags = 0;
  uint64_t min = 0;
  uint64_t max = 0;
  uint32_t page_size_log2 = 0;
};

/// The type of an import or definition: which fields count depends on its kind.
struct WrittenExternType {
  uint32_t type_index = 0;  // of functions and tags
  WrittenType type;         // of globals, with mutability, and of the elements of tables
  WrittenLimits limits;     // of tables and memories
};

WrittenExternType read_written_extern_type(ByteReader& reader, ExternKind kind);

struct ModuleLayout {
  static constexpr size_t kSections = 14;

  struct Section {
    std::span<const uint8_t> contents;
    size_t offset = 0;
    bool is_present = false;
  };
  struct Custom {
    std::string_view name;
    std::span<const uint8_t> contents;
    std::optional<SectionId> after;  // nothing: before all sections
    bool is_before_code = false;     // immediately
  };

  size_t size = 0;                          // of the module in bytes
  std::array<Section, kSections> sections;  // by SectionId
  std::vector<Custom> customs;              // in the order of the module
  std::optional<SectionId> last_section;
  WrittenTypes types;
  std::vector<uint32_t> func_types;         // of all functions, imported ones first
  std::vector<uint32_t> tag_types;          // likewise
  std::array<uint32_t, 5> num_imported{};   // by ExternKind
  std::array<size_t, kNameKinds> counts{};  // of the index spaces of a module

  const Section& section(SectionId id) const { return sections[static_cast<size_t>(id)]; }
  ByteReader reader(SectionId id) const { return {section(id).contents, section(id).offset}; }
  size_t count(NameKind kind) const { return counts[static_cast<size_t>(kind)]; }
};

/// Spans lie in `wasm`. Errors: malformed.
Result<ModuleLayout> read_layout(std::span<const uint8_t> wasm);

/// The name section's names, if a text can give them all: nothing if there is none, if it is not
/// behind all other sections, or if it is not as it should be.
std::optional<NameTable> find_names(const ModuleLayout& layout);

inline constexpr std::string_view kBranchHintSection = "metadata.code.branch_hint";

/// Branch hints of a function, by the offset of the instruction in the body. Ascending.
using FunctionHints = std::vector<std::pair<uint32_t, uint8_t>>;
/// By function, ascending.
using BranchHints = std::vector<std::pair<uint32_t, FunctionHints>>;

/// The branch hints, likewise. Spec: appendix/custom#branch-hint-section.
std::optional<BranchHints> find_branch_hints(const ModuleLayout& layout);

}  // namespace swoop::text

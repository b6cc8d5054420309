// The sections of a module while they grow, and their order. Spec: binary/modules.
#pragma once

#include "decoder/section_decoder.h"
#include "text/byte_writer.h"
#include "text/module_scope.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swoop::text {

/// In the order of the binary format.
enum class Section : uint8_t {
  type,
  import,
  func,
  table,
  memory,
  tag,
  global,
  export_,
  start,
  elem,
  data_count,
  code,
  data,
};
inline constexpr SectionId kSectionOrder[] = {
    SectionId::type,   SectionId::import,  SectionId::function,   SectionId::table,
    SectionId::memory, SectionId::tag,     SectionId::global,     SectionId::export_,
    SectionId::start,  SectionId::element, SectionId::data_count, SectionId::code,
    SectionId::data};
inline constexpr size_t kNumSections = std::size(kSectionOrder);

/// A vector of entries, or any contents.
struct SectionWriter : ByteWriter {
  uint32_t count = 0;
};

/// Where a custom section stands: in front of or behind a section, whether that is there or not.
struct CustomPlace {
  uint8_t slot = kLast;
  static constexpr uint8_t kFirst = 0;
  static constexpr uint8_t kLast = 2 * kNumSections + 1;  // behind the name section
  static constexpr CustomPlace before(size_t section) {
    return {static_cast<uint8_t>(2 * section + 1)};
  }
  static constexpr CustomPlace after(size_t section) {
    return {static_cast<uint8_t>(2 * section + 2)};
  }
};

struct CustomSection {
  CustomPlace place;
  std::string name;
  std::string contents;
};

class ModuleWriter {
 public:
  SectionWriter& section(Section id) { return sections_[static_cast<size_t>(id)]; }
  /// One entry more; its bytes follow.
  SectionWriter& add(Section id) {
    SectionWriter& writer = section(id);
    if (place_) writer.mark(*place_);
    ++writer.count;
    return writer;
  }
  /// From here on, entries are marked as coming from this place of the text.
  void set_place(size_t text_offset) { place_ = text_offset; }
  void add_custom(CustomSection section) { customs_.push_back(std::move(section)); }

  /// The module of all that was added and of what is in `scope`.
  ByteWriter finish(const ModuleScope& scope, bool with_names);

 private:
  void write_customs(uint8_t slot);
  void write_custom(std::string_view name, std::string_view contents);
  void write_section(size_t index);

  std::array<SectionWriter, kNumSections> sections_;
  std::vector<CustomSection> customs_;  // in order of their places when written
  size_t next_custom_ = 0;
  std::optional<size_t> place_;
  ByteWriter out_;
};

}  // namespace swoop::text

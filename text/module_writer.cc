#include "text/module_writer.h"

#include <algorithm>
#include <span>

namespace swoop::text {

namespace {

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

ByteWriter encode_hints(const ModuleScope& scope) {
  ByteWriter out;
  out.unsigned_leb(scope.hints.size());
  for (const auto& [func, hints] : scope.hints) {
    out.unsigned_leb(func);
    out.unsigned_leb(hints.size());
    for (const BranchHint& hint : hints) {
      out.unsigned_leb(hint.offset);
      out.u8(1);  // size of the hint
      out.u8(hint.is_likely);
    }
  }
  return out;
}

}  // namespace

void ModuleWriter::write_custom(std::string_view name, std::string_view contents) {
  ByteWriter body;
  body.sized(name);
  body.raw(contents);
  out_.u8(0);
  out_.sized(body.bytes());
}

void ModuleWriter::write_customs(uint8_t slot) {
  for (; next_custom_ < customs_.size() && customs_[next_custom_].place.slot <= slot;
       ++next_custom_) {
    write_custom(customs_[next_custom_].name, customs_[next_custom_].contents);
  }
}

void ModuleWriter::write_section(size_t index) {
  const SectionWriter& contents = sections_[index];
  const auto id = Section(index);
  const bool is_vector = id != Section::type && id != Section::start && id != Section::data_count;
  if (is_vector ? contents.count == 0 : contents.empty()) return;
  ByteWriter count;
  if (is_vector) count.unsigned_leb(contents.count);
  out_.u8(static_cast<uint8_t>(kSectionOrder[index]));
  out_.unsigned_leb(count.size() + contents.size());
  out_.raw(count.bytes());
  out_.append(contents);
}

ByteWriter ModuleWriter::finish(const ModuleScope& scope, bool with_names) {
  std::ranges::stable_sort(customs_, {}, [](const CustomSection& c) { return c.place.slot; });
  section(Section::type).append(scope.types.encode());
  if (scope.needs_data_count) {
    section(Section::data_count).unsigned_leb(section(Section::data).count);
  }

  out_.raw(std::string_view("\0asm\1\0\0\0", 8));
  for (size_t i = 0; i < kNumSections; ++i) {
    write_customs(CustomPlace::before(i).slot);
    if (Section(i) == Section::code && !scope.hints.empty()) {
      write_custom("metadata.code.branch_hint", as_text(encode_hints(scope).bytes()));
    }
    write_section(i);
  }
  write_customs(CustomPlace::after(kNumSections - 1).slot);
  const ByteWriter names = scope.names.encode();
  if (with_names && !names.empty()) write_custom("name", as_text(names.bytes()));
  write_customs(CustomPlace::kLast);
  return std::move(out_);
}

}  // namespace swoop::text

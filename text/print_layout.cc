#include "text/print_layout.h"

#include "decoder/errors.h"

#include <algorithm>
#include <string>

namespace swoop::text {

namespace {

// The place of each section in a module's order, by its id. Spec: binary/modules#binary-module.
constexpr uint8_t kRanks[ModuleLayout::kSections] = {
    /*custom*/ 0,      /*type*/ 1,     /*import*/ 2, /*function*/ 3,
    /*table*/ 4,       /*memory*/ 5,   /*global*/ 7, /*export*/ 8,
    /*start*/ 9,       /*element*/ 10, /*code*/ 12,  /*data*/ 13,
    /*data count*/ 11, /*tag*/ 6};

constexpr NameKind name_kind(ExternKind kind) {
  constexpr NameKind kKinds[] = {NameKind::function, NameKind::table, NameKind::memory,
                                 NameKind::global, NameKind::tag};
  return kKinds[static_cast<size_t>(kind)];
}

WrittenLimits read_limits(ByteReader& reader, uint8_t known_flags) {
  WrittenLimits limits;
  const size_t start = reader.offset();
  limits.flags = reader.read_u8();
  if ((limits.flags & ~known_flags) != 0) reader.fail_malformed(start, errors::kLimitsFlags);
  limits.min = reader.read_u64();
  if ((limits.flags & WrittenLimits::kHasMax) != 0) limits.max = reader.read_u64();
  if ((limits.flags & WrittenLimits::kHasPageSize) != 0) {
    const size_t at = reader.offset();
    limits.page_size_log2 = reader.read_u32();
    if (limits.page_size_log2 >= 64) {
      reader.fail_malformed(at, errors::kPageSize);
      limits.page_size_log2 = 0;
    }
  }
  return limits;
}

class LayoutReader {
 public:
  explicit LayoutReader(std::span<const uint8_t> wasm) : reader_(wasm, 0) {
    layout_.size = wasm.size();
  }

  Result<ModuleLayout> read() {
    read_preamble();
    while (reader_.ok() && !reader_.at_end()) read_section();
    if (!reader_.ok()) return reader_.take_error();
    TRY(read_types());
    TRY(read_imports());
    TRY(read_functions());
    TRY(read_tags());
    for (const auto& [id, kind] : kCounted) {
      ByteReader reader = layout_.reader(id);
      if (layout_.section(id).is_present) add(kind, reader.read_count());
      if (!reader.ok()) return reader.take_error();
    }
    TRY(check_data_count());
    return std::move(layout_);
  }

 private:
  static constexpr std::pair<SectionId, NameKind> kCounted[] = {
      {SectionId::table, NameKind::table},   {SectionId::memory, NameKind::memory},
      {SectionId::global, NameKind::global}, {SectionId::element, NameKind::elem},
      {SectionId::data, NameKind::data},
  };

  void add(NameKind kind, size_t count) { layout_.counts[static_cast<size_t>(kind)] += count; }

  void read_preamble() {
    constexpr uint8_t kMagic[] = {0x00, 'a', 's', 'm'};
    constexpr uint8_t kVersion[] = {0x01, 0x00, 0x00, 0x00};
    const std::span<const uint8_t> magic = reader_.read_bytes(sizeof(kMagic));
    if (reader_.ok() && !std::ranges::equal(magic, kMagic)) {
      reader_.fail_malformed(0, errors::kMagic);
    }
    const std::span<const uint8_t> version = reader_.read_bytes(sizeof(kVersion));
    if (reader_.ok() && !std::ranges::equal(version, kVersion)) {
      reader_.fail_malformed(sizeof(kMagic), errors::kVersion);
    }
  }

  void read_section() {
    const size_t start = reader_.offset();
    const uint8_t id = reader_.read_u8();
    if (id >= ModuleLayout::kSections) {
      return reader_.fail_malformed(start,
                                    std::string(errors::kSectionId) + " " + std::to_string(id));
    }
    const size_t size_offset = reader_.offset();
    const uint32_t size = reader_.read_u32();
    if (reader_.ok() && size > reader_.remaining()) {
      return reader_.fail_malformed(size_offset, errors::kLengthOutOfBounds);
    }
    const size_t offset = reader_.offset();
    const std::span<const uint8_t> contents = reader_.read_bytes(size);
    if (!reader_.ok()) return;
    if (SectionId(id) == SectionId::custom) return read_custom(contents, offset);

    if (kRanks[id] <= last_rank_) return reader_.fail_malformed(start, errors::kSectionOrder);
    last_rank_ = kRanks[id];
    layout_.sections[id] = {contents, offset, true};
    layout_.last_section = SectionId(id);
    if (SectionId(id) == SectionId::code && follows_custom_) {
      layout_.customs.back().is_before_code = true;
    }
    follows_custom_ = false;
  }

  void read_custom(std::span<const uint8_t> contents, size_t offset) {
    ByteReader reader(contents, offset);
    const std::string_view name = reader.read_name();
    const std::span<const uint8_t> rest = reader.read_bytes(reader.remaining());
    if (!reader.ok()) {
      Error error = reader.take_error();
      return reader_.fail(error.offset, error.kind, std::move(error.message));
    }
    layout_.customs.push_back({name, rest, layout_.last_section});
    follows_custom_ = true;
  }

  Result<> read_types() {
    if (!layout_.section(SectionId::type).is_present) return {};
    ByteReader reader = layout_.reader(SectionId::type);
    layout_.types.read(reader);
    add(NameKind::type, layout_.types.size());
    return finish_section(reader);
  }

  Result<> read_imports() {
    if (!layout_.section(SectionId::import).is_present) return {};
    ByteReader reader = layout_.reader(SectionId::import);
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      reader.read_name();
      reader.read_name();
      const size_t kind_offset = reader.offset();
      const uint8_t kind = reader.read_u8();
      if (kind > static_cast<uint8_t>(ExternKind::tag)) {
        reader.fail_malformed(kind_offset, errors::kImportKind);
        break;
      }
      const WrittenExternType type = read_written_extern_type(reader, ExternKind(kind));
      if (!reader.ok()) break;
      if (ExternKind(kind) == ExternKind::func) layout_.func_types.push_back(type.type_index);
      if (ExternKind(kind) == ExternKind::tag) layout_.tag_types.push_back(type.type_index);
      ++layout_.num_imported[kind];
      add(name_kind(ExternKind(kind)), 1);
    }
    return finish_section(reader);
  }

  Result<> read_functions() {
    uint32_t count = 0;
    if (layout_.section(SectionId::function).is_present) {
      ByteReader reader = layout_.reader(SectionId::function);
      count = reader.read_count();
      for (uint32_t i = 0; i < count && reader.ok(); ++i) {
        layout_.func_types.push_back(reader.read_u32());
      }
      add(NameKind::function, count);
      TRY(finish_section(reader));
    }
    uint32_t num_bodies = 0;
    const ModuleLayout::Section& code = layout_.section(SectionId::code);
    if (code.is_present) {
      ByteReader reader(code.contents, code.offset);
      num_bodies = reader.read_u32();
      if (!reader.ok()) return reader.take_error();
    }
    if (num_bodies == count) return {};
    return Error(ErrorKind::malformed, code.is_present ? code.offset : reader_.offset(),
                 std::string(errors::kFunctionCount) + ": " + std::to_string(count) + " and " +
                     std::to_string(num_bodies));
  }

  Result<> read_tags() {
    if (!layout_.section(SectionId::tag).is_present) return {};
    ByteReader reader = layout_.reader(SectionId::tag);
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      layout_.tag_types.push_back(read_written_extern_type(reader, ExternKind::tag).type_index);
    }
    add(NameKind::tag, count);
    return finish_section(reader);
  }

  Result<> check_data_count() {
    if (!layout_.section(SectionId::data_count).is_present) return {};
    ByteReader reader = layout_.reader(SectionId::data_count);
    const size_t start = reader.offset();
    const uint32_t count = reader.read_u32();
    TRY(finish_section(reader));
    if (count == layout_.count(NameKind::data)) return {};
    return Error(ErrorKind::malformed, start, errors::kDataCount);
  }

  ByteReader reader_;
  ModuleLayout layout_;
  uint8_t last_rank_ = 0;
  bool follows_custom_ = false;
};

bool read_function_hints(ByteReader& reader, FunctionHints& hints) {
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t offset = reader.read_u32();
    const uint32_t size = reader.read_u32();
    const uint8_t value = reader.read_u8();
    if (size != 1 || value > 1) return false;
    if (!hints.empty() && offset <= hints.back().first) return false;
    hints.push_back({offset, value});
  }
  return reader.ok() && !hints.empty();
}

}  // namespace

WrittenExternType read_written_extern_type(ByteReader& reader, ExternKind kind) {
  constexpr uint8_t kTableFlags = WrittenLimits::kHasMax | WrittenLimits::kAddress64;
  constexpr uint8_t kMemoryFlags =
      kTableFlags | WrittenLimits::kShared | WrittenLimits::kHasPageSize;
  WrittenExternType type;
  const size_t start = reader.offset();
  switch (kind) {
    case ExternKind::func: type.type_index = reader.read_u32(); break;
    case ExternKind::table:
      type.type = read_written_val_type(reader);
      if (reader.ok() && type.type.code >= 0x7b) reader.fail_malformed(start, errors::kRefType);
      type.limits = read_limits(reader, kTableFlags);
      break;
    case ExternKind::memory: type.limits = read_limits(reader, kMemoryFlags); break;
    case ExternKind::global:
      type.type = read_written_val_type(reader);
      type.type.is_mutable = read_written_mutability(reader);
      break;
    case ExternKind::tag:
      if (reader.read_u8() != 0) reader.fail_malformed(start, errors::kZeroByteExpected);
      type.type_index = reader.read_u32();
      break;
  }
  return type;
}

Result<ModuleLayout> read_layout(std::span<const uint8_t> wasm) {
  return LayoutReader(wasm).read();
}

std::optional<NameTable> find_names(const ModuleLayout& layout) {
  constexpr std::string_view kName = "name";
  const auto found = std::ranges::find(layout.customs, kName, &ModuleLayout::Custom::name);
  if (found == layout.customs.end() || found->after != layout.last_section) return std::nullopt;
  if (std::ranges::count(layout.customs, kName, &ModuleLayout::Custom::name) != 1) {
    return std::nullopt;
  }
  return decode_names(found->contents);
}

std::optional<BranchHints> find_branch_hints(const ModuleLayout& layout) {
  const auto found =
      std::ranges::find(layout.customs, kBranchHintSection, &ModuleLayout::Custom::name);
  if (found == layout.customs.end() || !found->is_before_code) return std::nullopt;
  ByteReader reader(found->contents, 0);
  BranchHints hints;
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t func = reader.read_u32();
    if (!hints.empty() && func <= hints.back().first) return std::nullopt;
    hints.push_back({func, {}});
    if (!read_function_hints(reader, hints.back().second)) return std::nullopt;
  }
  if (!reader.ok() || !reader.at_end() || hints.empty()) return std::nullopt;
  return hints;
}

}  // namespace swoop::text

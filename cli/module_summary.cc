#include "cli/module_summary.h"

#include "decoder/byte_reader.h"
#include "decoder/function_decoder.h"
#include "decoder/module_decoder.h"
#include "decoder/section_decoder.h"
#include "wasm/limits.h"
#include "wasm/opcode.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace swoop::cli {
namespace {

constexpr size_t kHeaderSize = 8;

constexpr const char* kComponentSectionNames[] = {
    "custom", "core module", "core instance", "core type", "component", "instance", "alias",
    "type",   "canonical",   "start",         "import",    "export",    "value"};

struct RawSection {
  uint8_t id;
  size_t offset;                      // of the contents
  uint64_t size;                      // as written
  std::span<const uint8_t> contents;  // what there is of them
  bool is_complete() const { return contents.size() == size; }
};

std::vector<RawSection> split_sections(std::span<const uint8_t> bytes) {
  std::vector<RawSection> sections;
  size_t position = kHeaderSize;
  while (position < bytes.size()) {
    ByteReader reader(bytes.subspan(position), position);
    const uint8_t id = reader.read_u8();
    const uint32_t size = reader.read_u32();
    if (!reader.ok()) break;
    const size_t offset = reader.offset();
    const size_t available = std::min<size_t>(size, bytes.size() - offset);
    sections.push_back({id, offset, size, bytes.subspan(offset, available)});
    position = offset + available;
  }
  return sections;
}

SectionSummary summarize(const RawSection& section, std::span<const char* const> names,
                         bool has_count) {
  SectionSummary summary{section.id, {}, section.offset, section.size, {}};
  ByteReader reader(section.contents, section.offset);
  if (section.id == 0) {
    summary.name = reader.read_name();
  } else {
    summary.name = section.id < names.size() ? names[section.id] : "unknown";
    if (has_count) {
      const uint32_t count = reader.read_u32();
      if (reader.ok()) summary.count = count;
    }
  }
  return summary;
}

/// Collects the features of what a body says, beyond those of its instructions the ones that
/// immediates need.
class FeatureCollector {
 public:
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&... immediates) {
    constexpr const OpInfo& info = op_info(kOpcode);
    if constexpr (kOpcode == Opcode::throw_) {
      throws_ = true;
    } else {
      add(info.feature);
    }
    (look(immediates), ...);
    if constexpr (info.immediate == Immediate::call_indirect) look_at_table(immediates...);
  }

  void look(ValType type) {
    if (type.is_vec()) add(Feature::simd);
    if (!type.is_ref()) return;
    if (!type.nullable() || !type.heap_type().is_abstract()) add(Feature::function_references);
    look(type.heap_type());
  }
  bool has(Feature feature) const { return (bits_ & 1u << static_cast<unsigned>(feature)) != 0; }
  bool throws() const { return throws_; }
  void add(Feature feature) { bits_ |= 1u << static_cast<unsigned>(feature); }

 private:
  template <class Immediate>
  void look(const Immediate&) {}
  void look(HeapType type) {
    if (!type.is_abstract()) return add(Feature::function_references);
    switch (type.abstract()) {
      case AbstractHeapType::func:
      case AbstractHeapType::extern_: return add(Feature::reference_types);
      case AbstractHeapType::exn:
      case AbstractHeapType::noexn: return add(Feature::exceptions);
      default: return add(Feature::gc);
    }
  }
  void look(const BlockType& type) {
    if (type.type != nullptr) add(Feature::multi_value);
    look(type.result);
  }
  void look(const SelectTypes& types) { look(types.first); }
  void look(const MemArg& memarg) { look(memarg.memory); }
  void look(MemoryIdx memory) {
    if (to_underlying(memory) != 0) add(Feature::multi_memory);
  }
  void look_at_table(TypeIdx, TableIdx table) {
    if (to_underlying(table) != 0) add(Feature::reference_types);
  }

  uint32_t bits_ = 0;
  bool throws_ = false;
};

class Summarizer {
 public:
  Summarizer(TypeRegistry& types, std::span<const uint8_t> wasm)
      : types_(types),
        wasm_(wasm),
        sections_(split_sections(wasm)),
        decoder_(summary_.module, types_, Features()) {}

  ModuleSummary summarize_all() {
    if (const auto module = validate_module(types_, Features(), wasm_); !module) {
      summary_.error = module.error();
    }
    for (const RawSection& section : sections_) {
      const auto id = SectionId(section.id);
      const bool has_count = id != SectionId::start;
      summary_.sections.push_back(summarize(section, kSectionNames, has_count));
      if (id == SectionId::custom) {
        read_custom(section);
      } else if (id == SectionId::code) {
        if (is_readable(section.offset)) read_code(section);
      } else if (section.is_complete() && is_readable(section.offset + section.size)) {
        (void)decoder_.decode(id, section.contents, section.offset);
      }
    }
    ModuleInfo& module = summary_.module;
    module.module_size = wasm_.size();
    std::erase_if(module.names.functions,
                  [&](const auto& named) { return !module.funcs.contains(named.first); });
    find_features();
    return std::move(summary_);
  }

 private:
  // What ends here was decoded before the error was found.
  bool is_readable(size_t end) const {
    const std::optional<Error>& error = summary_.error;
    if (!error) return true;
    return error->offset != kNoOffset && end <= error->offset &&
           error->offset < limits::kMaxModuleSize;
  }

  void read_custom(const RawSection& section) {
    ByteReader reader(section.contents, section.offset);
    const std::string_view name = reader.read_name();
    if (!reader.ok()) return;
    if (name == "name") {
      summary_.has_names = true;
      (void)decoder_.decode(SectionId::custom, section.contents, section.offset);
    } else if (name == "producers") {
      read_producers(reader);
    } else if (name == "target_features") {
      const uint32_t count = reader.read_count();
      for (uint32_t i = 0; i < count && reader.ok(); ++i) {
        const char prefix = static_cast<char>(reader.read_u8());
        const std::string_view feature = reader.read_name();
        if (reader.ok()) summary_.target_features.push_back(prefix + std::string(feature));
      }
    }
  }

  void read_producers(ByteReader& reader) {
    const uint32_t num_fields = reader.read_count();
    for (uint32_t i = 0; i < num_fields && reader.ok(); ++i) {
      const std::string field(reader.read_name());
      const uint32_t num_values = reader.read_count();
      for (uint32_t j = 0; j < num_values && reader.ok(); ++j) {
        const std::string name(reader.read_name());
        const std::string version(reader.read_name());
        if (reader.ok()) summary_.producers.push_back({field, name, version});
      }
    }
  }

  void read_code(const RawSection& section) {
    ModuleInfo& module = summary_.module;
    module.code_section_size = section.size;
    ByteReader reader(section.contents, section.offset);
    const uint32_t count = reader.read_u32();
    for (uint32_t i = 0; i < count && i < module.num_defined_funcs(); ++i) {
      const uint32_t size = reader.read_u32();
      const auto offset = static_cast<uint32_t>(reader.offset());
      const std::span<const uint8_t> body = reader.read_bytes(size);
      if (!reader.ok()) return;
      module.bodies.push_back({offset, size});
      const TypeId type = module.funcs[module.defined_func(i)].type;
      FunctionDecoder<FeatureCollector> decoder(module, types_, body, offset, collector_);
      if (!decoder.read_locals(types_.func_type(type).params.size(), locals_)) continue;
      for (const LocalRun& run : locals_) collector_.look(run.type);
      // What is wrong with it is known.
      (void)decoder.run();
    }
  }

  // Whether all but the code can be decoded with these features.
  bool can_declare_with(const Features& features) {
    struct NoBodies final : ModuleDecoder::Listener {
      Result<> on_body(const ModuleInfo&, uint32_t, std::span<const uint8_t>, size_t) override {
        return {};
      }
    };
    NoBodies listener;
    ModuleDecoder decoder(types_, features, listener);
    size_t position = 0;
    const auto push_up_to = [&](size_t end) {
      const bool is_good = decoder.push(wasm_.subspan(position, end - position)).ok();
      position = end;
      return is_good;
    };
    for (const RawSection& section : sections_) {
      if (SectionId(section.id) != SectionId::code) continue;
      // Its id and size stand in front of it.
      const size_t previous = &section == sections_.data()
                                  ? kHeaderSize
                                  : (&section)[-1].offset + (&section)[-1].contents.size();
      if (!push_up_to(previous)) return false;
      position = section.offset + section.contents.size();
    }
    return push_up_to(wasm_.size());
  }

  void find_features() {
    const Features all;
    const bool is_declared = can_declare_with(all);
    for (unsigned i = 0; i < kFeatureCount && is_declared; ++i) {
      const auto feature = Feature(i);
      if (feature == Feature::core || collector_.has(feature)) continue;
      if (!can_declare_with(all.without(feature))) collector_.add(feature);
    }
    // Tags and throw are part of both.
    if (!collector_.has(Feature::legacy_exceptions) &&
        (collector_.throws() || !summary_.module.tags.empty())) {
      collector_.add(Feature::exceptions);
    }
    for (unsigned i = 1; i < kFeatureCount; ++i) {
      if (collector_.has(Feature(i))) summary_.features.push_back(Feature(i));
    }
  }

  TypeRegistry& types_;
  std::span<const uint8_t> wasm_;
  std::vector<RawSection> sections_;
  ModuleSummary summary_;
  SectionDecoder decoder_;
  FeatureCollector collector_;
  std::vector<LocalRun> locals_;
};

// Of the component model. Spec: component-model/design/mvp/Binary.md.
std::string read_extern_name(ByteReader& reader) {
  if (reader.read_u8() > 1) return {};
  return std::string(reader.read_name());
}

// False when it is of a form we do not know.
bool skip_extern_type(ByteReader& reader) {
  constexpr uint8_t kCoreModule = 0, kFunc = 1, kType = 3, kComponent = 4, kInstance = 5;
  switch (reader.read_u8()) {
    case kCoreModule:
      if (reader.read_u8() != 0x11) return false;
      break;
    case kFunc:
    case kComponent:
    case kInstance: break;
    case kType:
      if (reader.read_u8() != 0) return reader.ok();  // a fresh resource
      break;
    default: return false;
  }
  reader.read_u32();
  return reader.ok();
}

bool skip_exported(ByteReader& reader) {
  if (reader.read_u8() == 0) reader.read_u8();  // a sort of core modules
  reader.read_u32();
  return reader.read_u8() == 0 || skip_extern_type(reader);
}

}  // namespace

ModuleSummary summarize_module(TypeRegistry& types, std::span<const uint8_t> wasm) {
  return Summarizer(types, wasm).summarize_all();
}

ComponentSummary summarize_component(std::span<const uint8_t> bytes) {
  constexpr uint8_t kCoreModule = 1, kComponent = 4, kStart = 9, kImport = 10, kExport = 11;
  ComponentSummary summary;
  for (const RawSection& section : split_sections(bytes)) {
    const bool has_count =
        section.id != kCoreModule && section.id != kComponent && section.id != kStart;
    summary.sections.push_back(summarize(section, kComponentSectionNames, has_count));
    if (section.id != kImport && section.id != kExport) continue;
    const bool is_import = section.id == kImport;
    ByteReader reader(section.contents, section.offset);
    const uint32_t count = reader.read_count();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) {
      std::string name = read_extern_name(reader);
      if (!reader.ok() || name.empty()) break;
      (is_import ? summary.imports : summary.exports).push_back(std::move(name));
      if (!(is_import ? skip_extern_type(reader) : skip_exported(reader))) break;
    }
  }
  return summary;
}

}  // namespace swoop::cli

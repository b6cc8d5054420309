// `swoop inspect`: what is in a file, for people or as JSON. Of modules that are broken, what can
// be read and then the error.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/file_kind.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/module_summary.h"
#include "cli/options.h"
#include "cli/values.h"
#include "runtime/extern.h"
#include "wasi/version.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

namespace swoop::cli {
namespace {

using Json = nlohmann::ordered_json;

// So many lines of a list are shown to people.
constexpr size_t kMostLines = 100;

const char* to_string(ExternKind kind) {
  constexpr const char* kNames[] = {"func", "table", "memory", "global", "tag"};
  return kNames[static_cast<size_t>(kind)];
}

const char* to_string(FileKind kind) {
  switch (kind) {
    case FileKind::module: return "module";
    case FileKind::component: return "component";
    case FileKind::other_version: return "other-version";
    case FileKind::cut_header: return "truncated";
    case FileKind::text: return "text";
    case FileKind::component_text: return "component-text";
    case FileKind::empty: return "empty";
    case FileKind::foreign: return "foreign";
    case FileKind::unknown: return "unknown";
  }
  return "unknown";
}

void print_json(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::string describe_bytes(uint64_t bytes) {
  return bytes == 1 ? "1 byte" : fmt::format("{} bytes", bytes);
}

/// The answers that both forms of output give.
class Inspection {
 public:
  explicit Inspection(const ModuleFile& file) : file_(file) {
    summary_ = summarize_module(types_, file.wasm);
    for (size_t i = info().types.size(); i-- > 0;) {
      indices_[to_underlying(info().types[TypeIdx(static_cast<uint32_t>(i))])] = i;
    }
  }

  const ModuleSummary& summary() const { return summary_; }
  const ModuleInfo& info() const { return summary_.module; }
  const ModuleFile& file() const { return file_; }

  bool has_export(std::string_view name) const { return find_export(name) != nullptr; }
  bool has_section(std::string_view name) const {
    return std::ranges::any_of(summary_.sections, [&](const SectionSummary& section) {
      return section.id == 0 && section.name == name;
    });
  }

  /// How a host starts it. Spec: WASI's application ABI.
  const char* entry() const {
    if (has_export("_start")) return "command";
    if (has_export("_initialize")) return "reactor";
    return "library";
  }

  /// The version of WASI that it imports from; empty: none.
  std::string wasi() const {
    for (const Import& import : info().imports) {
      if (const auto version = wasi::version_of(import.module)) {
        return *version == wasi::Version::preview1 ? "preview1" : "preview0";
      }
      if (import.module.starts_with("wasi:")) return "0.2";
    }
    return {};
  }

  std::string import_type(const Import& import) const {
    return with_module_indices(describe_import(types_, info(), import));
  }
  std::string export_type(const Export& exported) const {
    Import same;
    same.kind = exported.kind;
    same.index = exported.index;
    return import_type(same);
  }

  std::string type_text(TypeId id) const {
    const CompositeType& type = types_[id].definition.composite;
    switch (type.kind) {
      case CompositeType::Kind::func: return with_module_indices(describe_type(types_, type.func));
      case CompositeType::Kind::struct_: return "struct (" + fields_text(type) + ")";
      case CompositeType::Kind::array: return "array (" + fields_text(type) + ")";
    }
    return {};
  }

  /// What is to be said beside the facts.
  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    if (has_section("dylink.0") || has_section("dylink")) {
      notes.push_back("built for dynamic linking: it needs a loader that gives it its memory");
    }
    if (has_section("linking")) notes.push_back("an object file that is not linked: use wasm-ld");
    if (has_section(".debug_info")) notes.push_back("has debugging information (DWARF)");
    if (has_section("sourceMappingURL")) notes.push_back("names a source map");
    if (wasi() == "0.2") {
      notes.push_back("imports interfaces of WASI 0.2, which components have: it was in one");
    }
    return notes;
  }

 private:
  const Export* find_export(std::string_view name) const {
    const auto found = std::ranges::find(info().exports, name, &Export::name);
    return found == info().exports.end() ? nullptr : &*found;
  }

  std::string fields_text(const CompositeType& type) const {
    std::string text;
    for (const FieldType& field : type.fields) {
      if (!text.empty()) text += ", ";
      if (field.is_mutable) text += "mut ";
      text += types_.to_string(field.storage);
    }
    return with_module_indices(text);
  }

  // "(ref null 7)" has the number of a canonical type: that in the module is put in its place.
  std::string with_module_indices(const std::string& text) const {
    constexpr std::string_view kForms[] = {"(ref null ", "(ref "};
    std::string result;
    for (size_t i = 0; i < text.size();) {
      const std::string_view rest = std::string_view(text).substr(i);
      const auto form = std::ranges::find_if(
          kForms, [&](std::string_view prefix) { return rest.starts_with(prefix); });
      const size_t skipped = form == std::end(kForms) ? 1 : form->size();
      result += rest.substr(0, skipped);
      i += skipped;
      if (skipped == 1) continue;
      const size_t end = std::min(text.find_first_not_of("0123456789", i), text.size());
      if (end == i || end - i > 9) continue;
      const auto found = indices_.find(static_cast<uint32_t>(std::stoul(text.substr(i, end - i))));
      result += found == indices_.end() ? text.substr(i, end - i) : std::to_string(found->second);
      i = end;
    }
    return result;
  }

  const ModuleFile& file_;
  TypeRegistry types_;
  ModuleSummary summary_;
  std::map<uint32_t, size_t> indices_;  // in the module, by canonical number
};

struct SegmentCounts {
  size_t active = 0, passive = 0, declarative = 0;
  uint64_t size = 0;  // bytes or elements
};

template <class Segments>
SegmentCounts count_segments(const Segments& segments, auto size_of) {
  SegmentCounts counts;
  for (const auto& segment : segments) {
    ++(segment.mode == SegmentMode::active    ? counts.active
       : segment.mode == SegmentMode::passive ? counts.passive
                                              : counts.declarative);
    counts.size += size_of(segment);
  }
  return counts;
}

SegmentCounts count_data(const ModuleInfo& info) {
  return count_segments(info.datas, [](const DataSegment& data) { return data.bytes.size(); });
}

SegmentCounts count_elements(const ModuleInfo& info) {
  return count_segments(info.elems, [](const ElemSegment& elem) { return elem.size(); });
}

std::vector<std::string> feature_names(const ModuleSummary& summary) {
  std::vector<std::string> names;
  for (const Feature feature : summary.features) names.push_back(swoop::to_string(feature));
  return names;
}

Json sections_json(const std::vector<SectionSummary>& sections) {
  Json list = Json::array();
  for (const SectionSummary& section : sections) {
    Json entry = {{"id", section.id},
                  {"name", section.name},
                  {"offset", section.offset},
                  {"size", section.size}};
    entry["count"] = section.count ? Json(*section.count) : Json(nullptr);
    list.push_back(std::move(entry));
  }
  return list;
}

Json space_json(size_t all, uint32_t imported) {
  return {{"imported", imported}, {"defined", all - imported}};
}

Json producers_json(const ModuleSummary& summary) {
  Json fields = Json::object();
  for (const Producer& producer : summary.producers) {
    fields[producer.field].push_back({{"name", producer.name}, {"version", producer.version}});
  }
  return fields;
}

Json error_json(const Error& error) {
  return {{"kind", swoop::to_string(error.kind)},
          {"message", error.message},
          {"offset", error.offset == kNoOffset ? Json(nullptr) : Json(error.offset)}};
}

Json to_json(const Inspection& inspection) {
  const ModuleSummary& summary = inspection.summary();
  const ModuleInfo& info = inspection.info();
  const std::string wasi = inspection.wasi();
  Json json = {{"schema", 1},
               {"file", inspection.file().path},
               {"kind", "module"},
               {"format", inspection.file().is_text ? "text" : "binary"},
               {"bytes", inspection.file().wasm.size()},
               {"valid", !summary.error},
               {"error", summary.error ? error_json(*summary.error) : Json(nullptr)},
               {"entry", inspection.entry()},
               {"wasi", wasi.empty() ? Json(nullptr) : Json(wasi)},
               {"features", feature_names(summary)},
               {"target_features", summary.target_features},
               {"producers", producers_json(summary)},
               {"sections", sections_json(summary.sections)}};
  Json types = Json::array(), imports = Json::array(), exports = Json::array();
  for (const TypeId type : info.types) types.push_back(inspection.type_text(type));
  for (const Import& import : info.imports) {
    imports.push_back({{"module", import.module},
                       {"name", import.name},
                       {"kind", to_string(import.kind)},
                       {"type", inspection.import_type(import)}});
  }
  for (const Export& exported : info.exports) {
    exports.push_back({{"name", exported.name},
                       {"kind", to_string(exported.kind)},
                       {"index", exported.index},
                       {"type", inspection.export_type(exported)}});
  }
  json["types"] = std::move(types);
  json["imports"] = std::move(imports);
  json["exports"] = std::move(exports);
  json["functions"] = space_json(info.funcs.size(), info.num_imported_funcs);
  json["functions"]["code_bytes"] = info.code_section_size;
  json["tables"] = space_json(info.tables.size(), info.num_imported_tables);
  json["memories"] = space_json(info.memories.size(), info.num_imported_memories);
  json["globals"] = space_json(info.globals.size(), info.num_imported_globals);
  json["tags"] = space_json(info.tags.size(), info.num_imported_tags);
  json["start"] = info.start ? Json(to_underlying(*info.start)) : Json(nullptr);
  const SegmentCounts elements = count_elements(info), data = count_data(info);
  json["element_segments"] = {{"active", elements.active},
                              {"passive", elements.passive},
                              {"declarative", elements.declarative},
                              {"elements", elements.size}};
  json["data_segments"] = {
      {"active", data.active}, {"passive", data.passive}, {"bytes", data.size}};
  json["names"] = {{"present", summary.has_names},
                   {"module", info.names.module},
                   {"functions", info.names.functions.size()}};
  json["notes"] = inspection.notes();
  return json;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

void print_fact(std::string_view name, const std::string& text) {
  if (!text.empty()) fmt::print("{:<10} {}\n", name, text);
}

/// "sections" and the rows below it.
void print_sections(const std::vector<SectionSummary>& sections) {
  fmt::print("\n{:<30} {:>8} {:>10} {:>8}\n", "sections", "offset", "bytes", "count");
  for (size_t i = 0; i < std::min(sections.size(), kMostLines); ++i) {
    const SectionSummary& section = sections[i];
    const std::string name =
        section.id == 0 ? "custom " + cli::quoted(abbreviated(section.name)) : section.name;
    const std::string count = section.count ? std::to_string(*section.count) : "";
    fmt::print("{}\n", fmt::format("  {:<28} {:>#8x} {:>10} {:>8}", name, section.offset,
                                   section.size, count));
  }
  if (sections.size() > kMostLines) fmt::print("  ... and {} more\n", sections.size() - kMostLines);
}

void print_list(const char* title, size_t count, auto line_of) {
  if (count == 0) return;
  fmt::print("\n{} ({})\n", title, count);
  for (size_t i = 0; i < std::min(count, kMostLines); ++i) fmt::print("  {}\n", line_of(i));
  if (count > kMostLines) fmt::print("  ... and {} more; --json has all\n", count - kMostLines);
}

/// Names and, in a column, their types.
void print_typed_list(const char* title, size_t count, auto name_of, auto type_of) {
  constexpr size_t kWidest = 56;
  size_t width = 0;
  for (size_t i = 0; i < std::min(count, kMostLines); ++i) {
    width = std::max(width, std::min(printable(name_of(i)).size(), kWidest));
  }
  print_list(title, count, [&](size_t i) {
    return fmt::format("{:<{}}  {}", printable(name_of(i)), width, type_of(i));
  });
}

std::string space_text(size_t all, uint32_t imported) {
  if (all == 0) return {};
  if (imported == 0) return std::to_string(all);
  return fmt::format("{}, {} of them imported", all, imported);
}

std::string segments_text(const SegmentCounts& counts, const char* unit) {
  std::string text;
  const auto add = [&](size_t count, const char* mode) {
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, mode);
  };
  add(counts.active, "active");
  add(counts.passive, "passive");
  add(counts.declarative, "declarative");
  return text.empty() ? text : fmt::format("{}; {} {}", text, counts.size, unit);
}

std::string functions_text(const ModuleInfo& info) {
  std::string text = space_text(info.funcs.size(), info.num_imported_funcs);
  if (info.bodies.empty()) return text;
  const auto largest = std::ranges::max_element(info.bodies, {}, &BodyRange::size);
  const FuncIdx func = info.defined_func(static_cast<uint32_t>(largest - info.bodies.begin()));
  return text + fmt::format("; {} of code, the largest is {} with {}",
                            describe_bytes(info.code_section_size),
                            describe_function(func, info.func_name(func)),
                            describe_bytes(largest->size));
}

std::string entry_text(const Inspection& inspection) {
  const std::string_view entry = inspection.entry();
  if (entry == "command") return "command: swoop run calls its _start";
  if (entry == "reactor") return "reactor: a library that _initialize prepares";
  return "library: it exports neither _start nor _initialize";
}

std::string wasi_text(const std::string& version) {
  if (version == "preview1") return "preview 1 (wasi_snapshot_preview1)";
  if (version == "preview0") return "preview 0 (wasi_unstable)";
  return version;
}

std::string producers_text(const ModuleSummary& summary) {
  std::vector<std::string> words;
  for (const Producer& producer : summary.producers) {
    words.push_back(producer.version.empty() ? producer.name
                                             : producer.name + " " + producer.version);
  }
  return join(words);
}

void print_text(const Inspection& inspection) {
  const ModuleSummary& summary = inspection.summary();
  const ModuleInfo& info = inspection.info();
  const ModuleFile& file = inspection.file();
  fmt::print("{}: WebAssembly {}, {}{}, {}\n", printable(file.path),
             file.is_text ? "text" : "module", file.is_text ? "as a module " : "",
             describe_bytes(file.wasm.size()),
             summary.error ? swoop::to_string(summary.error->kind) : "valid");
  print_fact("kind", entry_text(inspection));
  print_fact("WASI", wasi_text(inspection.wasi()));
  print_fact("needs", summary.features.empty() ? "WebAssembly 1.0" : join(feature_names(summary)));
  print_fact("built by", producers_text(summary));
  print_fact("built for", join(summary.target_features));
  print_fact("functions", functions_text(info));
  print_fact("tables", space_text(info.tables.size(), info.num_imported_tables));
  print_fact("memories", space_text(info.memories.size(), info.num_imported_memories));
  print_fact("globals", space_text(info.globals.size(), info.num_imported_globals));
  print_fact("tags", space_text(info.tags.size(), info.num_imported_tags));
  print_fact("elements", segments_text(count_elements(info), "elements"));
  print_fact("data", segments_text(count_data(info), "bytes"));
  if (info.start) print_fact("start", describe_function(*info.start, info.func_name(*info.start)));
  print_fact("names", summary.has_names
                          ? fmt::format("of {} function{}", info.names.functions.size(),
                                        info.names.functions.size() == 1 ? "" : "s")
                          : "no name section");
  for (const std::string& note : inspection.notes()) print_fact("note", note);

  print_sections(summary.sections);
  print_list("types", info.types.size(), [&](size_t i) {
    return fmt::format("{:<4} {}", i,
                       inspection.type_text(info.types[TypeIdx(static_cast<uint32_t>(i))]));
  });
  print_typed_list(
      "imports", info.imports.size(),
      [&](size_t i) {
        return abbreviated(info.imports[i].module) + "." + abbreviated(info.imports[i].name);
      },
      [&](size_t i) { return inspection.import_type(info.imports[i]); });
  print_typed_list(
      "exports", info.exports.size(), [&](size_t i) { return abbreviated(info.exports[i].name); },
      [&](size_t i) { return inspection.export_type(info.exports[i]); });
}

int inspect_module(const ModuleFile& file, bool json) {
  const Inspection inspection(file);
  if (json) {
    print_json(to_json(inspection));
  } else {
    print_text(inspection);
  }
  const std::optional<Error>& error = inspection.summary().error;
  if (!error) return kOk;
  std::fflush(stdout);
  report(*error, file);
  return kPartlyRead;
}

// A file that is no core module: a component is listed, all else is named.
int inspect_other(const ModuleFile& file, const FileGuess& guess, bool json) {
  const bool is_component = guess.kind == FileKind::component;
  ComponentSummary component;
  if (is_component) component = summarize_component(file.wasm);
  if (json) {
    print_json({{"schema", 1},
                {"file", file.path},
                {"kind", to_string(guess.kind)},
                {"description", guess.description},
                {"sections", sections_json(component.sections)},
                {"imports", component.imports},
                {"exports", component.exports}});
    return kBadModule;
  }
  if (!is_component) {
    print_error(guess.description.empty() ? "malformed: this is no WebAssembly module"
                                          : "malformed: this is " + guess.description);
    print_place(file.path);
    return kBadModule;
  }
  fmt::print("{}: WebAssembly component, {}\n", printable(file.path),
             describe_bytes(file.wasm.size()));
  print_sections(component.sections);
  print_list("imports", component.imports.size(),
             [&](size_t i) { return printable(abbreviated(component.imports[i])); });
  print_list("exports", component.exports.size(),
             [&](size_t i) { return printable(abbreviated(component.exports[i])); });
  std::fflush(stdout);
  return report(Error(ErrorKind::malformed, 4, "unknown binary version, that of components"), file);
}

}  // namespace

int inspect(const InspectOptions& options) {
  ModuleFile file;
  if (const Result<> read = read_module(options.file, file); !read) {
    return report(read.error(), file);
  }
  const FileGuess guess = recognize(file.wasm);
  return guess.kind == FileKind::module ? inspect_module(file, options.json)
                                        : inspect_other(file, guess, options.json);
}

}  // namespace swoop::cli

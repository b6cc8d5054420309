// What is in a module, as far as it can be read: for people who want to know why it does not run,
// it need not be valid. tests/cli/cli_test.py.
#pragma once

#include "base/error.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace swoop::cli {

struct SectionSummary {
  uint8_t id = 0;
  std::string name;               // "code"; of custom sections their own
  size_t offset = 0;              // of the contents
  uint64_t size = 0;              // as it is written, the file may have less
  std::optional<uint64_t> count;  // of entries, where there are any
};

/// An entry of the section "producers".
struct Producer {
  std::string field;  // "language", "processed-by", "sdk"
  std::string name;
  std::string version;
};

struct ModuleSummary {
  std::vector<SectionSummary> sections;  // in the order of the file
  ModuleInfo module;                     // what could be decoded
  std::vector<Producer> producers;
  std::vector<std::string> target_features;  // "+simd128", as the compiler noted them
  bool has_names = false;                    // a name section
  std::vector<Feature> features;             // that the module uses; core is not named
  std::optional<Error> error;                // the first, when the module is not valid
};

/// Reads a module that begins with a header. Cost: linear, as validation.
ModuleSummary summarize_module(TypeRegistry& types, std::span<const uint8_t> wasm);

/// The top level of a component.
struct ComponentSummary {
  std::vector<SectionSummary> sections;
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

/// Reads as far as it understands. Nothing is validated.
ComponentSummary summarize_component(std::span<const uint8_t> bytes);

}  // namespace swoop::cli

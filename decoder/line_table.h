// Which lines of source code become which code, by the line tables of a module's debug information
// (custom section ".debug_line", DWARF 2 to 5). Spec: DWARF 5 section 6.2; "DWARF for WebAssembly".
#pragma once

#include "wasm/module.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace swoop {

struct SourceLocation {
  std::string file;  // with its folder, as the compiler of the module was given it
  uint32_t line = 0;
  uint32_t column = 0;  // 0: not known
};

/// Immutable: any thread may use it. Borrows from the module's custom sections.
class LineTable {
 public:
  LineTable() = default;
  /// What is wrong ends the reading: lines read before it are kept. Time and memory are linear in
  /// the size of the sections, but for the sorting of units that are out of order.
  explicit LineTable(const std::vector<CustomSection>& sections);

  /// Of an operator, by its offset in the contents of the code section; nothing where the table
  /// does not say it.
  std::optional<SourceLocation> find(uint64_t code_offset) const;

 private:
  friend class LineTableReader;

  // Strings are looked at when they are asked for: many files may name the same long one.
  struct File {
    std::span<const uint8_t> name, folder, root;  // each from its start to the end of its section
  };
  struct Row {
    uint32_t address;
    uint32_t file;  // in files_
    uint32_t line;  // 0: from here on, nothing is said
    uint32_t column;
  };

  std::vector<Row> rows_;  // by ascending addresses
  std::vector<File> files_;
};

}  // namespace swoop

// Files as the command reads them: modules are binary or text.
#pragma once

#include "base/result.h"
#include "text/source_map.h"

#include <cstdint>
#include <string>
#include <vector>

namespace swoop::cli {

/// All bytes of a file, or of standard input for "-". Of a file that begins like nothing we know
/// only the beginning. Errors: io, with the system's reason.
Result<std::vector<uint8_t>> read_file(const std::string& path);

/// A module from a file.
struct ModuleFile {
  std::string path;
  bool is_text = false;
  std::string text;
  std::vector<uint8_t> wasm;   // the binary: what is in the file, or what its text says
  text::SourceMap source_map;  // from the binary to the text

  /// The text could not be assembled: offsets of the error are in the text.
  bool is_broken_text() const { return is_text && wasm.empty(); }
};

/// Reads a file, and assembles it if it is text, by choice without a name section. Nothing is
/// validated. Errors, for cli/module_errors.h with `file`: io; malformed.
Result<> read_module(const std::string& path, ModuleFile& file, bool with_names = true);

}  // namespace swoop::cli

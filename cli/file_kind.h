// What a file is, told by its first bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace swoop::cli {

enum class FileKind {
  module,         // a core module of a version we know, at least by its header
  component,      // of the component model
  other_version,  // of the binary format
  cut_header,     // fewer bytes than a header has
  text,           // WebAssembly text of a module or a script
  component_text,
  empty,
  foreign,  // something else that we know
  unknown,
};

struct FileGuess {
  FileKind kind = FileKind::unknown;
  std::string description;  // "gzip data; decompress it first: gunzip"; empty if unknown
};

/// What the bytes at the beginning of a file say; the first 4096 are enough. Text must begin like
/// text: with a parenthesis or a comment.
FileGuess recognize(std::span<const uint8_t> bytes);

/// Whether a file of this name is to be read as text: by what is in it, and if that is nothing we
/// know, by its name.
bool is_text(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace swoop::cli

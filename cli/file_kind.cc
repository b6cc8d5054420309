#include "cli/file_kind.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace swoop::cli {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  const char* what;
};

constexpr Magic kMagics[] = {
    {"\x7f"
     "ELF"sv,
     "an ELF file, a native program or library"},
    {"\x1f\x8b"sv, "gzip data; decompress it first: gunzip"},
    {"PK\x03\x04"sv, "a zip archive; unpack it first: unzip"},
    {"\x28\xb5\x2f\xfd"sv, "zstd data; decompress it first: unzstd"},
    {"\xfd"
     "7zXZ"sv,
     "xz data; decompress it first: unxz"},
    {"BZh"sv, "bzip2 data; decompress it first: bunzip2"},
    {"\x04\x22\x4d\x18"sv, "lz4 data; decompress it first: unlz4"},
    {"!<arch>\n"sv, "an archive of object files, a static library; link it first"},
    {"!<thin>\n"sv, "a thin archive of object files; link them first"},
    {"BC\xc0\xde"sv, "LLVM bitcode; compile and link it first"},
    {"\xde\xc0\x17\x0b"sv, "LLVM bitcode in a wrapper; compile and link it first"},
    {"\xcf\xfa\xed\xfe"sv, "a Mach-O file, a native program or library"},
    {"\xce\xfa\xed\xfe"sv, "a Mach-O file, a native program or library"},
    {"\xfe\xed\xfa\xcf"sv, "a Mach-O file, a native program or library"},
    {"MZ"sv, "a PE file, a Windows program"},
    {"#!"sv, "a script"},
    {"version https://git-lfs"sv, "a Git LFS pointer; fetch the file itself: git lfs pull"},
    {"%PDF"sv, "a PDF document"},
    {"\x89PNG"sv, "a PNG picture"},
};

constexpr std::string_view kHeader = "\0asm\1\0\0\0"sv;
constexpr std::string_view kMagic = kHeader.substr(0, 4);
constexpr size_t kLooked = 4096;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The first word of a text without the comments of the text format.
std::string_view skip_blanks(std::string_view text) {
  for (;;) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.starts_with(";;")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("(;")) {
      const size_t end = text.find(";)");
      if (end == std::string_view::npos) return {};
      text.remove_prefix(end + 2);
    } else {
      return text;
    }
  }
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

FileGuess recognize_wasm(std::string_view text) {
  if (text.starts_with(kHeader)) return {FileKind::module, "a WebAssembly module"};
  if (text.size() < kHeader.size()) {
    return {FileKind::cut_header, "the first bytes of a WebAssembly module"};
  }
  // A version of 16 bits, and then the layer.
  if (text[6] == 1 && text[7] == 0) return {FileKind::component, "a WebAssembly component"};
  return {FileKind::other_version, "WebAssembly of another version"};
}

// Both begin with the same number; then a Java class has its version, of 45 or more, and a Mach-O
// file the count of the architectures in it.
const char* tell_cafebabe(std::string_view text) {
  const bool is_java = text.size() >= 8 && static_cast<uint8_t>(text[7]) >= 45;
  return is_java ? "a Java class" : "a universal Mach-O file, native programs or libraries";
}

}  // namespace

FileGuess recognize(std::span<const uint8_t> bytes) {
  const std::string head(bytes.begin(),
                         bytes.begin() + static_cast<ptrdiff_t>(std::min(bytes.size(), kLooked)));
  const std::string_view text = head;
  if (text.empty()) return {FileKind::empty, "an empty file"};
  if (text.starts_with(kMagic)) return recognize_wasm(text);
  if (kMagic.starts_with(text)) return {FileKind::cut_header, "the first bytes of a module"};
  if (text.starts_with("\xca\xfe\xba\xbe"sv)) return {FileKind::foreign, tell_cafebabe(text)};
  for (const Magic& magic : kMagics) {
    if (text.starts_with(magic.bytes)) return {FileKind::foreign, magic.what};
  }
  if (text.size() > 262 && text.substr(257, 5) == "ustar") {
    return {FileKind::foreign, "a tar archive; unpack it first"};
  }
  const std::string_view trimmed =
      text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  if (trimmed.starts_with('(') || trimmed.starts_with(';')) {
    if (skip_blanks(trimmed).starts_with("(component")) {
      return {FileKind::component_text, "the text of a WebAssembly component"};
    }
    return {FileKind::text, "WebAssembly text"};
  }
  if (starts_with_word(trimmed, "<!doctype html") || starts_with_word(trimmed, "<html")) {
    return {FileKind::foreign, "an HTML page; was the download answered by a web page?"};
  }
  if (trimmed.starts_with('{') || trimmed.starts_with('[')) return {FileKind::foreign, "JSON"};
  return {};
}

bool is_text(const std::string& path, std::span<const uint8_t> bytes) {
  switch (recognize(bytes).kind) {
    case FileKind::text:
    case FileKind::component_text: return true;
    case FileKind::empty:
    case FileKind::unknown: return path.ends_with(".wat") || path.ends_with(".wast");
    default: return false;
  }
}

}  // namespace swoop::cli

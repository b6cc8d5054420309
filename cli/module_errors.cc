#include "cli/module_errors.h"

#include "cli/console.h"
#include "cli/exit_code.h"
#include "decoder/module_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
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
    {"!<arch>\n"sv, "an archive of object files, a static library"},
    {"BC\xc0\xde"sv, "LLVM bitcode; compile and link it first"},
    {"\xcf\xfa\xed\xfe"sv, "a Mach-O file, a native program or library"},
    {"\xca\xfe\xba\xbe"sv, "a Mach-O file or a Java class"},
    {"MZ"sv, "a PE file, a Windows program"},
    {"#!"sv, "a script"},
    {"version https://git-lfs"sv, "a Git LFS pointer; fetch the file itself: git lfs pull"},
    {"%PDF"sv, "a PDF document"},
    {"\x89PNG"sv, "a PNG picture"},
};

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// The first word of a text without the comments of the text format.
std::string_view skip_blanks(std::string_view text) {
  for (;;) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (!text.starts_with(";;")) return text;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

/// Finds the function whose body contains an offset.
class FindFunction final : public ModuleDecoder::Listener {
 public:
  explicit FindFunction(size_t offset) : offset_(offset) {}

  Result<> on_body(const ModuleInfo& module, uint32_t defined_index, std::span<const uint8_t> body,
                   size_t body_offset) override {
    // A body's error may lie at its end, where the next one begins with its size.
    if (offset_ >= body_offset && offset_ <= body_offset + body.size() && !found) {
      found = module.defined_func(defined_index);
      name = module.func_name(*found);
    }
    return {};
  }

  std::optional<FuncIdx> found;
  std::string name;

 private:
  size_t offset_;
};

std::string place(const Error& error, const std::string& path, std::span<const uint8_t> wasm) {
  if (error.offset == kNoOffset) return path;
  std::string text = fmt::format("{}:{:#x}", path, error.offset);
  FindFunction finder(error.offset);
  TypeRegistry types;
  const Result<ModuleInfo> module = decode_module(types, Features(), wasm, finder);
  if (!finder.found) return text;
  // The section of names comes after the bodies.
  const std::string name = module.ok() ? module->func_name(*finder.found) : finder.name;
  return text + ", function " + describe_function(*finder.found, name);
}

// "section 10 (code) says it has 5000 bytes, but the file ends 1200 bytes earlier", or empty.
std::string describe_truncation(std::span<const uint8_t> wasm) {
  constexpr const char* kNames[] = {"custom", "type",   "import",     "function", "table",
                                    "memory", "global", "export",     "start",    "element",
                                    "code",   "data",   "data count", "tag"};
  size_t position = 8;
  while (position < wasm.size()) {
    const uint8_t id = wasm[position++];
    uint64_t size = 0;
    for (unsigned shift = 0; position < wasm.size() && shift < 35; shift += 7) {
      const uint8_t byte = wasm[position++];
      size |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    if (id >= std::size(kNames)) return {};
    if (size > wasm.size() - position) {
      return fmt::format(
          "the {} section says it has {} bytes, but the file ends after {} of them: is it "
          "complete?",
          kNames[id], size, wasm.size() - position);
    }
    position += size;
  }
  return {};
}

void print_hints(const Error& error, std::span<const uint8_t> wasm) {
  if (error.kind != ErrorKind::malformed) return;
  const bool has_magic = wasm.size() >= 4 && std::memcmp(wasm.data(), "\0asm", 4) == 0;
  if (!has_magic) {
    if (wasm.empty()) {
      print_hint("the file is empty");
    } else if (const std::string guess = guess_file_type(wasm); !guess.empty()) {
      print_hint("it looks like " + guess);
    }
    return;
  }
  if (wasm.size() < 8) {
    print_hint("the file ends within the header: is it complete?");
    return;
  }
  if (wasm[4] != 1 || wasm[5] != 0) {
    if (wasm[6] == 1 && wasm[7] == 0) {
      print_hint("this is a component; this runtime runs core modules");
      print_hint("jco transpile or wasm-tools component unbundle take the core modules out of it");
    }
    return;
  }
  if (const std::string truncation = describe_truncation(wasm); !truncation.empty()) {
    print_hint(truncation);
  }
}

}  // namespace

std::string describe_function(FuncIdx func, const std::string& name) {
  const std::string number = std::to_string(to_underlying(func));
  return name.empty() ? number : number + " " + quoted(abbreviated(name));
}

std::string guess_file_type(std::span<const uint8_t> bytes) {
  // Enough for every mark below.
  constexpr size_t kLooked = 4096;
  const std::string text(bytes.begin(),
                         bytes.begin() + static_cast<ptrdiff_t>(std::min(bytes.size(), kLooked)));
  for (const Magic& magic : kMagics) {
    if (text.starts_with(magic.bytes)) return magic.what;
  }
  if (text.size() > 262 && text.compare(257, 5, "ustar") == 0)
    return "a tar archive; unpack it first";
  const std::string_view words = skip_blanks(text);
  if (words.starts_with("(module") || words.starts_with("(component") || words.starts_with("(;")) {
    return "WebAssembly text; assemble it first: wat2wasm";
  }
  if (starts_with_word(words, "<!doctype html") || starts_with_word(words, "<html")) {
    return "an HTML page; was the download answered by a web page?";
  }
  if (words.starts_with('{') || words.starts_with('[')) return "JSON";
  return {};
}

int report(const Error& error, const std::string& path, std::span<const uint8_t> wasm) {
  std::string message = std::string(to_string(error.kind)) + ": " + error.message;
  if (error.kind == ErrorKind::unsupported && error.offset != kNoOffset) {
    message += fmt::format(" at offset {:#x}", error.offset);
  }
  print_error(message);
  if (error.kind != ErrorKind::io) print_place(place(error, path, wasm));
  print_hints(error, wasm);
  return exit_code(error.kind);
}

}  // namespace swoop::cli

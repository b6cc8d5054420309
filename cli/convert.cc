// `swoop wat2wasm` and `swoop wasm2wat`.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/file_kind.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/options.h"
#include "cli/output.h"
#include "decoder/module_decoder.h"
#include "text/printer.h"

#include <filesystem>
#include <string_view>
#include <system_error>

namespace swoop::cli {
namespace {

// FILE.wasm beside FILE.wat; standard output if that is where the text does not come from a file.
std::string default_output(const std::string& file) {
  if (file == "-") return file;
  return std::filesystem::path(file).replace_extension(".wasm").string();
}

int refuse(ExitCode code, const std::string& message, const std::string& place,
           const std::string& hint) {
  print_error(message);
  print_place(place);
  if (!hint.empty()) print_hint(hint);
  return code;
}

int refuse_binary(const ModuleFile& file) {
  const FileGuess guess = recognize(file.wasm);
  std::string hint;
  if (guess.kind == FileKind::module) {
    hint = "it is a binary module; swoop wasm2wat prints it as text";
  } else if (!guess.description.empty()) {
    hint = "it looks like " + guess.description;
  }
  return refuse(kBadModule, "malformed: this is no WebAssembly text", file.path, hint);
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return a != "-" && b != "-" && std::filesystem::is_regular_file(a, error) &&
         std::filesystem::equivalent(a, b, error);
}

}  // namespace

int wat2wasm(const Wat2wasmOptions& options) {
  const std::string output = options.output.empty() ? default_output(options.file) : options.output;
  if (is_terminal(output)) {
    return refuse(kUsage, "usage: a module is binary, and the output is a terminal", output,
                  "name a file with -o, or redirect standard output");
  }
  ModuleFile file;
  if (const Result<> read = read_module(options.file, file, options.names); !read) {
    return report(read.error(), file);
  }
  if (!file.is_text) return refuse_binary(file);
  if (is_same_file(options.file, output)) {
    return refuse(kUsage, "usage: the module would replace its text", output,
                  "name another file with -o");
  }
  if (options.validate) {
    TypeRegistry types;
    const Result<ModuleInfo> module = validate_module(types, Features(), file.wasm);
    if (!module) return report(module.error(), file);
  }
  return write_output(output, std::string(file.wasm.begin(), file.wasm.end()));
}

int wasm2wat(const Wasm2watOptions& options) {
  ModuleFile file;
  const Result<std::vector<uint8_t>> bytes = read_file(options.file);
  file.path = options.file;
  if (!bytes) return report(bytes.error(), file);
  file.wasm = *bytes;
  if (recognize(file.wasm).kind == FileKind::text) {
    return refuse(kBadModule, "malformed: this is no binary module", options.file,
                  "it is WebAssembly text already");
  }
  if (is_same_file(options.file, options.output)) {
    return refuse(kUsage, "usage: the text would replace the module", options.output,
                  "name another file with -o");
  }
  const Result<std::string> text = text::wasm_to_wat(file.wasm, {.fold = options.fold});
  if (!text) return report(text.error(), file);
  return write_output(options.output, *text);
}

}  // namespace swoop::cli

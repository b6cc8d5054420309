// `swoop validate`.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/options.h"
#include "decoder/module_decoder.h"

#include <fmt/format.h>

namespace swoop::cli {
namespace {

int validate_file(const std::string& path, bool quiet) {
  const Result<std::vector<uint8_t>> wasm = read_file(path);
  if (!wasm) return report(wasm.error(), path, {});
  TypeRegistry types;
  const Result<ModuleInfo> module = validate_module(types, Features(), *wasm);
  if (!module) return report(module.error(), path, *wasm);
  if (!quiet) {
    fmt::print("{}: valid, {} bytes, {} functions\n", printable(path), wasm->size(),
               module->num_defined_funcs());
  }
  return kOk;
}

}  // namespace

int validate(const ValidateOptions& options) {
  int code = kOk;
  for (const std::string& file : options.files) {
    const int file_code = validate_file(file, options.quiet);
    if (code == kOk) code = file_code;
  }
  return code;
}

}  // namespace swoop::cli

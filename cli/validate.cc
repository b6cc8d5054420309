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
  ModuleFile file;
  if (const Result<> read = read_module(path, file); !read) return report(read.error(), file);
  TypeRegistry types;
  const Result<ModuleInfo> module = validate_module(types, Features(), file.wasm);
  if (!module) return report(module.error(), file);
  if (!quiet) {
    fmt::print("{}: valid, {} bytes, {} function{}\n", printable(path), file.wasm.size(),
               module->num_defined_funcs(), module->num_defined_funcs() == 1 ? "" : "s");
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

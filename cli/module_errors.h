// Why a module was refused, as people can act on it: where the bad byte lies, and what the file
// looks like if it is no module at all.
#pragma once

#include "base/error.h"
#include "cli/input.h"
#include "wasm/module.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace swoop::cli {

/// Prints the error with its place and hints. `wasm` are the file's bytes, empty if there are none.
/// Returns the exit code for it.
int report(const Error& error, const std::string& path, std::span<const uint8_t> wasm);

/// The same for a module that may come from text: then the place is a line and a column, and the
/// line is shown.
int report(const Error& error, const ModuleFile& file);

/// Where an instruction of a module is, for people: "FILE:LINE:COLUMN" if it was text, else
/// "module offset 0x2a".
std::string describe_place(const ModuleFile& file, size_t module_offset);

/// `3 "name"`, or `3` for a function without a name.
std::string describe_function(FuncIdx func, const std::string& name);

}  // namespace swoop::cli

// Why a module was refused, as people can act on it: where the bad byte lies, and what the file
// looks like if it is no module at all.
#pragma once

#include "base/error.h"
#include "wasm/module.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace swoop::cli {

/// Prints the error with its place and hints. `wasm` are the file's bytes, empty if there are none.
/// Returns the exit code for it.
int report(const Error& error, const std::string& path, std::span<const uint8_t> wasm);

/// What bytes that are not a core module are, such as "gzip data"; empty when nothing fits.
std::string guess_file_type(std::span<const uint8_t> bytes);

/// `3 "name"`, or `3` for a function without a name.
std::string describe_function(FuncIdx func, const std::string& name);

}  // namespace swoop::cli

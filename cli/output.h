// Files that the command writes.
#pragma once

#include <string>
#include <string_view>

namespace swoop::cli {

/// Whether `path` is a terminal, or "-" and standard output is one: no place for binary data.
bool is_terminal(const std::string& path);

/// Writes a file, or to standard output for "-". A regular file is replaced only when all is
/// written, and stays as it was if that fails. Prints what fails. Returns the exit code.
int write_output(const std::string& path, std::string_view bytes);

}  // namespace swoop::cli

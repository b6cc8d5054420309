// Files as the command reads them.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace swoop::cli {

/// All bytes of a file, or of standard input for "-". Errors: io, with the system's reason.
Result<std::vector<uint8_t>> read_file(const std::string& path);

}  // namespace swoop::cli

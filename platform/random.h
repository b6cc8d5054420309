// Random bytes of the operating system's generator.
#pragma once

#include "platform/os_result.h"

#include <cstdint>
#include <span>

namespace swoop::platform {

/// Fills `out` with bytes fit for keys. Waits at most for the generator's start at boot.
OsResult<> fill_random(std::span<uint8_t> out);

}  // namespace swoop::platform

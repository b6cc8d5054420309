// The thunks of the machine this runs on.
#pragma once

#if defined(__aarch64__)
#include "jit/a64/thunks.h"

namespace swoop::jit {
namespace host_isa = a64;
}
#else
#include "jit/x64/thunks.h"

namespace swoop::jit {
namespace host_isa = x64;
}
#endif

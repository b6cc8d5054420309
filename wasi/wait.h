// Where a guest blocks: every wait for a descriptor or for time to pass is in here.
#pragma once

#include "platform/readiness.h"
#include "wasi/error_code.h"

#include <cstdint>
#include <span>

namespace swoop::wasi {

/// As platform::poll: it may be over early, and callers look again. `intr` when the guest's call
/// shall end (platform/interrupt.h).
ErrnoOr<> wait(std::span<platform::PollEntry> entries, uint64_t timeout_ns);

/// Whether the host's descriptor `raw` is ready; false only after `timeout_ns`.
ErrnoOr<bool> wait_until_ready(int raw, bool for_writing, uint64_t timeout_ns);

}  // namespace swoop::wasi

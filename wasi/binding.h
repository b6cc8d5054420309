// What every runtime does that offers WASI's functions as imports: one call, and what came of it.
// Used by wasi/imports.cc and api/wasi_env.cc. Tests: tests/wasi/binding_test.cc.
#pragma once

#include "platform/interrupt.h"
#include "wasi/context.h"
#include "wasi/functions.h"

#include <cstdint>
#include <string>

namespace swoop::wasi {

/// What the runtime has to do after a call.
struct Answer {
  enum Kind : uint8_t {
    returned,     // go on, with `value` if the function has a result
    exit,         // end the program with code `value`
    trap,         // end it with a trap of text `message`
    interrupted,  // end it as what raised the interrupt says
  };
  Kind kind = returned;
  uint32_t value = 0;
  std::string message;
};

/// `memory` is what the calling instance exports as "memory", absent if it does not; `arguments`
/// are as of Function::call. What can end the function's waits, if anything, is in force meanwhile.
Answer call(const Function& function, Context& context, GuestMemory& memory,
            const uint64_t* arguments, platform::Interrupt* interrupt);

}  // namespace swoop::wasi

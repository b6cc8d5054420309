// Return addresses that carry a signature in their upper bits (AArch64, pointer authentication).
#pragma once

#include <cstdint>

namespace swoop::platform {

/// The address alone; on machines that do not sign, and of addresses that are not signed, the same.
inline uintptr_t without_signature(uintptr_t return_address) {
#if defined(__aarch64__)
  // xpaclri, which older processors take for a nop, works on the link register only.
  register uintptr_t link asm("x30") = return_address;
  asm("hint #7" : "+r"(link));
  return link;
#else
  return return_address;
#endif
}

}  // namespace swoop::platform

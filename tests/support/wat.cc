#include "tests/support/wat.h"

#include "text/wat.h"

#include <cstdio>
#include <cstdlib>

namespace swoop {

std::vector<uint8_t> wat(std::string_view text, WatNames names) {
  Result<std::vector<uint8_t>> wasm = text::wat_to_wasm(text, {.names = names == WatNames::keep});
  if (!wasm.ok()) {
    std::fprintf(stderr, "a test's module: %s\n%s", wasm.error().message.c_str(),
                 text::excerpt(text, wasm.error().offset).c_str());
    std::abort();
  }
  return *std::move(wasm);
}

}  // namespace swoop

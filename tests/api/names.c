/* Every function that wasm.h declares is there, and there are as many as were published. */
#include "support.h"

void test_names(void) {
  static const struct {
    const char* name;
    void (*function)(void);
  } names[] = {
#define NAME(function) {#function, (void (*)(void))(function)},
#include "names.inc"
#undef NAME
  };
  const size_t count = sizeof(names) / sizeof(*names);
  CHECK(count == 280);
  for (size_t i = 0; i < count; ++i) {
    CHECK(strncmp(names[i].name, "wasm_", 5) == 0);
    CHECK(names[i].function != NULL);
    for (size_t other = 0; other < i; ++other) CHECK(names[i].function != names[other].function);
  }
}

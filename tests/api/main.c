/* Programs in C that use wasm.h as embedders do: `api_test NAME` runs one of them. */
#include "support.h"

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(void);
  } tests[] = {
      {"names", test_names},       {"types", test_types},         {"vectors", test_vectors},
      {"hello", test_hello},       {"callback", test_callback},   {"start", test_start},
      {"trap", test_trap},         {"reflect", test_reflect},     {"global", test_global},
      {"table", test_table},       {"memory", test_memory},       {"multi", test_multi},
      {"hostref", test_hostref},   {"serialize", test_serialize}, {"threads", test_threads},
      {"finalize", test_finalize}, {"nested", test_nested},       {"lifetime", test_lifetime},
      {"misuse", test_misuse},     {"leaks", test_leaks},         {"collection", test_collection},
      {"measure", measure_calls},
  };
  for (size_t i = 0; argc == 2 && i < sizeof(tests) / sizeof(*tests); ++i) {
    if (strcmp(argv[1], tests[i].name) != 0) continue;
    tests[i].run();
    return 0;
  }
  fprintf(stderr, "usage: api_test NAME\n");
  return 2;
}

#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace swoop {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "swoop: internal error: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace swoop

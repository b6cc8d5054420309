// What holds where there is little address space, which only another process can tell.
#pragma once

#include "tests/support/sanitizers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <sys/resource.h>
#include <unistd.h>

namespace swoop {

/// Expects `holds()` of a process that is limited to so many bytes of address space. The test is
/// skipped under a sanitizer.
template <class Holds>
void expect_in_address_space(uint64_t bytes, Holds&& holds) {
  if (kAddressSanitizer || kThreadSanitizer)
    GTEST_SKIP() << "the sanitizer's own mappings exceed any limit of address space";
  EXPECT_EXIT(
      {
        rlimit limit;
        limit.rlim_cur = limit.rlim_max = bytes;
        setrlimit(RLIMIT_AS, &limit);
        _exit(holds() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace swoop

// What the kernel says about this process's memory.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace swoop {

/// The protection column of /proc/self/maps for the page at `address`; empty if there is none.
inline std::string protection_of(const void* address) {
  std::FILE* const maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  std::string result;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char protection[5] = {};
    if (std::sscanf(line, "%lx-%lx %4s", &begin, &end, protection) != 3) continue;
    const auto wanted = reinterpret_cast<uintptr_t>(address);
    if (wanted >= begin && wanted < end) result = protection;
  }
  std::fclose(maps);
  return result;
}

}  // namespace swoop

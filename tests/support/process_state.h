// What the kernel says that this process holds: for tests that nothing stays behind.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace swoop {

inline long resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

inline long num_mappings() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  long count = 0;
  while (std::getline(maps, line)) ++count;
  return count;
}

inline long num_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

inline int num_threads() {
  std::ifstream status("/proc/self/status");
  std::string line;
  int count = 0;
  while (std::getline(status, line)) {
    if (std::sscanf(line.c_str(), "Threads: %d", &count) == 1) break;
  }
  return count;
}

}  // namespace swoop

// What the files of platform/ that make file, clock and random calls share; nothing else includes
// it.
#pragma once

#include "platform/file_descriptor.h"

#include <cerrno>
#include <sys/stat.h>
#include <time.h>

namespace swoop::platform {

inline OsError last_error() {
  return OsError{errno};
}

template <class Call>
auto retry_on_eintr(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

inline OsResult<> nothing_or_error(int result) {
  if (result < 0) return last_error();
  return {};
}

/// Clamped: 0 for times before the epoch, UINT64_MAX for those after 2554.
uint64_t to_nanoseconds(const timespec& time);
FileStatus status_from_host(const struct stat& host);

}  // namespace swoop::platform

// The `swoop` command.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "platform/file_descriptor.h"

#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <new>

namespace {

// A file opened later must not get the number of a standard stream that the caller has closed: what
// the command prints would be written into it. Using standard input and output still fails.
bool occupy_closed_streams() {
  for (int number = 0; number <= 2; ++number) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    if (open("/dev/null", number == 1 ? O_RDONLY : O_WRONLY) != number) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!occupy_closed_streams()) return swoop::cli::kInternal;
  swoop::platform::ignore_file_size_signal();
  int code = swoop::cli::kInternal;
  try {
    code = swoop::cli::dispatch(argc, argv);
  } catch (const std::bad_alloc&) {
    swoop::cli::print_error("out of memory");
    return swoop::cli::kInternal;
  } catch (const std::exception& exception) {
    swoop::cli::print_error(std::string("internal: ") + exception.what());
    return swoop::cli::kInternal;
  }
  if (std::fflush(stdout) != 0) {
    swoop::cli::print_error("io: cannot write to standard output");
    if (code == swoop::cli::kOk) code = swoop::cli::kInternal;
  }
  return code;
}

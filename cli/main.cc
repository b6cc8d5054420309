// The `swoop` command.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/options.h"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  int code = swoop::cli::kInternal;
  try {
    code = swoop::cli::dispatch(argc, argv);
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

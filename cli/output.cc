#include "cli/output.h"

#include "cli/console.h"
#include "cli/exit_code.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace swoop::cli {
namespace {

namespace fs = std::filesystem;

int fail(const std::string& path, const std::string& reason) {
  print_error("i/o error: cannot write " + path + ": " + reason);
  return kInternal;
}

// An errno, or 0.
int write_file(const fs::path& path, const char* mode, std::string_view bytes) {
  std::FILE* const file = std::fopen(path.c_str(), mode);
  if (file == nullptr) return errno;
  errno = 0;
  bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  int error = errno;
  if (std::fclose(file) != 0 && written) {
    written = false;
    error = errno;
  }
  return written ? 0 : error != 0 ? error : EIO;
}

// In the folder of `target`, so that it can be moved there.
int replace_file(const std::string& path, const fs::path& target, std::string_view bytes) {
  const fs::path temporary = target.parent_path() / (".swoop-" + std::to_string(getpid()) + ".tmp");
  if (const int error = write_file(temporary, "wxe", bytes); error != 0) {
    if (error != EEXIST) std::remove(temporary.c_str());
    return fail(path, std::strerror(error));
  }
  std::error_code error;
  if (const fs::file_status old = fs::status(target, error); fs::exists(old)) {
    fs::permissions(temporary, old.permissions(), error);
  }
  fs::rename(temporary, target, error);
  if (!error) return kOk;
  std::remove(temporary.c_str());
  return fail(path, error.message());
}

}  // namespace

bool is_terminal(const std::string& path) {
  if (path == "-") return isatty(STDOUT_FILENO) != 0;
  std::error_code error;
  if (!fs::is_character_file(path, error)) return false;
  const int file = open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return false;
  const bool result = isatty(file) != 0;
  close(file);
  return result;
}

int write_output(const std::string& path, std::string_view bytes) {
  if (path == "-") {
    // main() asks whether all of it arrived.
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return kOk;
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    const int failure = write_file(path, "we", bytes);
    return failure == 0 ? kOk : fail(path, std::strerror(failure));
  }
  // Links stay links.
  if (!fs::is_symlink(fs::symlink_status(path, error))) return replace_file(path, path, bytes);
  error.clear();
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? fail(path, error.message()) : replace_file(path, target, bytes);
}

}  // namespace swoop::cli

#include "cli/input.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace swoop::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

Error io_error(const std::string& path) {
  return Error(ErrorKind::io, "cannot read " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin
                                                               : std::fopen(path.c_str(), "rbe"));
  if (!file) return io_error(path);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);

  // One byte more than the size, so that the end of a regular file is seen by the first read.
  std::vector<uint8_t> bytes;
  size_t room = 1 << 16;
  if (std::fseek(file.get(), 0, SEEK_END) == 0) {
    const long size = std::ftell(file.get());
    // The size of a directory is not a number of bytes; reading it fails below.
    if (size > 0 && size < (1L << 40)) room = static_cast<size_t>(size) + 1;
    std::rewind(file.get());
  }
  for (size_t used = 0;;) {
    bytes.resize(used + room);
    const size_t count = std::fread(bytes.data() + used, 1, room, file.get());
    used += count;
    if (count < room) {
      if (std::ferror(file.get()) != 0) return io_error(path);
      bytes.resize(used);
      return bytes;
    }
    room = used;
  }
}

}  // namespace swoop::cli

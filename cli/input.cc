#include "cli/input.h"

#include "cli/file_kind.h"
#include "text/wat.h"
#include "wasm/limits.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace swoop::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

// One more than a module may have, which the decoder refuses.
constexpr size_t kMostBytes = limits::kMaxModuleSize + 1;
// The rest of a file that begins like nothing we know is not read: it may have no end.
constexpr size_t kFirstBytes = size_t{1} << 16;

bool is_worth_reading(const std::string& path, const std::vector<uint8_t>& bytes) {
  const bool has_magic = bytes.size() >= 4 && std::memcmp(bytes.data(), "\0asm", 4) == 0;
  return has_magic || is_text(path, bytes);
}

Error io_error(const std::string& path) {
  return Error(ErrorKind::io, "cannot read " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin
                                                               : std::fopen(path.c_str(), "rbe"));
  if (!file) return io_error(path);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);

  size_t expected = 0;
  if (std::fseek(file.get(), 0, SEEK_END) == 0) {
    const long size = std::ftell(file.get());
    // The size of a directory is not a number of bytes; reading it fails below.
    if (size > 0) expected = std::min(static_cast<size_t>(size), kMostBytes);
    std::rewind(file.get());
  }
  std::vector<uint8_t> bytes;
  // One byte more than the size, so that the end of a regular file is seen by a short read.
  size_t room = expected == 0 ? kFirstBytes : std::min(kFirstBytes, expected + 1);
  bool is_known = false;
  for (size_t used = 0;;) {
    bytes.resize(used + room);
    const size_t count = std::fread(bytes.data() + used, 1, room, file.get());
    used += count;
    const bool is_at_end = count < room;
    if (is_at_end && std::ferror(file.get()) != 0) return io_error(path);
    is_known = is_known || is_worth_reading(path, bytes);
    if (is_at_end || used == kMostBytes || !is_known) {
      bytes.resize(used);
      return bytes;
    }
    room = expected >= used ? expected - used + 1 : used;
    room = std::min(room, kMostBytes - used);
  }
}

Result<> read_module(const std::string& path, ModuleFile& file, bool with_names) {
  file = {.path = path};
  std::vector<uint8_t> bytes = TRY(read_file(path));
  file.is_text = is_text(path, bytes);
  if (!file.is_text) {
    file.wasm = std::move(bytes);
    return {};
  }
  file.text.assign(bytes.begin(), bytes.end());
  bytes = {};
  file.wasm =
      TRY(text::wat_to_wasm(file.text, {.names = with_names, .source_map = &file.source_map}));
  return {};
}

}  // namespace swoop::cli

#include "platform/memory_file.h"

#include "platform/os_call.h"
#include "platform/virtual_memory.h"

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace swoop::platform {
namespace {

// A process has 1024 descriptors by default, and they are not ours alone.
constexpr int kMaxFiles = 128;
std::atomic<int> g_num_files{0};
std::atomic<uint64_t> g_last_id{0};

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

// Beyond this limit the system does not only refuse, it sends a signal that ends the process.
bool may_have_file_of(size_t size_bytes) {
  rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && size_bytes <= limit.rlim_cur;
}

bool write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = retry_on_eintr([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

std::optional<MemoryFile> MemoryFile::create(std::span<const uint8_t> bytes) {
  return create(std::span(&bytes, 1));
}

std::optional<MemoryFile> MemoryFile::create(std::span<const std::span<const uint8_t>> parts) {
  size_t num_bytes = 0;
  for (const std::span<const uint8_t> part : parts) num_bytes += part.size();
  const std::optional<size_t> size_bytes = round_up_to_page(num_bytes);
  if (!size_bytes || num_bytes == 0 || !may_have_file_of(*size_bytes)) return std::nullopt;
  if (g_num_files.fetch_add(1) >= kMaxFiles) {
    g_num_files.fetch_sub(1);
    return std::nullopt;
  }
  // From here on its destructor counts it.
  MemoryFile file(Fd(memfd_create("swoop", MFD_CLOEXEC | MFD_ALLOW_SEALING)), *size_bytes,
                  g_last_id.fetch_add(1) + 1);
  const int fd = file.fd_.raw();
  const auto write_part = [fd](std::span<const uint8_t> part) { return write_all(fd, part); };
  if (!file.fd_.valid() || !std::ranges::all_of(parts, write_part) ||
      ftruncate(fd, static_cast<off_t>(*size_bytes)) != 0 || fcntl(fd, F_ADD_SEALS, kSeals) != 0) {
    return std::nullopt;
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : fd_(std::move(other.fd_)), size_bytes_(other.size_bytes_), id_(std::exchange(other.id_, 0)) {}

MemoryFile::~MemoryFile() {
  if (id_ != 0) g_num_files.fetch_sub(1);
}

}  // namespace swoop::platform

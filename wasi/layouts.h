// How the structures of both previews lie in guest memory. Offsets are those that the witx files
// imply; the differences of preview 0 are all here and in the whence values. Tests, byte by byte:
// tests/wasi/layouts_test.cc.
#pragma once

#include "platform/filesystem.h"
#include "wasi/context.h"
#include "wasi/guest_memory.h"
#include "wasi/poller.h"
#include "wasi/version.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swoop::wasi {

inline constexpr uint32_t kFdstatSize = 24;
inline constexpr uint32_t kPrestatSize = 8;
inline constexpr uint32_t kDirentSize = 24;
inline constexpr uint32_t kEventSize = 32;
inline constexpr uint32_t kIovecSize = 8;
constexpr uint32_t filestat_size(Version version) {
  return version == Version::unstable ? 56 : 64;
}
constexpr uint32_t subscription_size(Version version) {
  return version == Version::unstable ? 56 : 48;
}

void store_fdstat(GuestMemory& memory, uint32_t pointer, const DescriptorInfo& info);
void store_filestat(GuestMemory& memory, uint32_t pointer, const platform::FileStatus& status,
                    Version version);
void store_prestat_directory(GuestMemory& memory, uint32_t pointer, uint32_t name_size);
void store_event(GuestMemory& memory, uint32_t pointer, const Event& event);

/// The fixed part of an entry; the name follows it.
std::array<uint8_t, kDirentSize> encode_dirent(const platform::DirectoryEntry& entry);

/// `inval` for an unknown tag, clock or flag. A descriptor that is not open is no error of the call
/// but of its event.
ErrnoOr<Subscription> load_subscription(GuestMemory& memory, uint32_t pointer, Version version,
                                        const FdTable& fds);

/// The buffers of an iovec or ciovec array, whose descriptions are copied once, so that another
/// thread of the guest cannot change them between check and use. Buffers past the host's limit of
/// one call are left out: the call is short.
template <class Bytes>
std::vector<Bytes> load_buffers(GuestMemory& memory, uint32_t pointer, uint32_t count) {
  constexpr uint32_t kMaxBuffers = 1024;
  size_t room = 0x7ffff000;  // bytes, as Linux has it
  std::vector<Bytes> buffers;
  if (!memory.require(pointer, uint64_t{count} * kIovecSize)) return buffers;
  const uint32_t used = std::min(count, kMaxBuffers);
  buffers.reserve(used);
  for (uint32_t i = 0; i < used; ++i) {
    const auto data = memory.load<uint32_t>(pointer + i * kIovecSize);
    const auto size_bytes = memory.load<uint32_t>(pointer + i * kIovecSize + 4);
    const auto bytes = memory.bytes(data, size_bytes);
    buffers.push_back(bytes.first(std::min(bytes.size(), room)));
    room -= buffers.back().size();
  }
  return buffers;
}

/// The bytes of a path: not empty (`noent`), UTF-8 (`ilseq`), without NUL (`inval`), shorter than
/// the host's limit
/// (`nametoolong`). A range out of bounds gives `fault`, and the call will trap.
ErrnoOr<std::string> load_path(GuestMemory& memory, uint32_t pointer, uint32_t size_bytes);

struct TimeChanges {
  platform::TimeChange accessed;
  platform::TimeChange modified;
};
/// By the bits of fstflags; `inval` for unknown ones and for a time that is to be set and to be
/// now.
ErrnoOr<TimeChanges> decode_times(uint64_t accessed_ns, uint64_t modified_ns, uint32_t fstflags);

/// One of whence's values, which differ between the previews.
std::optional<platform::SeekFrom> decode_whence(uint32_t whence, Version version);

/// The clocks of clockid.
std::optional<platform::Clock> decode_clock(uint32_t id);

}  // namespace swoop::wasi

#include "wasi/layouts.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace swoop::wasi {
namespace {

constexpr size_t kMaxPathBytes = 4096;  // with the terminator that the host adds

constexpr uint16_t kSubclockAbsolute = 1 << 0;
constexpr uint16_t kEventHangup = 1 << 0;

}  // namespace

void store_fdstat(GuestMemory& memory, uint32_t pointer, const DescriptorInfo& info) {
  if (!memory.require(pointer, kFdstatSize)) return;
  memory.store<uint8_t>(pointer, static_cast<uint8_t>(info.type));
  memory.store<uint8_t>(pointer + 1, 0);
  memory.store<uint16_t>(pointer + 2, info.flags);
  memory.store<uint32_t>(pointer + 4, 0);
  memory.store<uint64_t>(pointer + 8, info.rights_base);
  memory.store<uint64_t>(pointer + 16, info.rights_inheriting);
}

void store_filestat(GuestMemory& memory, uint32_t pointer, const platform::FileStatus& status,
                    Version version) {
  if (!memory.require(pointer, filestat_size(version))) return;
  memory.store<uint64_t>(pointer, status.device);
  memory.store<uint64_t>(pointer + 8, status.inode);
  // The type's padding is part of the first 64 bits from 16.
  memory.store<uint32_t>(pointer + 16, static_cast<uint8_t>(to_file_type(status.type)));
  uint32_t next = pointer + 24;
  if (version == Version::unstable) {
    const uint64_t links = std::min<uint64_t>(status.links, UINT32_MAX);
    memory.store<uint32_t>(pointer + 20, static_cast<uint32_t>(links));
  } else {
    memory.store<uint32_t>(pointer + 20, 0);
    memory.store<uint64_t>(next, status.links);
    next += 8;
  }
  memory.store<uint64_t>(next, status.size_bytes);
  memory.store<uint64_t>(next + 8, status.accessed_ns);
  memory.store<uint64_t>(next + 16, status.modified_ns);
  memory.store<uint64_t>(next + 24, status.changed_ns);
}

void store_prestat_directory(GuestMemory& memory, uint32_t pointer, uint32_t name_size) {
  if (!memory.require(pointer, kPrestatSize)) return;
  memory.store<uint32_t>(pointer, 0);  // the tag of directories, and its padding
  memory.store<uint32_t>(pointer + 4, name_size);
}

void store_event(GuestMemory& memory, uint32_t pointer, const Event& event) {
  if (!memory.require(pointer, kEventSize)) return;
  memory.store<uint64_t>(pointer, event.userdata);
  memory.store<uint16_t>(pointer + 8, static_cast<uint16_t>(event.error));
  memory.store<uint8_t>(pointer + 10, static_cast<uint8_t>(event.type));
  memory.store<uint8_t>(pointer + 11, 0);
  memory.store<uint32_t>(pointer + 12, 0);
  memory.store<uint64_t>(pointer + 16, event.byte_count);
  memory.store<uint64_t>(pointer + 24, event.hung_up ? kEventHangup : 0);
}

std::array<uint8_t, kDirentSize> encode_dirent(const platform::DirectoryEntry& entry) {
  std::array<uint8_t, kDirentSize> bytes = {};
  GuestMemory encoder(bytes);
  encoder.store<uint64_t>(0, entry.next_cookie);
  encoder.store<uint64_t>(8, entry.inode);
  encoder.store<uint32_t>(16, static_cast<uint32_t>(entry.name.size()));
  encoder.store<uint8_t>(20, static_cast<uint8_t>(to_file_type(entry.type)));
  return bytes;
}

ErrnoOr<Subscription> load_subscription(GuestMemory& memory, uint32_t pointer, Version version,
                                        const FdTable& fds) {
  if (!memory.require(pointer, subscription_size(version))) return Errno::fault;
  Subscription subscription;
  subscription.userdata = memory.load<uint64_t>(pointer);
  const auto tag = memory.load<uint8_t>(pointer + 8);
  if (tag > static_cast<uint8_t>(EventType::fd_write)) return Errno::inval;
  subscription.type = EventType{tag};

  const uint32_t body = pointer + 16;
  if (subscription.type != EventType::clock) {
    auto descriptor = fds.find(memory.load<uint32_t>(body));
    if (!descriptor.ok()) {
      subscription.error = descriptor.error();
      return subscription;
    }
    const auto allowed = (*descriptor)->require_right(rights::kPollFdReadwrite);
    if (!allowed.ok()) subscription.error = allowed.error();
    subscription.descriptor = std::move(*descriptor);
    return subscription;
  }

  // Preview 0 begins with an identifier, which is the userdata once more.
  const uint32_t clock = version == Version::unstable ? body + 8 : body;
  const auto clock_id = decode_clock(memory.load<uint32_t>(clock));
  const auto flags = memory.load<uint16_t>(clock + 24);
  if (!clock_id.has_value() || (flags & ~kSubclockAbsolute) != 0) return Errno::inval;
  subscription.clock = *clock_id;
  subscription.timeout_ns = memory.load<uint64_t>(clock + 8);
  subscription.absolute = (flags & kSubclockAbsolute) != 0;
  // CPU time does not pass while its owner waits.
  const bool can_wait = subscription.clock == platform::Clock::realtime ||
                        subscription.clock == platform::Clock::monotonic;
  if (!can_wait) subscription.error = Errno::notsup;
  return subscription;
}

ErrnoOr<std::string> load_path(GuestMemory& memory, uint32_t pointer, uint32_t size_bytes) {
  const auto bytes = memory.bytes(pointer, size_bytes);
  if (memory.faulted()) return Errno::fault;
  if (bytes.empty()) return Errno::noent;
  if (bytes.size() >= kMaxPathBytes) return Errno::nametoolong;
  std::string path(bytes.begin(), bytes.end());
  if (path.find('\0') != std::string::npos) return Errno::inval;
  if (!is_utf8(path)) return Errno::ilseq;
  return path;
}

ErrnoOr<TimeChanges> decode_times(uint64_t accessed_ns, uint64_t modified_ns, uint32_t fstflags) {
  if (fstflags > 0xf) return Errno::inval;
  const auto decode = [](uint64_t time_ns, uint32_t bits) -> ErrnoOr<platform::TimeChange> {
    switch (bits) {
      case 0: return platform::TimeChange{};
      case 1: return platform::TimeChange{platform::TimeChange::set, time_ns};
      case 2: return platform::TimeChange{platform::TimeChange::now, 0};
      default: return Errno::inval;
    }
  };
  TimeChanges changes;
  changes.accessed = TRY(decode(accessed_ns, fstflags & 3));
  changes.modified = TRY(decode(modified_ns, fstflags >> 2));
  return changes;
}

std::optional<platform::SeekFrom> decode_whence(uint32_t whence, Version version) {
  using enum platform::SeekFrom;
  if (whence > 2) return std::nullopt;
  constexpr platform::SeekFrom kUnstable[] = {current, end, start};
  constexpr platform::SeekFrom kPreview1[] = {start, current, end};
  return version == Version::unstable ? kUnstable[whence] : kPreview1[whence];
}

std::optional<platform::Clock> decode_clock(uint32_t id) {
  switch (id) {
    case 0: return platform::Clock::realtime;
    case 1: return platform::Clock::monotonic;
    case 2: return platform::Clock::process_cpu_time;
    case 3: return platform::Clock::thread_cpu_time;
    default: return std::nullopt;
  }
}

}  // namespace swoop::wasi

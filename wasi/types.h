// The vocabulary that both previews and the host layer share. Values are those of preview 1.
#pragma once

#include "platform/file_descriptor.h"

#include <cstdint>

namespace swoop::wasi {

/// Spec: preview1/docs#filetype.
enum class FileType : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  socket_dgram,
  socket_stream,
  symbolic_link,
};

FileType to_file_type(platform::FileType type);

/// Bits of fdflags. Spec: preview1/docs#fdflags.
namespace fdflags {
inline constexpr uint16_t kAppend = 1 << 0;
inline constexpr uint16_t kDsync = 1 << 1;
inline constexpr uint16_t kNonblock = 1 << 2;
inline constexpr uint16_t kRsync = 1 << 3;
inline constexpr uint16_t kSync = 1 << 4;
inline constexpr uint16_t kAnySync = kDsync | kRsync | kSync;
inline constexpr uint16_t kAll = kAppend | kNonblock | kAnySync;
}  // namespace fdflags

/// Bits of oflags. Spec: preview1/docs#oflags.
namespace oflags {
inline constexpr uint16_t kCreat = 1 << 0;
inline constexpr uint16_t kDirectory = 1 << 1;
inline constexpr uint16_t kExcl = 1 << 2;
inline constexpr uint16_t kTrunc = 1 << 3;
inline constexpr uint16_t kAll = kCreat | kDirectory | kExcl | kTrunc;
}  // namespace oflags

/// Bits of rights. A descriptor has all that make sense for it, less those the guest gives up; of
/// what path_open asks for, only fd_read and fd_write are looked at. wasi-libc deduces from them
/// what a descriptor is. Spec: preview1/docs#rights.
namespace rights {
inline constexpr uint64_t kFdDatasync = 1 << 0;
inline constexpr uint64_t kFdRead = 1 << 1;
inline constexpr uint64_t kFdSeek = 1 << 2;
inline constexpr uint64_t kFdFdstatSetFlags = 1 << 3;
inline constexpr uint64_t kFdSync = 1 << 4;
inline constexpr uint64_t kFdTell = 1 << 5;
inline constexpr uint64_t kFdWrite = 1 << 6;
inline constexpr uint64_t kFdAdvise = 1 << 7;
inline constexpr uint64_t kFdAllocate = 1 << 8;
inline constexpr uint64_t kPathCreateDirectory = 1 << 9;
inline constexpr uint64_t kPathCreateFile = 1 << 10;
inline constexpr uint64_t kPathLinkSource = 1 << 11;
inline constexpr uint64_t kPathLinkTarget = 1 << 12;
inline constexpr uint64_t kPathOpen = 1 << 13;
inline constexpr uint64_t kFdReaddir = 1 << 14;
inline constexpr uint64_t kPathReadlink = 1 << 15;
inline constexpr uint64_t kPathRenameSource = 1 << 16;
inline constexpr uint64_t kPathRenameTarget = 1 << 17;
inline constexpr uint64_t kPathFilestatGet = 1 << 18;
inline constexpr uint64_t kPathFilestatSetSize = 1 << 19;
inline constexpr uint64_t kPathFilestatSetTimes = 1 << 20;
inline constexpr uint64_t kFdFilestatGet = 1 << 21;
inline constexpr uint64_t kFdFilestatSetSize = 1 << 22;
inline constexpr uint64_t kFdFilestatSetTimes = 1 << 23;
inline constexpr uint64_t kPathSymlink = 1 << 24;
inline constexpr uint64_t kPathRemoveDirectory = 1 << 25;
inline constexpr uint64_t kPathUnlinkFile = 1 << 26;
inline constexpr uint64_t kPollFdReadwrite = 1 << 27;
inline constexpr uint64_t kSockShutdown = 1 << 28;
inline constexpr uint64_t kSockAccept = 1 << 29;

inline constexpr uint64_t kStream = kFdRead | kFdWrite | kFdFdstatSetFlags | kFdFilestatGet |
                                    kPollFdReadwrite | kFdDatasync | kFdSync;
inline constexpr uint64_t kFile = kStream | kFdSeek | kFdTell | kFdAdvise | kFdAllocate |
                                  kFdFilestatSetSize | kFdFilestatSetTimes;
inline constexpr uint64_t kDirectory =
    kFdFdstatSetFlags | kFdSync | kFdDatasync | kPathCreateDirectory | kPathCreateFile |
    kPathLinkSource | kPathLinkTarget | kPathOpen | kFdReaddir | kPathReadlink | kPathRenameSource |
    kPathRenameTarget | kPathFilestatGet | kPathFilestatSetTimes | kFdFilestatGet |
    kFdFilestatSetTimes | kPathSymlink | kPathRemoveDirectory | kPathUnlinkFile | kPollFdReadwrite;
inline constexpr uint64_t kBeneathDirectory = kDirectory | (kFile & ~kFdFilestatSetSize);
}  // namespace rights

/// What fd_fdstat_get tells.
struct DescriptorInfo {
  FileType type = FileType::unknown;
  uint16_t flags = 0;
  uint64_t rights_base = 0;
  uint64_t rights_inheriting = 0;
};

}  // namespace swoop::wasi

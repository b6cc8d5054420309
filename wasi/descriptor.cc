#include "wasi/descriptor.h"

namespace swoop::wasi {

HostResult<size_t> Descriptor::read(std::span<const MutableBytes>) {
  return Errno::badf;
}
HostResult<size_t> Descriptor::write(std::span<const ConstBytes>) {
  return Errno::badf;
}
HostResult<size_t> Descriptor::read_at(std::span<const MutableBytes>, uint64_t) {
  return Errno::spipe;
}
HostResult<size_t> Descriptor::write_at(std::span<const ConstBytes>, uint64_t) {
  return Errno::spipe;
}
HostResult<uint64_t> Descriptor::seek(int64_t, platform::SeekFrom) {
  return Errno::spipe;
}
HostResult<> Descriptor::sync() {
  return Errno::inval;
}
HostResult<> Descriptor::sync_data() {
  return Errno::inval;
}
HostResult<> Descriptor::advise(uint64_t, uint64_t, platform::Advice) {
  return Errno::spipe;
}
HostResult<> Descriptor::allocate(uint64_t, uint64_t) {
  return Errno::badf;
}
HostResult<> Descriptor::truncate(uint64_t) {
  return Errno::inval;
}
HostResult<> Descriptor::set_times(platform::TimeChange, platform::TimeChange) {
  return Errno::badf;
}
HostResult<> Descriptor::set_flags(uint16_t) {
  return Errno::badf;
}

FileType to_file_type(platform::FileType type) {
  switch (type) {
    case platform::FileType::block_device: return FileType::block_device;
    case platform::FileType::character_device: return FileType::character_device;
    case platform::FileType::directory: return FileType::directory;
    case platform::FileType::regular_file: return FileType::regular_file;
    case platform::FileType::datagram_socket: return FileType::socket_dgram;
    case platform::FileType::stream_socket: return FileType::socket_stream;
    case platform::FileType::symbolic_link: return FileType::symbolic_link;
    // WASI has no number for pipes.
    case platform::FileType::fifo:
    case platform::FileType::unknown: return FileType::unknown;
  }
  UNREACHABLE();
}

}  // namespace swoop::wasi

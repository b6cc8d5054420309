#include "wasi/descriptor.h"

namespace swoop::wasi {

DescriptorInfo Descriptor::info() const {
  DescriptorInfo info = full_info();
  info.rights_base &= ~dropped_base_;
  info.rights_inheriting &= ~dropped_inheriting_;
  return info;
}

ErrnoOr<> Descriptor::set_rights(uint64_t base, uint64_t inheriting) {
  const DescriptorInfo now = info();
  const bool adds = (base & ~now.rights_base) != 0 || (inheriting & ~now.rights_inheriting) != 0;
  if (adds) return Errno::notcapable;
  dropped_base_ |= now.rights_base & ~base;
  dropped_inheriting_ |= now.rights_inheriting & ~inheriting;
  return {};
}

ErrnoOr<> Descriptor::require_right(uint64_t right) const {
  if ((dropped_base_ & right) != 0) return Errno::notcapable;
  return {};
}

void Descriptor::inherit_rights(const Descriptor& parent) {
  dropped_base_ |= parent.dropped_inheriting_;
  dropped_inheriting_ |= parent.dropped_inheriting_;
}

ErrnoOr<size_t> Descriptor::read(std::span<const MutableBytes>) {
  return Errno::badf;
}
ErrnoOr<size_t> Descriptor::write(std::span<const ConstBytes>) {
  return Errno::badf;
}
ErrnoOr<size_t> Descriptor::read_at(std::span<const MutableBytes>, uint64_t) {
  return Errno::spipe;
}
ErrnoOr<size_t> Descriptor::write_at(std::span<const ConstBytes>, uint64_t) {
  return Errno::spipe;
}
ErrnoOr<uint64_t> Descriptor::seek(int64_t, platform::SeekFrom) {
  return Errno::spipe;
}
ErrnoOr<> Descriptor::sync() {
  return Errno::inval;
}
ErrnoOr<> Descriptor::sync_data() {
  return Errno::inval;
}
ErrnoOr<> Descriptor::advise(uint64_t, uint64_t, platform::Advice) {
  return Errno::spipe;
}
ErrnoOr<> Descriptor::allocate(uint64_t, uint64_t) {
  return Errno::badf;
}
ErrnoOr<> Descriptor::truncate(uint64_t) {
  return Errno::inval;
}
ErrnoOr<> Descriptor::set_times(platform::TimeChange, platform::TimeChange) {
  return Errno::badf;
}
ErrnoOr<> Descriptor::set_flags(uint16_t) {
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

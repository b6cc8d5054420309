#include "wasi/directory.h"

#include <utility>

namespace swoop::wasi {

DescriptorInfo Directory::full_info() const {
  return {.type = FileType::directory,
          .rights_base = rights::kDirectory,
          .rights_inheriting = rights::kDirectory | rights::kFile};
}

ErrnoOr<size_t> Directory::read(std::span<const MutableBytes>) {
  return Errno::isdir;
}
ErrnoOr<size_t> Directory::read_at(std::span<const MutableBytes>, uint64_t) {
  return Errno::isdir;
}
ErrnoOr<size_t> Directory::write_at(std::span<const ConstBytes>, uint64_t) {
  return Errno::badf;
}
ErrnoOr<uint64_t> Directory::seek(int64_t, platform::SeekFrom) {
  return Errno::isdir;
}
ErrnoOr<> Directory::advise(uint64_t, uint64_t, platform::Advice) {
  return Errno::badf;
}
ErrnoOr<> Directory::truncate(uint64_t) {
  return Errno::badf;
}

Directory::Place Directory::place_of(std::string path, PathUse) {
  return {this, std::move(path)};
}

}  // namespace swoop::wasi

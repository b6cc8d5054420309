#include "vm/object.h"

#include <algorithm>

namespace swoop {

StructLayout make_struct_layout(std::span<const FieldType> fields) {
  const auto round_up = [](uint32_t offset, uint32_t alignment) {
    return (offset + alignment - 1) & ~(alignment - 1);
  };
  StructLayout layout;
  layout.offsets.reserve(fields.size());
  uint32_t offset = kVmObjectFields;
  for (const FieldType& field : fields) {
    const uint32_t bytes = storage_bytes(field.storage);
    offset = round_up(offset, std::min(bytes, kVmObjectAlignment));
    layout.offsets.push_back(offset);
    offset += bytes;  // at most 10,000 fields of 16 bytes
  }
  layout.size_bytes = round_up(offset, kVmObjectAlignment);
  return layout;
}

}  // namespace swoop

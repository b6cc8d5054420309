#include "runtime/heap.h"

#include <new>

namespace swoop {
namespace {

constexpr uint64_t kChunkBytes = 64 * 1024;
constexpr uint64_t kLargeObjectBytes = kChunkBytes / 8;

}  // namespace

Result<VmObject*> Heap::make_struct(TypeId type_id, const StructLayout& layout) {
  return allocate(type_id, 0, layout.size_bytes);
}

Result<VmObject*> Heap::make_array(TypeId type_id, ValType element, uint32_t length) {
  return allocate(type_id, length, array_bytes(element, length));
}

Result<VmObject*> Heap::allocate(TypeId type_id, uint32_t length, uint64_t bytes) {
  if (bytes > bytes_left_) {
    return Error(ErrorKind::limit_exceeded, "objects take more memory than this engine allows");
  }
  uint8_t* place = nullptr;
  if (bytes > kLargeObjectBytes) {
    place = TRY(make_chunk(bytes));
  } else {
    if (bytes > free_bytes_) {
      free_ = TRY(make_chunk(kChunkBytes));
      free_bytes_ = kChunkBytes;
    }
    place = free_;
    free_ += bytes;
    free_bytes_ -= bytes;
  }
  bytes_left_ -= bytes;
  VmObject* const object = new (place) VmObject;
  object->type_id = static_cast<uint32_t>(type_id);
  object->length = length;
  return object;
}

Result<uint8_t*> Heap::make_chunk(uint64_t bytes) {
  void* const chunk = std::calloc(1, bytes);
  if (chunk == nullptr) return Error(ErrorKind::out_of_memory, "no memory for an object");
  chunks_.emplace_back(static_cast<uint8_t*>(chunk));
  return chunks_.back().get();
}

}  // namespace swoop

#include "runtime/heap.h"

#include <cstring>
#include <new>

namespace swoop {
namespace {

constexpr uint64_t kChunkBytes = 64 * 1024;
constexpr uint64_t kLargeObjectBytes = kChunkBytes / 8;

}  // namespace

Result<VmObject*> Heap::make_struct(TypeId type_id, const StructLayout& layout) {
  return make_object(type_id, 0, layout.size_bytes);
}

Result<VmObject*> Heap::make_array(TypeId type_id, ValType element, uint32_t length) {
  return make_object(type_id, length, array_bytes(element, length));
}

Result<VmObject*> Heap::make_object(TypeId type_id, uint32_t length, uint64_t bytes) {
  VmObject* const object = new (TRY(allocate(bytes))) VmObject;
  object->type_id = static_cast<uint32_t>(type_id);
  object->length = length;
  return object;
}

Result<VmException*> Heap::make_exception(const void* tag, uint32_t num_values) {
  uint8_t* const place = TRY(allocate(VmException::size_bytes(num_values)));
  VmException* const exception = new (place) VmException;
  exception->tag = tag;
  exception->num_values = num_values;
  return exception;
}

void Heap::give_back(VmException* exception) {
  auto* const place = reinterpret_cast<uint8_t*>(exception);
  const uint64_t bytes = VmException::size_bytes(exception->num_values);
  if (bytes > kLargeObjectBytes) {
    if (chunks_.back().get() != place) return;
    chunks_.pop_back();
  } else {
    if (place + bytes != free_) return;
    std::memset(place, 0, bytes);
    free_ = place;
    free_bytes_ += bytes;
  }
  bytes_left_ += bytes;
}

Result<uint8_t*> Heap::allocate(uint64_t bytes) {
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
  return place;
}

Result<uint8_t*> Heap::make_chunk(uint64_t bytes) {
  void* const chunk = std::calloc(1, bytes);
  if (chunk == nullptr) return Error(ErrorKind::out_of_memory, "no memory for an object");
  chunks_.emplace_back(static_cast<uint8_t*>(chunk));
  return chunks_.back().get();
}

}  // namespace swoop

// Structs, arrays and exceptions of a store. Nothing is collected: objects live as long as their
// store.
//
// Safety: an object is zero-filled, as large as its type and length say, and never moves. Noticed
// by tests/runtime/const_eval_test.cc and, for memory that is given back,
// tests/jit/exception_test.cc.
#pragma once

#include "base/result.h"
#include "vm/exception.h"
#include "vm/object.h"
#include "wasm/type_registry.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace swoop {

class Heap {
 public:
  /// All objects together take at most `max_bytes`.
  explicit Heap(uint64_t max_bytes) : max_bytes_(max_bytes), bytes_left_(max_bytes) {}

  bool is_empty() const { return bytes_left_ == max_bytes_; }

  // Errors: limit_exceeded beyond the heap's size; out_of_memory. Spec:
  // exec/runtime#aggregate-instances.
  /// A struct of `type_id` with zeros and nulls in its fields.
  Result<VmObject*> make_struct(TypeId type_id, const StructLayout& layout);
  /// An array of `type_id` with `length` zeros or nulls of its element type.
  Result<VmObject*> make_array(TypeId type_id, ValType element, uint32_t length);
  /// An exception with zeros for values.
  Result<VmException*> make_exception(const void* tag, uint32_t num_values);

  /// An exception to which there is no reference any more. Its memory is used again if it was the
  /// last object to be made, as is one that is caught without anything having run in between.
  void give_back(VmException* exception);

 private:
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };

  Result<VmObject*> make_object(TypeId type_id, uint32_t length, uint64_t bytes);
  Result<uint8_t*> allocate(uint64_t bytes);
  Result<uint8_t*> make_chunk(uint64_t bytes);

  const uint64_t max_bytes_;
  uint64_t bytes_left_;
  std::vector<std::unique_ptr<uint8_t, Free>> chunks_;
  uint8_t* free_ = nullptr;  // the rest of the current chunk, zero-filled
  uint64_t free_bytes_ = 0;
};

}  // namespace swoop

// Objects of the host that wasm can hold as externrefs.
//
// Safety: the word of an externref is the number of a handle, which is checked like any other; no
// pointer passes through a guest.
#pragma once

#include "api/handle.h"

namespace swoop::api {

class ObjectBox final : public Shared {
 public:
  static constexpr HandleKind kKind = HandleKind::object;

  ObjectBox(void* data, const void* tag, void (*drop)(void*))
      : data_(data), tag_(tag), drop_(drop) {}
  ~ObjectBox() override {
    if (drop_ != nullptr) drop_(data_);
  }
  void* data() const { return data_; }
  const void* tag() const { return tag_; }

 private:
  void* data_;
  const void* tag_;
  void (*drop_)(void*);
};

}  // namespace swoop::api

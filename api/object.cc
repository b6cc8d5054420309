#include "api/object.h"

using swoop::api::Borrowed;
using swoop::api::ObjectBox;

swoop_object_t* swoop_object_new(void* data, const void* tag, void (*drop)(void*)) {
  return static_cast<swoop_object_t*>(
      swoop::api::make_handle(ObjectBox::kKind, std::make_unique<ObjectBox>(data, tag, drop)));
}

void* swoop_object_data(const swoop_object_t* object) {
  const Borrowed<ObjectBox> box(object);
  return box ? box->data() : nullptr;
}

const void* swoop_object_tag(const swoop_object_t* object) {
  const Borrowed<ObjectBox> box(object);
  return box ? box->tag() : nullptr;
}

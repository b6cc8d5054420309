// What the objects of a store have in common.
#pragma once

namespace swoop {

class Store;

/// Names the store an object belongs to, so that one of another store is refused instead of linked.
struct StoreObject {
  const Store* owner = nullptr;  // set by the store that makes the object
};

}  // namespace swoop

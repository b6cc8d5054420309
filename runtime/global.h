// Globals. Spec: exec/runtime#global-instances.
#pragma once

#include "runtime/store_object.h"
#include "vm/context.h"
#include "wasm/types.h"
#include "wasm/value.h"

#include <cstring>

namespace swoop {

/// The value lives in a cell: in the VmContext of the instance that defines it, or here for a
/// global of the host. 8 bytes, 16 for v128.
class Global : public StoreObject {
 public:
  Global(const GlobalType& type, void* cell) : type_(type), cell_(cell) {}
  Global(const GlobalType& type, const Value& value) : type_(type), cell_(&own_) { store(value); }
  Global(const Global&) = delete;
  Global& operator=(const Global&) = delete;

  const GlobalType& type() const { return type_; }
  Value get() const {
    Value value;
    std::memcpy(&value, cell_, size_bytes());
    // The upper half of a narrow cell is whatever machine code left there.
    if (type_.type == ValType::i32 || type_.type == ValType::f32) value.low &= 0xffff'ffff;
    return value;
  }
  /// The value has the global's type. False for an immutable global.
  [[nodiscard]] bool set(const Value& value) {
    if (type_.is_mutable) store(value);
    return type_.is_mutable;
  }
  /// For instances that import it and for initialization.
  void* cell() const { return cell_; }
  void store(const Value& value) { std::memcpy(cell_, &value, size_bytes()); }

 private:
  size_t size_bytes() const { return type_.type.is_vec() ? 16 : 8; }

  GlobalType type_;
  void* cell_;
  Value own_;
};

}  // namespace swoop

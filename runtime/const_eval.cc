#include "runtime/const_eval.h"

#include "base/check.h"
#include "runtime/instance.h"
#include "runtime/store.h"
#include "wasm/opcode.h"

#include <cstring>
#include <vector>

namespace swoop {
namespace {

// The bytes of a validated expression: no check is needed but that we do not run past their end.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return position_ >= bytes_.size(); }
  uint8_t read_u8() { return at_end() ? uint8_t{0} : bytes_[position_++]; }

  uint64_t read_unsigned_leb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = read_u8();
      value |= uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) break;
    }
    return value;
  }

  int64_t read_signed_leb() {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte = 0x80;
    while ((byte & 0x80) != 0 && shift < 64) {
      byte = read_u8();
      value |= uint64_t{byte & 0x7fu} << shift;
      shift += 7;
    }
    if (shift < 64 && (byte & 0x40) != 0) value |= ~uint64_t{0} << shift;
    return static_cast<int64_t>(value);
  }

  uint64_t read_little_endian(unsigned count) {
    uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= uint64_t{read_u8()} << (8 * i);
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t position_ = 0;
};

Value reference(const VmFuncRef* ref) {
  return {reinterpret_cast<uintptr_t>(ref), 0};
}
Value reference(const VmObject* object) {
  return {reinterpret_cast<uintptr_t>(object), 0};
}

// A field or an element; the upper bits of a packed one's value are dropped.
void store_field(VmObject* object, uint64_t offset, ValType storage, const Value& value) {
  std::memcpy(reinterpret_cast<uint8_t*>(object) + offset, &value, storage_bytes(storage));
}

class Evaluator {
 public:
  Evaluator(const ConstExpr& expr, const Instance& instance)
      : instance_(instance), reader_(expr.code) {}

  Result<Value> run() {
    while (!reader_.at_end()) {
      auto opcode = static_cast<uint32_t>(reader_.read_u8());
      if (opcode >= 0xfb && opcode <= 0xfe) {
        opcode = (opcode << 12) | static_cast<uint32_t>(reader_.read_unsigned_leb());
      }
      if (Opcode{opcode} == Opcode::end) break;
      TRY(step(Opcode{opcode}));
    }
    CHECK(stack_.size() == 1 && "a constant expression gives one value");
    return stack_.back();
  }

 private:
  Result<> step(Opcode opcode) {
    switch (opcode) {
      case Opcode::i32_const:
        push(Value::i32(static_cast<int32_t>(reader_.read_signed_leb())));
        return {};
      case Opcode::i64_const: push(Value::i64(reader_.read_signed_leb())); return {};
      case Opcode::f32_const: push({reader_.read_little_endian(4), 0}); return {};
      case Opcode::f64_const: push({reader_.read_little_endian(8), 0}); return {};
      case Opcode::v128_const: {
        const uint64_t low = reader_.read_little_endian(8);
        push({low, reader_.read_little_endian(8)});
        return {};
      }
      case Opcode::global_get: push(instance_.global(GlobalIdx(read_index())).get()); return {};
      case Opcode::ref_null:
        reader_.read_signed_leb();
        push({});
        return {};
      case Opcode::ref_func: push(reference(instance_.func_ref(FuncIdx(read_index())))); return {};
      case Opcode::i32_add: return binary_i32([](uint32_t a, uint32_t b) { return a + b; });
      case Opcode::i32_sub: return binary_i32([](uint32_t a, uint32_t b) { return a - b; });
      case Opcode::i32_mul: return binary_i32([](uint32_t a, uint32_t b) { return a * b; });
      case Opcode::i64_add: return binary_i64([](uint64_t a, uint64_t b) { return a + b; });
      case Opcode::i64_sub: return binary_i64([](uint64_t a, uint64_t b) { return a - b; });
      case Opcode::i64_mul: return binary_i64([](uint64_t a, uint64_t b) { return a * b; });
      case Opcode::ref_i31: push({i31_reference(pop_i32()), 0}); return {};
      case Opcode::any_convert_extern:
      case Opcode::extern_convert_any: return {};  // the same word
      case Opcode::struct_new: return new_struct(false);
      case Opcode::struct_new_default: return new_struct(true);
      case Opcode::array_new: {
        const TypeId type = read_type();
        const uint32_t length = pop_i32();
        return new_array(type, length, [element = pop()] { return element; });
      }
      case Opcode::array_new_default: {
        const TypeId type = read_type();
        push(reference(TRY(make_array(type, pop_i32()))));
        return {};
      }
      case Opcode::array_new_fixed: {
        const TypeId type = read_type();
        return new_array(type, read_index(), [this] { return pop(); });
      }
      default: CHECK(false && "the decoder lets no other instruction pass");
    }
    return {};
  }

  Result<> new_struct(bool with_defaults) {
    const TypeId type = read_type();
    const std::vector<FieldType>& fields = composite(type).fields;
    const StructLayout layout = make_struct_layout(fields);
    VmObject* const object = TRY(heap().make_struct(type, layout));
    for (size_t i = with_defaults ? 0 : fields.size(); i-- > 0;) {
      store_field(object, layout.offsets[i], fields[i].storage, pop());
    }
    push(reference(object));
    return {};
  }

  // `element` is called for one after the other, from the last to the first.
  template <class Element>
  Result<> new_array(TypeId type, uint32_t length, Element element) {
    const ValType storage = composite(type).fields[0].storage;
    VmObject* const object = TRY(make_array(type, length));
    for (uint32_t i = length; i-- > 0;) {
      const uint64_t offset = kVmObjectFields + uint64_t{i} * storage_bytes(storage);
      store_field(object, offset, storage, element());
    }
    push(reference(object));
    return {};
  }

  Result<VmObject*> make_array(TypeId type, uint32_t length) {
    return heap().make_array(type, composite(type).fields[0].storage, length);
  }

  Heap& heap() const { return instance_.store().heap(); }
  TypeId read_type() { return instance_.module().info().types[TypeIdx(read_index())]; }
  const CompositeType& composite(TypeId type) const {
    return instance_.store().engine().types()[type].definition.composite;
  }

  uint32_t read_index() { return static_cast<uint32_t>(reader_.read_unsigned_leb()); }
  void push(const Value& value) { stack_.push_back(value); }
  Value pop() {
    CHECK(!stack_.empty());
    const Value value = stack_.back();
    stack_.pop_back();
    return value;
  }
  uint32_t pop_i32() { return static_cast<uint32_t>(pop().low); }

  template <class Operation>
  Result<> binary_i32(Operation operation) {
    const uint32_t b = pop_i32();
    const uint32_t a = pop_i32();
    push({operation(a, b), 0});
    return {};
  }
  template <class Operation>
  Result<> binary_i64(Operation operation) {
    const uint64_t b = pop().low;
    const uint64_t a = pop().low;
    push({operation(a, b), 0});
    return {};
  }

  const Instance& instance_;
  Reader reader_;
  std::vector<Value> stack_;
};

}  // namespace

Result<Value> evaluate(const ConstExpr& expr, const Instance& instance) {
  switch (expr.kind) {
    case ConstExpr::Kind::i32:
    case ConstExpr::Kind::i64:
    case ConstExpr::Kind::f32:
    case ConstExpr::Kind::f64: return Value{expr.bits, 0};
    case ConstExpr::Kind::ref_null: return Value{};
    case ConstExpr::Kind::ref_func: return reference(instance.func_ref(FuncIdx(expr.index)));
    case ConstExpr::Kind::global_get: return instance.global(GlobalIdx(expr.index)).get();
    case ConstExpr::Kind::bytes: return Evaluator(expr, instance).run();
  }
  UNREACHABLE();
}

}  // namespace swoop

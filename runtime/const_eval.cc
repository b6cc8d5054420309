#include "runtime/const_eval.h"

#include "base/check.h"
#include "runtime/instance.h"
#include "wasm/opcode.h"

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

class Evaluator {
 public:
  Evaluator(const ConstExpr& expr, const Instance& instance)
      : expr_(expr), instance_(instance), reader_(expr.code) {}

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
      default: break;
    }
    const OpInfo* const info = find_op_info(opcode);
    return Error(ErrorKind::unsupported, expr_.wasm_offset,
                 std::string("constant expression with ") +
                     (info == nullptr ? "an unknown instruction" : info->text));
  }

  uint32_t read_index() { return static_cast<uint32_t>(reader_.read_unsigned_leb()); }
  void push(const Value& value) { stack_.push_back(value); }
  uint64_t pop() {
    CHECK(!stack_.empty());
    const uint64_t value = stack_.back().low;
    stack_.pop_back();
    return value;
  }

  template <class Operation>
  Result<> binary_i32(Operation operation) {
    const auto b = static_cast<uint32_t>(pop());
    const auto a = static_cast<uint32_t>(pop());
    push({operation(a, b), 0});
    return {};
  }
  template <class Operation>
  Result<> binary_i64(Operation operation) {
    const uint64_t b = pop();
    const uint64_t a = pop();
    push({operation(a, b), 0});
    return {};
  }

  const ConstExpr& expr_;
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

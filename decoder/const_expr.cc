#include "decoder/const_expr.h"

#include "decoder/errors.h"
#include "decoder/function_decoder.h"
#include "wasm/opcode.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace swoop {

namespace {

std::string with_index(const char* text, uint32_t index) {
  return std::string(text) + " " + std::to_string(index);
}

constexpr bool is_constant(Opcode opcode) {
  switch (opcode) {
    case Opcode::i32_const:
    case Opcode::i64_const:
    case Opcode::f32_const:
    case Opcode::f64_const:
    case Opcode::v128_const:
    case Opcode::i32_add:
    case Opcode::i32_sub:
    case Opcode::i32_mul:
    case Opcode::i64_add:
    case Opcode::i64_sub:
    case Opcode::i64_mul:
    case Opcode::global_get:
    case Opcode::ref_null:
    case Opcode::ref_func:
    case Opcode::ref_i31:
    case Opcode::struct_new:
    case Opcode::struct_new_default:
    case Opcode::array_new:
    case Opcode::array_new_default:
    case Opcode::array_new_fixed:
    case Opcode::any_convert_extern:
    case Opcode::extern_convert_any:
    case Opcode::end: return true;
    default: return false;
  }
}

// The validator of the few instructions that are constant: no blocks, no locals, no dead code.
class ConstValidator {
 public:
  ConstValidator(ModuleInfo& module, const TypeRegistry& types, Features features, ValType expected)
      : module_(module), types_(types), features_(features), expected_(expected) {}

  void attach(CodePosition& position) { position_ = &position; }
  bool failed() const { return error_.has_value(); }
  Error take_error() { return *std::move(error_); }

  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&... immediates) {
    constexpr const OpInfo& info = op_info(kOpcode);
    if constexpr (!is_constant(kOpcode)) {
      fail_not_constant(info.text);
    } else if constexpr (info.signature == Signature::special) {
      check(Op<kOpcode>{}, immediates...);
    } else {
      if (info.group == OpGroup::binary && !features_.has(Feature::extended_const)) {
        return fail_not_constant(info.text, " (feature extended-const is disabled)");
      }
      const std::span<const ValType> params = signature_params(info.signature);
      for (size_t i = params.size(); i-- != 0;) pop(params[i]);
      for (const ValType result : signature_results(info.signature)) push(result);
    }
  }

 private:
  void check(Op<Opcode::end>) {
    pop(expected_);
    if (!failed() && !stack_.empty()) {
      fail(std::string(errors::kTypeMismatch) + ": constant expression leaves " +
           std::to_string(stack_.size() + 1) + " values");
    }
  }
  void check(Op<Opcode::global_get>, GlobalIdx index) {
    if (!module_.globals.contains(index)) {
      return fail(with_index(errors::kUnknownGlobal, to_underlying(index)));
    }
    const GlobalType& global = module_.globals[index].type;
    const bool is_import = to_underlying(index) < module_.num_imported_globals;
    if (global.is_mutable || (!is_import && !features_.has(Feature::gc))) {
      return fail(std::string(errors::kNotConstant) + ", found global.get of " +
                  (global.is_mutable ? "mutable" : "defined") + " global " +
                  std::to_string(to_underlying(index)));
    }
    push(global.type);
  }
  void check(Op<Opcode::ref_null>, HeapType type) { push(ValType::ref(type, true)); }
  void check(Op<Opcode::ref_func>, FuncIdx index) {
    if (!module_.funcs.contains(index)) {
      return fail(with_index(errors::kUnknownFunction, to_underlying(index)));
    }
    FuncDecl& func = module_.funcs[index];
    func.is_declared = true;
    push(ValType::ref(func.type, false));
  }
  void check(Op<Opcode::ref_i31>) {
    pop(ValType::i32);
    push(ValType::ref(AbstractHeapType::i31, false));
  }
  void check(Op<Opcode::struct_new>, TypeIdx index) {
    const CompositeType* type = find_type(index, CompositeType::Kind::struct_);
    if (type == nullptr) return;
    for (size_t i = type->fields.size(); i-- != 0;) pop(type->fields[i].storage.unpacked());
    push_new(index);
  }
  void check(Op<Opcode::struct_new_default>, TypeIdx index) {
    const CompositeType* type = find_type(index, CompositeType::Kind::struct_);
    if (type != nullptr && check_defaultable(*type)) push_new(index);
  }
  void check(Op<Opcode::array_new>, TypeIdx index) {
    const CompositeType* type = find_type(index, CompositeType::Kind::array);
    if (type == nullptr) return;
    pop(ValType::i32);
    pop(type->fields[0].storage.unpacked());
    push_new(index);
  }
  void check(Op<Opcode::array_new_default>, TypeIdx index) {
    const CompositeType* type = find_type(index, CompositeType::Kind::array);
    if (type == nullptr || !check_defaultable(*type)) return;
    pop(ValType::i32);
    push_new(index);
  }
  void check(Op<Opcode::array_new_fixed>, TypeIdx index, uint32_t count) {
    const CompositeType* type = find_type(index, CompositeType::Kind::array);
    if (type == nullptr) return;
    if (count > limits::kMaxArrayNewFixed) {
      return fail("array.new_fixed of " + std::to_string(count) + " elements, at most " +
                      std::to_string(limits::kMaxArrayNewFixed),
                  ErrorKind::limit_exceeded);
    }
    for (uint32_t i = 0; i < count && !failed(); ++i) pop(type->fields[0].storage.unpacked());
    push_new(index);
  }
  void check(Op<Opcode::any_convert_extern>) {
    convert(AbstractHeapType::extern_, AbstractHeapType::any);
  }
  void check(Op<Opcode::extern_convert_any>) {
    convert(AbstractHeapType::any, AbstractHeapType::extern_);
  }

  void convert(AbstractHeapType from, AbstractHeapType to) {
    const ValType operand = stack_.empty() ? ValType::bot : stack_.back();
    pop(ValType::ref(from, true));
    if (!failed()) push(ValType::ref(to, operand.nullable()));
  }

  const CompositeType* find_type(TypeIdx index, CompositeType::Kind kind) {
    const CompositeType& type = types_[module_.types[index]].definition.composite;
    if (type.kind == kind) return &type;
    fail(std::string(errors::kTypeMismatch) + ": type " + std::to_string(to_underlying(index)) +
         (kind == CompositeType::Kind::array ? " is no array" : " is no struct"));
    return nullptr;
  }
  bool check_defaultable(const CompositeType& type) {
    for (const FieldType& field : type.fields) {
      if (field.storage.is_defaultable()) continue;
      fail(std::string(errors::kTypeMismatch) + ": field of type " +
           types_.to_string(field.storage) + " has no default value");
      return false;
    }
    return true;
  }

  void push(ValType type) {
    if (!failed()) stack_.push_back(type);
  }
  void push_new(TypeIdx index) { push(ValType::ref(module_.types[index], false)); }
  void pop(ValType expected) {
    if (failed()) return;
    if (!stack_.empty() && types_.is_subtype(stack_.back(), expected)) return stack_.pop_back();
    fail(std::string(errors::kTypeMismatch) + ": constant expression needs " +
         types_.to_string(expected) + ", found " +
         (stack_.empty() ? "nothing" : types_.to_string(stack_.back())));
  }
  // Not a part of each of the hundreds of instructions that are not constant.
  [[gnu::noinline]] void fail_not_constant(const char* found, const char* why = "") {
    fail(std::string(errors::kNotConstant) + ", found " + found + why);
  }
  void fail(std::string message, ErrorKind kind = ErrorKind::invalid) {
    if (failed()) return;
    error_.emplace(kind, position_->op_offset(), std::move(message));
    position_->stop();
  }

  ModuleInfo& module_;
  const TypeRegistry& types_;
  const Features features_;
  const ValType expected_;
  std::vector<ValType> stack_;
  CodePosition* position_ = nullptr;
  std::optional<Error> error_;
};

// One instruction and `end` need not be kept as bytes. Reads what is validated already.
bool make_ready(ConstExpr& expr, std::span<const uint8_t> code, const TypeScope& scope) {
  UncheckedReader reader(code, 0);
  switch (Opcode(reader.read_u8())) {
    case Opcode::i32_const:
      expr.kind = ConstExpr::Kind::i32;
      expr.bits = static_cast<uint32_t>(reader.read_s32());
      break;
    case Opcode::i64_const:
      expr.kind = ConstExpr::Kind::i64;
      expr.bits = static_cast<uint64_t>(reader.read_s64());
      break;
    case Opcode::f32_const:
      expr.kind = ConstExpr::Kind::f32;
      expr.bits = reader.read_f32_bits();
      break;
    case Opcode::f64_const:
      expr.kind = ConstExpr::Kind::f64;
      expr.bits = reader.read_f64_bits();
      break;
    case Opcode::ref_null:
      expr.kind = ConstExpr::Kind::ref_null;
      read_heap_type(reader, scope);
      break;
    case Opcode::ref_func:
      expr.kind = ConstExpr::Kind::ref_func;
      expr.index = reader.read_u32();
      break;
    case Opcode::global_get:
      expr.kind = ConstExpr::Kind::global_get;
      expr.index = reader.read_u32();
      break;
    default: return false;
  }
  return reader.position() + 1 == reader.end();
}

}  // namespace

ConstExpr read_const_expr(ByteReader& reader, ModuleInfo& module, const TypeRegistry& types,
                          Features features, ValType expected) {
  ConstExpr expr;
  expr.wasm_offset = reader.offset();
  if (!reader.ok()) return expr;

  ConstValidator validator(module, types, features, expected);
  const uint8_t* start = reader.position();
  FunctionDecoder<ConstValidator> decoder(module, types, {start, reader.end()}, reader.offset(),
                                          validator, features);
  if (Result<> result = decoder.run_expression(); !result) {
    Error error = std::move(result).error();
    reader.fail(error.offset, error.kind, std::move(error.message));
    return expr;
  }
  const std::span<const uint8_t> code(start, decoder.position());
  reader.set_position(decoder.position());
  if (!make_ready(expr, code, {module.types, features})) {
    expr = ConstExpr{.kind = ConstExpr::Kind::bytes, .wasm_offset = expr.wasm_offset};
    expr.code.assign(code.begin(), code.end());
  }
  return expr;
}

}  // namespace swoop

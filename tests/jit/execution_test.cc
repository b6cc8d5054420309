// Every numeric operator, at boundary values, with operands in every place where the compiler keeps
// them and results used in every way it treats apart, against plain C++ (numeric_model.h).
#include "tests/jit/machine.h"
#include "tests/jit/numeric_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>

namespace swoop {
namespace {

/// How a result is used: what the function returns for the operator's bits.
enum class Use {
  plain,
  is_zero,     // 1 or 0
  is_nonzero,  // 1 or 0
  selects,     // 111 or 222
};

uint64_t used(Use use, uint64_t bits) {
  switch (use) {
    case Use::plain: return bits;
    case Use::is_zero: return bits == 0;
    case Use::is_nonzero: return bits != 0;
    case Use::selects: return bits != 0 ? 111 : 222;
  }
  return 0;
}

/// A function around one operator. {A} {B} {R}: its types; parameters 0 and 1 are the operands, 2
/// to 4 locals of the types A, B, R, 5 and 6 i32s. Operands lie in $a and $b, and in memory at 8
/// and 16, too.
struct Shape {
  const char* name;
  const char* before;
  const char* x;
  const char* y;  // left out for unary operators
  const char* after;
  Use use = Use::plain;
  const char* canaries = "";      // types of results below the operator's
  const char* wanted_types = "";  // "r=a": result like the left operand; "r=i": i32...
};

// Locals are in slots unless a loop makes them worth a register.
// clang-format off
constexpr Shape kShapes[] = {
    {"slot_slot", "", "local.get 0", "local.get 1", ""},
    {"pinned_pinned", "loop (result {R})", "local.get 0", "local.get 1", "end"},
    {"pinned_temp", "loop (result {R})", "local.get 0", "global.get $b", "end"},
    {"temp_pinned", "loop (result {R})", "global.get $a", "local.get 1", "end"},
    {"slot_temp", "", "local.get 0", "global.get $b", ""},
    {"temp_slot", "", "global.get $a", "local.get 1", ""},
    {"temp_temp", "", "global.get $a", "global.get $b", ""},
    {"home_home", "", "global.get $a", "global.get $b block end", ""},
    {"home_temp", "", "global.get $a block end", "global.get $b", ""},
    {"home_pinned", "loop (result {R})", "global.get $a block end", "local.get 1", "end"},
    {"pinned_home", "loop (result {R})", "local.get 0", "global.get $b block end", "end"},
    {"load_slot", "", "i32.const 8 {A}.load", "local.get 1", ""},
    {"slot_load", "", "local.get 0", "i32.const 16 {B}.load", ""},
    {"pinned_load", "loop (result {R})", "local.get 0", "i32.const 16 {B}.load", "end"},
    {"temp_load", "", "global.get $a", "i32.const 16 {B}.load", ""},
    {"home_load", "", "global.get $a block end", "i32.const 16 {B}.load", ""},
    {"load_load", "", "i32.const 8 {A}.load", "i32.const 16 {B}.load", ""},
    {"pinned_load_indexed", "i32.const 12 local.set 5 loop (result {R})", "local.get 0",
     "local.get 5 {B}.load offset=4", "end"},
    {"pinned_load_temp_index", "i32.const 12 local.set 5 loop (result {R})", "local.get 0",
     "local.get 5 i32.const 4 i32.add {B}.load", "end"},
    {"load_over_its_index", "i32.const 12 local.set 5 loop", "local.get 0",
     "local.get 5 {B}.load offset=4", "local.set 5 end local.get 5", Use::plain, "", "r=i"},
    {"same_local", "local.get 1 local.set 3 loop (result {R})", "local.get 0", "local.get 3",
     "local.tee 4 drop local.get 4 end"},
    {"into_left", "loop", "local.get 0", "local.get 1", "local.set 0 end local.get 0", Use::plain,
     "", "r=a"},
    {"into_right", "loop", "local.get 0", "local.get 1", "local.set 1 end local.get 1", Use::plain,
     "", "r=b"},
    {"into_right_from_temp", "loop", "global.get $a", "local.get 1",
     "local.set 1 end local.get 1", Use::plain, "", "r=b"},
    {"into_right_from_slot", "local.get 0 local.set 2 loop local.get 1 drop", "local.get 2",
     "local.get 1", "local.set 1 end local.get 1", Use::plain, "", "r=b"},
    {"tee_into_left", "loop (result {R})", "local.get 0", "local.get 1", "local.tee 0 end",
     Use::plain, "", "r=a"},
    {"into_third", "loop", "local.get 0", "local.get 1", "local.set 4 end local.get 4"},
    {"into_third_from_temps", "loop", "global.get $a", "global.get $b",
     "local.set 4 end local.get 4"},
    {"into_third_from_homes", "loop", "global.get $a", "global.get $b block end",
     "local.set 4 end local.get 4"},
    {"into_slot", "", "local.get 0", "local.get 1", "local.set 4 local.get 4"},
    {"below_an_alias", "loop (result {A} {R}) local.get 0", "local.get 0", "local.get 1",
     "local.set 0 local.get 0 end", Use::plain, "{A}", "r=a"},
    {"below_a_slot_alias", "local.get 0", "local.get 0", "local.get 1", "local.set 0 local.get 0",
     Use::plain, "{A}", "r=a"},
    {"in_a_loop", "loop", "local.get 0", "local.get 1",
     "local.set 4 local.get 5 i32.const 1 i32.add local.tee 5 i32.const 3 i32.lt_u br_if 0 end "
     "local.get 4"},
    {"under_pressure", "{canaries}", "global.get $a", "global.get $b", "", Use::plain,
     "i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 f64 f64"},
    {"pinned_under_pressure", "loop (result i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 "
     "f64 f64 {R}) {canaries}", "local.get 0", "local.get 1", "end", Use::plain,
     "i64 i64 i64 i64 i64 i64 f64 f64 f64 f64 f64 f64 f64 f64 f64"},
    {"many_locals", "{hot_locals}", "local.get 0", "local.get 1", "local.tee 4"},
    {"after_calls", "loop (result {R}) call $nop", "local.get 0 call $nop", "local.get 1", "end"},
    {"temps_around_a_call", "", "global.get $a call $nop", "global.get $b", "call $nop"},
    {"argument_of_a_call", "", "local.get 0", "local.get 1", "call $id"},
    {"of_results_of_calls", "", "local.get 0 call $id_a", "local.get 1 call $id_b", ""},
    {"result_of_a_block", "block (result {R})", "local.get 0", "local.get 1", "br 0 end"},
    {"to_global", "", "local.get 0", "local.get 1", "global.set $r global.get $r"},
    {"to_memory", "i32.const 24", "local.get 0", "local.get 1", "{R}.store i32.const 24 {R}.load"},
    {"left_of_load", "i32.const 24", "local.get 0", "local.get 1",
     "{R}.store {R}.const 0 i32.const 24 {R}.load {R}.add", Use::plain, "", "r=int"},

    {"negated_twice", "{R}.const 0 {R}.const 0", "local.get 0", "local.get 1", "{R}.sub {R}.sub",
     Use::plain, "", "r=int"},
    {"inverted_twice", "", "local.get 0", "local.get 1",
     "{R}.const -1 {R}.xor {R}.const -1 {R}.xor", Use::plain, "", "r=int"},
    {"and_not", "{R}.const -1 local.set 4 loop (result {R}) local.get 4", "local.get 0",
     "local.get 1", "{R}.const -1 {R}.xor {R}.and end {R}.const -1 {R}.xor", Use::plain, "",
     "r=int"},

    {"eqz", "", "local.get 0", "local.get 1", "i32.eqz", Use::is_zero, "", "r=i"},
    {"if_after_tee", "loop (result i32)", "local.get 0", "local.get 1",
     "local.tee 4 if (result i32) i32.const 111 else i32.const 222 end end", Use::selects, "",
     "r=i"},
    {"if_after_set", "loop (result i32)", "local.get 0", "local.get 1",
     "local.set 4 local.get 4 i32.eqz if (result i32) i32.const 222 else i32.const 111 end end",
     Use::selects, "", "r=i"},
    {"eqz_64_after_tee", "loop (result i32)", "local.get 0", "local.get 1",
     "local.tee 4 i64.eqz if (result i32) i32.const 222 else i32.const 111 end end", Use::selects,
     "", "r=l"},
    {"wrapped_after_tee", "loop (result i32)", "local.get 0", "local.get 1",
     "local.tee 4 i64.const 32 i64.shl i64.const 32 i64.shr_u i32.wrap_i64 local.get 4 i64.const "
     "32 i64.shr_u i32.wrap_i64 i32.or if (result i32) i32.const 111 else i32.const 222 end end",
     Use::selects, "", "r=l"},
    {"test_behind_a_label", "i32.const 1 local.set 5 block loop", "local.get 0", "local.get 1",
     "local.set 4 local.get 5 br_if 1 br 0 end end loop (result i32) local.get 4 if (result i32) "
     "i32.const 111 else i32.const 222 end end", Use::selects, "", "r=i"},
    {"eqz_eqz", "", "local.get 0", "local.get 1", "i32.eqz i32.eqz", Use::is_nonzero, "", "r=i"},
    {"eqz_64", "", "local.get 0", "local.get 1", "i64.eqz", Use::is_zero, "", "r=l"},
    {"if_", "", "local.get 0", "local.get 1",
     "if (result i32) i32.const 111 else i32.const 222 end", Use::selects, "", "r=i"},
    {"pinned_if", "loop (result i32)", "local.get 0", "local.get 1",
     "if (result i32) i32.const 111 else i32.const 222 end end", Use::selects, "", "r=i"},
    {"eqz_64_if", "", "local.get 0", "local.get 1",
     "i64.eqz if (result i32) i32.const 222 else i32.const 111 end", Use::selects, "", "r=l"},
    {"eqz_br_if", "block (result i32) i32.const 222", "local.get 0", "local.get 1",
     "i32.eqz br_if 0 drop i32.const 111 end", Use::selects, "", "r=i"},
    {"br_if_void", "i32.const 111 local.set 5 block", "local.get 0", "local.get 1",
     "br_if 0 i32.const 222 local.set 5 end local.get 5", Use::selects, "", "r=i"},
    {"br_if_many", "block (result i32 i64) i32.const 111 i64.const 5", "local.get 0",
     "local.get 1", "br_if 0 drop drop i32.const 222 i64.const 5 end drop", Use::selects, "",
     "r=i"},
    {"br_if_back", "loop local.get 6 if i32.const 111 return end i32.const 1 local.set 6",
     "local.get 0", "local.get 1", "br_if 0 end i32.const 222", Use::selects, "", "r=i"},
    {"select_constants", "i32.const 111 i32.const 222", "local.get 0", "local.get 1", "select",
     Use::selects, "", "r=i"},
    {"select_into_local", "loop i32.const 111 i32.const 222", "local.get 0", "local.get 1",
     "select local.set 5 end local.get 5", Use::selects, "", "r=i"},
    {"select_true_local", "i32.const 222 local.set 5 loop i32.const 111 local.get 5",
     "local.get 0", "local.get 1", "select local.set 5 end local.get 5", Use::selects, "", "r=i"},
    {"select_false_local", "i32.const 111 local.set 5 loop local.get 5 i32.const 222",
     "local.get 0", "local.get 1", "select local.set 5 end local.get 5", Use::selects, "", "r=i"},
    {"select_i64", "i64.const 111 i64.const 222", "local.get 0", "local.get 1",
     "select i32.wrap_i64", Use::selects, "", "r=i"},
    {"select_f64", "f64.const 111 f64.const 222", "local.get 0", "local.get 1",
     "select i32.trunc_f64_s", Use::selects, "", "r=i"},
    {"select_f32_local", "f32.const 0 drop f32.const 111 f32.const 222", "local.get 0",
     "local.get 1", "i32.eqz select i32.trunc_f32_s i32.const 333 i32.sub i32.const -1 i32.mul",
     Use::selects, "", "r=i"},
    {"mask_if", "", "local.get 0", "local.get 1",
     "i32.const -1 i32.and if (result i32) i32.const 111 else i32.const 222 end", Use::selects,
     "", "r=i"},
    {"br_table_chain", "block block", "local.get 0", "local.get 1",
     "i32.eqz br_table 0 1 end i32.const 111 return end i32.const 222", Use::selects, "", "r=i"},
    {"br_table_jump", "block block", "local.get 0", "local.get 1",
     "i32.eqz br_table 0 1 1 1 1 1 end i32.const 111 return end i32.const 222", Use::selects, "",
     "r=i"},
};
// clang-format on

constexpr uint64_t kCanary = 0x0123'4567'89ab'cdef;

bool wants(const Shape& shape, const NumericOp& op) {
  const std::string_view wanted = shape.wanted_types;
  if (wanted == "r=a") return op.result == op.left;
  if (wanted == "r=b") return op.right != 0 && op.result == op.right;
  if (wanted == "r=i") return op.result == 'i';
  if (wanted == "r=l") return op.result == 'l';
  if (wanted == "r=int") return op.result == 'i' || op.result == 'l';
  return true;
}

char result_type(const Shape& shape, const NumericOp& op) {
  return shape.use == Use::plain ? op.result : 'i';
}

/// The function for an operator; with a constant in place of an operand where one is given.
std::string function_text(const Shape& shape, const NumericOp& op, const std::string& name,
                          const std::string& x, const std::string& y) {
  std::string hot;
  for (int round = 0; round < 2; ++round) {
    for (int local = 7; local < 31; ++local)
      hot += "local.get " + std::to_string(local) + " local.set " + std::to_string(local) + " ";
  }
  std::string canaries;
  for (int i = 0; i < 6; ++i) canaries += "global.get $canary_i64 ";
  for (int i = 0; i < 9; ++i) canaries += "global.get $canary_f64 ";
  return fill(
      "(func (export \"{name}\") (param {A} {B}) (result {below} {result}) (local {A} {B} {R}) "
      "(local i32 i32) {more_locals} {before} {x} {y} {op} {after})\n",
      {{"name", name},
       {"below", shape.canaries},
       {"result", type_text(result_type(shape, op))},
       {"before", shape.before},
       {"x", x},
       {"y", op.right == 0 ? "" : y},
       {"after", shape.after},
       {"more_locals", "(local" + repeated(12, " i64 f64") + ")"},
       {"hot_locals", "loop " + hot + " end"},
       {"canaries", canaries},
       {"op", op.text},
       {"A", type_text(op.left)},
       {"B", type_text(op.right == 0 ? 'i' : op.right)},
       {"R", type_text(op.result)}});
}

struct Case {
  const NumericOp* op;
  Mode mode;
};

class ExecutionTest : public testing::TestWithParam<Case> {
 protected:
  ExecutionTest() : op_(*GetParam().op), machine_(GetParam().mode) {}

  std::vector<uint64_t> right_values() const {
    return op_.right == 0 ? std::vector<uint64_t>{0} : boundary_values(op_.right);
  }
  std::vector<uint64_t> right_constants() const {
    return op_.right == 0 ? std::vector<uint64_t>{0} : constant_values(op_.right);
  }

  void instantiate(const std::string& functions) {
    const std::string globals = fill(R"(
        (memory (export "memory") 1)
        (global $a (export "a") (mut {A}) ({A}.const 0))
        (global $b (export "b") (mut {B}) ({B}.const 0))
        (global $r (mut {R}) ({R}.const 0))
        (global $canary_i64 (mut i64) (i64.const 0x0123456789abcdef))
        (global $canary_f64 (export "canary_f64") (mut f64) (f64.const 0))
        (func $nop) (func $id (param {R}) (result {R}) local.get 0)
        (func $id_a (param {A}) (result {A}) local.get 0)
        (func $id_b (param {B}) (result {B}) local.get 0))",
                                     {{"A", type_text(op_.left)},
                                      {"B", type_text(op_.right == 0 ? 'i' : op_.right)},
                                      {"R", type_text(op_.result)}});
    instance_ = &machine_.instantiate("(module " + globals + "\n" + functions + ")");
    a_ = instance_->global("a");
    b_ = instance_->global("b");
    memory_ = instance_->memory("memory")->data();
    instance_->global("canary_f64")->store({kCanary, 0});
  }

  /// Calls the function and compares with the model. False after a failure.
  bool check(const Func& func, std::string_view name, const Shape& shape, uint64_t left,
             uint64_t right) {
    a_->store({left, 0});
    b_->store({right, 0});
    std::memcpy(memory_ + 8, &left, 8);
    std::memcpy(memory_ + 16, &right, 8);
    std::fill(std::begin(values_), std::end(values_), Value{0xeeee'eeee'eeee'eeee, 0});
    values_[0] = {left, 0};
    values_[1] = {right, 0};
    const Completion completion = func.invoke({values_, func.num_values()});
    const Outcome expected = op_.model(left, right);
    const size_t below = func.type().results.size() - 1;
    const uint64_t got = values_[below].low;
    bool good = trap_of(completion) == expected.trap;
    if (good && expected.trap == TrapCode::none) {
      if (op_.any_nan && is_nan(op_.result, expected.bits))
        good = is_arithmetic_nan(op_.result, got);
      else
        good = got == used(shape.use, expected.bits);
      const bool is_alias = below == 1;
      for (size_t i = 0; i < below; ++i) good &= values_[i].low == (is_alias ? left : kCanary);
    }
    if (good) return true;
    ADD_FAILURE() << op_.text << " in " << name << " of " << std::hex << left << ", " << right
                  << " gives " << got << " (" << to_string(trap_of(completion)) << "), not "
                  << used(shape.use, expected.bits) << " (" << to_string(expected.trap) << ")";
    return false;
  }

  const NumericOp& op_;
  Machine machine_;
  Instance* instance_ = nullptr;
  Global* a_ = nullptr;
  Global* b_ = nullptr;
  uint8_t* memory_ = nullptr;
  Value values_[20];
};

TEST_P(ExecutionTest, AgreesWithTheModelInEveryShape) {
  std::string functions;
  for (const Shape& shape : kShapes) {
    if (wants(shape, op_)) functions += function_text(shape, op_, shape.name, shape.x, shape.y);
  }
  instantiate(functions);
  for (const Shape& shape : kShapes) {
    if (!wants(shape, op_)) continue;
    const Func func = instance_->func(shape.name);
    bool good = true;
    for (const uint64_t left : boundary_values(op_.left)) {
      for (const uint64_t right : right_values())
        good = good && check(func, shape.name, shape, left, right);
    }
  }
}

TEST_P(ExecutionTest, AgreesWithTheModelForConstants) {
  constexpr Shape kPlain{"plain", "", "", "", ""};
  constexpr Shape kIntoLocal{"local", "loop", "", "", "local.set 4 end local.get 4"};
  constexpr Shape kIf{
      "if", "", "", "", "if (result i32) i32.const 111 else i32.const 222 end", Use::selects};
  struct Compiled {
    std::string name;
    const Shape* shape;
    std::optional<uint64_t> left, right;
  };
  std::vector<Compiled> all;
  std::string functions;
  const auto add = [&](const Shape& shape, std::optional<uint64_t> left,
                       std::optional<uint64_t> right, const char* x, const char* y) {
    const std::string name = "f" + std::to_string(all.size());
    functions += function_text(shape, op_, name, left ? const_text(op_.left, *left) : x,
                               right ? const_text(op_.right, *right) : y);
    all.push_back({name, &shape, left, right});
  };
  std::vector<const Shape*> shapes = {&kPlain, &kIntoLocal};
  if (op_.result == 'i') shapes.push_back(&kIf);
  for (const uint64_t left : constant_values(op_.left)) {
    for (const Shape* shape : shapes) {
      if (op_.right == 0) {
        add(*shape, left, {}, "", "");
        continue;
      }
      add(*shape, left, {}, "", "local.get 1");
      add(*shape, left, {}, "", "global.get $b");
      add(*shape, left, {}, "", "i32.const 16 {B}.load");
      add(*shape, left, {}, "", "global.get $b block end");
    }
    if (op_.right == 0) continue;
    for (const uint64_t right : right_constants()) add(kPlain, left, right, "", "");
  }
  if (op_.right != 0) {
    for (const uint64_t right : right_constants()) {
      for (const Shape* shape : shapes) {
        add(*shape, {}, right, "local.get 0", "");
        add(*shape, {}, right, "global.get $a", "");
        add(*shape, {}, right, "i32.const 8 {A}.load", "");
        add(*shape, {}, right, "global.get $a block end", "");
      }
    }
  }
  instantiate(functions);
  for (const Compiled& compiled : all) {
    const Func func = instance_->func(compiled.name);
    const std::string name = compiled.name + " " + compiled.shape->name +
                             (compiled.left ? " " + const_text(op_.left, *compiled.left) : "") +
                             (compiled.right ? " ; " + const_text(op_.right, *compiled.right) : "");
    bool good = true;
    const auto lefts = compiled.left ? std::vector{*compiled.left} : boundary_values(op_.left);
    const auto rights = compiled.right ? std::vector{*compiled.right} : right_values();
    for (const uint64_t left : lefts) {
      for (const uint64_t right : rights)
        good = good && check(func, name, *compiled.shape, left, right);
    }
    if (!good) return;
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Mode& mode : kModes) {
    for (const NumericOp& op : numeric_ops()) cases.push_back({&op, mode});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Ops, ExecutionTest, testing::ValuesIn(all_cases()), [](const auto& test) {
  std::string name = std::string(test.param.mode.name) + "_" + test.param.op->text;
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace swoop

// Divisions by constants: divisors for which multipliers are as large or as inexact as they get,
// with dividends around the multiples at which quotients change.
#include "jit/division.h"

#include "tests/jit/machine.h"
#include "tests/jit/numeric_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace swoop {
namespace {

/// Sorted and unique, cut to the type's width.
std::vector<uint64_t> cut(std::vector<uint64_t> values, unsigned bits) {
  for (uint64_t& v : values) v &= bits == 32 ? 0xffff'ffff : ~uint64_t{0};
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::vector<uint64_t> divisors(unsigned bits) {
  std::vector<uint64_t> values = {7,
                                  11,
                                  13,
                                  14,
                                  19,
                                  21,
                                  25,
                                  28,
                                  60,
                                  100,
                                  127,
                                  365,
                                  400,
                                  625,
                                  641,
                                  1000,
                                  3600,
                                  9999,
                                  10'000,
                                  14'400,
                                  65'535 * 2,
                                  86'400,
                                  100'000,
                                  1'000'000,
                                  6'700'417,
                                  10'000'000,
                                  274'177,
                                  1'000'000'000,
                                  0x5555'5555,
                                  0xaaaa'aaaa,
                                  0xcccc'cccd,
                                  0x5555'5555'5555'5555,
                                  0xcccc'cccc'cccc'cccd,
                                  10'000'000'000,
                                  1'000'000'000'000'000'000};
  for (uint64_t i = 1; i <= 12; ++i) values.push_back(i);
  for (unsigned i = 2; i < bits; ++i) {
    const uint64_t power = uint64_t{1} << i;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  const size_t count = values.size();
  for (size_t i = 0; i < count; ++i) values.push_back(-values[i]);
  return cut(std::move(values), bits);
}

/// Around multiples of the divisor's magnitude, small and large, and the edges of the type.
std::vector<uint64_t> dividends(unsigned bits, uint64_t divisor) {
  const uint64_t top = uint64_t{1} << (bits - 1);
  const uint64_t all = top | (top - 1);
  std::vector<uint64_t> values = {
      0, 1, 2, top - 1, top, top + 1, all - 1, all, 0x1234'5678'9abc'def0};
  for (const uint64_t d : {divisor, -divisor & all}) {
    if (d == 0) continue;
    for (const uint64_t limit : {all, top, top - 1}) {
      const uint64_t largest = limit / d * d;
      for (const uint64_t multiple :
           {d, 2 * d, 3 * d, largest, largest - d, limit / 2 / d * d, limit / 3 / d * d}) {
        for (const uint64_t v : {multiple - 1, multiple, multiple + 1})
          values.insert(values.end(), {v, -v});
      }
    }
  }
  return cut(std::move(values), bits);
}

struct Shape {
  const char* before;
  const char* x;
  const char* after;
};
constexpr Shape kShapes[] = {
    {"", "local.get 0", ""},                                 // a slot
    {"", "global.get $a", ""},                               // a temporary
    {"loop (result {T})", "local.get 0", "end"},             // pinned
    {"loop", "local.get 0", "local.set 0 end local.get 0"},  // into itself
    {"loop", "local.get 0", "local.set 1 end local.get 1"},  // into another local
    {"loop (result {T}) global.get $a global.get $a global.get $a", "local.get 0",
     "{T}.add {T}.add {T}.add local.get 0 {T}.sub global.get $a {T}.sub global.get $a {T}.sub "
     "end"},  // beside temporaries; the operand must survive: less x, and 3 a
    {"global.get $a global.get $a", "global.get $a",
     "{T}.add {T}.add global.get $a {T}.sub global.get $a {T}.sub"},
};

std::string with_type(std::string text, const std::string& type) {
  for (size_t at; (at = text.find("{T}")) != std::string::npos;) text.replace(at, 3, type);
  return text;
}

struct Case {
  const NumericOp* op;
  Mode mode;
};

class DivisionTest : public testing::TestWithParam<Case> {};

TEST_P(DivisionTest, ByConstantsAgreesWithTheModel) {
  const NumericOp& op = *GetParam().op;
  const std::string type = type_text(op.left);
  const unsigned bits = op.left == 'i' ? 32 : 64;
  const std::vector<uint64_t> all = divisors(bits);
  std::string text =
      "(module (global $a (export \"a\") (mut " + type + ") (" + type + ".const 0))\n";
  for (size_t d = 0; d < all.size(); ++d) {
    for (size_t s = 0; s < std::size(kShapes); ++s) {
      const Shape& shape = kShapes[s];
      text += with_type("(func (export \"f" + std::to_string(d * 16 + s) +
                            "\") (param {T}) (result {T}) (local {T}) " + shape.before + " " +
                            shape.x + " " + const_text(op.left, all[d]) + " " + op.text + " " +
                            shape.after + ")\n",
                        type);
    }
  }
  Machine machine(GetParam().mode);
  Instance& instance = machine.instantiate(text + ")");
  Global* const a = instance.global("a");
  for (size_t d = 0; d < all.size(); ++d) {
    const std::vector<uint64_t> values = dividends(bits, all[d]);
    for (size_t s = 0; s < std::size(kShapes); ++s) {
      const Func func = instance.func("f" + std::to_string(d * 16 + s));
      for (const uint64_t x : values) {
        a->store({x, 0});
        Value value{x, 0};
        const Completion completion = func.invoke({&value, 1});
        const Outcome expected = op.model(x, all[d]);
        ASSERT_EQ(trap_of(completion), expected.trap)
            << op.text << " " << std::hex << x << " " << all[d] << " in shape " << s;
        if (expected.trap == TrapCode::none) {
          ASSERT_EQ(value.low, expected.bits)
              << op.text << " " << std::hex << x << " " << all[d] << " in shape " << s;
        }
      }
    }
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Mode& mode : kModes) {
    for (const NumericOp& op : numeric_ops()) {
      const std::string_view text = op.text;
      if (text.find(".div_") != text.npos || text.find(".rem_") != text.npos)
        cases.push_back({&op, mode});
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Ops, DivisionTest, testing::ValuesIn(all_cases()), [](const auto& test) {
  std::string name = std::string(test.param.mode.name) + "_" + test.param.op->text;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace swoop

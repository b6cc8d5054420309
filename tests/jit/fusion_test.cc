// Operators that a machine may do with one instruction, against the same with a `nop` between them,
// which keeps them apart; and addresses that are kept from one access to the next, against a model.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace swoop {
namespace {

class FusionTest : public testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(Modes, FusionTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return std::string(test.param.name); });

/// `text` for the integers of type `t`, which it calls T.
std::string of_type(const std::string& t, std::string text) {
  for (size_t at; (at = text.find('T')) != std::string::npos;) text.replace(at, 1, t);
  return text;
}

/// What is between the operators of the code is written {}.
std::vector<std::string> fused_code(const std::string& t) {
  std::vector<std::string> codes;
  const std::vector<std::string> counts = t == "i32"
                                              ? std::vector<std::string>{"1", "3", "8", "31", "36"}
                                              : std::vector<std::string>{"1", "3", "8", "33", "63"};
  const char* const kOperators[] = {"add", "sub", "and", "or", "xor"};
  for (const char* shift : {"shl", "shr_s", "shr_u", "rotl", "rotr"}) {
    for (const std::string& count : counts) {
      const std::string shifted = "{x} " + t + ".const " + count + " " + t + "." + shift + " {} ";
      for (const char* op : kOperators) {
        codes.push_back("local.get 1 " + shifted + t + "." + op);
        codes.push_back(shifted + "local.get 1 " + t + "." + op);
      }
      codes.push_back(t + ".const 5 " + shifted + t + ".sub");
      codes.push_back("local.get 1 i32.wrap_i64 i32.const 255 i32.and i64.extend_i32_u " + shifted +
                      t + ".or");
      if (t == "i32") {  // as an address, whose parts must not wrap around
        codes.back() = "local.get 1 i32.const 255 i32.and {x} i32.const 24 i32.shr_u i32.const " +
                       count + " i32." + shift +
                       " {} i32.or i32.const 4095 i32.and {} i32.load offset=4";
      }
    }
  }
  for (const char* op : {"add", "sub"}) {
    codes.push_back("local.get 2 {x} local.get 1 " + t + ".mul {} " + t + "." + op);
    codes.push_back("{x} local.get 1 " + t + ".mul {} local.get 2 " + t + "." + op);
    codes.push_back("local.get 2 {x} local.get 2 " + t + ".mul {} " + t + "." + op);
    codes.push_back("local.get 2 {x} i32.const 16 " + t + ".load {} " + t + ".mul {} " + t + "." +
                    op);
    for (const char* factor : {"0", "1", "2", "3", "8", "9", "10", "-1", "-8", "0x80000000"}) {
      codes.push_back("local.get 2 {x} " + t + ".const " + factor + " " + t + ".mul {} " + t + "." +
                      op);
      codes.push_back(t + ".const 7 {x} local.get 1 " + t + ".mul {} " + t + "." + op);
    }
  }
  for (const char* shift : {"shr_s", "shr_u"}) {
    for (const std::string& left : counts)
      for (const std::string& right : counts)
        codes.push_back("{x} " + t + ".const " + left + " " + t + ".shl {} " + t + ".const " +
                        right + " " + t + "." + shift);
  }
  for (const std::string& count : counts) {
    for (const char* mask : {"0", "1", "6", "255", "0x10000", "0x7fffffff", "-1", "-256"}) {
      const std::string field = "{x} " + t + ".const " + count + " " + t + ".shr_u {} " + t +
                                ".const " + mask + " " + t + ".and {} ";
      const std::string to_i32 = t == "i32" ? "" : t + ".eqz {} ";
      codes.push_back(field);
      codes.push_back("block (result " + t + ") " + t + ".const 3 " + field + to_i32 +
                      "br_if 0 drop " + t + ".const 4 end");
      codes.push_back(field + t + ".eqz if (result " + t + ") {x} else local.get 1 end");
      codes.push_back("{x} local.get 1 " + field + t + ".eqz select");
    }
  }
  // One bit, also in the slots of parameters, and the sign.
  for (const char* test :
       {"{x} T.const 1 T.and {} T.eqz", "{x} T.const 0x4000 T.and {} T.eqz",
        "{x} T.const 0x80000000 T.and {} T.eqz", "{x} T.const 0 T.lt_s", "{x} T.const 0 T.ge_s",
        "T.const 0 {x} T.gt_s", "{x} T.const 0 T.le_s", "{x} T.const 0 T.lt_u",
        "local.get 1 {x} T.and {} T.eqz", "{x} T.const 0x7000 T.and {} T.eqz"}) {
    const std::string condition = of_type(t, test);
    for (const char* negation : {"", " i32.eqz"}) {
      codes.push_back("block (result " + t + ") " + t + ".const 3 " + condition + negation +
                      " {} br_if 0 drop " + t + ".const 4 end");
      codes.push_back(condition + negation + " {} if (result " + t + ") {x} else local.get 1 end");
      // A back edge, taken once at most.
      codes.push_back("loop local.get 1 " + t + ".const 1 " + t + ".add local.set 1 local.get 4" +
                      " i32.const 1 i32.add local.tee 4 i32.const 2 i32.lt_u if " + condition +
                      negation + " {} br_if 1 end end local.get 1");
    }
  }
  for (const char* addend : {"4095", "4096", "4097", "0xffff", "0x10001", "0xfff001", "0xffffff",
                             "0x1000000", "-4097", "-65537", "-0xffffff", "0x7fffffff"}) {
    codes.push_back("{x} " + t + ".const " + addend + " " + t + ".add");
    codes.push_back("{x} " + t + ".const " + addend + " " + t + ".sub");
  }
  return codes;
}

TEST_P(FusionTest, OperatorsDoTheSameTogetherAndApart) {
  constexpr uint64_t kValues[] = {0,
                                  1,
                                  7,
                                  0x4000,
                                  0x7fff'ffff,
                                  0x8000'0000,
                                  0xffff'ffff,
                                  0x1'0000'0000,
                                  0x0123'4567'89ab'cdef,
                                  0x8000'0000'0000'0000,
                                  0xfedc'ba98'7654'3210,
                                  UINT64_MAX};
  for (const std::string t : {"i32", "i64"}) {
    // Results on the stack, or in a local that an operand and an entry below come from.
    const std::vector<std::string> frames = {
        "{code}", "local.get 0 {code} local.tee 0 T.sub local.get 0 T.xor",
        "loop (result T) {code} end",
        "loop (result T) local.get 0 {code} local.set 0 local.get 0 T.sub local.get 0 T.xor end"};
    std::vector<std::string> sources = {"local.get 0"};
    sources.push_back(t == "i32" ? "local.get 3 i32.wrap_i64" : "local.get 3 local.get 0 i64.add");
    std::vector<std::string> names;
    std::string text = "(module (memory 1) (data (i32.const 0) \"abcdefghijklmnopqrstuvwxyz\")\n";
    for (const std::string& code : fused_code(t)) {
      if (t == "i32" && code.find("i64") != std::string::npos) continue;
      for (const std::string& frame : frames) {
        for (const std::string& x : sources) {
          const std::string name = std::to_string(names.size());
          names.push_back(of_type(t, fill(frame, {{"code", fill(code, {{"x", x}})}})));
          for (const char* between : {"", "nop"})
            text +=
                of_type(t, fill("(func (export \"{between}{name}\") (param T T T i64) (result T)"
                                " (local i32) {code})\n",
                                {{"name", name},
                                 {"between", between},
                                 {"code", fill(names.back(), {{"", between}})}}));
        }
      }
    }
    Machine machine(GetParam());
    Instance& instance = machine.instantiate(text + ")");
    std::mt19937_64 random(1);
    for (size_t i = 0; i < names.size(); ++i) {
      const Func fused = instance.func(std::to_string(i));
      const Func apart = instance.func("nop" + std::to_string(i));
      for (const uint64_t x : kValues) {
        const uint64_t y = kValues[random() % std::size(kValues)];
        const uint64_t z = random();
        const auto cut = [&](uint64_t v) { return t == "i32" ? static_cast<uint32_t>(v) : v; };
        std::array<Value, 4> together = {
            {{cut(x), 0}, {cut(y), 0}, {cut(z), 0}, {x ^ 0xffff'0000'0000'0000, 0}}};
        std::array<Value, 4> separate = together;
        const TrapCode trap = trap_of(fused.invoke(together));
        ASSERT_EQ(trap, trap_of(apart.invoke(separate))) << names[i] << " of " << x << ", " << y;
        ASSERT_EQ(together[0].low, separate[0].low) << names[i] << " of " << x << ", " << y;
      }
    }
  }
}

/// Random accesses through four pointers, some of which are in registers; what changes them, calls
/// and branches come in between.
class PointerProgram {
 public:
  static constexpr uint32_t kNumPointers = 4;
  static constexpr uint32_t kPage = 65536;

  explicit PointerProgram(uint32_t seed) : random_(seed) {
    for (uint32_t i = 0; i < kNumPointers; ++i) arguments_[i] = {pointers_[i] = pick(1000) * 8, 0};
    for (uint32_t i = 0; i < 60; ++i) add_statement(true);
  }

  /// Gives the sum of all that was loaded.
  std::string text() const {
    std::string text =
        "(func $nothing)\n(func (export \"f\") (param i32 i32 i32 i32) (result i64)"
        " (local $sum i64) (local $value i32)\n";
    // So many others are used so often that only two of the pointers have registers.
    text += "(local" + repeated(14, " i32") + ") loop " +
            repeated(9, "local.get 0 local.get 1 i32.add drop ");
    for (uint32_t i = 6; i < 20; ++i) text += repeated(9, "local.get " + number(i) + " drop ");
    return text + " end\n" + code_ + "local.get $sum)\n";
  }
  std::array<Value, 4> arguments() const { return arguments_; }
  uint64_t sum() const { return sum_; }
  const std::array<uint8_t, kPage>& memory() const { return memory_; }

 private:
  uint32_t pick(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  static std::string number(uint32_t value) { return std::to_string(value); }

  uint32_t load(uint32_t address) const {
    uint32_t value;
    std::memcpy(&value, &memory_[address], 4);
    return value;
  }

  /// `runs`: whether execution comes along here.
  void add_statement(bool runs) {
    const uint32_t p = pick(kNumPointers);
    const uint32_t q = pick(kNumPointers);
    constexpr uint32_t kOffsets[] = {0, 4, 8, 12, 255, 256, 257, 4092, 4096, 16380, 20000, 40000};
    const uint32_t offset = kOffsets[pick(std::size(kOffsets))];
    const std::string at = "local.get " + number(p) + " ";
    switch (pick(9)) {
      case 0:
      case 1:
        code_ += at + "i32.load offset=" + number(offset) +
                 " i64.extend_i32_u local.get $sum i64.add local.set $sum\n";
        if (runs) sum_ += load(pointers_[p] + offset);
        return;
      case 2:  // an operand, and the pointer changes with what it leads to
        code_ += "local.get " + number(q) + " " + at + "i32.load offset=" + number(offset) +
                 " i32.xor i32.const 0x1ff8 i32.and local.set " + number(p) + "\n";
        if (runs) pointers_[p] = (pointers_[q] ^ load(pointers_[p] + offset)) & 0x1ff8;
        return;
      case 3:
      case 4: {
        const uint32_t value = pick(UINT32_MAX);
        code_ += at + "i32.const " + number(value) + " i32.store offset=" + number(offset) + "\n";
        if (runs) std::memcpy(&memory_[pointers_[p] + offset], &value, 4);
        return;
      }
      case 5: {
        const uint32_t step = pick(64) * 4;
        code_ += at + "i32.const " + number(step) + " i32.add i32.const 0x1ffc i32.and local.set " +
                 number(q) + "\n";
        if (runs) pointers_[q] = (pointers_[p] + step) & 0x1ffc;
        return;
      }
      case 6: code_ += "call $nothing\n"; return;
      case 7: {  // one way or the other
        const bool taken = (pointers_[p] & 8) != 0;
        code_ += at + "i32.const 8 i32.and if\n";
        add_statement(runs && taken);
        code_ += "else\n";
        add_statement(runs && !taken);
        code_ += "end\n";
        return;
      }
      case 8:
        code_ += at + "local.set " + number(q) + " " + at + "i32.load offset=" + number(offset) +
                 " local.set $value local.get " + number(q) +
                 " local.get $value i32.store offset=4\n";
        if (!runs) return;
        pointers_[q] = pointers_[p];
        const uint32_t value = load(pointers_[p] + offset);
        std::memcpy(&memory_[pointers_[q] + 4], &value, 4);
        return;
    }
  }

  std::mt19937 random_;
  std::string code_;
  std::array<uint32_t, kNumPointers> pointers_{};
  std::array<uint8_t, kPage> memory_{};
  uint64_t sum_ = 0;
  std::array<Value, 4> arguments_{};
};

TEST_P(FusionTest, AddressesAreKeptAsLongAsTheyAreRight) {
  Machine machine(GetParam());
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const PointerProgram program(seed);
    Instance& instance =
        machine.instantiate("(module (memory (export \"memory\") 1)\n" + program.text() + ")");
    std::array<Value, 4> values = program.arguments();
    ASSERT_EQ(trap_of(instance.func("f").invoke(values)), TrapCode::none) << program.text();
    ASSERT_EQ(values[0].low, program.sum()) << program.text();
    ASSERT_EQ(std::memcmp(instance.memory("memory")->data(), program.memory().data(),
                          PointerProgram::kPage),
              0)
        << program.text();
  }
}

}  // namespace
}  // namespace swoop

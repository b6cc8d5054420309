// Random nests of blocks that throw and catch, of both kinds, against a small model of what the
// specification says. A checksum over everything that happens tells them apart.
#include "tests/jit/machine.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace swoop {
namespace {

constexpr uint32_t kFunctions = 4;
constexpr uint32_t kTags = 3;
constexpr int kAnyTag = -1;

// The locals of every function, enough to be in registers and in slots.
constexpr uint32_t kI32s = 6;
constexpr uint32_t kI64s = 3;
constexpr uint32_t kF64s = 8;
constexpr uint32_t kLocals = kI32s + kI64s + kF64s;

enum class Kind : uint8_t {
  mix,          // a constant, into the checksum
  mix_local,    //
  change,       // a local
  around,       // an operand lies below the body
  twice,        // a loop
  call,         // a later function
  throw_,       // if the bit `b` of the input is set
  throw_saved,  // what the last clause with a reference got, if it got anything
  try_table,
  try_,
  delegate,  // to the label of the block `a`
  rethrow,   // what the handler of block `a` caught
};

struct Node;
struct Clause {
  int tag = kAnyTag;
  bool with_reference = false;
  std::vector<Node> body;
};
struct Node {
  Kind kind = Kind::mix;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t id = 0;
  std::vector<Node> body;
  std::vector<Clause> clauses;
};

// --- Making them

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::vector<Node> function(uint32_t index) {
    index_ = index;
    left_ = 40;
    return nodes(0);
  }

 private:
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  std::vector<Node> nodes(int depth) {
    std::vector<Node> list;
    for (uint32_t count = 1 + below(5); count > 0; --count) list.push_back(node(depth));
    return list;
  }

  Node node(int depth) {
    Node n;
    n.id = next_id_++;
    n.a = below(1000);
    n.b = below(16);
    const bool is_leaf = depth > 6 || left_ == 0;
    if (left_ > 0) --left_;
    switch (below(is_leaf ? 7 : 14)) {
      case 0: n.kind = Kind::mix; break;
      case 1:
      case 2: n.kind = Kind::change; break;
      case 3: n.kind = Kind::mix_local; break;
      case 4: n.kind = handlers_.empty() || below(2) == 0 ? Kind::throw_ : Kind::rethrow; break;
      case 5: n.kind = below(4) == 0 ? Kind::throw_saved : Kind::throw_; break;
      case 6: n.kind = index_ + 1 < kFunctions ? Kind::call : Kind::throw_; break;
      case 7: n.kind = Kind::twice; break;
      case 8: n.kind = Kind::around; break;
      case 9:
      case 10: n.kind = Kind::try_table; break;
      case 11:
      case 12: n.kind = Kind::try_; break;
      case 13: n.kind = labels_.empty() ? Kind::try_ : Kind::delegate; break;
    }
    if (n.kind == Kind::call) n.a = index_ + 1 + below(kFunctions - index_ - 1);
    if (n.kind == Kind::rethrow) n.a = handlers_[below(static_cast<uint32_t>(handlers_.size()))];
    if (n.kind == Kind::delegate) n.a = labels_[below(static_cast<uint32_t>(labels_.size()))];
    const bool has_label = n.kind == Kind::try_table || n.kind == Kind::try_;
    if (has_label) labels_.push_back(n.id);
    if (n.kind >= Kind::try_table || n.kind == Kind::around || n.kind == Kind::twice) {
      if (n.kind != Kind::rethrow) n.body = nodes(depth + 1);
    }
    if (n.kind == Kind::try_table) labels_.pop_back();  // its handlers are outside
    if (has_label) {
      for (uint32_t count = below(4); count > 0; --count) {
        Clause clause;
        const bool is_last = count == 1;  // nothing may follow a catch_all of the legacy kind
        if (below(3) != 0 || !is_last) clause.tag = static_cast<int>(below(kTags));
        clause.with_reference = n.kind == Kind::try_table && below(2) == 0;
        if (n.kind == Kind::try_) handlers_.push_back(n.id);
        clause.body = nodes(depth + 1);
        if (n.kind == Kind::try_) handlers_.pop_back();
        n.clauses.push_back(std::move(clause));
      }
    }
    if (n.kind == Kind::try_) labels_.pop_back();
    return n;
  }

  std::mt19937 random_;
  uint32_t index_ = 0;
  uint32_t left_ = 0;
  uint32_t next_id_ = 0;
  std::vector<uint32_t> labels_;    // of blocks around
  std::vector<uint32_t> handlers_;  // of the legacy kind
};

// --- As text

std::string number(uint32_t value) {
  return std::to_string(value);
}

std::string local(uint32_t index) {
  return "$x" + number(index % kLocals);
}

const char* type_of(uint32_t index) {
  index %= kLocals;
  return index < kI32s ? "i32" : index < kI32s + kI64s ? "i64" : "f64";
}

std::string local_as_i32(uint32_t index) {
  const std::string type = type_of(index);
  return "local.get " + local(index) +
         (type == "i32"   ? ""
          : type == "i64" ? " i32.wrap_i64"
                          : " i32.trunc_sat_f64_s");
}

std::string mix(const std::string& value) {
  return "global.get $sum i32.const 31 i32.mul " + value + " i32.add global.set $sum\n";
}

std::string text_of(const std::vector<Node>& nodes);

std::string text_of(const Node& n) {
  const std::string id = number(n.id);
  switch (n.kind) {
    case Kind::mix: return mix("i32.const " + number(n.a));
    case Kind::mix_local: return mix(local_as_i32(n.a));
    case Kind::change: {
      const std::string type = type_of(n.a);
      return "local.get " + local(n.a) + " " + type + ".const " + (type == "f64" ? "0.5 " : "3 ") +
             type + ".mul " + type + ".const " + number(n.b) + " " + type + ".add local.set " +
             local(n.a) + "\n";
    }
    case Kind::around:
      return local_as_i32(n.a) + " i32.const 7 i32.mul\n" + text_of(n.body) + "local.set $v " +
             mix("local.get $v");
    case Kind::twice:
      return "i32.const 0 local.set $n" + id + " loop $l" + id + "\n" + text_of(n.body) +
             "local.get $n" + id + " i32.const 1 i32.add local.tee $n" + id +
             " i32.const 2 i32.lt_u br_if $l" + id + " end\n";
    case Kind::call: return local_as_i32(n.b) + " call $f" + number(n.a) + "\n";
    case Kind::throw_:
      return "global.get $input i32.const " + number(n.b) + " i32.shr_u i32.const 1 i32.and if " +
             local_as_i32(n.a) + " i32.const " + number(n.a) + " i32.add throw $e" +
             number(n.a % kTags) + " end\n";
    case Kind::throw_saved:
      return "local.get $saved ref.is_null i32.eqz if local.get $saved throw_ref end\n";
    case Kind::rethrow:
      return "global.get $input i32.const " + number(n.b) +
             " i32.shr_u i32.const 1 i32.and if rethrow $t" + number(n.a) + " end\n";
    case Kind::delegate: return "try\n" + text_of(n.body) + "delegate $t" + number(n.a) + "\n";
    case Kind::try_: {
      std::string text = "try $t" + id + "\n" + text_of(n.body);
      for (const Clause& clause : n.clauses) {
        text += clause.tag == kAnyTag ? "catch_all\n"
                                      : "catch $e" + std::to_string(clause.tag) + " local.set $v " +
                                            mix("local.get $v");
        text += text_of(clause.body);
      }
      return text + "end\n";
    }
    case Kind::try_table: {
      std::string blocks;
      std::string clauses;
      std::string handlers;
      for (size_t i = 0; i < n.clauses.size(); ++i) {
        const Clause& clause = n.clauses[i];
        const std::string label = "$h" + id + "_" + std::to_string(i);
        const bool has_tag = clause.tag != kAnyTag;
        blocks = "block " + label + (has_tag ? " (result i32)" : "") +
                 (clause.with_reference ? " (result exnref)" : "") + "\n" + blocks;
        clauses += std::string(" (catch") + (has_tag ? "" : "_all") +
                   (clause.with_reference ? "_ref" : "") +
                   (has_tag ? " $e" + std::to_string(clause.tag) : "") + " " + label + ")";
        handlers += "end\n";
        if (clause.with_reference) handlers += "local.set $saved\n";
        if (has_tag) handlers += "local.set $v " + mix("local.get $v");
        handlers += text_of(clause.body) + "br $out" + id + "\n";
      }
      return "block $out" + id + "\n" + blocks + "try_table $t" + id + clauses + "\n" +
             text_of(n.body) + "end br $out" + id + "\n" + handlers + "end\n";
    }
  }
  return "";
}

std::string text_of(const std::vector<Node>& nodes) {
  std::string text;
  for (const Node& n : nodes) text += text_of(n);
  return text;
}

void declare_counters(const std::vector<Node>& nodes, std::string& text) {
  for (const Node& n : nodes) {
    if (n.kind == Kind::twice) text += "(local $n" + number(n.id) + " i32)";
    declare_counters(n.body, text);
    for (const Clause& clause : n.clauses) declare_counters(clause.body, text);
  }
}

std::string module_of(const std::vector<std::vector<Node>>& functions) {
  std::string text =
      "(module (global $sum (export \"sum\") (mut i32) (i32.const 0))"
      "(global $input (export \"input\") (mut i32) (i32.const 0))\n";
  for (uint32_t tag = 0; tag < kTags; ++tag)
    text += "(tag $e" + number(tag) + " (export \"e" + number(tag) + "\") (param i32))";
  for (uint32_t i = 0; i < functions.size(); ++i) {
    text += "\n(func $f" + number(i) + " (export \"f" + number(i) + "\") (param $x0 i32)";
    for (uint32_t l = 1; l < kLocals; ++l) text += "(local $x" + number(l) + " " + type_of(l) + ")";
    text += "(local $v i32)(local $saved exnref)";
    declare_counters(functions[i], text);
    text += "\n" + text_of(functions[i]);
    for (uint32_t l = 0; l < kLocals; ++l) text += mix(local_as_i32(l));
    text += ")";
  }
  return text + ")";
}

// --- As the specification says

struct Thrown {
  uint32_t tag = 0;
  uint32_t value = 0;
  std::optional<uint32_t> label;  // a delegate's, until it is reached
};
using Outcome = std::optional<Thrown>;

class Model {
 public:
  Model(const std::vector<std::vector<Node>>& functions, uint32_t input)
      : functions_(functions), input_(input) {}

  Outcome call(uint32_t function, uint32_t argument) {
    State state;
    state.i32s[0] = argument;
    const Outcome outcome = run(functions_[function], state);
    if (!outcome) {
      for (uint32_t l = 0; l < kLocals; ++l) mix(local(state, l));
    }
    return outcome ? std::optional(Thrown{outcome->tag, outcome->value, {}}) : outcome;
  }
  uint32_t sum() const { return sum_; }
  bool gave_up() const { return steps_ > 20'000; }

 private:
  struct State {
    uint32_t i32s[kI32s] = {};
    uint64_t i64s[kI64s] = {};
    double f64s[kF64s] = {};
    Outcome saved;
    std::vector<std::pair<uint32_t, Thrown>> caught;  // by handlers that are open
  };

  void mix(uint32_t value) { sum_ = sum_ * 31 + value; }

  static uint32_t local(const State& s, uint32_t index) {
    index %= kLocals;
    if (index < kI32s) return s.i32s[index];
    if (index < kI32s + kI64s) return static_cast<uint32_t>(s.i64s[index - kI32s]);
    return static_cast<uint32_t>(static_cast<int32_t>(s.f64s[index - kI32s - kI64s]));
  }

  bool is_set(uint32_t bit) const { return (input_ >> bit & 1) != 0; }

  Outcome run(const std::vector<Node>& nodes, State& s) {
    for (const Node& n : nodes) {
      if (Outcome outcome = run(n, s)) return outcome;
      if (gave_up()) break;
    }
    return std::nullopt;
  }

  Outcome run(const Node& n, State& s) {
    ++steps_;
    switch (n.kind) {
      case Kind::mix: mix(n.a); return {};
      case Kind::mix_local: mix(local(s, n.a)); return {};
      case Kind::change: {
        const uint32_t index = n.a % kLocals;
        if (index < kI32s) {
          s.i32s[index] = s.i32s[index] * 3 + n.b;
        } else if (index < kI32s + kI64s) {
          s.i64s[index - kI32s] = s.i64s[index - kI32s] * 3 + n.b;
        } else {
          double& value = s.f64s[index - kI32s - kI64s];
          value = value * 0.5 + n.b;
        }
        return {};
      }
      case Kind::around: {
        const uint32_t below = local(s, n.a) * 7;
        if (Outcome outcome = run(n.body, s)) return outcome;
        mix(below);
        return {};
      }
      case Kind::twice:
        for (int i = 0; i < 2; ++i) {
          if (Outcome outcome = run(n.body, s)) return outcome;
        }
        return {};
      case Kind::call: return call(n.a, local(s, n.b));
      case Kind::throw_:
        if (!is_set(n.b)) return {};
        return Thrown{n.a % kTags, local(s, n.a) + n.a, {}};
      case Kind::throw_saved: return s.saved;
      case Kind::rethrow:
        if (!is_set(n.b)) return {};
        for (size_t i = s.caught.size(); i-- > 0;) {
          if (s.caught[i].first == n.a) return s.caught[i].second;
        }
        return {};
      case Kind::delegate: {
        Outcome outcome = run(n.body, s);
        if (outcome && !outcome->label) outcome->label = n.a;
        return outcome;
      }
      case Kind::try_table:
      case Kind::try_: return run_try(n, s);
    }
    return {};
  }

  Outcome run_try(const Node& n, State& s) {
    Outcome outcome = run(n.body, s);
    if (!outcome) return {};
    if (outcome->label && *outcome->label != n.id) return outcome;
    outcome->label.reset();
    for (const Clause& clause : n.clauses) {
      if (clause.tag != kAnyTag && static_cast<uint32_t>(clause.tag) != outcome->tag) continue;
      if (clause.with_reference) s.saved = outcome;
      if (clause.tag != kAnyTag) mix(outcome->value);
      if (n.kind == Kind::try_table) return run(clause.body, s);
      s.caught.emplace_back(n.id, *outcome);
      Outcome again = run(clause.body, s);
      s.caught.pop_back();
      // Labels of the block are reached here too, but its handlers are no more.
      if (again && again->label == n.id) again->label.reset();
      return again;
    }
    return outcome;
  }

  const std::vector<std::vector<Node>>& functions_;
  uint32_t input_;
  uint32_t sum_ = 0;
  uint64_t steps_ = 0;
};

class RandomExceptionTest : public testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(Modes, RandomExceptionTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

TEST_P(RandomExceptionTest, AgreesWithTheModel) {
  constexpr uint32_t kPrograms = 150;
  int returned = 0;
  int thrown = 0;
  for (uint32_t seed = 0; seed < kPrograms; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Generator generator(seed);
    std::vector<std::vector<Node>> functions;
    for (uint32_t i = 0; i < kFunctions; ++i) functions.push_back(generator.function(i));
    const std::string text = module_of(functions);
    Machine machine(GetParam());
    Instance& instance = machine.instantiate(text);
    std::mt19937 random(seed);
    for (int round = 0; round < 10; ++round) {
      const auto input = round == 0 ? 0u : static_cast<uint32_t>(random() & random());
      Model model(functions, input);
      const Outcome expected = model.call(0, input);
      if (model.gave_up()) continue;
      ASSERT_TRUE(instance.global("input")->set(Value::i32(static_cast<int32_t>(input))));
      ASSERT_TRUE(instance.global("sum")->set(Value::i32(0)));
      const CallResult result =
          instance.func("f0").call({{Value::i32(static_cast<int32_t>(input))}});
      ASSERT_EQ(result.completion.trap(), nullptr) << text;
      ASSERT_EQ(result.completion.exception() != nullptr, expected.has_value()) << text;
      ASSERT_EQ(static_cast<uint32_t>(instance.global("sum")->get().as_i32()), model.sum())
          << "input " << input << "\n"
          << text;
      if (!expected) {
        ++returned;
        continue;
      }
      ++thrown;
      const Exception& exception = *result.completion.exception();
      EXPECT_EQ(&exception.tag(), instance.tag("e" + number(expected->tag)));
      EXPECT_EQ(static_cast<uint32_t>(exception.values()[0].as_i32()), expected->value);
    }
  }
  EXPECT_GT(returned, 100);
  EXPECT_GT(thrown, 100);
}

}  // namespace
}  // namespace swoop

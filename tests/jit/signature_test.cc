// Calls of random signatures in every direction: wasm to wasm directly, through a table, to another
// instance, to the host and back, recursively; arguments permuted, so that moves form cycles.
#include "tests/jit/machine.h"
#include "tests/jit/numeric_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace swoop {
namespace {

using Random = std::mt19937;

ValType val_type(char type) {
  switch (type) {
    case 'i': return ValType::i32;
    case 'l': return ValType::i64;
    case 'f': return ValType::f32;
    default: return ValType::f64;
  }
}

/// Results that are parameters of the same type, or constants where there is none.
struct Signature {
  std::string params;
  std::string results;
  std::vector<int> sources;  // of each result: a parameter, or -1

  Signature(Random& random, size_t num_params, size_t num_results, std::string_view types) {
    const auto any = [&] { return types[random() % types.size()]; };
    for (size_t i = 0; i < num_params; ++i) params += any();
    for (size_t i = 0; i < num_results; ++i) {
      results += any();
      std::vector<int> candidates;
      for (size_t p = 0; p < num_params; ++p) {
        if (params[p] == results[i]) candidates.push_back(static_cast<int>(p));
      }
      sources.push_back(candidates.empty() ? -1 : candidates[random() % candidates.size()]);
    }
  }

  FuncType type() const {
    FuncType type;
    for (const char c : params) type.params.push_back(val_type(c));
    for (const char c : results) type.results.push_back(val_type(c));
    return type;
  }
  std::string text() const {
    std::string text = "(param";
    for (const char c : params) text += " " + type_text(c);
    text += ") (result";
    for (const char c : results) text += " " + type_text(c);
    return text + ")";
  }
  uint64_t constant(size_t result) const { return result + 77; }
  /// Code that leaves the results, given the parameters as locals.
  std::string body() const {
    std::string text;
    for (size_t i = 0; i < results.size(); ++i) {
      text += sources[i] < 0 ? const_text(results[i], constant(i))
                             : "local.get " + std::to_string(sources[i]);
      text += " ";
    }
    return text;
  }
  std::vector<uint64_t> model(const std::vector<uint64_t>& arguments) const {
    std::vector<uint64_t> values;
    for (size_t i = 0; i < results.size(); ++i) {
      values.push_back(sources[i] < 0 ? constant(i) : arguments[static_cast<size_t>(sources[i])]);
    }
    return values;
  }
  /// For each parameter one of the same type; together a permutation.
  std::vector<size_t> permutation(Random& random) const {
    std::vector<size_t> order(params.size());
    for (const char type : {'i', 'l', 'f', 'd'}) {
      std::vector<size_t> same;
      for (size_t p = 0; p < params.size(); ++p) {
        if (params[p] == type) same.push_back(p);
      }
      std::vector<size_t> shuffled = same;
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      for (size_t i = 0; i < same.size(); ++i) order[same[i]] = shuffled[i];
    }
    return order;
  }
};

std::string gets(const std::vector<size_t>& locals) {
  std::string text;
  for (const size_t local : locals) text += "local.get " + std::to_string(local) + " ";
  return text;
}

class SignatureTest : public testing::TestWithParam<Mode> {
 protected:
  void check(Random& random, size_t num_params, size_t num_results, std::string_view types) {
    const Signature signature(random, num_params, num_results, types);
    const std::vector<size_t> order = signature.permutation(random);
    std::vector<uint64_t> arguments;
    std::vector<uint64_t> permuted;
    for (const char type : signature.params) {
      const uint64_t bits = uint64_t{random()} << 32 | random();
      arguments.push_back(type == 'i' || type == 'f' ? bits & 0x3fff'ffff : bits >> 2);
    }
    for (const size_t from : order) permuted.push_back(arguments[from]);
    const std::vector<uint64_t> direct = signature.model(arguments);
    const std::vector<uint64_t> after_permutation = signature.model(permuted);

    Machine machine(GetParam());
    // The function itself in one instance, its callers in another.
    Instance& callee = machine.instantiate("(module (func (export \"callee\") " + signature.text() +
                                           signature.body() + "))");
    machine.linker().define_instance("other", callee);
    machine.linker()
        .define_func("env", "callee", signature.type(),
                     [&](Caller&, std::span<Value> values) {
                       std::vector<uint64_t> got;
                       for (size_t i = 0; i < num_params; ++i) got.push_back(values[i].low);
                       EXPECT_EQ(got, expected_by_host_);
                       const std::vector<uint64_t> results = signature.model(got);
                       for (size_t i = 0; i < num_results; ++i) values[i] = {results[i], 0};
                       return HostResult();
                     })
        .value();
    const std::string call_with = gets(order);
    std::vector<size_t> same(num_params);
    std::iota(same.begin(), same.end(), size_t{0});
    std::string results_type = "(type $t_results (func (result";
    for (const char c : signature.results) results_type += " " + type_text(c);
    results_type += ")))";
    std::string with_depth = "(param";  // the depth comes last
    for (const char c : signature.params) with_depth += " " + type_text(c);
    with_depth += " i32) (result";
    for (const char c : signature.results) with_depth += " " + type_text(c);
    with_depth += ")";
    const std::string depth = "local.get " + std::to_string(num_params);

    Instance& callers = machine.instantiate(fill(
        R"((module
          (type $t (func {type})) {results_type}
          (import "other" "callee" (func $imported {type}))
          (import "env" "callee" (func $host {type}))
          (table 4 funcref) (elem (i32.const 0) func $local $imported $host)
          (global $two (mut i32) (i32.const 2))
          (func $local {type} {body})
          (func (export "itself") {type} {body})
          (func (export "direct") {type} {permuted} call $local)
          (func (export "direct_pinned") {type} loop (type $t_results) {permuted} call $local end)
          (func (export "imported") {type} loop (type $t_results) {permuted} call $imported end)
          (func (export "host") {type} loop (type $t_results) {permuted} call $host end)
          (func (export "indirect") {type} loop (type $t_results)
            {permuted} i32.const 0 call_indirect (type $t) end)
          (func (export "indirect_imported") {type} {permuted} i32.const 1 call_indirect (type $t))
          (func (export "indirect_host") {type} {permuted} global.get $two call_indirect (type $t))
          (func $recursive {with_depth}
            {depth} i32.eqz
            if (type $t_results) {body}
            else {same} {depth} i32.const 1 i32.sub call $recursive end)
          (func (export "recursive") {type} {permuted} i32.const 20 call $recursive)))",
        {{"type", signature.text()},
         {"results_type", results_type},
         {"with_depth", with_depth},
         {"depth", depth},
         {"body", signature.body()},
         {"same", gets(same)},
         {"permuted", call_with}}));

    const auto expect = [&](const Func& func, std::string_view name,
                            const std::vector<uint64_t>& expected) {
      std::vector<Value> values(std::max<size_t>(func.num_values(), 1));
      for (size_t i = 0; i < num_params; ++i) values[i] = {arguments[i], 0};
      expected_by_host_ = permuted;
      const Completion completion = func.invoke({values.data(), func.num_values()});
      EXPECT_EQ(trap_of(completion), TrapCode::none);
      std::vector<uint64_t> got;
      for (size_t i = 0; i < num_results; ++i) got.push_back(values[i].low);
      EXPECT_EQ(got, expected) << name << " of " << signature.text();
    };
    expect(callee.func("callee"), "callee", direct);
    expect(callers.func("itself"), "itself", direct);
    for (const char* name : {"direct", "direct_pinned", "imported", "host", "indirect",
                             "indirect_imported", "indirect_host", "recursive"}) {
      expect(callers.func(name), name, after_permutation);
    }
  }

  std::vector<uint64_t> expected_by_host_;
};

INSTANTIATE_TEST_SUITE_P(Modes, SignatureTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

TEST_P(SignatureTest, MixedTypesArriveInEveryDirection) {
  Random random(42);
  for (size_t num_params = 0; num_params <= 40; ++num_params) {
    check(random, num_params, random() % 21, "ilfd");
    if (HasFailure()) return;
  }
  for (size_t num_results = 0; num_results <= 20; ++num_results) {
    check(random, random() % 41, num_results, "ilfd");
    if (HasFailure()) return;
  }
}

TEST_P(SignatureTest, PermutedRegistersOfOneClassArrive) {
  Random random(7);
  for (int round = 0; round < 12; ++round) {
    for (const char* types : {"i", "l", "d", "il", "fd"}) {
      check(random, 2 + random() % 9, 1 + random() % 10, types);
      if (HasFailure()) return;
    }
  }
}

TEST_P(SignatureTest, AThousandParametersAndResultsArrive) {
  Random random(1);
  check(random, 999, 1000, "ilfd");  // one more parameter is the depth of the recursion
}

}  // namespace
}  // namespace swoop

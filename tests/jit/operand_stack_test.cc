// Programs in which the places of operands went wrong or easily could: homes, aliases, joins,
// branches with values. Each returns what the interpreter in one's head returns.
#include "tests/jit/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swoop {
namespace {

class OperandStackTest : public testing::TestWithParam<Mode> {
 protected:
  OperandStackTest() : machine_(GetParam()) {}

  /// Calls the exported function "f" of the module's fields with i32s.
  std::vector<int32_t> run(const std::string& fields, std::vector<int32_t> arguments = {}) {
    Instance& instance = machine_.instantiate("(module " + fields + ")");
    std::vector<Value> values;
    for (const int32_t argument : arguments) values.push_back(Value::i32(argument));
    const CallResult result = instance.func("f").call(values);
    EXPECT_TRUE(result.ok()) << to_string(trap_of(result.completion));
    std::vector<int32_t> results;
    for (const Value& value : result.values) results.push_back(value.as_i32());
    return results;
  }

  Machine machine_;
};

INSTANTIATE_TEST_SUITE_P(Modes, OperandStackTest, testing::ValuesIn(kModes),
                         [](const auto& test) { return test.param.name; });

using testing::ElementsAre;

// 0 + v is v itself, one position lower than where v was spilled.
TEST_P(OperandStackTest, AVanishingAdditionDoesNotLeaveItsOperandInAnotherHome) {
  EXPECT_THAT(run(R"((global $seven (mut i32) (i32.const 7))
                     (func (export "f") (result i32 i32)
                       i32.const 0
                       global.get $seven
                       block end
                       i32.add
                       i32.const 5
                       i32.clz
                       block end))"),
              ElementsAre(7, 29));
  EXPECT_THAT(run(R"((global $seven (mut i32) (i32.const 7))
                     (func (export "f") (result i32)
                       i32.const 0
                       global.get $seven
                       block end
                       i32.or
                       loop (param i32) (result i32) end))"),
              ElementsAre(7));
}

TEST_P(OperandStackTest, BranchesCarryOperandsOverOthers) {
  EXPECT_THAT(run(R"((func (export "f") (param i32) (result i32 i32 i32)
                       block (result i32 i32 i32)
                         i32.const 100 i32.const 101
                         local.get 0 i32.const 1 i32.add
                         local.get 0
                         i32.const 3
                         local.get 0
                         br_if 0
                         drop drop drop drop drop
                         i32.const 4 i32.const 5 i32.const 6
                       end))",
                  {9}),
              ElementsAre(10, 9, 3));
}

// More operands than are moved one by one on the way of a branch: constants, locals, computed ones.
TEST_P(OperandStackTest, ManyOperandsStayWhatTheyAreAfterABranchThatIsNotTaken) {
  const std::string i32s = repeated(40, " i32");
  const std::string operands =
      repeated(10,
               "i32.const 1 local.get $x (i32.mul (local.get $x) (i32.const 3)) "
               "(i32.wrap_i64 (i64.const 0x500000002)) ");
  const std::string code =
      "(func (export \"f\") (param $x i32) (param $taken i32) (result i32) "
      "block (result" +
      i32s + ") " + operands +
      "local.get $taken i32.eqz i32.eqz br_if 0 "
      "(local.set $x (i32.const 1000)) "
      "(br_if 0 (i32.eq (local.get $taken) (i32.const 1))) "
      "local.get $x i32.add end " +
      repeated(39, "i32.add ") + ")";
  EXPECT_THAT(run(code, {7, 1}), ElementsAre(310));
  EXPECT_THAT(run(code, {7, 0}), ElementsAre(1310));
}

TEST_P(OperandStackTest, LoopParametersCirculate) {
  // A rotation of three values per round.
  EXPECT_THAT(run(R"((func (export "f") (param $n i32) (result i32 i32 i32)
                       (local $a i32) (local $b i32) (local $c i32)
                       i32.const 1 i32.const 2 i32.const 3
                       loop (param i32 i32 i32) (result i32 i32 i32)
                         local.set $c local.set $b local.set $a
                         local.get $b local.get $c local.get $a
                         (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
                       end))",
                  {4}),
              ElementsAre(2, 3, 1));
}

TEST_P(OperandStackTest, AliasesOfALocalKeepItsOldValue) {
  EXPECT_THAT(run(R"((func (export "f") (param $x i32) (result i32 i32 i32 i32)
                       loop (result i32 i32 i32 i32)
                         local.get $x
                         (local.set $x (i32.add (local.get $x) (i32.const 1)))
                         local.get $x
                         (local.tee $x (i32.mul (local.get $x) (local.get $x)))
                         (local.set $x (i32.const 50))
                         local.get $x
                       end))",
                  {3}),
              ElementsAre(3, 4, 16, 50));
}

TEST_P(OperandStackTest, AliasesFarBelowTheTopBecomeReal) {
  EXPECT_THAT(run("(func (export \"f\") (param $x i32) (result i32) (local $y i32) "
                  "(local.set $y (i32.const 1000)) local.get $x local.get $y " +
                      repeated(100, "i32.const 1 ") +
                      "local.get $x (i32.add (local.get $x) (i32.const 1)) "
                      "(local.set $y (i32.const 7)) (local.set $x (i32.const 7)) " +
                      repeated(103, "i32.add ") + ")",
                  {3}),
              ElementsAre(1110));
}

TEST_P(OperandStackTest, ManyAliasesOfALocalBecomeReal) {
  EXPECT_THAT(run("(func (export \"f\") (param $x i32) (result i32) (local $y i32) "
                  "(local.set $y (i32.const 1000)) " +
                      repeated(100, "local.get $x local.get $y ") +
                      "(local.set $x (i32.const 7)) (local.set $y (i32.const 7)) " +
                      repeated(199, "i32.add ") + ")",
                  {3}),
              ElementsAre(100300));
}

TEST_P(OperandStackTest, AnIfWithoutElsePassesItsParameter) {
  const char* const kFunction = R"((func (export "f") (param i32) (result i32)
                                     i32.const 40 i32.clz
                                     local.get 0
                                     if (param i32) (result i32) i32.const 2 i32.mul end))";
  EXPECT_THAT(run(kFunction, {0}), ElementsAre(26));
  EXPECT_THAT(run(kFunction, {1}), ElementsAre(52));
}

TEST_P(OperandStackTest, ResultsOfNestedBlocksMeetInOneRegister) {
  const char* const kFunction = R"(
    (func (export "f") (param i32) (result i32)
      block (result i32)
        block (result i32)
          block (result i32)
            i32.const 10 i32.const 20
            (br_table 0 1 2 1 (local.get 0))
          end
          i32.const 1 i32.add
        end
        i32.const 2 i32.add
      end))";
  EXPECT_THAT(run(kFunction, {0}), ElementsAre(23));
  EXPECT_THAT(run(kFunction, {1}), ElementsAre(22));
  EXPECT_THAT(run(kFunction, {2}), ElementsAre(20));
  EXPECT_THAT(run(kFunction, {-1}), ElementsAre(22));
}

TEST_P(OperandStackTest, BrTableMovesOperandsForEachTargetOnItsOwn) {
  const std::string function = R"(
    (func (export "f") (param i32) (result i32 i32)
      i32.const -1 i32.clz
      block (result i32 i32)
        i32.const 1 i32.const 2
        block (param i32 i32) (result i32 i32)
          i32.const 3 i32.const 4 i32.const 5 i32.const 6
          (br_table 0 1 2 0 1 2 0 (local.get 0))
        end
        i32.const 10 i32.mul
        return
      end
      i32.const 100 i32.mul
      return))";
  for (const int32_t index : {0, 3, 6, -1}) EXPECT_THAT(run(function, {index}), ElementsAre(5, 60));
  for (const int32_t index : {1, 4}) EXPECT_THAT(run(function, {index}), ElementsAre(5, 600));
  for (const int32_t index : {2, 5}) EXPECT_THAT(run(function, {index}), ElementsAre(5, 6));
}

TEST_P(OperandStackTest, DivisionLeavesItsNeighboursAlone) {
  EXPECT_THAT(run(R"((func (export "f") (param i32 i32) (result i32 i32 i32 i32 i32)
                       (i32.clz (local.get 0)) (i32.ctz (local.get 0)) (i32.popcnt (local.get 0))
                       (i32.add (local.get 0) (local.get 1))
                       (i32.div_u (i32.mul (local.get 0) (local.get 0))
                                  (i32.rem_s (local.get 0) (local.get 1)))))",
                  {1234, 100}),
              ElementsAre(21, 1, 5, 1334, 1234 * 1234 / 34));
}

TEST_P(OperandStackTest, FlagsSurviveSpillsBeforeABranch) {
  EXPECT_THAT(run(R"((func (export "f") (param i32 i32) (result i32)
                       (i32.clz (local.get 0)) (i32.ctz (local.get 0)) (i32.popcnt (local.get 0))
                       (i32.shl (local.get 0) (local.get 1)) (i32.shr_u (local.get 0) (local.get 1))
                       (i32.lt_u (local.get 0) (local.get 1))
                       if (result i32) i32.const 1000000 else i32.const 2000000 end
                       i32.add i32.add i32.add i32.add i32.add))",
                  {6, 7}),
              ElementsAre(1000000 + 29 + 1 + 2 + 768 + 0));
}

TEST_P(OperandStackTest, TheLoopOfABranchTableEndsToo) {
  EXPECT_THAT(run(R"((func (export "f") (param $n i32) (result i32) (local $count i32)
                       block
                         loop
                           (local.set $count (i32.add (local.get $count) (i32.const 1)))
                           (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                           (br_table 1 0 0 0 0 0 1 (local.get $n))
                         end
                       end
                       local.get $count))",
                  {5}),
              ElementsAre(5));
}

// More hot locals than registers survive calls: some are in registers that the call passes
// arguments and results in, and are arguments themselves, each in every place.
TEST_P(OperandStackTest, LocalsInRegistersOfArgumentsSurviveCalls) {
  constexpr int kLocals = 9;
  constexpr int kArguments = 5;
  const auto get = [](int i) { return " (local.get " + std::to_string(i % kLocals + 1) + ")"; };
  std::string loop = "(loop";
  for (int i = 0; i < kLocals; ++i) {
    const std::string local = std::to_string(i + 1);
    for (int use = 0; use < 8; ++use)
      loop += "(local.set " + local + "(i32.add" + get(i) + "(i32.const " + local + ")))";
  }
  loop += "(br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))";

  std::string calls;
  uint32_t sum = 0;
  const auto value = [](int i) { return static_cast<uint32_t>(3 * 8 * (i % kLocals + 1)); };
  for (int first = 0; first < kLocals; ++first) {
    for (int i = 0; i < kArguments; ++i) calls += get(first + i);
    calls += first % 2 == 0 ? "(call $reverse)" : "(call_indirect (type $five) (i32.const 0))";
    for (int i = 0; i < kArguments; ++i) {
      calls += "(local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3))))";
      sum = 3 * sum + value(first + i);
    }
    calls += "(drop (memory.grow (i32.const 0)))";
  }
  EXPECT_THAT(run(R"((memory 1)
                     (type $five (func (param i32 i32 i32 i32 i32) (result i32 i32 i32 i32 i32)))
                     (table funcref (elem $reverse))
                     (func $reverse (type $five)
                       (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
                     (func (export "f") (param i32) (result i32)
                       (local i32 i32 i32 i32 i32 i32 i32 i32 i32) (local $sum i32))" +
                      loop + calls + "local.get $sum)",
                  {3}),
              ElementsAre(static_cast<int32_t>(sum)));
}

}  // namespace
}  // namespace swoop

#include "wast/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace swoop::wast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// What most scripts here begin with.
constexpr const char* kModule = R"(
  (module
    (func (export "one") (result i32) (i32.const 1))
    (func (export "id") (param i32) (result i32) (local.get 0))
    (func (export "nan") (result f32) (f32.const nan:0x1))
    (func (export "trap") (unreachable))
    (func $forever (export "exhaust") (call $forever))
    (global (export "g") i32 (i32.const 5))))";

std::shared_ptr<Engine> make_engine(Features features = Features()) {
  EngineConfig config;
  config.features = features;
  return Engine::create(config).value();
}

ScriptReport run(const std::string& text, const RunnerOptions& options = {},
                 Features features = Features()) {
  return run_script(make_engine(features), options, text);
}

std::string to_string(const CommandReport& command) {
  if (command.passed()) return "passed";
  static constexpr const char* kKinds[] = {"wrong", "unsupported", "dependency"};
  return std::string(kKinds[static_cast<size_t>(command.failure->kind)]) + ": " +
         command.failure->message;
}

/// What became of each command after `kModule`, which passes.
std::vector<std::string> after_module(const std::string& text, const RunnerOptions& options = {}) {
  const ScriptReport report = run(kModule + text, options);
  std::vector<std::string> outcomes;
  for (const CommandReport& command : report.commands) outcomes.push_back(to_string(command));
  EXPECT_EQ(outcomes.at(0), "passed");
  outcomes.erase(outcomes.begin());
  return outcomes;
}

/// What became of all commands.
std::vector<std::string> all(const std::string& text, Features features = Features()) {
  std::vector<std::string> outcomes;
  for (const CommandReport& command : run(text, {}, features).commands) {
    outcomes.push_back(to_string(command));
  }
  return outcomes;
}

TEST(Runner, ReportsKindsAndPlaces) {
  const ScriptReport report = run("(module (func (export \"f\")))\n(assert_return (invoke \"f\"))");
  ASSERT_EQ(report.commands.size(), 2u);
  EXPECT_STREQ(report.commands[0].name(), "module");
  EXPECT_FALSE(report.commands[0].is_assertion());
  EXPECT_STREQ(report.commands[1].name(), "assert_return");
  EXPECT_TRUE(report.commands[1].is_assertion());
  EXPECT_EQ(report.commands[1].offset, 29u);
}

TEST(Runner, ARightResultPasses) {
  EXPECT_THAT(after_module(R"((assert_return (invoke "id" (i32.const -7)) (i32.const -7)))"),
              ElementsAre("passed"));
}

TEST(Runner, AWrongResultFailsTheAssertion) {
  EXPECT_THAT(after_module(R"((assert_return (invoke "one") (i32.const 2)))"),
              ElementsAre("wrong: expected (i32.const 2), got (i32.const 1)"));
  EXPECT_THAT(after_module(R"((assert_return (invoke "nan") (f32.const nan:canonical)))"),
              ElementsAre("wrong: expected (f32.const nan:canonical), got (f32.const nan:0x1)"));
}

TEST(Runner, AWrongNumberOfResultsFails) {
  EXPECT_THAT(after_module(R"((assert_return (invoke "one")))"),
              ElementsAre("wrong: expected 0 results, got 1"));
  EXPECT_THAT(after_module(R"((assert_return (invoke "one") (i32.const 1) (i32.const 1)))"),
              ElementsAre("wrong: expected 2 results, got 1"));
}

TEST(Runner, ATrapFailsAnAssertionOfReturn) {
  EXPECT_THAT(after_module(R"((assert_return (invoke "trap")) (invoke "trap"))"),
              ElementsAre("wrong: expected a return, got trap \"unreachable\"",
                          "wrong: expected a return, got trap \"unreachable\""));
}

TEST(Runner, AnActionPassesIfItReturns) {
  EXPECT_THAT(after_module(R"((invoke "one") (get "g"))"), ElementsAre("passed", "passed"));
}

TEST(Runner, ReadsGlobals) {
  EXPECT_THAT(after_module(R"((assert_return (get "g") (i32.const 5))
                      (assert_return (get "g") (i32.const 6))
                      (assert_return (get "one") (i32.const 1)))"),
              ElementsAre("passed", "wrong: expected (i32.const 6), got (i32.const 5)",
                          "wrong: the instance exports no global of this name"));
}

TEST(Runner, ChecksArguments) {
  EXPECT_THAT(after_module(R"((invoke "id") (invoke "id" (i64.const 1)) (invoke "absent"))"),
              ElementsAre("wrong: the function has 1 parameters, not 0",
                          "wrong: argument (i64.const 1) for a parameter of type i32",
                          "wrong: the instance exports no function of this name"));
}

TEST(Runner, ATrapIsComparedByItsMessage) {
  EXPECT_THAT(
      after_module(R"((assert_trap (invoke "trap") "unreach")
                              (assert_trap (invoke "trap") "integer overflow")
                              (assert_trap (invoke "one") "unreachable"))"),
      ElementsAre("passed", "wrong: expected trap \"integer overflow\", got trap \"unreachable\"",
                  "wrong: expected trap \"unreachable\", got a return"));
}

TEST(Runner, ExhaustionIsNoTrapAndLeavesTheEngineUsable) {
  EXPECT_THAT(after_module(R"((assert_exhaustion (invoke "exhaust") "call stack exhausted")
                      (assert_return (invoke "one") (i32.const 1))
                      (assert_trap (invoke "exhaust") "call stack exhausted")
                      (assert_exhaustion (invoke "trap") "unreachable"))"),
              ElementsAre("passed", "passed", StartsWith("wrong: expected trap"),
                          StartsWith("wrong: expected exhaustion")));
}

TEST(Runner, ATrapIsNoException) {
  EXPECT_THAT(
      after_module(R"((assert_exception (invoke "trap")) (assert_exception (invoke "one")))"),
      ElementsAre("wrong: expected an exception, got trap \"unreachable\"",
                  "wrong: expected an exception, got a return"));
}

TEST(Runner, EffectsBeforeATrapPersist) {
  EXPECT_THAT(all(R"((module
                       (global $g (export "g") (mut i32) (i32.const 0))
                       (func (export "f") (global.set $g (i32.const 1)) (unreachable)))
                     (assert_trap (invoke "f") "unreachable")
                     (assert_return (get "g") (i32.const 1)))"),
              ElementsAre("passed", "passed", "passed"));
}

TEST(Runner, AModuleThatIsNotValidFails) {
  EXPECT_THAT(all(R"((module (func (result i32))) (module quote "(func") (module (start 0)))"),
              ElementsAre(StartsWith("wrong: invalid: type mismatch"),
                          StartsWith("wrong: malformed: "), StartsWith("wrong: invalid: ")));
}

TEST(Runner, TellsMalformedFromInvalid) {
  EXPECT_THAT(all(R"wat((assert_malformed (module quote "(func") "unexpected")
                     (assert_malformed (module binary "\00as") "unexpected end")
                     (assert_malformed (module quote "(func (result i32))") "type mismatch")
                     (assert_malformed (module quote "(func)") "unexpected")
                     (assert_invalid (module (func (result i32))) "type mismatch")
                     (assert_invalid (module quote "(func") "type mismatch")
                     (assert_invalid (module (func)) "type mismatch"))wat"),
              ElementsAre("passed", "passed",
                          StartsWith("wrong: expected malformed \"type mismatch\", got invalid: "),
                          "wrong: expected malformed \"unexpected\", got a valid module", "passed",
                          StartsWith("wrong: expected invalid \"type mismatch\", got malformed: "),
                          "wrong: expected invalid \"type mismatch\", got a valid module"));
}

TEST(Runner, CountsOtherMessagesOfRefusedModules) {
  const ScriptReport report = run(R"(
    (assert_invalid (module (func (result i32))) "type mismatch")
    (assert_invalid (module (func (result i32))) "something else"))");
  EXPECT_TRUE(report.commands[1].passed());
  EXPECT_EQ(report.other_messages, 1u);
}

TEST(Runner, ChecksAnnotations) {
  EXPECT_THAT(all(R"wat((assert_malformed_custom (module quote "(@custom)") "@custom annotation")
                     (assert_malformed_custom (module quote "(@custom \"x\")") "@custom"))wat"),
              ElementsAre("passed", "wrong: expected malformed \"@custom\", got a module"));
  EXPECT_THAT(
      all(R"wat((assert_invalid_custom (module quote "(func)") "@metadata.code.branch_hint"))wat"),
      ElementsAre(HasSubstr("got a module")));
}

TEST(Runner, AssertsThatAModuleDoesNotLink) {
  EXPECT_THAT(after_module(R"(
        (register "m")
        (assert_unlinkable (module (import "m" "absent" (func))) "unknown import")
        (assert_unlinkable (module (import "m" "one" (func))) "incompatible import type")
        (assert_unlinkable (module (import "m" "one" (func))) "unknown import")
        (assert_unlinkable (module (import "m" "one" (func (result i32)))) "unknown import")
        (assert_unlinkable (module (func (result i32))) "unknown import")
        (assert_unlinkable (module (func $f (unreachable)) (start $f)) "unknown import"))"),
              ElementsAre("passed", "passed", "passed",
                          HasSubstr("got unlinkable: incompatible import type"),
                          HasSubstr("got an instance"), StartsWith("wrong: invalid: "),
                          HasSubstr("got trap \"unreachable\"")));
}

TEST(Runner, AssertsThatAModuleTraps) {
  EXPECT_THAT(all(R"((assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
             (assert_trap (module (func $f) (start $f)) "unreachable")
             (assert_trap (module (import "x" "y" (func))) "unreachable")
             (assert_trap (module (memory 0) (data (i32.const 0) "a"))
               "out of bounds memory access"))"),
              ElementsAre("passed", HasSubstr("got a return"),
                          HasSubstr("got unlinkable: unknown import"), "passed"));
}

TEST(Runner, AFailedModuleKeepsTheCurrentOne) {
  EXPECT_THAT(after_module(R"((module (import "absent" "f" (func)))
                      (assert_unlinkable (module (import "absent" "f" (func))) "unknown import")
                      (assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
                      (assert_invalid (module (func (result i32))) "type mismatch")
                      (assert_return (invoke "one") (i32.const 1)))"),
              ElementsAre(StartsWith("wrong: unlinkable: unknown import"), "passed", "passed",
                          "passed", "passed"));
}

TEST(Runner, BlamesAFailedModuleForWhatFailsAfterIt) {
  EXPECT_THAT(after_module(R"((module $m (import "absent" "f" (func)) (func (export "g")))
                              (invoke "g") (invoke $m "g") (register "m" $m)
                              (module (import "m" "g" (func))))"),
              ElementsAre(StartsWith("wrong: unlinkable"), StartsWith("dependency: "),
                          StartsWith("dependency: "), StartsWith("dependency: "),
                          StartsWith("dependency: ")));
}

TEST(Runner, UsesTheMostRecentInstanceOrTheOneThatIsNamed) {
  EXPECT_THAT(
      all(R"((module $a (func (export "f") (result i32) (i32.const 1)))
                     (module $b (func (export "f") (result i32) (i32.const 2)))
                     (assert_return (invoke "f") (i32.const 2))
                     (assert_return (invoke $a "f") (i32.const 1))
                     (assert_return (invoke $c "f") (i32.const 1)))"),
      ElementsAre("passed", "passed", "passed", "passed", "wrong: there is no instance $c"));
}

TEST(Runner, DefinitionsAreNotInstantiated) {
  EXPECT_THAT(all(R"((module definition $m (memory 65536) (func $f (unreachable)) (start $f))
                     (invoke "f")
                     (module definition $n (func (result i32))))"),
              ElementsAre("passed", StartsWith("dependency: "),
                          StartsWith("wrong: invalid: type mismatch")));
}

TEST(Runner, EveryInstanceHasItsOwnState) {
  EXPECT_THAT(all(R"((module definition $m
                       (global $g (mut i32) (i32.const 0))
                       (func (export "next") (result i32)
                         (global.set $g (i32.add (global.get $g) (i32.const 1)))
                         (global.get $g)))
                     (module instance $a $m)
                     (module instance $b $m)
                     (assert_return (invoke $a "next") (i32.const 1))
                     (assert_return (invoke $a "next") (i32.const 2))
                     (assert_return (invoke $b "next") (i32.const 1))
                     (module instance)
                     (assert_return (invoke "next") (i32.const 1))
                     (module instance $c $absent))"),
              ElementsAre("passed", "passed", "passed", "passed", "passed", "passed", "passed",
                          "passed", "wrong: there is no module $absent"));
}

TEST(Runner, LaterRegistrationsReplaceEarlierOnes) {
  const std::string import = R"((module (import "m" "f" (func $f (result i32)))
                                  (func (export "g") (result i32) (call $f))))";
  EXPECT_THAT(all(R"((module $a (func (export "f") (result i32) (i32.const 1)))
                     (register "m")
                     (module $b (func (export "f") (result i32) (i32.const 2)))
                     (register "m" $b))" +
                  import + R"((assert_return (invoke "g") (i32.const 2))
                     (register "m" $a))" +
                  import + R"((assert_return (invoke "g") (i32.const 1))
                     (register "m" $absent))"),
              ElementsAre("passed", "passed", "passed", "passed", "passed", "passed", "passed",
                          "passed", "passed", "wrong: there is no instance $absent"));
}

TEST(Runner, SaysWhichFeatureIsMissing) {
  // No engine has every feature of the text format for long; this one never will.
  RunnerOptions options;
  options.missing_proposal = "stack-switching";
  const ScriptReport report = run(R"((module $m (func (suspend 0)))
                                     (invoke "f") (invoke $m "f") (register "m")
                                     (assert_invalid (module (func (suspend 0))) "type"))",
                                  options);
  ASSERT_EQ(report.commands.size(), 5u);
  EXPECT_EQ(report.commands[0].failure->kind, FailureKind::unsupported);
  EXPECT_EQ(report.commands[0].failure->missing, "stack-switching");
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(report.commands[i].failure->kind, FailureKind::dependency);
    EXPECT_EQ(report.commands[i].failure->missing, "stack-switching");
  }
  EXPECT_EQ(report.commands[4].failure->kind, FailureKind::unsupported);
}

TEST(Runner, AnInstanceThatIsMissedIsNotTakenForTheOneBefore) {
  RunnerOptions options;
  options.missing_proposal = "stack-switching";
  EXPECT_THAT(after_module(R"((module (func (export "one") (result i32) (suspend 0)))
                              (assert_return (invoke "one") (i32.const 1)))",
                           options),
              ElementsAre(StartsWith("unsupported: "), StartsWith("dependency: ")));
}

TEST(Runner, SuspensionsAreNotSupported) {
  EXPECT_THAT(after_module(R"((assert_suspension (invoke "one") "unhandled"))"),
              ElementsAre("unsupported: unsupported: stack-switching"));
}

TEST(Runner, FeaturesAreTheEngines) {
  const std::string two_memories = "(assert_invalid (module (memory 1) (memory 1)) \"multiple\")";
  EXPECT_THAT(all(two_memories), ElementsAre(HasSubstr("got a valid module")));
  EXPECT_THAT(all(two_memories, Features::wasm2()), ElementsAre("passed"));
}

TEST(Runner, AScriptOfFieldsIsOneModule) {
  EXPECT_THAT(all("(func) (memory 0) (func (export \"f\"))"), ElementsAre("passed"));
}

TEST(Runner, AnUnreadableCommandFailsAlone) {
  const ScriptReport report = run(std::string(kModule) + R"((nonsense)
                                     (assert_return (invoke "one") (i32.const 1)))");
  ASSERT_EQ(report.commands.size(), 3u);
  EXPECT_STREQ(report.commands[1].name(), "unreadable");
  EXPECT_FALSE(report.commands[1].passed());
  EXPECT_TRUE(report.commands[2].passed());
}

TEST(Runner, EveryScriptHasAFreshSpectest) {
  const std::shared_ptr<Engine> engine = make_engine();
  const std::string grow = R"((module (import "spectest" "memory" (memory 1 2))
                                (func (export "f") (result i32) (memory.grow (i32.const 1))))
                              (assert_return (invoke "f") (i32.const 1)))";
  for (int i = 0; i < 2; ++i) {
    for (const CommandReport& command : run_script(engine, {}, grow).commands) {
      EXPECT_TRUE(command.passed()) << to_string(command);
    }
  }
}

TEST(Runner, SpectestHasWhatTheSuiteImports) {
  EXPECT_THAT(all(R"((module
                       (import "spectest" "global_i32" (global $i i32))
                       (import "spectest" "global_i64" (global $l i64))
                       (import "spectest" "global_f32" (global $f f32))
                       (import "spectest" "global_f64" (global $d f64))
                       (import "spectest" "table" (table 10 20 funcref))
                       (import "spectest" "print" (func))
                       (import "spectest" "print_i32" (func (param i32)))
                       (import "spectest" "print_i64" (func (param i64)))
                       (import "spectest" "print_f32" (func (param f32)))
                       (import "spectest" "print_f64" (func (param f64)))
                       (import "spectest" "print_i32_f32" (func (param i32 f32)))
                       (import "spectest" "print_f64_f64" (func (param f64 f64)))
                       (import "wasmtime" "gc" (func))
                       (func (export "i") (result i32) (global.get $i))
                       (func (export "l") (result i64) (global.get $l))
                       (func (export "f") (result f32) (global.get $f))
                       (func (export "d") (result f64) (global.get $d)))
                     (assert_return (invoke "i") (i32.const 666))
                     (assert_return (invoke "l") (i64.const 666))
                     (assert_return (invoke "f") (f32.const 666.6))
                     (assert_return (invoke "d") (f64.const 666.6))
                     (assert_unlinkable (module (import "spectest" "unknown" (func)))
                       "unknown import")
                     (assert_unlinkable (module (import "spectest" "memory" (memory 3)))
                       "incompatible import type"))"),
              testing::Each("passed"));
}

TEST(Runner, HandsPrintedLinesToTheSink) {
  std::vector<std::string> lines;
  RunnerOptions options;
  options.print = [&](std::string_view line) { lines.emplace_back(line); };
  run(R"((module
           (import "spectest" "print" (func $print))
           (import "spectest" "print_i32_f32" (func $print_i32_f32 (param i32 f32)))
           (func $f (call $print) (call $print_i32_f32 (i32.const -1) (f32.const 1.5)))
           (start $f)))",
      options);
  EXPECT_THAT(lines, ElementsAre("print", "print_i32_f32 -1 0x1.8p+0"));
}

TEST(Runner, ThreadsRunCommandsOfTheirOwn) {
  const ScriptReport report = run(R"(
    (thread $t
      (module (func (export "f") (result i32) (i32.const 1)))
      (assert_return (invoke "f") (i32.const 1))
      (assert_return (invoke "f") (i32.const 2)))
    (wait $t)
    (invoke "f"))");
  std::vector<std::string> outcomes;
  for (const CommandReport& command : report.commands) {
    outcomes.push_back(std::string(command.name()) + " " + to_string(command));
  }
  EXPECT_THAT(outcomes, ElementsAre("thread passed", "module passed", "assert_return passed",
                                    StartsWith("assert_return wrong: "), "wait passed",
                                    StartsWith("invoke dependency: ")));
}

TEST(Runner, ThreadsThatNobodyWaitsForAreFinishedToo) {
  EXPECT_THAT(all("(thread $t (module (func)) (thread $u (module (func (result i32)))))"),
              ElementsAre("passed", "passed", "passed", StartsWith("wrong: invalid")));
}

TEST(Runner, OneWaitsForAThreadOnce) {
  EXPECT_THAT(all("(wait $t) (thread $t (module)) (wait $t) (wait $t)"),
              ElementsAre("wrong: there is no thread $t", "passed", "passed", "passed",
                          "wrong: there is no thread $t"));
}

TEST(Runner, AThreadSaysWhyItCannotShareAModule) {
  EXPECT_THAT(
      after_module(R"((module $m (func (export "f")))
                              (thread $t (shared (module $m)) (invoke $m "f"))
                              (thread $u (shared (module $absent)))
                              (wait $t))"),
      ElementsAre("passed", StartsWith("unsupported: unsupported: threads"),
                  StartsWith("dependency: "), "wrong: there is no instance $absent", "passed"));
}

TEST(Runner, AScriptInAScriptIsOneCommand) {
  EXPECT_THAT(
      after_module(R"((script (invoke "one") (module $m (func (export "f"))))
                              (invoke $m "f")
                              (script (invoke "f") (invoke "absent")))"),
      ElementsAre("passed", "passed", "wrong: the instance exports no function of this name"));
}

TEST(Runner, FilesAreNeitherReadNorWritten) {
  EXPECT_THAT(all(R"((input "/etc/passwd") (output "x"))"),
              ElementsAre(StartsWith("wrong: "), StartsWith("wrong: ")));
}

TEST(Runner, ARoundTripRunsTheSecondBinary) {
  RunnerOptions options;
  options.round_trip = true;
  EXPECT_THAT(after_module(R"wat((assert_return (invoke "one") (i32.const 1))
                              (assert_return (invoke "one") (i32.const 2))
                              (module binary "\00asm\01\00\00\00")
                              (assert_invalid (module (func (result i32))) "type mismatch")
                              (assert_malformed (module quote "(func") "unexpected"))wat",
                           options),
              ElementsAre("passed", StartsWith("wrong: "), "passed", "passed", "passed"));
}

TEST(Runner, HostileNestingIsRefused) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "(script ";
  text += std::string(200, ')');
  const std::vector<std::string> outcomes = all(text);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_THAT(outcomes[0], StartsWith("wrong: "));
}

}  // namespace
}  // namespace swoop::wast

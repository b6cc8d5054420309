#include "text/script.h"

#include "tests/support/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace swoop::text {
namespace {

using Kind = ScriptCommand::Kind;
using testing::ElementsAre;

std::vector<Result<ScriptCommand>> commands_of(std::string_view text) {
  std::vector<Result<ScriptCommand>> commands;
  ScriptReader reader(text);
  while (auto command = reader.next()) commands.push_back(*std::move(command));
  return commands;
}

ScriptCommand only_command(std::string_view text) {
  std::vector<Result<ScriptCommand>> commands = commands_of(text);
  EXPECT_EQ(commands.size(), 1u);
  EXPECT_THAT(commands[0], Succeeds());
  return *std::move(commands[0]);
}

TEST(Script, ReadsModulesOfEachForm) {
  const auto commands = commands_of(R"wat(
    (module $a (func))
    (module definition $b binary "\00asm" "\01\00\00\00")
    (module quote "(func" ")")
    (module instance $i $b))wat");
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[0]->module->form(), ScriptModule::Form::text);
  EXPECT_EQ(commands[0]->module->id(), "$a");
  EXPECT_EQ(commands[0]->module->encode()->size(), 35u);
  EXPECT_TRUE(commands[1]->module->is_definition());
  EXPECT_EQ(commands[1]->module->encode()->size(), 8u);
  EXPECT_EQ(*commands[2]->module->quoted_text(), "(func)");
  EXPECT_EQ(commands[3]->kind, Kind::instance);
  EXPECT_EQ(commands[3]->id, "$i");
  EXPECT_EQ(commands[3]->target, "$b");
}

TEST(Script, TakesBareFieldsAsOneModule) {
  const ScriptCommand command = only_command("(memory 1) (func)");
  EXPECT_EQ(command.kind, Kind::module);
  EXPECT_THAT(command.module->encode(), Succeeds());
}

TEST(Script, LooksAtModulesOnlyWhenAsked) {
  const ScriptCommand command = only_command("(module (func (bad)))");
  EXPECT_THAT(command.module->encode(), Fails(ErrorKind::malformed, 15, "unknown operator bad"));
}

TEST(Script, ReadsActionsWithArguments) {
  const ScriptCommand command = only_command(
      R"((invoke $m "f" (i32.const -1) (f64.const 0x1p1) (v128.const i16x8 1 2 3 4 5 6 7 8)
                        (ref.null func) (ref.extern 3) (ref.host 4)))");
  EXPECT_EQ(command.kind, Kind::action);
  const ScriptAction& action = *command.action;
  EXPECT_EQ(action.instance, "$m");
  EXPECT_EQ(action.name, "f");
  ASSERT_EQ(action.args.size(), 6u);
  EXPECT_EQ(action.args[0].bits.low, 0xffffffffu);
  EXPECT_EQ(action.args[1].bits, Value::f64(2));
  EXPECT_EQ(action.args[2].bits.high, 0x0008000700060005u);
  EXPECT_EQ(action.args[3].heap_type, AbstractHeapType::func);
  EXPECT_EQ(action.args[4].number, 3u);
  EXPECT_EQ(action.args[5].kind, ScriptValue::Kind::ref_host);
}

TEST(Script, ReadsPatternsOfResults) {
  const ScriptCommand command = only_command(
      R"((assert_return (get "g") (f32.const nan:canonical)
            (v128.const f32x4 1 nan:arithmetic 0 nan:canonical) (ref.func) (ref.null) (ref)
            (either (i32.const 1) (i32.const 2))))");
  EXPECT_EQ(command.action->kind, ScriptAction::Kind::get);
  ASSERT_EQ(command.results.size(), 6u);
  EXPECT_EQ(command.results[0].nan_patterns[0], NanPattern::canonical);
  EXPECT_THAT(command.results[1].nan_patterns,
              ElementsAre(NanPattern::none, NanPattern::arithmetic, NanPattern::none,
                          NanPattern::canonical));
  EXPECT_EQ(command.results[1].bits.low, 0x3f800000u);
  EXPECT_EQ(command.results[2].heap_type, AbstractHeapType::func);
  EXPECT_EQ(command.results[3].kind, ScriptValue::Kind::ref_null);
  EXPECT_EQ(command.results[4].kind, ScriptValue::Kind::ref);
  EXPECT_EQ(command.results[4].heap_type, std::nullopt);
  EXPECT_EQ(command.results[5].alternatives.size(), 2u);
}

TEST(Script, RefusesPatternsAsArguments) {
  for (const char* text : {"(invoke \"f\" (f32.const nan:canonical))", "(invoke \"f\" (ref.func))",
                           "(invoke \"f\" (either (i32.const 1)))"}) {
    EXPECT_FALSE(commands_of(text)[0].ok()) << text;
  }
}

TEST(Script, ReadsAssertionsAboutModules) {
  const auto commands = commands_of(R"wat(
    (assert_malformed (module quote "(") "unexpected end")
    (assert_unlinkable (module instance $i $m) "unknown import")
    (assert_trap (module (func) (start 0)) "unreachable"))wat");
  EXPECT_EQ(commands[0]->kind, Kind::assert_malformed);
  EXPECT_EQ(commands[0]->message, "unexpected end");
  EXPECT_FALSE(commands[0]->module->encode().ok());
  EXPECT_EQ(commands[1]->kind, Kind::assert_unlinkable);
  EXPECT_EQ(commands[1]->target, "$m");
  EXPECT_TRUE(commands[2]->module.has_value());
}

TEST(Script, ReadsThreads) {
  const ScriptCommand command =
      only_command("(thread $t (shared (module $m)) (register \"a\" $m) (invoke \"f\"))");
  EXPECT_EQ(command.id, "$t");
  EXPECT_EQ(command.target, "$m");
  ASSERT_EQ(command.commands.size(), 2u);
  EXPECT_EQ(command.commands[0].name, "a");
  EXPECT_EQ(only_command("(wait $t)").id, "$t");
}

TEST(Script, GoesOnAfterABadCommand) {
  const auto commands = commands_of("(frobnicate 1) x (module) (assert_return (get g)) (module)");
  ASSERT_EQ(commands.size(), 5u);
  EXPECT_THAT(commands[0], Fails(ErrorKind::malformed, 1, "unexpected token frobnicate"));
  EXPECT_THAT(commands[1], Fails(ErrorKind::malformed, 15, "unexpected token x"));
  EXPECT_THAT(commands[2], Succeeds());
  EXPECT_THAT(commands[3], Fails(ErrorKind::malformed, 46, "unexpected token g"));
  EXPECT_THAT(commands[4], Succeeds());
}

TEST(Script, EndsAtAnUnreadableToken) {
  const auto commands = commands_of("(module) (module \x01 (module)");
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_THAT(commands[1], Fails(ErrorKind::malformed, 17, "illegal character"));
  EXPECT_THAT(commands_of("(module")[0], Fails(ErrorKind::malformed, 0, "unclosed parenthesis"));
}

TEST(Script, SurvivesAnUnclosedAnnotation) {
  const auto commands = commands_of("(@custom \"x\"");
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_THAT(commands[0], Fails(ErrorKind::malformed, 0, "misplaced @custom annotation"));
  EXPECT_THAT(commands[1], Fails(ErrorKind::malformed, 0, "unclosed annotation"));
}

TEST(Script, BoundsTheNestingOfCommands) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "(script ";
  text.append(100'000, ')');
  EXPECT_EQ(commands_of(text)[0].error().kind, ErrorKind::limit_exceeded);
}

}  // namespace
}  // namespace swoop::text

// The parts of `swoop bench` that need no engine: the loop, statistics, and reading what children
// print. The command as a whole: tests/cli/bench_test.py.
#include "cli/bench/engines.h"
#include "cli/bench/page.h"
#include "cli/bench/report.h"
#include "cli/bench/rounds.h"
#include "cli/bench/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace swoop::cli::bench {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::StartsWith;

/// Gives samples that a test made, and notes its turns.
class FakeEngine final : public Engine {
 public:
  using Make = std::function<Sample(const Program&, size_t turn)>;
  FakeEngine(std::string name, std::vector<std::string>& log, Make make)
      : Engine(std::move(name)), log_(log), make_(std::move(make)) {}

  Sample measure(const Program& program, const Sample*) override {
    log_.push_back(name() + " " + program.file);
    return make_(program, turns_[program.file]++);
  }

 private:
  std::vector<std::string>& log_;
  Make make_;
  std::map<std::string, size_t> turns_;
};

Sample good(double run_ms = 1, const char* output = "out") {
  Sample sample;
  sample.run_ms = run_ms;
  sample.output = output;
  return sample;
}

class Rounds : public testing::Test {
 protected:
  void add(const char* name, FakeEngine::Make make) {
    engines_.push_back(std::make_unique<FakeEngine>(name, log_, std::move(make)));
  }
  void add_program(const char* file) { programs_.push_back({.file = file, .wasm = file}); }
  std::vector<Row> measure(unsigned rounds) {
    return measure_rounds(engines_, programs_, {.rounds = rounds});
  }

  std::vector<std::string> log_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<Program> programs_;
};

TEST_F(Rounds, AllTakeTurnsInARound) {
  add("x", [](const Program&, size_t) { return good(); });
  add("y", [](const Program&, size_t) { return good(); });
  add_program("a");
  add_program("b");
  measure(2);
  EXPECT_THAT(log_, ElementsAre("x a", "y a", "x b", "y b", "x a", "y a", "x b", "y b"));
}

TEST_F(Rounds, KeepTheSamplesOfARow) {
  add("x", [](const Program&, size_t turn) { return good(3.0 - static_cast<double>(turn)); });
  add_program("a");
  const std::vector<Row> rows = measure(3);
  const std::optional<Spread> run = spread(rows[0], &Sample::run_ms);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->median, 2);
  EXPECT_EQ(run->min, 1);
  EXPECT_EQ(run->max, 3);
  EXPECT_FALSE(spread(rows[0], &Sample::compile_ms));
  EXPECT_EQ(rows[0].error, "");
  EXPECT_TRUE(rows[0].is_checked);
}

TEST_F(Rounds, AFailureIsARowAndNotTheEnd) {
  add("x", [](const Program& program, size_t) {
    Sample sample = good();
    if (program.file == "a") sample.error = "broken";
    return sample;
  });
  add("y", [](const Program&, size_t) { return good(); });
  add_program("a");
  add_program("b");
  const std::vector<Row> rows = measure(2);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].error, "broken");
  EXPECT_EQ(rows[0].samples.size(), 1u) << "what failed is not tried again";
  EXPECT_EQ(rows[1].error, "");
  EXPECT_EQ(rows[1].samples.size(), 2u);
  EXPECT_EQ(rows[2].error, "");
}

TEST_F(Rounds, AnOutputThatDiffersFromTheFirstEngineIsAnError) {
  add("x", [](const Program&, size_t) { return good(1, "1\n2\n"); });
  add("y", [](const Program&, size_t) { return good(1, "1\n3\n"); });
  add_program("a");
  const std::vector<Row> rows = measure(1);
  EXPECT_EQ(rows[0].error, "");
  EXPECT_FALSE(rows[0].is_checked);
  EXPECT_EQ(rows[1].error, "the output is not that of x: line 2 is \"3\", expected \"2\"");
}

TEST_F(Rounds, AnOutputThatChangesIsAnError) {
  add("x", [](const Program&, size_t turn) { return good(1, turn == 1 ? "new" : "old"); });
  add_program("a");
  EXPECT_THAT(measure(3)[0].error, HasSubstr("line 1 is \"new\", expected \"old\""));
}

TEST_F(Rounds, TheFileOfWhatIsExpectedComesFirst) {
  add("x", [](const Program&, size_t) { return good(1, "other"); });
  add_program("a");
  programs_[0].expected_output = "out";
  EXPECT_THAT(measure(1)[0].error, HasSubstr("what is expected"));
}

TEST_F(Rounds, AnExitCodeIsAnError) {
  add("x", [](const Program&, size_t) {
    Sample sample = good();
    sample.exit = 3;
    return sample;
  });
  add_program("a");
  EXPECT_EQ(measure(1)[0].error, "exit code 3");
}

TEST_F(Rounds, AFailedEngineIsNoReference) {
  add("x", [](const Program&, size_t) {
    Sample sample = good(1, "");
    sample.error = "broken";
    return sample;
  });
  add("y", [](const Program&, size_t) { return good(); });
  add_program("a");
  EXPECT_EQ(measure(2)[1].error, "");
}

TEST_F(Rounds, ABudgetEndsARow) {
  add("x", [](const Program&, size_t) { return good(); });
  add_program("a");
  const std::vector<Row> rows =
      measure_rounds(engines_, programs_, {.rounds = 5, .budget_ms = 0.0});
  EXPECT_THAT(rows[0].samples, IsEmpty());
}

TEST(GeometricMean, IsOfPositiveNumbersOnly) {
  EXPECT_THAT(geometric_mean({1, 4}), Optional(DoubleEq(2)));
  EXPECT_EQ(geometric_mean({}), std::nullopt);
  EXPECT_EQ(geometric_mean({1, 0}), std::nullopt);
}

platform::FinishedProcess printed(std::string output, int exit_code = 0) {
  platform::FinishedProcess process;
  process.exit_code = exit_code;
  process.cpu_ns = 5'000'000;
  process.standard_output = std::move(output);
  return process;
}

TEST(Sample, ReadsTheLastLineAsJson) {
  const Sample sample =
      read_sample(printed("noise\n{\"compile_ms\":1.5,\"instantiate_us\":2,\"run_ms\":3,\"exit\":0,"
                          "\"stdout\":\"hi\\n\",\"engine\":\"e 1\"}\n"),
                  Protocol::optional);
  EXPECT_EQ(sample.error, "");
  EXPECT_THAT(sample.compile_ms, Optional(1.5));
  EXPECT_THAT(sample.instantiate_us, Optional(2));
  EXPECT_THAT(sample.run_ms, Optional(3));
  EXPECT_EQ(sample.total_ms, std::nullopt);
  EXPECT_EQ(sample.output, "hi\n");
  EXPECT_EQ(sample.version, "e 1");
}

TEST(Sample, PrefersCpuTime) {
  const Sample sample =
      read_sample(printed("{\"compile_ms\":9,\"compile_cpu_ms\":1,\"run_ms\":9,\"run_cpu_ms\":2}"),
                  Protocol::required);
  EXPECT_THAT(sample.compile_ms, Optional(1));
  EXPECT_THAT(sample.run_ms, Optional(2));
}

TEST(Sample, OfAnyOtherCommandIsTheTimeOfItsProcess) {
  const Sample sample = read_sample(printed("{\"answer\":42}\n"), Protocol::optional);
  EXPECT_EQ(sample.error, "");
  EXPECT_THAT(sample.total_ms, Optional(5));
  EXPECT_EQ(sample.output, "{\"answer\":42}\n");
}

TEST(Sample, TellsWhatWentWrong) {
  platform::FinishedProcess process = printed("", 3);
  process.standard_error = "error: no such thing\nmore\n";
  EXPECT_EQ(read_sample(process, Protocol::optional).error, "exit code 3: no such thing");
  EXPECT_EQ(read_sample(process, Protocol::required).error, "no such thing");
  EXPECT_EQ(read_sample(printed(""), Protocol::required).error, "it printed no times");
  EXPECT_EQ(read_sample(printed("{\"run_error\":\"trap: x\"}"), Protocol::required).error,
            "trap: x");
  process.signal = SIGSEGV;
  EXPECT_EQ(read_sample(process, Protocol::required).error, "killed: segmentation fault");
  process.timed_out = true;
  process.wall_ns = 2'000'000'000;
  EXPECT_EQ(read_sample(process, Protocol::required).error, "stopped after 2 s");
  process.wall_ns = 304'000'000;
  EXPECT_EQ(read_sample(process, Protocol::required).error, "stopped after 0.3 s");
  process.wall_ns = 300'100'000'000;
  EXPECT_EQ(read_sample(process, Protocol::required).error, "stopped after 300 s");
}

TEST(Sample, SurvivesReportsOfTheWrongShape) {
  for (const char* const text : {"{\"run_ms\":\"fast\",\"exit\":1e300,\"stdout\":5}", "{", "[1]",
                                 "{\"run_ms\":null}", "{\"run_ms\":{\"a\":[]}}"}) {
    EXPECT_EQ(read_sample(printed(text), Protocol::optional).run_ms, std::nullopt) << text;
  }
}

TEST(Output, IsComparedWithoutTimesAndByText) {
  EXPECT_EQ(comparable("took 1.25 seconds, 3 times"), "took N seconds, 3 times");
  EXPECT_EQ(comparable("a\xff\xfe"
                       "b"),
            comparable("a\xff"
                       "b"));
  EXPECT_NE(comparable("a\xff"), comparable("a"));
}

TEST(Output, DifferencesNameTheLine) {
  EXPECT_EQ(describe_difference("a\nb\n", "a\n"), "line 2 is \"b\", expected no more");
  EXPECT_EQ(describe_difference("a\n", "a\nb\n"), "line 2 is missing, expected \"b\"");
  EXPECT_EQ(describe_difference("a", "a\n"), "the last line ends differently");
}

TEST(Words, AreSplitAsAShellDoes) {
  EXPECT_THAT(*split_words("  a 'b c' \"d\\\"e\" f\\ g '' h'i'"),
              ElementsAre("a", "b c", "d\"e", "f g", "", "hi"));
  EXPECT_EQ(split_words("a 'b"), std::nullopt);
}

TEST(Words, HavePlacesForTheProgram) {
  const Program program{.file = "d/p.wasm", .wasm = "d/p.wasm", .arguments = {"1", "2 3"}};
  EXPECT_THAT(expand_command({"run", "--dir={dir}", "{file}"}, program),
              ElementsAre("run", "--dir=d", "d/p.wasm", "1", "2 3"));
  EXPECT_THAT(expand_command({"run", "{args}", "{file}"}, program),
              ElementsAre("run", "1", "2 3", "d/p.wasm"));
  EXPECT_THAT(expand_command({"run"}, program), ElementsAre("run", "d/p.wasm", "1", "2 3"));
}

TEST(Engines, UnknownOnesGetAHint) {
  const auto engine = make_engine("v8-lift-off", {});
  ASSERT_FALSE(engine.ok());
  EXPECT_THAT(engine.error().message, HasSubstr("did you mean v8-liftoff?"));
  EXPECT_FALSE(make_engine("=x", {}).ok());
  EXPECT_FALSE(make_engine("x=", {}).ok());
  EXPECT_TRUE(make_engine("x=true", {}).ok());
}

TEST(ShortNames, AreTheShortestThatDiffer) {
  EXPECT_THAT(short_names({"x/a.wasm", "x/b.wasm"}), ElementsAre("a.wasm", "b.wasm"));
  EXPECT_THAT(short_names({"x/a.wasm", "y/a.wasm"}), ElementsAre("x", "y"));
  EXPECT_THAT(short_names({"p/x/a.wasm", "q/x/a.wasm", "b.wasm"}),
              ElementsAre("p/x/a.wasm", "q/x/a.wasm", "b.wasm"));
}

class Reports : public Rounds {
 protected:
  std::vector<Row> rows() {
    add("x", [](const Program&, size_t) {
      Sample sample = good(2);
      sample.compile_ms = 4;
      return sample;
    });
    add("</script>\"", [](const Program&, size_t) {
      Sample sample = good(4);
      sample.compile_ms = 2;
      return sample;
    });
    add("bad", [](const Program&, size_t) {
      Sample sample;
      sample.error = "a, \"b\"";
      return sample;
    });
    add_program("a,b.wasm");
    return measure(2);
  }
};

TEST_F(Reports, CsvQuotesWhatItMust) {
  const std::string csv = to_csv(rows());
  EXPECT_THAT(csv, StartsWith("file,engine,compile_ms,compile_min_ms,"));
  EXPECT_THAT(csv, HasSubstr("\r\n\"a,b.wasm\",x,4.0,4.0,4.0,"));
  EXPECT_THAT(csv, HasSubstr("\"a, \"\"b\"\"\"\r\n"));
}

TEST_F(Reports, TextHasMeansAndErrors) {
  const std::string text = to_text(rows());
  EXPECT_THAT(text, HasSubstr("error: a, \"b\"\n"));
  EXPECT_THAT(text, HasSubstr("x0.50 (of 1)"));
  EXPECT_THAT(text, HasSubstr("x2.00 (of 1)"));
}

TEST_F(Reports, APageCannotBeBrokenByNames) {
  const std::string page = make_page(rows(), {.reference = "x"});
  EXPECT_THAT(page, Not(HasSubstr("</script>\"")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&quot;"));
}

}  // namespace
}  // namespace swoop::cli::bench

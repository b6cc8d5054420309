#include "decoder/function_decoder.h"

#include "tests/support/matchers.h"
#include "tests/support/module_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace swoop {
namespace {

using testing::ElementsAre;

constexpr size_t kBase = 1000;
constexpr auto malformed = ErrorKind::malformed;

std::string show(int32_t value) {
  return std::to_string(value);
}
std::string show(int64_t value) {
  return std::to_string(value);
}
std::string show(uint8_t value) {
  return std::to_string(value);
}
std::string show(uint32_t value) {
  return std::to_string(value) + "u";
}
std::string show(uint64_t value) {
  return std::to_string(value) + "ul";
}
template <class Index>
requires std::is_enum_v<Index> std::string show(Index index) {
  return "#" + std::to_string(to_underlying(index));
}
std::string show(ValType type);
std::string show(HeapType type) {
  return type.is_concrete() ? "type" : "abstract" + std::to_string(type.bits());
}
std::string show(ValType type) {
  if (!type.is_ref()) return "type" + std::to_string(static_cast<int>(type.kind()));
  return (type.nullable() ? "null-" : "") + show(type.heap_type());
}
std::string show(const BlockType& type) {
  return std::to_string(type.params().size()) + "->" + std::to_string(type.results().size());
}
std::string show(const MemArg& memarg) {
  return "memory" + show(memarg.memory) + "+" + std::to_string(memarg.offset) + " align" +
         std::to_string(memarg.align_log2);
}
std::string show(const BrTable& table) {
  std::string text = std::to_string(table.count()) + ":";
  table.for_each([&](LabelIdx label) { text += show(label); });
  return text;
}
std::string show(const CatchList& list) {
  std::string text = std::to_string(list.count()) + ":";
  list.for_each([&](const CatchClause& clause) {
    text += std::to_string(static_cast<int>(clause.kind)) +
            (clause.has_tag() ? show(clause.tag) : "") + (clause.has_exnref() ? "&" : "") +
            show(clause.label);
  });
  return text;
}
std::string show(const SelectTypes& types) {
  return std::to_string(types.size()) + " of " + show(types.first);
}
std::string show(const std::array<uint8_t, 16>& bytes) {
  return std::to_string(bytes[0]) + ".." + std::to_string(bytes[15]);
}

// Writes down each operator with its immediates.
class Recorder {
 public:
  void attach(CodePosition& position) { position_ = &position; }
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&... immediates) {
    std::string text = op_info(kOpcode).text;
    ((text += " " + show(immediates)), ...);
    operators.push_back(text);
    offsets.push_back(position_->op_offset());
    EXPECT_EQ(position_->op_body_offset() + kBase, position_->op_offset());
  }

  std::vector<std::string> operators;
  std::vector<size_t> offsets;

 private:
  CodePosition* position_ = nullptr;
};

// One encoding of each kind of immediate, and what a sink must see of it. Numbers take more than
// one byte.
struct Sample {
  Bytes bytes;
  std::string shown;
};
Sample sample(Immediate kind) {
  switch (kind) {
    case Immediate::none: return {{}, ""};
    case Immediate::block_type: return {raw({1}), " 1->2"};
    case Immediate::br_table: return {code(2u, 5u, 300u, 0u), " 2:#5#300#0"};
    case Immediate::try_table:
      return {
          code(kVoidByte, 4u, raw({0}), 300u, 1u, raw({1}), 2u, 3u, raw({2}), 200u, raw({3}), 0u),
          " 0->0 4:0#300#11#2&#32#2003&#0"};
    case Immediate::label:
    case Immediate::func:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::elem:
    case Immediate::data:
    case Immediate::memory:
    case Immediate::tag: return {code(300u), " #300"};
    case Immediate::type: return {raw({0x81, 0}), " #1"};
    case Immediate::call_indirect: return {code(1u, 300u), " #1 #300"};
    case Immediate::two_tables:
    case Immediate::elem_table:
    case Immediate::two_mems:
    case Immediate::data_mem: return {code(300u, 7u), " #300 #7"};
    case Immediate::memarg:
      return {code(0x43u, 5u, uint64_t{1} << 40), " memory#5+1099511627776 align3"};
    case Immediate::memarg_lane:
      return {code(1u, 70000u, raw({200})), " memory#0+70000 align1 200"};
    case Immediate::lane: return {raw({255}), " 255"};
    case Immediate::shuffle:
    case Immediate::v128:
      return {raw({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}), " 1..255"};
    case Immediate::i32: return {code(int32_t{INT32_MIN}), " -2147483648"};
    case Immediate::i64: return {code(int64_t{INT64_MAX}), " 9223372036854775807"};
    case Immediate::f32: return {raw({0, 0, 0x80, 0x7f}), " 2139095040u"};
    case Immediate::f64: return {raw({1, 0, 0, 0, 0, 0, 0, 0x80}), " 9223372036854775809ul"};
    case Immediate::select_types: return {raw({2, 0x63, 1, 0x7f}), " 2 of null-type"};
    case Immediate::heap_type: return {raw({0x81, 0}), " type"};
    case Immediate::cast_br:
      return {raw({2, 0xac, 0x02, 0x6e, 0x6c}), " #300 abstract4 null-abstract6"};
    case Immediate::type_field: return {code(1u, 300u), " #1 #300"};
    case Immediate::type_u32: return {code(1u, 300u), " #1 300u"};
    case Immediate::type_data:
    case Immediate::type_elem: return {code(1u, 300u), " #1 #300"};
    case Immediate::two_types: return {code(1u, 0u), " #1 #0"};
    case Immediate::fence: return {raw({0}), ""};
  }
  return {};
}

bool opens_block(Opcode opcode) {
  return opcode == Opcode::block || opcode == Opcode::loop || opcode == Opcode::if_ ||
         opcode == Opcode::try_ || opcode == Opcode::try_table;
}
bool closes_block(Opcode opcode) {
  return opcode == Opcode::end || opcode == Opcode::delegate;
}

class FunctionDecoderTest : public testing::Test {
 protected:
  FunctionDecoderTest() {
    module.types.push_back(types.intern(FuncType{}).value());
    module.types.push_back(
        types.intern(FuncType{{ValType::i32}, {ValType::i64, ValType::f32}}).value());
    module.data_count = 1;
  }

  template <bool kChecked = true>
  Result<> run(const Bytes& body, Features features = Features()) {
    recorder = Recorder();
    FunctionDecoder<Recorder, kChecked> decoder(module, types, body, kBase, recorder, features);
    Result<> result = decoder.read_locals(0, runs);
    return result.ok() ? decoder.run() : std::move(result);
  }

  ModuleInfo module;
  TypeRegistry types;
  Recorder recorder;
  std::vector<LocalRun> runs;
};

// The body of one operator, with blocks around it and closed as it needs.
Bytes body_of(const OpInfo& info) {
  const bool closes = closes_block(info.opcode);
  return code(0u, closes ? code(Opcode::block, kVoidByte) : Bytes(), info.opcode,
              sample(info.immediate).bytes, opens_block(info.opcode) ? code(Opcode::end) : Bytes(),
              Opcode::end);
}

TEST_F(FunctionDecoderTest, ReadsEveryOperatorCheckedAndUnchecked) {
  for (const OpInfo& info : kOpcodes) {
    const Bytes body = body_of(info);
    const std::string expected = info.text + sample(info.immediate).shown;
    const size_t position = closes_block(info.opcode) ? 1 : 0;
    ASSERT_THAT(run(body), Succeeds()) << expected;
    ASSERT_GT(recorder.operators.size(), position);
    EXPECT_EQ(recorder.operators[position], expected);
    EXPECT_EQ(recorder.offsets[position], kBase + (position == 0 ? 1u : 3u));
    const Recorder checked = recorder;
    ASSERT_THAT(run<false>(body), Succeeds()) << expected;
    EXPECT_EQ(recorder.operators, checked.operators);
    EXPECT_EQ(recorder.offsets, checked.offsets);
  }
}

TEST_F(FunctionDecoderTest, RejectsEveryTruncatedOperator) {
  for (const OpInfo& info : kOpcodes) {
    const Bytes whole = body_of(info);
    for (size_t size = 1; size < whole.size(); ++size) {
      const Bytes body(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      const Result<> result = run(body);
      ASSERT_FALSE(result.ok()) << info.text << " cut to " << size;
      EXPECT_EQ(result.error().kind, malformed) << info.text;
      EXPECT_LE(result.error().offset, kBase + size) << info.text;
    }
  }
}

TEST_F(FunctionDecoderTest, RejectsOperatorsOfDisabledFeatures) {
  for (const OpInfo& info : kOpcodes) {
    if (info.feature == Feature::core) continue;
    const size_t offset = closes_block(info.opcode) ? 3 : 1;
    EXPECT_THAT(run(body_of(info), Features().without(info.feature)),
                Fails(malformed, kBase + offset, "illegal opcode "))
        << info.text;
  }
  EXPECT_EQ(run(code(0u, Opcode::return_call, 0u), Features::wasm2()).error().message,
            "illegal opcode 12: return_call (feature tail-call is disabled)");
}

TEST_F(FunctionDecoderTest, RejectsCodesThatAreNoInstructions) {
  for (uint32_t code = 0; code < 0xfb; ++code) {
    if (find_op_info(Opcode(code)) != nullptr) continue;
    EXPECT_THAT(run(raw({0, static_cast<int>(code), 0, 0, 0x0b})),
                Fails(malformed, kBase + 1, "illegal opcode "));
  }
  EXPECT_EQ(run(raw({0, 0xff, 0x0b})).error().message, "illegal opcode ff");
  for (uint32_t prefix = 0xfb; prefix <= 0xfe; ++prefix) {
    for (uint32_t number = 0; number < 0x2100; ++number) {
      const bool exists = number < 0x1000 && find_op_info(Opcode(prefix << 12 | number));
      if (exists) continue;
      ASSERT_THAT(run(code(0u, raw({static_cast<int>(prefix)}), number, Opcode::end)),
                  Fails(malformed, kBase + 1, "illegal opcode "));
    }
  }
  EXPECT_EQ(run(raw({0, 0xfc, 0x80, 0x20, 0x0b})).error().message, "illegal opcode fc 1000");
}

TEST_F(FunctionDecoderTest, AcceptsLongFormsOfPrefixedNumbers) {
  ASSERT_THAT(run(raw({0, 0xfc, 0x80, 0x80, 0x00, 0x0b})), Succeeds());
  EXPECT_THAT(recorder.operators, ElementsAre("i32.trunc_sat_f32_s", "end"));
}

TEST_F(FunctionDecoderTest, EndsWithTheBodyOrTheExpression) {
  EXPECT_THAT(run(code(0u, Opcode::nop)), Fails(malformed, kBase + 2, "END opcode expected"));
  EXPECT_THAT(run(code(0u, Opcode::block, kVoidByte, Opcode::end)),
              Fails(malformed, kBase + 4, "END opcode expected"));
  EXPECT_THAT(run(code(0u, Opcode::end, Opcode::nop)),
              Fails(malformed, kBase + 2, "section size mismatch"));

  const Bytes body = code(Opcode::i32_const, 1, Opcode::end, Opcode::nop);
  FunctionDecoder<Recorder> decoder(module, types, body, kBase, recorder);
  EXPECT_THAT(decoder.run_expression(), Succeeds());
  EXPECT_EQ(decoder.position(), body.data() + 3);
}

struct FailingSink {
  void attach(CodePosition& position) { code = &position; }
  bool failed() const { return seen == 2; }
  Error take_error() { return Error(ErrorKind::invalid, 7, "enough"); }
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&...) {
    if (++seen == 2) code->stop();
  }
  int seen = 0;
  CodePosition* code = nullptr;
};

TEST_F(FunctionDecoderTest, StopsWhenTheSinkFails) {
  FailingSink sink;
  const Bytes body = code(Opcode::nop, Opcode::nop, Opcode::nop, Opcode::end);
  FunctionDecoder<FailingSink> decoder(module, types, body, kBase, sink);
  EXPECT_THAT(decoder.run(), Fails(ErrorKind::invalid, 7, "enough"));
  EXPECT_EQ(sink.seen, 2);
}

TEST_F(FunctionDecoderTest, BlamesBadImmediates) {
  const auto unknown = ErrorKind::invalid;
  EXPECT_THAT(run(code(0u, Opcode::block, 2)), Fails(unknown, kBase + 2, "unknown type"));
  EXPECT_THAT(run(code(0u, Opcode::block, raw({0xc0, 0x7f}))),
              Fails(malformed, kBase + 2, "malformed block type"));
  EXPECT_THAT(run(code(0u, Opcode::block, raw({0x41}))),
              Fails(malformed, kBase + 2, "malformed value type"));
  EXPECT_THAT(run(code(0u, Opcode::call_indirect, 2u, 0u)),
              Fails(unknown, kBase + 2, "unknown type 2"));
  EXPECT_THAT(run(code(0u, Opcode::ref_null, 2)), Fails(unknown, kBase + 2, "unknown type 2"));
  EXPECT_THAT(run(code(0u, Opcode::ref_null, raw({0x7f}))),
              Fails(malformed, kBase + 2, "malformed heap type"));
  EXPECT_THAT(run(code(0u, Opcode::i32_load, 0x80u, 0u)),
              Fails(malformed, kBase + 2, "malformed memop flags"));
  EXPECT_THAT(run(code(0u, Opcode::i32_load, 0x42u, 0u, 0u), Features::wasm2()),
              Fails(malformed, kBase + 2, "malformed memop flags"));
  EXPECT_THAT(run(code(0u, Opcode::memory_size, raw({0x80, 0})), Features::wasm2()),
              Fails(malformed, kBase + 2, "zero byte expected"));
  EXPECT_THAT(run(code(0u, Opcode::atomic_fence, raw({1}))),
              Fails(malformed, kBase + 3, "zero byte expected"));
  EXPECT_THAT(run(code(0u, Opcode::try_table, kVoidByte, 1u, raw({4}), 0u, 0u)),
              Fails(malformed, kBase + 4, "malformed catch clause"));
  EXPECT_THAT(run(code(0u, Opcode::br_on_cast, raw({4, 0, 0x6e, 0x6e}))),
              Fails(malformed, kBase + 3, "malformed br_on_cast flags"));
}

TEST_F(FunctionDecoderTest, LimitsBranchTables) {
  const uint32_t limit = limits::kMaxBrTableTargets;
  EXPECT_THAT(run(code(0u, Opcode::br_table, limit, Bytes(limit + 1, 0), Opcode::end)), Succeeds());
  EXPECT_THAT(run(code(0u, Opcode::br_table, limit + 1, Bytes(limit + 2, 0), Opcode::end)),
              Fails(ErrorKind::limit_exceeded, kBase + 2, "br_table with 65521 targets"));
  EXPECT_THAT(run(code(0u, Opcode::br_table, 0xffffffffu, 0u)),
              Fails(malformed, kBase + 2, "length out of bounds"));
}

TEST_F(FunctionDecoderTest, ReadsLocalsAsRuns) {
  ASSERT_THAT(run(code(3u, 2u, kI32Byte, 0u, kF64Byte, 500u, kNullableByte, 1, Opcode::end)),
              Succeeds());
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].count, 2u);
  EXPECT_EQ(runs[1].type, ValType::f64);
  EXPECT_EQ(runs[2].count, 500u);
  EXPECT_EQ(runs[2].type, ValType::ref(module.types[TypeIdx(1)], true));
  ASSERT_THAT(run<false>(code(1u, 2u, kI32Byte, Opcode::end)), Succeeds());
  EXPECT_EQ(runs.size(), 1u);
}

TEST_F(FunctionDecoderTest, LimitsLocalsWithoutAllocatingThem) {
  EXPECT_THAT(run(code(2u, 49'999u, kI32Byte, 1u, kI32Byte, Opcode::end)), Succeeds());
  EXPECT_THAT(run(code(2u, 50'000u, kI32Byte, 1u, kI32Byte, Opcode::end)),
              Fails(ErrorKind::limit_exceeded, kBase, "too many locals: 50001"));
  EXPECT_THAT(run(code(2u, 0xffffffffu, kI32Byte, 1u, kI32Byte, Opcode::end)),
              Fails(malformed, kBase, "too many locals"));
  EXPECT_THAT(run(code(0xffffffffu, 1u, kI32Byte)),
              Fails(malformed, kBase, "length out of bounds"));
}

// Takes two i32.eqz for one.
struct Fuser {
  void attach(CodePosition& p) { position = &p; }
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode>, const Immediates&...) {
    seen += std::string(op_info(kOpcode).text) + " ";
    if (kOpcode == Opcode::i32_eqz && *position->position() == 0x45) {
      position->set_position(position->position() + 1);
    }
  }
  std::string seen;
  CodePosition* position = nullptr;
};

TEST_F(FunctionDecoderTest, SinksMayConsumeWhatFollows) {
  Fuser sink;
  const Bytes body = code(Opcode::i32_eqz, Opcode::i32_eqz, Opcode::i32_eqz, Opcode::end);
  FunctionDecoder<Fuser, false> decoder(module, types, body, kBase, sink);
  EXPECT_THAT(decoder.run(), Succeeds());
  EXPECT_EQ(sink.seen, "i32.eqz i32.eqz end ");
}

// Skips behind each `unreachable`, as a compiler does.
class Skipper : public Recorder {
 public:
  void attach(CodePosition& position) {
    Recorder::attach(position);
    position_ = &position;
  }
  template <Opcode kOpcode, class... Immediates>
  void on(Op<kOpcode> op, const Immediates&... immediates) {
    Recorder::on(op, immediates...);
    if (kOpcode == Opcode::unreachable) position_->skip_dead_code();
  }

 private:
  CodePosition* position_ = nullptr;
};

TEST_F(FunctionDecoderTest, SkipsDeadCodeOfEveryKind) {
  Bytes dead;
  for (const OpInfo& info : kOpcodes) {
    switch (info.opcode) {
      case Opcode::else_:
      case Opcode::catch_:
      case Opcode::catch_all: dead = concat({dead, code(Opcode::try_, kVoidByte)}); break;
      case Opcode::end:
      case Opcode::delegate: dead = concat({dead, code(Opcode::block, raw({0x63, 0x6e}))}); break;
      default: break;
    }
    dead = concat({dead, code(info.opcode, sample(info.immediate).bytes)});
    if (opens_block(info.opcode) || info.opcode == Opcode::else_ || info.opcode == Opcode::catch_ ||
        info.opcode == Opcode::catch_all) {
      dead = concat({dead, code(Opcode::end)});
    }
  }
  const auto skip = [&](const Bytes& ending) {
    const Bytes body = concat({code(Opcode::unreachable), dead, ending, code(Opcode::nop)});
    Skipper sink;
    FunctionDecoder<Skipper, false> decoder(module, types, body, kBase, sink);
    EXPECT_THAT(decoder.run(), Succeeds());
    EXPECT_EQ(sink.offsets[1], kBase + 1 + dead.size());
    return sink.operators;
  };
  EXPECT_THAT(skip(code(Opcode::end)), ElementsAre("unreachable", "end", "nop"));
  EXPECT_THAT(skip(code(Opcode::else_)), ElementsAre("unreachable", "else", "nop"));
  EXPECT_THAT(skip(code(Opcode::catch_, 1u)), ElementsAre("unreachable", "catch #1", "nop"));
  EXPECT_THAT(skip(code(Opcode::catch_all)), ElementsAre("unreachable", "catch_all", "nop"));
  EXPECT_THAT(skip(code(Opcode::delegate, 0u)), ElementsAre("unreachable", "delegate #0", "nop"));
}

TEST_F(FunctionDecoderTest, SkipsDeepNestingWithoutRecursion) {
  const size_t depth = 1'000'000;
  const Bytes body =
      concat({code(Opcode::unreachable), repeat(depth, code(Opcode::block, kVoidByte)),
              repeat(depth, code(Opcode::end)), code(Opcode::end)});
  Skipper sink;
  FunctionDecoder<Skipper, false> decoder(module, types, body, kBase, sink);
  EXPECT_THAT(decoder.run(), Succeeds());
  EXPECT_THAT(sink.operators, ElementsAre("unreachable", "end"));
}

}  // namespace
}  // namespace swoop

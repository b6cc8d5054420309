// Framing: header, order and sizes of sections, counts, bodies.
#include "decoder/module_decoder.h"

#include "tests/decoder/decode.h"
#include "tests/support/allocation_counter.h"
#include "wasm/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace swoop {
namespace {

using enum ErrorKind;

TEST(Module, MayBeEmpty) {
  const Result<ModuleInfo> result = decode(module({}));
  ASSERT_THAT(result, Succeeds());
  EXPECT_EQ(result->module_size, 8u);
}

TEST(Module, NeedsItsHeader) {
  const char* const end = "unexpected end";
  EXPECT_THAT(decode({}), Fails(malformed, 0, end));
  EXPECT_THAT(decode(raw({1})), Fails(malformed, 1, end));
  EXPECT_THAT(decode(raw({0, 'a', 's', 'm', 1, 0, 0})), Fails(malformed, 7, end));
  EXPECT_THAT(decode(raw({'a', 's', 'm', 0, 1, 0, 0, 0})),
              Fails(malformed, 0, "magic header not detected"));
  for (const char* const text : {"(module)", ";; text\n(module)", " \n\t(module)"}) {
    const std::string_view bytes = text;
    EXPECT_THAT(decode({bytes.begin(), bytes.end()}),
                Fails(malformed, 0, "magic header not detected: this looks like WebAssembly text"));
  }
  EXPECT_THAT(decode(raw({'(', 0, 1, 2})), Fails(malformed, 0, "magic header not detected"));
  EXPECT_THAT(decode(raw({0, 'a', 's', 'm', 2, 0, 0, 0})),
              Fails(malformed, 4, "unknown binary version"));
  EXPECT_THAT(decode(raw({0, 'a', 's', 'm', 0x0d, 0, 1, 0})),
              Fails(malformed, 4, "unknown binary version"));
}

TEST(Section, NeedsAKnownId) {
  EXPECT_THAT(decode(module({section(14, raw({0}))})),
              Fails(malformed, 8, "malformed section id 14"));
  EXPECT_THAT(decode(module({raw({0x81, 0, 1, 0})})), Fails(malformed, 8, "malformed section id"));
}

TEST(Section, NeedsASizeThatIsThere) {
  EXPECT_THAT(decode(module({raw({1})})), Fails(malformed, 9, "unexpected end"));
  EXPECT_THAT(decode(module({raw({1, 0x80})})), Fails(malformed, 10, "unexpected end"));
  EXPECT_THAT(decode(module({raw({1, 2, 0})})), Fails(malformed, 9, "length out of bounds"));
  EXPECT_THAT(decode(module({raw({1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0})})),
              Fails(malformed, 9, "length out of bounds"));
  EXPECT_THAT(decode(module({raw({1, 0x80, 0x80, 0x80, 0x80, 0x10})})),
              Fails(malformed, 13, "integer too large"));
  EXPECT_THAT(decode(module({raw({1, 0x80, 0x80, 0x80, 0x80, 0x80, 0})})),
              Fails(malformed, 14, "integer representation too long"));
  EXPECT_THAT(decode(module({raw({1, 0x81, 0x80, 0x80, 0x80, 0x00, 0})})), Succeeds());
}

TEST(Section, MustBeReadToItsEnd) {
  for (const int id : {1, 2, 3, 4, 5, 6, 7, 9, 11, 13}) {
    EXPECT_THAT(decode(module({section(id, raw({0}))})), Succeeds());
    EXPECT_THAT(decode(module({section(id, raw({0, 0}))})),
                Fails(malformed, 11, "section size mismatch, 1 bytes are left"));
    EXPECT_THAT(decode(module({section(id, {})})), Fails(malformed, 10, "unexpected end"));
  }
  EXPECT_THAT(decode(module({section(10, raw({0, 0}))})),
              Fails(malformed, 11, "section size mismatch"));
  EXPECT_THAT(decode(module({section(10, {})})), Fails(malformed, 10, "unexpected end"));
}

TEST(Section, ComesInOrderAndOnce) {
  // The order is that of the specification, not of the ids. Start needs more than a zero byte to be
  // valid.
  const int order[] = {1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11};
  Bytes all;
  for (const int id : order) all = concat({all, section(0, name("x")), section(id, raw({0}))});
  EXPECT_THAT(decode(module({all})), Succeeds());
  for (const int first : order) {
    bool is_before = true;
    for (const int second : order) {
      if (second == first) is_before = false;
      if (!is_before) continue;
      EXPECT_THAT(decode(module({section(first, raw({0})), section(second, raw({0}))})),
                  Fails(malformed, 11, "unexpected content after last section"));
    }
    EXPECT_THAT(decode(module({section(first, raw({0})), section(first, raw({0}))})),
                Fails(malformed, 11, "unexpected content after last section"));
  }
}

TEST(Section, IdsOfDisabledFeaturesAreMalformed) {
  EXPECT_THAT(decode(module({section(12, raw({0}))}), Features::wasm1()),
              Fails(malformed, 8, "malformed section id 12 (feature bulk-memory is disabled)"));
  EXPECT_THAT(decode(module({section(13, raw({0}))}), Features::wasm2()),
              Fails(malformed, 8, "malformed section id 13 (feature exceptions is disabled)"));
  EXPECT_THAT(
      decode(module({section(13, raw({0}))}), Features::wasm2().with(Feature::legacy_exceptions)),
      Succeeds());
}

TEST(CustomSection, MayHoldAnythingAfterAName) {
  EXPECT_THAT(
      decode(module({section(0, concat({name("x"), raw({0xff, 0xff})})), section(0, name(""))})),
      Succeeds());
  EXPECT_THAT(decode(module({section(0, {})})), Fails(malformed, 10, "unexpected end"));
  EXPECT_THAT(decode(module({section(0, raw({1, 0x80}))})),
              Fails(malformed, 10, "malformed UTF-8 encoding"));
  EXPECT_THAT(decode(module({section(0, raw({2, 'x'}))})),
              Fails(malformed, 10, "length out of bounds"));
}

Bytes functions(int count) {
  Bytes indices(static_cast<size_t>(count), 0);
  return concat({void_type_section(), section(3, code(static_cast<uint32_t>(count), indices))});
}

TEST(CodeSection, HasABodyForEachFunction) {
  const char* const text = "function and code section have inconsistent lengths";
  EXPECT_THAT(decode(module({functions(0)})), Succeeds());
  EXPECT_THAT(decode(module({functions(1), section(10, vec({body({})}))})), Succeeds());
  EXPECT_THAT(decode(module({functions(1)})), Fails(malformed, 18, text));
  EXPECT_THAT(decode(module({functions(1), section(10, vec({}))})), Fails(malformed, 20, text));
  EXPECT_THAT(decode(module({functions(1), section(10, vec({body({}), body({})}))})),
              Fails(malformed, 20, text));
  EXPECT_THAT(decode(module({section(10, vec({body({})}))})), Fails(malformed, 10, text));
}

TEST(CodeSection, HasBodiesThatFillIt) {
  const Bytes two = functions(2);
  EXPECT_THAT(decode(module({two, section(10, concat({raw({2}), body({}), raw({9, 0, 0x0b})}))})),
              Fails(malformed, 25, "length out of bounds"));
  EXPECT_THAT(decode(module({two, section(10, concat({raw({2}), body({}), body({}), raw({0})}))})),
              Fails(malformed, 28, "section size mismatch"));
  EXPECT_THAT(decode(module({two, section(10, concat({raw({2}), body({})}))})),
              Fails(malformed, 25, "unexpected end"));
  EXPECT_THAT(decode(module({two, section(10, concat({raw({2}), body({}), raw({0x80})}))})),
              Fails(malformed, 26, "unexpected end"));
  EXPECT_THAT(decode(module({two, raw({10, 8, 2}), body({})})),
              Fails(malformed, 25, "unexpected end"));
}

TEST(CodeSection, BlamesBytesOfABodyByTheirPlaceInTheModule) {
  EXPECT_THAT(decode(module({functions(1), section(10, vec({body(code(Opcode::i32_const, 1))}))})),
              Fails(invalid, 25, "type mismatch"));
  EXPECT_THAT(decode(module({functions(1), section(10, vec({body(raw({0xff}))}))})),
              Fails(malformed, 23, "illegal opcode ff in function 0"));
}

TEST(CodeSection, LimitsTheSizeOfABody) {
  const uint32_t size = limits::kMaxBodySize + 1;
  const Bytes contents = concat({code(1u, size), Bytes(size, 0)});
  const Bytes bytes = module({functions(1), section(10, contents)});
  TypeRegistry types;
  EXPECT_THAT(validate_module(types, Features(), bytes),
              Fails(limit_exceeded, 24, "function body of 7654322 bytes, at most 7654321"));
}

TEST(CodeSection, GivesBodiesWithoutCopyingThem) {
  struct Spans final : ModuleDecoder::Listener {
    Result<> on_code_start(const ModuleInfo& module, uint32_t count) override {
      EXPECT_EQ(module.exports.size(), 1u);
      EXPECT_EQ(count, 2u);
      ++code_starts;
      return {};
    }
    Result<> on_body(const ModuleInfo&, uint32_t index, std::span<const uint8_t> body,
                     size_t offset) override {
      EXPECT_EQ(index, bodies.size());
      bodies.push_back(body);
      offsets.push_back(offset);
      return index == fail_at ? Result<>(Error(ErrorKind::io, 5, "no more")) : Result<>();
    }
    int code_starts = 0;
    uint32_t fail_at = 99;
    std::vector<std::span<const uint8_t>> bodies;
    std::vector<size_t> offsets;
  };
  const Bytes bytes =
      module({functions(2), section(7, vec({concat({name("f"), raw({0, 1})})})),
              section(10, vec({body(code(Opcode::nop)), body({})})), section(0, name("end"))});
  TypeRegistry types;
  Spans spans;
  const Result<ModuleInfo> result = decode_module(types, Features(), bytes, spans);
  ASSERT_THAT(result, Succeeds());
  EXPECT_EQ(spans.code_starts, 1);
  ASSERT_EQ(spans.bodies.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(spans.bodies[i].data(), bytes.data() + spans.offsets[i]);
    EXPECT_EQ(result->bodies[i].offset, spans.offsets[i]);
    EXPECT_EQ(result->bodies[i].size, spans.bodies[i].size());
  }
  EXPECT_EQ(result->code_section_size, 8u);
  EXPECT_EQ(result->module_size, bytes.size());

  Spans failing;
  failing.fail_at = 0;
  EXPECT_THAT(decode_module(types, Features(), bytes, failing), Fails(io, 5, "no more"));
  EXPECT_EQ(failing.bodies.size(), 1u);
}

TEST(DataCount, AgreesWithTheDataSection) {
  const char* const text = "data count and data section have inconsistent lengths";
  const Bytes data = vec({raw({1, 0})});
  EXPECT_THAT(decode(module({section(12, raw({1})), section(11, data)})), Succeeds());
  EXPECT_THAT(decode(module({section(12, raw({0}))})), Succeeds());
  EXPECT_THAT(decode(module({section(12, raw({1}))})), Fails(malformed, 11, text));
  EXPECT_THAT(decode(module({section(12, raw({2})), section(11, data)})),
              Fails(malformed, 13, text));
}

TEST(ModuleDecoder, AllocatesByTheBytesThereAreNotByCounts) {
  // Every count is huge, in a section that claims to be huge, or in one that ends at once.
  const Bytes huge = raw({0xff, 0xff, 0xff, 0xff, 0x0f});
  for (int id = 0; id <= 13; ++id) {
    for (const bool is_open : {false, true}) {
      const Bytes bytes = module({is_open ? concat({raw({id}), huge, huge}) : section(id, huge)});
      const size_t before = AllocationCounter::total_bytes();
      TypeRegistry types;
      EXPECT_FALSE(validate_module(types, Features(), bytes).ok()) << id;
      EXPECT_LT(AllocationCounter::total_bytes() - before, 100'000u) << id;
    }
  }
  const Bytes nested[] = {
      section(1, concat({raw({1, 0x4e}), huge})),                     // recursion group
      section(1, concat({raw({1, 0x60}), huge})),                     // parameters
      section(1, concat({raw({1, 0x5f}), huge})),                     // fields
      section(1, concat({raw({1, 0x50}), huge})),                     // supertypes
      section(9, concat({raw({1, 1, 0}), huge})),                     // functions of a segment
      section(9, concat({raw({1, 5, 0x70}), huge})),                  // expressions of a segment
      section(11, concat({raw({1, 1}), huge})),                       // bytes of a segment
      section(0, concat({name("name"), raw({1, 6}), huge})),          // function names
      concat({functions(1), section(10, concat({raw({1}), huge}))}),  // body
  };
  for (const Bytes& contents : nested) {
    const size_t before = AllocationCounter::total_bytes();
    TypeRegistry types;
    (void)validate_module(types, Features(), module({contents}));
    EXPECT_LT(AllocationCounter::total_bytes() - before, 100'000u);
  }
}

TEST(ModuleDecoder, KeepsNoMoreThanOnePiece) {
  // A large body in small pieces: the buffer grows with the bytes that came.
  const Bytes bytes = module({functions(1), section(10, vec({body(Bytes(1'000'000, 0x01))}))});
  TypeRegistry types;
  struct Ignore final : ModuleDecoder::Listener {
    Result<> on_body(const ModuleInfo&, uint32_t, std::span<const uint8_t>, size_t) override {
      return {};
    }
  } ignore;
  ModuleDecoder decoder(types, Features(), ignore);
  const size_t before = AllocationCounter::total_bytes();
  EXPECT_THAT(decoder.push(std::span(bytes).first(1000)), Succeeds());
  EXPECT_LT(AllocationCounter::total_bytes() - before, 10'000u);
  for (size_t i = 1000; i < bytes.size(); i += 1000) {
    EXPECT_THAT(decoder.push(std::span(bytes).subspan(i, std::min<size_t>(1000, bytes.size() - i))),
                Succeeds());
  }
  EXPECT_THAT(decoder.finish(), Succeeds());
}

}  // namespace
}  // namespace swoop

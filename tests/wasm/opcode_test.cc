#include "wasm/opcode.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace swoop {
namespace {

TEST(Opcode, EachRowIsFoundByItsCodeAndNothingElseIs) {
  std::set<uint32_t> codes;
  for (const OpInfo& info : kOpcodes) {
    codes.insert(static_cast<uint32_t>(info.opcode));
    EXPECT_EQ(find_op_info(info.opcode), &info) << info.text;
    EXPECT_STREQ(to_string(info.opcode), info.text);
  }
  EXPECT_EQ(codes.size(), 575u);
  for (uint32_t code = 0; code < 0x102000; ++code) {
    ASSERT_EQ(find_op_info(Opcode(code)) != nullptr, codes.contains(code)) << std::hex << code;
  }
  EXPECT_EQ(find_op_info(Opcode(0xffffffff)), nullptr);
}

TEST(Opcode, NamesAreTheTextWithUnderscores) {
  const std::map<std::string, std::string> exceptions = {
      {"select_t", "select"}, {"ref_test_null", "ref.test"}, {"ref_cast_null", "ref.cast"}};
  const auto check = [&](std::string name, std::string text) {
    if (const auto it = exceptions.find(name); it != exceptions.end()) {
      EXPECT_EQ(text, it->second);
      return;
    }
    for (char& c : text) c = c == '.' ? '_' : c;
    EXPECT_TRUE(name == text || name == text + "_") << name << ", " << text;
  };
#define OP(name, code, text, ...) check(#name, text);
#include "wasm/opcodes.def"
}

TEST(Opcode, TheTableCanBeExpandedByHalves) {
  int one_byte = 0;
  int prefixed = 0;
#define OP(name, code, ...) one_byte += code < 0x100 ? 1 : 1000;
#define SWOOP_ONE_BYTE_OPCODES
#include "wasm/opcodes.def"
#define OP(name, code, ...) prefixed += code > 0xfb000 - 1 ? 1 : 1000;
#define SWOOP_PREFIXED_OPCODES
#include "wasm/opcodes.def"
  EXPECT_EQ(one_byte, 199);
  EXPECT_EQ(prefixed, 575 - 199);
}

TEST(Opcode, SignaturesSpellTheirTypes) {
  EXPECT_EQ(signature_params(Signature::v_v).size(), 0u);
  EXPECT_EQ(signature_results(Signature::v_v).size(), 0u);
  const auto params = signature_params(Signature::ill_l);
  ASSERT_EQ(params.size(), 3u);
  EXPECT_EQ(params[0], ValType::i32);
  EXPECT_EQ(params[2], ValType::i64);
  ASSERT_EQ(signature_results(Signature::ill_l).size(), 1u);
  EXPECT_EQ(signature_results(Signature::ill_l)[0], ValType::i64);
  EXPECT_EQ(signature_params(Signature::llll_ll).size(), 4u);
  EXPECT_EQ(signature_results(Signature::llll_ll).size(), 2u);
  EXPECT_EQ(signature_params(Signature::sd_s)[0], ValType::v128);
  EXPECT_EQ(signature_params(Signature::sd_s)[1], ValType::f64);
  EXPECT_EQ(signature_results(Signature::f_i)[0], ValType::i32);
}

TEST(Opcode, LanesFollowFromTheShape) {
  EXPECT_EQ(lane_count(Opcode::i8x16_extract_lane_u), 16);
  EXPECT_EQ(lane_count(Opcode::i16x8_replace_lane), 8);
  EXPECT_EQ(lane_count(Opcode::f32x4_extract_lane), 4);
  EXPECT_EQ(lane_count(Opcode::i64x2_replace_lane), 2);
  EXPECT_EQ(lane_count(Opcode::v128_load8_lane), 16);
  EXPECT_EQ(lane_count(Opcode::v128_store64_lane), 2);
}

TEST(Opcode, FeaturesTellWhatIsBeyondTheFirstVersion) {
  EXPECT_EQ(op_info(Opcode::i32_add).feature, Feature::core);
  EXPECT_EQ(op_info(Opcode::i32_extend8_s).feature, Feature::sign_extension);
  EXPECT_EQ(op_info(Opcode::return_call).feature, Feature::tail_call);
  EXPECT_EQ(op_info(Opcode::i8x16_relaxed_swizzle).feature, Feature::relaxed_simd);
  EXPECT_EQ(op_info(Opcode::f64x2_convert_low_i32x4_u).feature, Feature::simd);
  EXPECT_EQ(op_info(Opcode::struct_new).feature, Feature::gc);
  EXPECT_EQ(op_info(Opcode::try_table).feature, Feature::exceptions);
  EXPECT_EQ(op_info(Opcode::try_).feature, Feature::legacy_exceptions);
  EXPECT_EQ(op_info(Opcode::atomic_fence).feature, Feature::threads);
  EXPECT_EQ(op_info(Opcode::i64_add128).feature, Feature::wide_arithmetic);
}

#if __has_include(<wabt/opcode.def>)

// The columns of wabt's table that say something here: result, parameters, bytes of memory, code,
// text.
struct WabtRow {
  std::string signature;
  uint32_t access_bytes;
  std::string text;
};

std::map<uint32_t, WabtRow> wabt_rows() {
  std::map<uint32_t, WabtRow> rows;
  const auto letters = [](std::initializer_list<const char*> types) {
    std::string result;
    for (const std::string type : types) {
      if (type == "I32") result += 'i';
      if (type == "I64") result += 'l';
      if (type == "F32") result += 'f';
      if (type == "F64") result += 'd';
      if (type == "V128") result += 's';
    }
    return result.empty() ? std::string("v") : result;
  };
#define WABT_OPCODE(rtype, type1, type2, type3, bytes, prefix, code, Name, text, ...) \
  if (prefix != 0 || code <= 0xd6) {                                                  \
    rows[(prefix + 0u) << 12 | code] = {                                              \
        letters({#type1, #type2, #type3}) + "_" + letters({#rtype}), bytes, text};    \
  }
#include <wabt/opcode.def>
#undef WABT_OPCODE
  return rows;
}

TEST(Opcode, AgreesWithWabt) {
  const std::map<uint32_t, WabtRow> rows = wabt_rows();
  ASSERT_GT(rows.size(), 500u);
  int compared = 0;
  for (const auto& [code, row] : rows) {
    const OpInfo* info = find_op_info(Opcode(code));
    ASSERT_NE(info, nullptr) << row.text;
    const std::string text = info->text;
    // It has an older spelling for two, and two operands for the unary float operators.
    if (text.find("relaxed_dot") == std::string::npos) {
      EXPECT_EQ(text, row.text);
    }
    if (info->immediate == Immediate::memarg || info->immediate == Immediate::memarg_lane) {
      EXPECT_EQ(1u << natural_align_log2(info->opcode), row.access_bytes) << text;
    }
    if (info->signature == Signature::special) continue;
    if (info->group == OpGroup::unary && text[0] == 'f') continue;
    std::string types[2] = {"", ""};
    for (const ValType type : signature_params(info->signature)) {
      types[0] += "?ilfds"[static_cast<size_t>(type.kind())];
    }
    for (const ValType type : signature_results(info->signature)) {
      types[1] += "?ilfds"[static_cast<size_t>(type.kind())];
    }
    for (std::string& side : types) side = side.empty() ? "v" : side;
    EXPECT_EQ(types[0] + "_" + types[1], row.signature) << text;
    ++compared;
  }
  EXPECT_GT(compared, 450);
}

#endif

TEST(Features, ComeInVersionsAndOneByOne) {
  EXPECT_TRUE(Features().has(Feature::legacy_exceptions));
  EXPECT_TRUE(Features::all3().has(Feature::gc));
  EXPECT_FALSE(Features::all3().has(Feature::threads));
  EXPECT_TRUE(Features::wasm2().has(Feature::simd));
  EXPECT_FALSE(Features::wasm2().has(Feature::relaxed_simd));
  EXPECT_FALSE(Features::wasm1().has(Feature::sign_extension));
  EXPECT_FALSE(Features().without(Feature::gc).has(Feature::gc));
  EXPECT_TRUE(Features().without(Feature::core).has(Feature::core));
  EXPECT_TRUE(Features::wasm1().with(Feature::tail_call).has(Feature::tail_call));
}

TEST(Features, AreFoundByTheirNames) {
  std::set<std::string> names;
  for (unsigned i = 0; i < kFeatureCount; ++i) {
    names.insert(to_string(Feature(i)));
    EXPECT_EQ(find_feature(to_string(Feature(i))), Feature(i));
  }
  EXPECT_EQ(names.size(), kFeatureCount);
  EXPECT_EQ(find_feature("relaxed_simd"), std::nullopt);
}

}  // namespace
}  // namespace swoop

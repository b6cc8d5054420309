#include "tests/decoder/decode.h"

#include "decoder/module_decoder.h"
#include "decoder/validator.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace swoop {

namespace {

// Validates bodies and notes what it hears.
class Recorder final : public ModuleDecoder::Listener {
 public:
  explicit Recorder(const Features& features) : features_(features) {}

  Result<> on_code_start(const ModuleInfo& module, uint32_t count) override {
    events += "code " + std::to_string(count) + " of " + std::to_string(module.funcs.size()) + ";";
    return {};
  }
  Result<> on_body(const ModuleInfo& module, uint32_t index, std::span<const uint8_t> body,
                   size_t offset) override {
    events += std::to_string(index) + "@" + std::to_string(offset) + ":" +
              std::string(body.begin(), body.end()) + ";";
    return validate_function(module, test_types(), features_, module.defined_func(index), body,
                             offset, scratch_);
  }

  std::string events;

 private:
  const Features features_;
  ValidatorScratch scratch_;
};

using Pieces = std::vector<std::span<const uint8_t>>;

Result<ModuleInfo> decode_pieces(const Pieces& pieces, const Features& features,
                                 std::string& events) {
  Recorder recorder(features);
  ModuleDecoder decoder(test_types(), features, recorder);
  Result<> pushed;
  for (const std::span<const uint8_t> piece : pieces) {
    // Nothing may look at a piece after the call.
    const Bytes copy(piece.begin(), piece.end());
    const Result<> result = decoder.push(copy);
    if (pushed.ok() && !result.ok()) pushed = result;
    EXPECT_EQ(result.ok(), pushed.ok()) << "an error must stick";
  }
  Result<ModuleInfo> result = decoder.finish();
  if (!pushed.ok()) {
    EXPECT_FALSE(result.ok());
    if (!result.ok()) {
      EXPECT_EQ(result.error().message, pushed.error().message);
    }
  }
  events = recorder.events;
  return result;
}

std::string describe(const Result<ModuleInfo>& result) {
  if (!result.ok()) {
    return std::string(to_string(result.error().kind)) + " at " +
           std::to_string(result.error().offset) + ": " + result.error().message;
  }
  const ModuleInfo& module = *result;
  return std::to_string(module.types.size()) + " types " + std::to_string(module.imports.size()) +
         " imports " + std::to_string(module.funcs.size()) + " funcs " +
         std::to_string(module.exports.size()) + " exports " + std::to_string(module.elems.size()) +
         " elems " + std::to_string(module.datas.size()) + " datas " +
         std::to_string(module.bodies.size()) + " bodies " + std::to_string(module.module_size) +
         " bytes";
}

}  // namespace

TypeRegistry& test_types() {
  static TypeRegistry types;
  return types;
}

Result<ModuleInfo> decode(const Bytes& bytes, Features features) {
  const std::span<const uint8_t> all(bytes);
  std::string expected_events;
  Result<ModuleInfo> result = decode_pieces({all}, features, expected_events);
  const std::string expected = describe(result);

  const auto check = [&](const Pieces& pieces, const std::string& how) {
    std::string events;
    EXPECT_EQ(describe(decode_pieces(pieces, features, events)), expected) << how;
    EXPECT_EQ(events, expected_events) << how;
  };
  Pieces single;
  for (size_t i = 0; i < bytes.size(); ++i) single.push_back(all.subspan(i, 1));
  check(single, "byte by byte");
  for (size_t i = 0; i <= bytes.size(); ++i) {
    check({all.first(i), all.subspan(i)}, "split at " + std::to_string(i));
  }
  return result;
}

}  // namespace swoop

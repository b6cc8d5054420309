// Real programs of many compilers: every one must decode and validate, in one piece and in many.
#include "tests/support/corpus.h"

#include "decoder/module_decoder.h"
#include "decoder/validator.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace swoop {
namespace {

namespace fs = std::filesystem;

constexpr size_t kModules = 46;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

struct Program {
  std::string file;
  uint64_t funcs;
  uint64_t code_bytes;
};

std::vector<Program> read_index(const fs::path& corpus) {
  std::ifstream file(corpus / "origin.tsv");
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = split(line);
  const auto column = [&](const char* title) {
    return static_cast<size_t>(std::ranges::find(header, title) - header.begin());
  };
  std::vector<Program> programs;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    programs.push_back({fields.at(column("file")), std::stoull(fields.at(column("funcs"))),
                        std::stoull(fields.at(column("code_bytes")))});
  }
  return programs;
}

std::vector<uint8_t> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Corpus, DecodesAndValidates) {
  const fs::path corpus = find_corpus();
  if (corpus.empty()) return skip_without_corpus();
  const std::vector<Program> programs = read_index(corpus);
  EXPECT_EQ(programs.size(), kModules);
  for (const Program& program : programs) {
    const std::vector<uint8_t> bytes = read_file(corpus / program.file);
    TypeRegistry types;
    const Result<ModuleInfo> whole = validate_module(types, Features(), bytes);
    ASSERT_THAT(whole, Succeeds()) << program.file;
    EXPECT_EQ(whole->bodies.size(), program.funcs) << program.file;
    EXPECT_EQ(whole->code_section_size, program.code_bytes) << program.file;
    EXPECT_EQ(whole->module_size, bytes.size()) << program.file;
  }
}

// Sees that pieces make the same module: hashes the bodies, which it does not look into.
TEST(Corpus, DecodesInPieces) {
  const fs::path corpus = find_corpus();
  if (corpus.empty()) GTEST_SKIP();  // said above
  struct Hasher final : ModuleDecoder::Listener {
    Result<> on_body(const ModuleInfo&, uint32_t, std::span<const uint8_t> body,
                     size_t offset) override {
      for (const uint8_t byte : body) hash = (hash ^ byte) * 0x100000001b3;
      hash = (hash ^ offset) * 0x100000001b3;
      return {};
    }
    uint64_t hash = 0xcbf29ce484222325;
  };
  for (const Program& program : read_index(corpus)) {
    const std::vector<uint8_t> bytes = read_file(corpus / program.file);
    TypeRegistry types;
    Hasher whole;
    ASSERT_THAT(decode_module(types, Features(), bytes, whole), Succeeds());
    for (const size_t piece : {size_t{1}, size_t{1000}, size_t{65536}}) {
      if (piece == 1 && bytes.size() > 1'000'000) continue;
      Hasher hasher;
      ModuleDecoder decoder(types, Features(), hasher);
      for (size_t i = 0; i < bytes.size(); i += piece) {
        ASSERT_THAT(decoder.push(std::span(bytes).subspan(i, std::min(piece, bytes.size() - i))),
                    Succeeds());
      }
      const Result<ModuleInfo> result = decoder.finish();
      ASSERT_THAT(result, Succeeds()) << program.file << " by " << piece;
      EXPECT_EQ(hasher.hash, whole.hash) << program.file << " by " << piece;
      EXPECT_EQ(result->bodies.size(), program.funcs);
    }
  }
}

}  // namespace
}  // namespace swoop

// Listings of machine code beside the modules it was made from: golden/<group>/*.wat end in comment
// blocks that this program compares with what the compiler makes of them today, for a CPU with
// everything. `--update-goldens`, or SWOOP_UPDATE_GOLDENS=1, rewrites the blocks.
//
// The line `;; options: explicit baseline` in a file asks for explicit bounds and the least CPU.
#include "jit/compile.h"
#include "jit/disassemble.h"
#include "jit/target.h"
#include "tests/support/wat.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace swoop {
namespace {

namespace fs = std::filesystem;

bool update_goldens = false;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a person wrote: everything before the first listing.
std::string source_of(const std::string& file) {
  const size_t listing = std::min(file.find("\n;; x64: "), file.find("\n;; a64: "));
  return listing == std::string::npos ? file : file.substr(0, listing);
}

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", value);
  return text;
}

/// The offset that an instruction's text refers to, as the disassembler writes it: `jz 0x10`,
/// `lea r10, [0x40]`; `b.ne #0x10`, `cbz x0, #0x10`, `adr x16, #0x40`, `ldr d0, #0x40`.
std::optional<uint32_t> reference(const std::string& text, jit::Isa isa) {
  if (isa == jit::Isa::a64) {
    const std::string name = text.substr(0, text.find(' '));
    const bool refers = name == "b" || name.starts_with("b.") || name == "cbz" || name == "cbnz" ||
                        name == "tbz" || name == "tbnz" || name == "adr" || name == "ldr";
    const size_t last = text.rfind(' ') + 1;
    if (!refers || text.compare(last, 3, "#0x") != 0 || text.back() == ']') return std::nullopt;
    return static_cast<uint32_t>(std::stoul(text.substr(last + 1), nullptr, 16));
  }
  size_t at = text.find("[0x");
  if (at != std::string::npos)
    at += 1;
  else if (text.starts_with("j"))
    at = text.find(" 0x") + 1;  // 0 where a register holds the target
  if (at == std::string::npos || at == 0) return std::nullopt;
  return static_cast<uint32_t>(std::stoul(text.substr(at), nullptr, 16));
}

/// One instruction per line; those that something in the function refers to show their offset.
/// Entries of jump tables, relative to the table in the code, show what they lead to.
std::string listing(const jit::CompiledModule& module, jit::Isa isa, uint32_t defined) {
  const jit::FuncEntry& entry = module.code.functions[defined];
  const std::span<const uint8_t> code(module.code.text.data() + entry.offset, entry.size);
  const uint32_t data_begin = entry.data_offset - entry.offset;
  const jit::DataRange data[] = {{data_begin, entry.size}};
  auto lines = jit::disassemble(code, isa, data);

  std::set<uint32_t> targets;
  std::set<uint32_t> tables;
  for (const jit::Instruction& line : lines) {
    const std::optional<uint32_t> target = reference(line.text, isa);
    if (!target) continue;
    targets.insert(*target);
    if (line.text.starts_with(isa == jit::Isa::x64 ? "lea" : "adr")) tables.insert(*target);
  }
  for (jit::Instruction& line : lines) {
    const auto table = tables.upper_bound(line.offset);
    if (line.offset < data_begin || table == tables.begin()) continue;
    uint32_t entry_value = 0;
    std::memcpy(&entry_value, code.data() + line.offset, sizeof entry_value);
    const uint32_t target = *std::prev(table) + entry_value;
    targets.insert(target);
    line.text = ".entry " + hex(target);
  }

  const FuncIdx func{module.info.num_imported_funcs + defined};
  const std::string name = module.info.func_name(func);
  std::string text = (isa == jit::Isa::x64 ? ";; x64: function " : ";; a64: function ") +
                     std::to_string(to_underlying(func)) +
                     (name.empty() ? "" : " \"" + name + "\"") + ", " + std::to_string(entry.size) +
                     " bytes\n";
  for (const jit::Instruction& line : lines) {
    std::string offset = targets.contains(line.offset) ? hex(line.offset) : "";
    offset.resize(7, ' ');
    text += ";; " + offset + line.text + "\n";
  }
  return text;
}

std::string listings(const std::string& source) {
  jit::CompileOptions options;
  const size_t at = source.find(";; options:");
  const std::string chosen =
      at == std::string::npos ? "" : source.substr(at, source.find('\n', at) - at);
  jit::Target& target = options.target;
  if (chosen.find("explicit") != std::string::npos) target.bounds = jit::BoundsMode::explicit_;
  target.sign_return_addresses = chosen.find("signed") != std::string::npos;
  target.interruption = chosen.find("interruption") != std::string::npos;
  target.fuel = chosen.find("fuel") != std::string::npos;
  target.cpu = {.lzcnt = true, .bmi1 = true, .bmi2 = true, .avx = true, .fma = true};
  if (chosen.find("baseline") != std::string::npos) target.cpu = {};
  target.cpu.bti = chosen.find("bti") != std::string::npos;
  std::string text;
  for (const jit::Isa isa : {jit::Isa::x64, jit::Isa::a64}) {
    target.isa = isa;
    TypeRegistry types;
    const Result<jit::CompiledModule> module =
        jit::compile_module(types, options, wat(source, WatNames::keep));
    if (!module.ok()) {
      ADD_FAILURE() << module.error().message;
      return "";
    }
    for (uint32_t i = 0; i < module->code.functions.size(); ++i)
      text += "\n" + listing(*module, isa, i);
  }
  return text;
}

class GoldenTest : public testing::Test {
 public:
  explicit GoldenTest(fs::path path) : path_(std::move(path)) {}
  void TestBody() override {
    if (!jit::can_disassemble(jit::Isa::x64) || !jit::can_disassemble(jit::Isa::a64)) {
      GTEST_SKIP() << "built without Zydis or Capstone (option `disassembler`): no listing was "
                      "compared";
    }
    const std::string file = read_file(path_);
    const std::string source = source_of(file);
    const std::string expected = source + listings(source);
    if (HasFailure() || file == expected) return;
    if (update_goldens) {
      std::ofstream(path_, std::ios::binary) << expected;
      std::printf("updated %s\n", path_.c_str());
      return;
    }
    EXPECT_EQ(file, expected) << "if this is meant: golden_test --update-goldens";
  }

 private:
  fs::path path_;
};

int run(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const char* const update = std::getenv("SWOOP_UPDATE_GOLDENS");
  update_goldens = update != nullptr && std::string_view(update) == "1";
  for (int i = 1; i < argc; ++i) update_goldens |= std::string_view(argv[i]) == "--update-goldens";

  const fs::path root = SWOOP_GOLDEN_DIR;
  std::set<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".wat") files.insert(entry.path());
  }
  for (const fs::path& path : files) {
    const std::string group = path.parent_path().filename();
    const std::string name = path.stem();
    testing::RegisterTest(("Golden_" + group).c_str(), name.c_str(), nullptr, nullptr, __FILE__,
                          __LINE__, [path] { return new GoldenTest(path); });
  }
  if (files.empty()) std::fprintf(stderr, "no goldens in %s\n", root.c_str());
  const int failures = RUN_ALL_TESTS();
  return files.empty() ? 1 : failures;
}

}  // namespace
}  // namespace swoop

int main(int argc, char** argv) {
  return swoop::run(argc, argv);
}

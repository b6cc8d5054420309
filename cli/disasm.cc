// `swoop disasm`: the compiler emits code in the order of the instructions, and notes for calls and
// traps which instruction they belong to. Between two such notes stand the instructions and the
// code of a stretch, side by side.
#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/module_errors.h"
#include "cli/operators.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/values.h"
#include "jit/compile.h"
#include "jit/disassemble.h"
#include "vm/trap_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <unistd.h>

namespace swoop::cli {
namespace {

constexpr size_t kWasmWidth = 44;

class Listing {
 public:
  Listing(const jit::CompiledModule& compiled, const TypeRegistry& types,
          std::span<const uint8_t> wasm)
      : module_(compiled.info), code_(compiled.code), types_(types), wasm_(wasm) {}

  void print(uint32_t defined_index) {
    const jit::FuncEntry& entry = code_.functions[defined_index];
    body_ = list_operators(module_, types_, defined_index, wasm_);
    find_sites(defined_index);
    const jit::DataRange data{entry.data_offset, entry.size};
    const bool has_data = data.begin != 0 && data.begin < data.end;
    instructions_ = jit::disassemble({code_.text.data() + entry.offset, entry.size},
                                     code_.target.isa, {&data, has_data ? size_t{1} : size_t{0}});

    text_.clear();
    print_header(defined_index, entry);
    next_operator_ = 0;
    size_t stretch = 0;  // first instruction that is not printed
    for (size_t i = 0; i < instructions_.size(); ++i) {
      const jit::CodeSite* const site = site_at(entry, instructions_[i]);
      if (site == nullptr || !belongs_to_next(site->wasm_offset)) continue;
      print_stretch(entry, stretch, i + 1, operator_after(site->wasm_offset));
      stretch = i + 1;
    }
    print_stretch(entry, stretch, instructions_.size(), body_.operators.size());
    text_ += '\n';
    std::fwrite(text_.data(), 1, text_.size(), stdout);
  }

 private:
  void find_sites(uint32_t defined_index) {
    const size_t end = defined_index + 1 < code_.functions.size()
                           ? code_.functions[defined_index + 1].first_site
                           : code_.sites.size();
    const size_t begin = code_.functions[defined_index].first_site;
    sites_ = std::span(code_.sites).subspan(begin, end - begin);
  }

  // A call's note stands at its return address, any other at its instruction.
  const jit::CodeSite* site_at(const jit::FuncEntry& entry,
                               const jit::Instruction& instruction) const {
    const uint32_t begin = entry.offset + instruction.offset;
    const uint32_t end = begin + instruction.size;
    for (auto site = std::ranges::lower_bound(sites_, begin, {}, &jit::CodeSite::code_offset);
         site != sites_.end() && site->code_offset <= end; ++site) {
      const bool is_call = site->kind == jit::CodeSite::kCall;
      if (site->code_offset == (is_call ? end : begin)) return &*site;
    }
    return nullptr;
  }

  // Code out of line belongs to instructions that have been printed.
  bool belongs_to_next(uint32_t wasm_offset) const {
    return next_operator_ < body_.operators.size() &&
           wasm_offset >= body_.operators[next_operator_].body_offset;
  }

  size_t operator_after(uint32_t wasm_offset) const {
    const auto after =
        std::ranges::upper_bound(body_.operators, wasm_offset, {}, &OperatorText::body_offset);
    return static_cast<size_t>(after - body_.operators.begin());
  }

  void print_header(uint32_t defined_index, const jit::FuncEntry& entry) {
    const FuncIdx func = module_.defined_func(defined_index);
    const BodyRange range = module_.bodies[defined_index];
    const std::string name = module_.func_name(func);
    text_ += fmt::format("function {}: {}\n", describe_function(func, name),
                         describe_type(types_, types_.func_type(module_.funcs[func].type)));
    text_ += fmt::format("  wasm {} bytes at {:#x}, machine code {} bytes at {:#x}", range.size,
                         range.offset, entry.size, entry.offset);
    if (range.size != 0) {
      text_ += fmt::format(", {:.2f} per byte", static_cast<double>(entry.size) / range.size);
    }
    text_ += '\n';
    if (!body_.locals.empty()) text_ += "  " + body_.locals + '\n';
  }

  void print_stretch(const jit::FuncEntry& entry, size_t first, size_t last, size_t end_operator) {
    for (size_t i = first; i < last || next_operator_ < end_operator; ++i) {
      std::string left;
      if (next_operator_ < end_operator) {
        const OperatorText& op = body_.operators[next_operator_++];
        left = fmt::format("{:6x}  {:{}}{}", op.body_offset, "", std::min<size_t>(op.depth, 12) * 2,
                           op.text);
      }
      if (i >= last) {
        text_ += left + '\n';
        continue;
      }
      // A long instruction gets a line of its own.
      if (left.size() > kWasmWidth) {
        text_ += left + '\n';
        left.clear();
      }
      text_ +=
          fmt::format("{:<{}} | {}\n", left, kWasmWidth, machine_line(entry, instructions_[i]));
    }
  }

  std::string machine_line(const jit::FuncEntry& entry, const jit::Instruction& instruction) const {
    std::string line = fmt::format("{:6x}  {}", instruction.offset, instruction.text);
    const jit::CodeSite* const site = site_at(entry, instruction);
    if (site == nullptr) return line;
    if (site->kind == jit::CodeSite::kCall) {
      if (const std::string callee = direct_callee(entry, instruction); !callee.empty()) {
        line = fmt::format("{:6x}  {} {}", instruction.offset,
                           instruction.text.substr(0, instruction.text.find(' ')), callee);
      }
      return line + fmt::format("  ; at {:x}", +site->wasm_offset);
    }
    const char* const trap = site->kind >= jit::CodeSite::kDivide
                                 ? "by zero or overflow"
                                 : to_string(TrapCode(static_cast<uint8_t>(site->kind)));
    return line + fmt::format("  ; at {:x}: {}", +site->wasm_offset, trap);
  }

  // Of a direct call, whose target the listing shows as a number that means nothing.
  std::string direct_callee(const jit::FuncEntry& entry,
                            const jit::Instruction& instruction) const {
    if (!instruction.callee) return {};
    const int64_t target = entry.offset + *instruction.callee;
    const auto callee =
        std::ranges::lower_bound(code_.functions, target, {},
                                 [](const jit::FuncEntry& func) { return int64_t{func.offset}; });
    if (callee == code_.functions.end() || callee->offset != target) return {};
    const FuncIdx func =
        module_.defined_func(static_cast<uint32_t>(callee - code_.functions.begin()));
    return "function " + describe_function(func, module_.func_name(func));
  }

  const ModuleInfo& module_;
  const jit::CodeObject& code_;
  const TypeRegistry& types_;
  std::span<const uint8_t> wasm_;
  BodyText body_;
  std::span<const jit::CodeSite> sites_;
  std::vector<jit::Instruction> instructions_;
  size_t next_operator_ = 0;
  std::string text_;
};

// A function by its number, or all by their name.
std::vector<uint32_t> find_functions(const ModuleInfo& module, const std::string& wanted) {
  std::vector<uint32_t> found;
  uint32_t number = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto [rest, error] = std::from_chars(wanted.data(), end, number);
  const bool is_number = error == std::errc() && rest == end;
  for (uint32_t i = 0; i < module.num_defined_funcs(); ++i) {
    const FuncIdx func = module.defined_func(i);
    if (is_number ? to_underlying(func) == number : module.func_name(func) == wanted) {
      found.push_back(i);
    }
  }
  if (found.empty() && !is_number) {
    // A function may have another name than it is exported by.
    for (const Export& exported : module.exports) {
      const FuncIdx func = FuncIdx(exported.index);
      if (exported.kind == ExternKind::func && exported.name == wanted &&
          !module.is_imported(func)) {
        found.push_back(exported.index - module.num_imported_funcs);
      }
    }
  }
  return found;
}

int report_unknown_function(const ModuleInfo& module, const std::string& file,
                            const std::string& wanted) {
  print_error(fmt::format("usage: the module defines no function {}", wanted));
  print_place(file);
  Suggestion suggestion(wanted);
  for (const auto& [func, name] : module.names.functions) suggestion.consider(name);
  for (const Export& exported : module.exports) {
    if (exported.kind == ExternKind::func) suggestion.consider(exported.name);
  }
  if (!suggestion.best().empty()) print_hint("did you mean " + suggestion.best() + "?");
  print_hint(fmt::format("functions {} to {} are defined", module.num_imported_funcs,
                         static_cast<int64_t>(module.funcs.size()) - 1));
  return kUsage;
}

#ifdef SWOOP_DISASM_COMMAND
// Becomes the command that has a disassembler, which stands beside this one; returns if it does
// not.
void become_disassembler(char** argv) {
  std::array<char, 4096> exe;
  const ssize_t size = readlink("/proc/self/exe", exe.data(), exe.size());
  if (size <= 0 || static_cast<size_t>(size) == exe.size()) return;
  std::string path(exe.data(), static_cast<size_t>(size));
  path.replace(path.rfind('/') + 1, std::string::npos, SWOOP_DISASM_COMMAND);
  execv(path.c_str(), argv);
}
#endif

}  // namespace

int disasm(const DisasmOptions& options) {
  const jit::Isa isa = options.compiler.target.isa;
#ifdef SWOOP_DISASM_COMMAND
  if (!jit::can_disassemble(isa)) become_disassembler(options.argv);
#endif
  ModuleFile file;
  if (const Result<> read = read_module(options.file, file); !read) {
    return report(read.error(), file);
  }
  jit::CompileOptions compile_options;
  compile_options.jobs = choose_jobs(options.compiler, file.wasm.size());
  compile_options.poison_upper_halves = options.compiler.poison;
  compile_options.target = options.compiler.target;
  TypeRegistry types;
  const Result<jit::CompiledModule> compiled =
      jit::compile_module(types, compile_options, file.wasm);
  if (!compiled) return report(compiled.error(), file);
  if (!jit::can_disassemble(isa)) {
#ifdef SWOOP_DISASM_COMMAND
    print_hint(SWOOP_DISASM_COMMAND " is not beside this command: machine code is shown as bytes");
#else
    print_hint(
        fmt::format("this build has no disassembler for {} ({}): machine code is shown as bytes",
                    to_string(isa), isa == jit::Isa::x64 ? "Zydis" : "Capstone"));
#endif
  }

  Listing listing(*compiled, types, file.wasm);
  if (options.function) {
    const std::vector<uint32_t> found = find_functions(compiled->info, *options.function);
    if (found.empty()) {
      return report_unknown_function(compiled->info, options.file, *options.function);
    }
    for (const uint32_t i : found) listing.print(i);
  } else {
    for (uint32_t i = 0; i < compiled->info.num_defined_funcs(); ++i) listing.print(i);
  }
  return kOk;
}

}  // namespace swoop::cli

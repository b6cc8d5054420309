#include "cli/module_errors.h"

#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/file_kind.h"
#include "decoder/module_decoder.h"
#include "decoder/section_decoder.h"
#include "text/token.h"
#include "text/wat.h"
#include "wasm/opcode.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace swoop::cli {
namespace {

/// Finds the function whose body contains an offset.
class FindFunction final : public ModuleDecoder::Listener {
 public:
  explicit FindFunction(size_t offset) : offset_(offset) {}

  Result<> on_body(const ModuleInfo& module, uint32_t defined_index, std::span<const uint8_t> body,
                   size_t body_offset) override {
    // A body's error may lie at its end, where the next one begins with its size.
    if (offset_ >= body_offset && offset_ <= body_offset + body.size() && !found) {
      found = module.defined_func(defined_index);
      name = module.func_name(*found);
    }
    return {};
  }

  std::optional<FuncIdx> found;
  std::string name;

 private:
  size_t offset_;
};

struct FunctionAt {
  std::optional<FuncIdx> func;
  std::string name;
};

FunctionAt function_at(size_t offset, std::span<const uint8_t> wasm) {
  FindFunction finder(offset);
  TypeRegistry types;
  const Result<ModuleInfo> module = decode_module(types, Features(), wasm, finder);
  if (!finder.found) return {};
  // The section of names comes after the bodies.
  return {finder.found, module.ok() ? module->func_name(*finder.found) : finder.name};
}

std::string place(const Error& error, const std::string& path, std::span<const uint8_t> wasm) {
  if (error.offset == kNoOffset) return path;
  const std::string text = fmt::format("{}:{:#x}", path, error.offset);
  const FunctionAt function = function_at(error.offset, wasm);
  if (!function.func) return text;
  return text + ", function " + describe_function(*function.func, function.name);
}

// "section 10 (code) says it has 5000 bytes, but the file ends 1200 bytes earlier", or empty.
std::string describe_truncation(std::span<const uint8_t> wasm) {
  size_t position = 8;
  while (position < wasm.size()) {
    const uint8_t id = wasm[position++];
    uint64_t size = 0;
    for (unsigned shift = 0; position < wasm.size() && shift < 35; shift += 7) {
      const uint8_t byte = wasm[position++];
      size |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    if (id >= std::size(kSectionNames)) return {};
    if (size > wasm.size() - position) {
      return fmt::format(
          "the {} section says it has {} bytes, but the file ends after {} of them: is it "
          "complete?",
          kSectionNames[id], size, wasm.size() - position);
    }
    position += size;
  }
  return {};
}

void print_hints(const Error& error, std::span<const uint8_t> wasm) {
  if (error.kind != ErrorKind::malformed) return;
  const FileGuess guess = recognize(wasm);
  switch (guess.kind) {
    case FileKind::module:
      if (const std::string truncation = describe_truncation(wasm); !truncation.empty()) {
        print_hint(truncation);
      }
      break;
    case FileKind::component:
      print_hint("this is a component; this runtime runs core modules");
      print_hint("jco transpile or wasm-tools component unbundle take the core modules out of it");
      break;
    case FileKind::cut_header:
      print_hint("the file ends within the header: is it complete?");
      break;
    case FileKind::empty: print_hint("the file is empty"); break;
    case FileKind::other_version:
    case FileKind::unknown: break;
    default: print_hint("it looks like " + guess.description); break;
  }
}

void print_text_error(const ModuleFile& file, size_t offset, std::string_view message) {
  const text::TextPosition position = text::position_of(file.text, offset);
  print_error_at(fmt::format("{}:{}:{}", file.path, position.line, position.column), message);
  print_excerpt(text::excerpt(file.text, offset));
}

void suggest_operator(std::string_view word) {
  Suggestion suggestion(word);
  for (const OpInfo& info : kOpcodes) suggestion.consider(info.text);
  if (!suggestion.best().empty()) print_hint("did you mean " + suggestion.best() + "?");
}

// The nearest of all identifiers in the text, whatever they name.
void suggest_identifier(std::string_view text, std::string_view wanted) {
  Suggestion suggestion(wanted);
  const text::TokenList list = text::tokenize(text);
  for (const text::Token& token : list.tokens) {
    if (token.kind != text::TokenKind::id) continue;
    const std::string_view id = list.text(token);
    if (id != wanted) suggestion.consider(id);
  }
  if (!suggestion.best().empty()) print_hint("did you mean " + suggestion.best() + "?");
}

// Of fields that stand in no other field.
constexpr std::string_view kOuterFields[] = {"func", "table", "memory", "global",
                                             "data", "elem",  "start",  "tag"};

// A function that begins on a line of its own in another one shows where a parenthesis is missing.
void hint_at_missing_parenthesis(std::string_view text) {
  const text::TokenList list = text::tokenize(text);
  std::vector<size_t> open;  // offsets of parentheses, the function's after that of the module
  size_t func_depth = 0;     // 0: in none
  for (size_t i = 0; i + 1 < list.tokens.size(); ++i) {
    const text::Token& token = list.tokens[i];
    if (token.kind == text::TokenKind::right) {
      if (!open.empty()) open.pop_back();
      if (open.size() < func_depth) func_depth = 0;
    }
    if (token.kind != text::TokenKind::left && token.kind != text::TokenKind::annotation) continue;
    open.push_back(token.offset);
    const std::string_view keyword = list.text(list.tokens[i + 1]);
    const bool is_first =
        i == 0 || text.substr(0, token.offset)
                          .substr(list.tokens[i - 1].offset + list.tokens[i - 1].size)
                          .find('\n') != std::string_view::npos;
    if (func_depth != 0 && is_first && std::ranges::count(kOuterFields, keyword) != 0) {
      print_hint(fmt::format(
          "({} in line {} is still in the function of line {}: is a ) missing in front of it?",
          keyword, text::position_of(text, token.offset).line,
          text::position_of(text, open[func_depth - 1]).line));
      return;
    }
    if (func_depth == 0 && keyword == "func" && open.size() <= 2) func_depth = open.size();
  }
}

void hint_at_unexpected(const Error& error, std::string_view word) {
  const auto ends_with = [&](std::string_view end) { return error.message.ends_with(end); };
  if (ends_with(" after the module")) {
    print_hint(word.empty() ? "there are more closing parentheses than opening ones"
                            : "swoop wast runs scripts of several modules and assertions");
  } else if (ends_with("expected a module field")) {
    print_hint(
        "fields are type, import, func, table, memory, global, tag, export, start, elem and data");
  } else if (ends_with("instruction") && word.starts_with('$')) {
    print_hint(fmt::format("operands are instructions: (local.get {})", word));
  } else if (ends_with("expected a folded instruction") &&
             word.find_first_of("0123456789") != std::string_view::npos) {
    print_hint(fmt::format("operands are instructions: (i32.const {})", word));
  }
}

void print_text_hints(const Error& error, std::string_view text) {
  const std::string_view head = text.substr(0, 4096);
  if (recognize(std::vector<uint8_t>(head.begin(), head.end())).kind == FileKind::component_text) {
    print_hint("this is the text of a component; this runtime runs core modules");
    return;
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    return print_hint("it begins with a byte order mark; save it as UTF-8 without one");
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return print_hint("it looks like UTF-16; save it as UTF-8");
  }
  if (error.message.starts_with("unclosed parenthesis")) return hint_at_missing_parenthesis(text);
  if (error.offset >= text.size()) return;
  const std::string_view rest = text.substr(error.offset);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n();\""));
  const auto begins_with = [&](std::string_view begin) { return error.message.starts_with(begin); };
  if (begins_with("unknown operator ")) {
    suggest_operator(word);
  } else if (begins_with("unknown ") && word.starts_with('$')) {
    suggest_identifier(text, word);
  } else if (begins_with("unknown type ")) {
    print_hint("value types are i32, i64, f32, f64, v128, funcref, externref and (ref ...)");
  } else if (begins_with("import after ")) {
    print_hint("imports come before all functions, tables, memories, globals and tags");
  } else if (begins_with("unexpected ")) {
    const bool is_left = rest.starts_with('(');
    hint_at_unexpected(error, is_left ? rest.substr(0, 1) : word);
  }
}

// Without the function, which is named below the excerpt.
std::string without_function(const std::string& message, FuncIdx func) {
  const std::string place = " in function " + std::to_string(to_underlying(func));
  const size_t found = message.rfind(place);
  if (found == std::string::npos) return message;
  const std::string_view rest = std::string_view(message).substr(found + place.size());
  return rest.empty() || rest.starts_with(" \"") ? message.substr(0, found) : message;
}

}  // namespace

std::string describe_function(FuncIdx func, const std::string& name) {
  const std::string number = std::to_string(to_underlying(func));
  return name.empty() ? number : number + " " + quoted(abbreviated(name));
}

int report(const Error& error, const std::string& path, std::span<const uint8_t> wasm) {
  std::string message = std::string(to_string(error.kind)) + ": " + error.message;
  if (error.kind == ErrorKind::unsupported && error.offset != kNoOffset) {
    message += fmt::format(" at offset {:#x}", error.offset);
  }
  print_error(message);
  if (error.kind != ErrorKind::io) print_place(place(error, path, wasm));
  print_hints(error, wasm);
  return exit_code(error.kind);
}

int report(const Error& error, const ModuleFile& file) {
  if (!file.is_text || error.kind == ErrorKind::io) return report(error, file.path, file.wasm);
  if (file.is_broken_text()) {
    print_text_error(file, error.offset, error.message);
    print_text_hints(error, file.text);
    return exit_code(error.kind);
  }
  const std::string message = std::string(to_string(error.kind)) + ": " + error.message;
  const auto text_offset =
      error.offset == kNoOffset ? std::nullopt : file.source_map.find(error.offset);
  if (!text_offset) {
    print_error(message);
    print_place(file.path);
    return exit_code(error.kind);
  }
  const FunctionAt function = function_at(error.offset, file.wasm);
  print_text_error(file, *text_offset,
                   function.func ? without_function(message, *function.func) : message);
  if (function.func) {
    print_place("function " + describe_function(*function.func, function.name));
  }
  return exit_code(error.kind);
}

std::string describe_place(const ModuleFile& file, size_t module_offset) {
  const auto text_offset = file.is_text ? file.source_map.find(module_offset) : std::nullopt;
  if (!text_offset) return fmt::format("module offset {:#x}", module_offset);
  const text::TextPosition position = text::position_of(file.text, *text_offset);
  return fmt::format("{}:{}:{}", file.path, position.line, position.column);
}

}  // namespace swoop::cli

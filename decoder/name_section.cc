#include "decoder/name_section.h"

#include "decoder/byte_reader.h"
#include "wasm/limits.h"

#include <string>
#include <string_view>

namespace swoop {

namespace {

void read_function_names(ByteReader& reader, NameSection& names) {
  const uint32_t count = reader.read_count();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const FuncIdx func = FuncIdx(reader.read_u32());
    const std::string_view name = reader.read_name();
    const bool is_ascending = names.functions.empty() || names.functions.back().first < func;
    if (!reader.ok() || !is_ascending || to_underlying(func) >= limits::kMaxFunctions) return;
    if (name.size() <= limits::kMaxNameBytes) names.functions.push_back({func, std::string(name)});
  }
}

}  // namespace

void read_name_section(std::span<const uint8_t> contents, NameSection& names) {
  constexpr uint8_t kModuleName = 0;
  constexpr uint8_t kFunctionNames = 1;
  ByteReader reader(contents, 0);
  while (reader.ok() && !reader.at_end()) {
    const uint8_t id = reader.read_u8();
    const std::span<const uint8_t> subsection = reader.read_byte_vector();
    ByteReader inner(subsection, 0);
    if (id == kModuleName) {
      const std::string_view name = inner.read_name();
      if (name.size() <= limits::kMaxNameBytes) names.module = name;
    } else if (id == kFunctionNames && names.functions.empty()) {
      read_function_names(inner, names);
    }
  }
}

}  // namespace swoop

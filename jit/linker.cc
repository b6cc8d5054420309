#include "jit/linker.h"

#include <cstring>
#include <utility>

namespace swoop::jit {

Result<CodeObject> link(std::vector<CodeChunk> chunks) {
  size_t text_size = 0, functions = 0, sites = 0;
  for (const CodeChunk& chunk : chunks) {
    text_size += chunk.text.size();
    functions += chunk.functions.size();
    sites += chunk.sites.size();
  }
  if (text_size > INT32_MAX)
    return Error(ErrorKind::limit_exceeded, "machine code of more than 2 GiB");

  CodeObject code;
  code.text.reserve(text_size);
  code.functions.reserve(functions);
  code.sites.reserve(sites);
  std::vector<Reloc> calls;
  for (CodeChunk& chunk : chunks) {
    const uint32_t base = static_cast<uint32_t>(code.text.size());
    const uint32_t first_site = static_cast<uint32_t>(code.sites.size());
    code.text.insert(code.text.end(), chunk.text.begin(), chunk.text.end());
    for (FuncEntry entry : chunk.functions) {
      entry.offset += base;
      entry.data_offset += base;
      entry.first_site += first_site;
      code.functions.push_back(entry);
    }
    for (CodeSite site : chunk.sites) {
      site.code_offset += base;
      code.sites.push_back(site);
    }
    for (Reloc reloc : chunk.relocs) {
      reloc.offset += base;
      (reloc.kind == RelocKind::call ? calls : code.relocs).push_back(reloc);
    }
    chunk = {};  // two copies of a large module's code are enough
  }
  for (const Reloc& call : calls) {
    const uint32_t displacement = code.functions[call.symbol].offset - (call.offset + 4);
    std::memcpy(code.text.data() + call.offset, &displacement, sizeof displacement);
  }
  return code;
}

Result<ExecutableImage> load(const CodeObject& code, const IndexVector<TypeIdx, TypeId>& types) {
  auto memory = platform::CodeMemory::allocate(std::max<size_t>(code.text.size(), 1));
  if (!memory) {
    return Error(ErrorKind::out_of_memory,
                 "cannot map " + std::to_string(code.text.size()) + " bytes for machine code");
  }
  uint8_t* const text = memory->writable().data();
  if (!code.text.empty()) std::memcpy(text, code.text.data(), code.text.size());
  for (const Reloc& reloc : code.relocs) {
    CHECK(reloc.kind == RelocKind::type_id && size_t{reloc.offset} + 4 <= code.text.size());
    const uint32_t id = to_underlying(types[TypeIdx(reloc.symbol)]);
    std::memcpy(text + reloc.offset, &id, sizeof id);
  }
  if (!memory->seal())
    return Error(ErrorKind::out_of_memory, "the system refuses executable memory");
  return ExecutableImage{std::move(*memory)};
}

}  // namespace swoop::jit

#include "jit/linker.h"

#include "base/check.h"
#include "jit/a64/encoding.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace swoop::jit {

bool CodeText::reserve(size_t capacity) {
  std::optional<platform::CodeMemory> larger =
      pool_ != nullptr ? pool_->take(capacity) : platform::CodeMemory::allocate(capacity);
  if (!larger) return false;
  if (size_ != 0) std::memcpy(larger->writable().data(), memory_.data(), size_);
  std::swap(memory_, *larger);
  leave(std::move(*larger));
  return true;
}

Linker::Linker(uint64_t code_section_bytes, uint32_t num_functions,
               std::shared_ptr<CodePool> pool) {
  code_.text = CodeText(std::move(pool));
  // About what real modules need. Where the room is refused, `add` asks for less.
  const auto expected = static_cast<size_t>(code_section_bytes);
  (void)code_.text.reserve(2 * expected + 32 * size_t{num_functions} + 4096);
  code_.sites.reserve(expected / 10);
  code_.functions.reserve(num_functions);
}

Result<> Linker::add(const CodeChunkView& chunk) {
  if (chunk.too_large) {
    return Error(ErrorKind::limit_exceeded, "machine code of defined function " +
                                                std::to_string(*chunk.too_large) +
                                                " is larger than its body may cost");
  }
  const auto base = static_cast<uint32_t>(code_.text.size());
  if (code_.text.size() + chunk.text.size() > INT32_MAX)
    return Error(ErrorKind::limit_exceeded, "machine code of more than 2 GiB");
  if (!code_.text.append(chunk.text))
    return Error(ErrorKind::out_of_memory, "cannot map memory for machine code");

  const auto first_site = static_cast<uint32_t>(code_.sites.size());
  code_.sites.insert(code_.sites.end(), chunk.sites.begin(), chunk.sites.end());
  for (CodeSite& site : std::span(code_.sites).subspan(first_site)) site.code_offset += base;
  for (FuncEntry entry : chunk.functions) {
    entry.offset += base;
    entry.data_offset += base;
    entry.first_site += first_site;
    code_.functions.push_back(entry);
  }
  if (chunk.tries != nullptr) add(*chunk.tries, base);
  for (Reloc reloc : chunk.relocs) {
    reloc.offset += base;
    has_short_calls_ |= reloc.kind == RelocKind::call26;
    if (reloc.kind == RelocKind::type_id)
      code_.relocs.push_back(reloc);
    else if (reloc.symbol < code_.functions.size())
      resolve(reloc);
    else
      forward_calls_.push_back(reloc);
  }
  // Any call may go to the function that comes last.
  if (has_short_calls_ && code_.text.size() > static_cast<size_t>(a64::kFieldB.reach())) {
    return Error(ErrorKind::limit_exceeded,
                 "machine code of more than 128 MiB, which calls cannot cross on AArch64");
  }
  return {};
}

void Linker::add(const TryTables& tries, uint32_t base) {
  const auto first_region = static_cast<uint32_t>(code_.tries.regions.size());
  const auto first_clause = static_cast<uint32_t>(code_.tries.clauses.size());
  const auto moved = [](uint32_t index, uint32_t first) {
    return index == TryTables::kNone ? index : index + first;
  };
  for (const TryRange& range : tries.ranges)
    code_.tries.ranges.push_back({range.code_offset + base, moved(range.region, first_region)});
  for (const TryRegion& region : tries.regions) {
    code_.tries.regions.push_back(
        {moved(region.parent, first_region), moved(region.first_clause, first_clause)});
  }
  for (TryClause clause : tries.clauses) {
    clause.next = moved(clause.next, first_clause);
    clause.handler += base;
    code_.tries.clauses.push_back(clause);
  }
}

void Linker::resolve(const Reloc& call) {
  const uint32_t target = code_.functions[call.symbol].offset;
  if (call.kind == RelocKind::call) {
    code_.text.write_u32(call.offset, target - (call.offset + 4));
    return;
  }
  const std::optional<uint32_t> bl =
      a64::with_displacement(a64::kBl, int64_t{target} - int64_t{call.offset});
  CHECK(bl && "add() refuses what a call cannot reach");
  code_.text.write_u32(call.offset, *bl);
}

CodeObject Linker::finish() && {
  for (const Reloc& call : forward_calls_) resolve(call);
  return std::move(code_);
}

Result<> load(CodeObject& code, const IndexVector<TypeIdx, TypeId>& types) {
  for (const Reloc& reloc : code.relocs) {
    CHECK(reloc.kind == RelocKind::type_id);
    code.text.write_u32(reloc.offset, to_underlying(types[TypeIdx(reloc.symbol)]));
  }
  if (!code.text.seal(code.target.cpu.bti))
    return Error(ErrorKind::out_of_memory, "the system refuses executable memory");
  return {};
}

}  // namespace swoop::jit

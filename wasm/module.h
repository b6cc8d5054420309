// What the sections of a module say: the decoder's product, read-only for every later layer. Code
// bodies are spans of the module's bytes. Spec: syntax/modules.
#pragma once

#include "base/index_vector.h"
#include "wasm/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace swoop {

/// An instruction sequence that can be evaluated at instantiation. The usual forms are stored ready
/// to use, all others as validated bytes, which runtime/const_eval runs. Spec:
/// valid/instructions#constant-expressions.
struct ConstExpr {
  enum class Kind : uint8_t {
    i32,
    i64,
    f32,
    f64,         // bits holds the value, zero-extended
    ref_null,    // of any type
    ref_func,    // index
    global_get,  // index
    bytes,       // everything else: `code`, up to and including `end`
  };
  Kind kind = Kind::i32;
  uint64_t bits = 0;
  uint32_t index = 0;
  std::vector<uint8_t> code;
  size_t wasm_offset = 0;
};

struct Import {
  std::string module;
  std::string name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0;  // in the index space of `kind`
  size_t wasm_offset = 0;
};

struct Export {
  std::string name;
  ExternKind kind = ExternKind::func;
  uint32_t index = 0;
};

struct FuncDecl {
  TypeIdx type_idx;
  TypeId type;
  bool is_declared = false;  // may be named by ref.func (exports, elements, globals)
};

struct TableDecl {
  TableType type;
  std::optional<ConstExpr> init;
};

struct MemoryDecl {
  MemoryType type;
};

struct GlobalDecl {
  GlobalType type;
  ConstExpr init;  // meaningless for imports
};

struct TagDecl {
  TagType type;
};

enum class SegmentMode : uint8_t { active, passive, declarative };

/// Spec: syntax/modules#element-segments.
struct ElemSegment {
  SegmentMode mode = SegmentMode::active;
  TableIdx table{};
  ConstExpr offset;
  ValType type;
  std::vector<FuncIdx> funcs;    // when every element is a plain function index; else empty
  std::vector<ConstExpr> exprs;  // otherwise
  size_t size() const { return funcs.empty() ? exprs.size() : funcs.size(); }
};

/// Spec: syntax/modules#data-segments. `bytes` is copied: module bytes are not kept.
struct DataSegment {
  SegmentMode mode = SegmentMode::active;
  MemoryIdx memory{};
  ConstExpr offset;
  std::vector<uint8_t> bytes;
};

/// Where the body of a defined function lies: from the local declarations to its final `end`.
struct BodyRange {
  uint32_t offset = 0;  // from the start of the module, of the first byte after the size field
  uint32_t size = 0;
};

struct NameSection {
  std::string module;
  std::vector<std::pair<FuncIdx, std::string>> functions;  // ascending
};

struct CustomSection {
  std::string name;
  std::vector<uint8_t> bytes;
};

struct ModuleInfo {
  IndexVector<TypeIdx, TypeId> types;
  std::vector<Import> imports;
  // Imported entities come first in each index space.
  IndexVector<FuncIdx, FuncDecl> funcs;
  IndexVector<TableIdx, TableDecl> tables;
  IndexVector<MemoryIdx, MemoryDecl> memories;
  IndexVector<GlobalIdx, GlobalDecl> globals;
  IndexVector<TagIdx, TagDecl> tags;
  uint32_t num_imported_funcs = 0;
  uint32_t num_imported_tables = 0;
  uint32_t num_imported_memories = 0;
  uint32_t num_imported_globals = 0;
  uint32_t num_imported_tags = 0;
  std::vector<Export> exports;
  std::optional<FuncIdx> start;
  IndexVector<ElemIdx, ElemSegment> elems;
  IndexVector<DataIdx, DataSegment> datas;
  std::optional<uint32_t> data_count;
  std::vector<BodyRange> bodies;  // of defined functions, in order
  NameSection names;
  std::vector<CustomSection> custom_sections;  // in order, that of the names among them
  uint64_t code_section_offset = 0;            // of the code section's contents in the module
  uint64_t code_section_size = 0;              // bytes of the code section's contents
  uint64_t module_size = 0;                    // bytes of the whole module

  bool is_imported(FuncIdx func) const { return to_underlying(func) < num_imported_funcs; }
  uint32_t num_defined_funcs() const {
    return static_cast<uint32_t>(funcs.size()) - num_imported_funcs;
  }
  FuncIdx defined_func(uint32_t i) const { return FuncIdx(num_imported_funcs + i); }

  /// The function's name for people: from the name section, else its export, else empty.
  std::string func_name(FuncIdx func) const;
};

}  // namespace swoop

// Keywords of the text format that stand for rows of the tables in wasm/.
#pragma once

#include "decoder/section_decoder.h"
#include "wasm/opcode.h"
#include "wasm/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace swoop::text {

/// The instruction of this spelling, the first row where several share it (select, ref.test,
/// ref.cast); null if there is none. Constant time.
const OpInfo* find_op_info(std::string_view keyword);

/// "func", "extern", ...
std::optional<AbstractHeapType> find_heap_type(std::string_view keyword);
/// "funcref", "externref", ...: nullable references.
std::optional<AbstractHeapType> find_reference_type(std::string_view keyword);

/// How annotations name a section.
const char* section_keyword(SectionId id);

}  // namespace swoop::text

#include "text/keywords.h"

#include <array>
#include <bit>
#include <cstddef>
#include <iterator>

namespace swoop::text {

namespace {

struct HeapTypeRow {
  AbstractHeapType type;
  std::string_view text;
  std::string_view reference;
};

constexpr HeapTypeRow kHeapTypes[] = {
#define HEAP_TYPE(name, code, text, reference) {AbstractHeapType::name, text, reference},
#include "wasm/heap_types.def"
};

constexpr uint32_t hash(std::string_view text) {
  uint32_t value = 2166136261;
  for (const char c : text) value = (value ^ static_cast<uint8_t>(c)) * 16777619;
  return value ^ value >> 15;
}

constexpr size_t kSlots = std::bit_ceil(std::size(kOpcodes) * 3);
constexpr uint16_t kNoRow = 0xffff;

// Open addressing over the rows of opcodes.def.
constexpr auto kRows = [] {
  std::array<uint16_t, kSlots> rows{};
  rows.fill(kNoRow);
  for (size_t row = 0; row < std::size(kOpcodes); ++row) {
    const std::string_view text = kOpcodes[row].text;
    size_t slot = hash(text) % kSlots;
    while (rows[slot] != kNoRow && kOpcodes[rows[slot]].text != text) slot = (slot + 1) % kSlots;
    if (rows[slot] == kNoRow) rows[slot] = static_cast<uint16_t>(row);
  }
  return rows;
}();

}  // namespace

const OpInfo* find_op_info(std::string_view keyword) {
  for (size_t slot = hash(keyword) % kSlots; kRows[slot] != kNoRow; slot = (slot + 1) % kSlots) {
    const OpInfo& info = kOpcodes[kRows[slot]];
    if (info.text == keyword) return &info;
  }
  return nullptr;
}

std::optional<AbstractHeapType> find_heap_type(std::string_view keyword) {
  for (const HeapTypeRow& row : kHeapTypes) {
    if (row.text == keyword) return row.type;
  }
  return std::nullopt;
}

std::optional<AbstractHeapType> find_reference_type(std::string_view keyword) {
  for (const HeapTypeRow& row : kHeapTypes) {
    if (row.reference == keyword) return row.type;
  }
  return std::nullopt;
}

const char* section_keyword(SectionId id) {
  static constexpr const char* kKeywords[] = {"custom", "type",   "import",    "func",  "table",
                                              "memory", "global", "export",    "start", "elem",
                                              "code",   "data",   "datacount", "tag"};
  return kKeywords[static_cast<size_t>(id)];
}

}  // namespace swoop::text

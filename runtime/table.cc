#include "runtime/table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace swoop {
Result<std::unique_ptr<Table>> Table::create(const TypeRegistry& types, const TableType& type,
                                             uint64_t init, uint64_t max_elements,
                                             TableBudget& budget) {
  const uint64_t min = type.limits.min;
  if (min > max_elements || min > budget.left) {
    return Error(ErrorKind::limit_exceeded, "table is larger than this engine allows");
  }
  const bool holds_functions = types.is_subtype(type.element, ValType::funcref);
  std::unique_ptr<Table> table(new Table(type, holds_functions, budget));
  table->max_size_ = std::min(type.limits.max.value_or(UINT64_MAX), max_elements);
  if (!table->reserve(min)) return Error(ErrorKind::out_of_memory, "no memory for a table");
  budget.left -= min;
  table->size_ = min;
  table->fill(0, min, init);
  return table;
}

Table::~Table() {
  budget_.left += size_;
  std::free(entries_);
}

bool Table::reserve(uint64_t capacity) {
  if (capacity <= capacity_) return true;
  void* const entries = std::realloc(entries_, capacity * entry_bytes());
  if (entries == nullptr) return false;
  entries_ = entries;
  capacity_ = capacity;
  return true;
}

uint64_t Table::get(uint64_t index) const {
  DCHECK(index < size_);
  if (!holds_functions_) return static_cast<const uint64_t*>(entries_)[index];
  return reinterpret_cast<uintptr_t>(static_cast<const VmFuncRef*>(entries_)[index].self);
}

void Table::set(uint64_t index, uint64_t reference) {
  fill(index, 1, reference);
}

void Table::fill(uint64_t index, uint64_t count, uint64_t reference) {
  CHECK(contains(index, count));
  if (holds_functions_) {
    std::fill_n(static_cast<VmFuncRef*>(entries_) + index, count, to_entry(reference));
  } else {
    std::fill_n(static_cast<uint64_t*>(entries_) + index, count, reference);
  }
}

void Table::copy(Table& to, uint64_t to_index, const Table& from, uint64_t from_index,
                 uint64_t count) {
  CHECK(to.contains(to_index, count) && from.contains(from_index, count));
  CHECK(to.holds_functions_ == from.holds_functions_);
  if (count == 0) return;
  const size_t entry = to.entry_bytes();
  std::memmove(static_cast<uint8_t*>(to.entries_) + to_index * entry,
               static_cast<const uint8_t*>(from.entries_) + from_index * entry, count * entry);
}

std::optional<uint64_t> Table::grow(uint64_t delta, uint64_t init) {
  const uint64_t old_size = size_;
  // Importing a table does not change max_size_, which is below 2^63: no overflow here.
  if (delta > max_size_ || old_size > max_size_ - delta || delta > budget_.left)
    return std::nullopt;
  const uint64_t new_size = old_size + delta;
  if (new_size > capacity_) {
    // Doubling keeps a guest that grows one by one linear; without room for that, just enough.
    const uint64_t generous = std::min(std::max(new_size, capacity_ * 2), max_size_);
    if (!reserve(generous) && !reserve(new_size)) return std::nullopt;
  }
  budget_.left -= delta;
  size_ = new_size;
  fill(old_size, delta, init);
  for (VmSpan* const mirror : mirrors_) *mirror = {entries_, size_};
  return old_size;
}

void Table::add_mirror(VmSpan* mirror) {
  *mirror = {entries_, size_};
  mirrors_.push_back(mirror);
}

}  // namespace swoop

#include "runtime/table.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace swoop {
Result<std::unique_ptr<Table>> Table::create(const TypeRegistry& types, const TableType& type,
                                             uint64_t init, uint64_t max_elements, Budget& budget) {
  const uint64_t min = type.limits.min;
  if (min > max_elements) {
    return Error(ErrorKind::limit_exceeded, "table of " + std::to_string(min) +
                                                " elements is larger than the engine's limit of " +
                                                std::to_string(max_elements));
  }
  const bool holds_functions = types.is_subtype(type.element, ValType::funcref);
  std::unique_ptr<Table> table(new Table(type, holds_functions, budget));
  const uint64_t addressable = type.address_type == AddressType::i32 ? UINT32_MAX : UINT64_MAX;
  table->max_size_ = std::min(type.limits.max.value_or(addressable), max_elements);
  if (!budget.has(min)) return budget.exceeded();
  if (!table->reserve(min)) return Error(ErrorKind::out_of_memory, "no memory for a table");
  CHECK(budget.take(min));
  table->size_ = min;
  table->least_size_ = min;
  table->fill(0, min, init);
  return table;
}

Table::~Table() {
  budget_.give_back(size_);
  std::free(entries_);
}

bool Table::reserve(uint64_t capacity) {
  if (capacity <= capacity_) return true;
  if (capacity > SIZE_MAX / entry_bytes()) return false;
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
  contents_id_ = 0;
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
  to.contents_id_ = 0;
  const size_t entry = to.entry_bytes();
  std::memmove(static_cast<uint8_t*>(to.entries_) + to_index * entry,
               static_cast<const uint8_t*>(from.entries_) + from_index * entry, count * entry);
}

bool Table::may_grow(uint64_t delta) const {
  // Importing a table does not change max_size_, which is below 2^63: no overflow here.
  return delta <= max_size_ && size_ <= max_size_ - delta && budget_.has(delta);
}

std::optional<uint64_t> Table::grow(uint64_t delta, uint64_t init) {
  if (!may_grow(delta)) return std::nullopt;
  const uint64_t old_size = size_;
  if (!resize(old_size + delta, init)) return std::nullopt;
  return old_size;
}

Result<> Table::check_size(uint64_t size) const {
  if (size < least_size_) {
    return Error(ErrorKind::unlinkable,
                 "an instance that imports the table relies on more than the snapshot has");
  }
  if (size > size_ && !budget_.has(size - size_)) return budget_.exceeded();
  return {};
}

bool Table::resize(uint64_t size, uint64_t init) {
  if (size > capacity_) {
    // Doubling keeps a guest that grows one by one linear; without room for that, just enough.
    const uint64_t generous = std::min(std::max(size, capacity_ * 2), max_size_);
    if (!reserve(generous) && !reserve(size)) return false;
  }
  budget_.give_back(size_);
  CHECK(budget_.take(size));
  const uint64_t old_size = std::exchange(size_, size);
  if (size > old_size) fill(old_size, size - old_size, init);
  contents_id_ = 0;
  update_mirrors();
  return true;
}

void Table::update_mirrors() {
  for (VmSpan* const mirror : mirrors_) *mirror = {entries_, size_};
}

void Table::add_mirror(VmSpan* mirror) {
  *mirror = {entries_, size_};
  mirrors_.push_back(mirror);
}

void Table::remove_mirrors(const void* begin, const void* end) {
  std::erase_if(mirrors_, [&](const VmSpan* mirror) { return mirror >= begin && mirror < end; });
}

}  // namespace swoop

#include "wasm/type_registry.h"

#include "wasm/limits.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <utility>
#include <vector>

namespace swoop {

namespace {

uint32_t number(TypeId id) {
  return static_cast<uint32_t>(id);
}

/// Calls `visit` on every value type of a composite type.
template <class Composite, class Visit>
void for_each_val_type(Composite& composite, Visit&& visit) {
  for (auto& type : composite.func.params) visit(type);
  for (auto& type : composite.func.results) visit(type);
  for (auto& field : composite.fields) visit(field.storage);
}

// Recursive references become canonical: position p of the group is the type first + p.
HeapType to_canonical(HeapType type, uint32_t first) {
  return type.is_rec_relative() ? HeapType(TypeId(first + type.rec_position())) : type;
}
ValType to_canonical(ValType type, uint32_t first) {
  if (!type.is_ref()) return type;
  return ValType::ref(to_canonical(type.heap_type(), first), type.nullable());
}

// A stored group's references to itself are canonical; a group to look up has them relative.
bool equal_in_groups(HeapType stored, uint32_t first, uint32_t size, HeapType relative) {
  const bool is_own = stored.is_concrete() && number(stored.id()) - first < size;
  return (is_own ? HeapType::rec_relative(number(stored.id()) - first) : stored) == relative;
}
bool equal_in_groups(ValType stored, uint32_t first, uint32_t size, ValType relative) {
  if (!stored.is_ref() || !relative.is_ref()) return stored == relative;
  return stored.nullable() == relative.nullable() &&
         equal_in_groups(stored.heap_type(), first, size, relative.heap_type());
}
bool equal_in_groups(const std::vector<ValType>& stored, uint32_t first, uint32_t size,
                     const std::vector<ValType>& relative) {
  if (stored.size() != relative.size()) return false;
  for (size_t i = 0; i < stored.size(); ++i) {
    if (!equal_in_groups(stored[i], first, size, relative[i])) return false;
  }
  return true;
}
bool equal_in_groups(const SubType& stored, uint32_t first, uint32_t size,
                     const SubType& relative) {
  if (stored.is_final != relative.is_final ||
      stored.supertype.has_value() != relative.supertype.has_value() ||
      stored.composite.kind != relative.composite.kind ||
      stored.composite.fields.size() != relative.composite.fields.size()) {
    return false;
  }
  if (stored.supertype && !equal_in_groups(*stored.supertype, first, size, *relative.supertype)) {
    return false;
  }
  for (size_t i = 0; i < stored.composite.fields.size(); ++i) {
    const FieldType& a = stored.composite.fields[i];
    const FieldType& b = relative.composite.fields[i];
    if (a.is_mutable != b.is_mutable || !equal_in_groups(a.storage, first, size, b.storage)) {
      return false;
    }
  }
  return equal_in_groups(stored.composite.func.params, first, size,
                         relative.composite.func.params) &&
         equal_in_groups(stored.composite.func.results, first, size,
                         relative.composite.func.results);
}

__extension__ typedef unsigned __int128 uint128_t;

// Mixes 64 bits at a time by a wide multiplication. The seed differs from run to run, so that a
// module cannot bring types of its choice into one bucket.
class Hasher {
 public:
  explicit Hasher(uint64_t seed) : state_(seed) {}
  void add(uint64_t value) {
    const auto product =
        static_cast<uint128_t>(state_ ^ value ^ 0x2d358dccaa6c78a5) * (value ^ 0x8bb84b93962eacc9);
    state_ = std::rotl(state_, 23) ^ static_cast<uint64_t>(product) ^
             static_cast<uint64_t>(product >> 64);
  }
  size_t result() const { return state_; }

 private:
  uint64_t state_;
};

bool is_abstract_subtype(AbstractHeapType sub, AbstractHeapType super) {
  using enum AbstractHeapType;
  if (sub == super || sub == bot) return true;
  switch (super) {
    case any: return sub == eq || sub == i31 || sub == struct_ || sub == array || sub == none;
    case eq: return sub == i31 || sub == struct_ || sub == array || sub == none;
    case i31:
    case struct_:
    case array: return sub == none;
    case func: return sub == nofunc;
    case extern_: return sub == noextern;
    case exn: return sub == noexn;
    case none:
    case nofunc:
    case noextern:
    case noexn:
    case bot: return false;
  }
  UNREACHABLE();
}

AbstractHeapType abstract_of(CompositeType::Kind kind) {
  switch (kind) {
    case CompositeType::Kind::func: return AbstractHeapType::func;
    case CompositeType::Kind::struct_: return AbstractHeapType::struct_;
    case CompositeType::Kind::array: return AbstractHeapType::array;
  }
  UNREACHABLE();
}

}  // namespace

// Types lie in chunks of doubling sizes that never move. A chunk is published before any id in it
// is given away; whoever has an id got it from the thread that interned it, so a reader needs no
// more than the chunk's address.
struct TypeRegistry::State {
  static constexpr uint32_t kFirstChunkLog2 = 6;
  static constexpr uint32_t kChunks = 25 - kFirstChunkLog2;

  struct Place {
    uint32_t chunk;
    uint32_t index;
  };
  static Place place(uint32_t id) {
    const uint32_t biased = id + (1u << kFirstChunkLog2);
    const uint32_t log2 = static_cast<uint32_t>(std::bit_width(biased)) - 1;
    return {log2 - kFirstChunkLog2, biased ^ (1u << log2)};
  }

  const CanonicalType& at(uint32_t id) const {
    const Place p = place(id);
    return chunks[p.chunk].load(std::memory_order_acquire)[p.index];
  }

  CanonicalType& make(uint32_t id) {
    const Place p = place(id);
    CanonicalType* chunk = chunks[p.chunk].load(std::memory_order_relaxed);
    if (chunk == nullptr) {
      chunk = new CanonicalType[size_t{1} << (p.chunk + kFirstChunkLog2)];
      chunks[p.chunk].store(chunk, std::memory_order_release);
    }
    return chunk[p.index];
  }

  size_t hash(std::span<const SubType> group) const {
    Hasher hasher(seed);
    hasher.add(group.size());
    for (const SubType& type : group) {
      const CompositeType& composite = type.composite;
      hasher.add((type.is_final ? 1u : 0u) | static_cast<uint64_t>(composite.kind) << 1 |
                 uint64_t{type.supertype ? type.supertype->bits() + 1 : 0} << 3);
      hasher.add(composite.func.params.size() << 32 | composite.func.results.size());
      hasher.add(composite.fields.size());
      for_each_val_type(composite, [&](ValType val_type) { hasher.add(val_type.bits()); });
      for (const FieldType& field : composite.fields) hasher.add(field.is_mutable ? 1 : 0);
    }
    return hasher.result();
  }

  bool equals(uint32_t first, std::span<const SubType> group) const {
    for (uint32_t i = 0; i < group.size(); ++i) {
      if (!equal_in_groups(at(first + i).definition, first, static_cast<uint32_t>(group.size()),
                           group[i])) {
        return false;
      }
    }
    return true;
  }

  /// A group of types, in an open-addressed table: looking one up misses the cache once.
  struct Group {
    size_t hash = 0;
    uint32_t first = 0;
    uint32_t size = 0;  // 0: a free place
  };
  static constexpr size_t kFirstCapacity = 64;

  /// The place of the group that equals `group`, or the free one where it belongs.
  Group& find(size_t hash, std::span<const SubType> group) {
    for (size_t i = hash;; ++i) {
      Group& place = groups[i & (groups.size() - 1)];
      if (place.size == 0 ||
          (place.hash == hash && place.size == group.size() && equals(place.first, group)))
        return place;
    }
  }
  /// Keeps at least half of the places free.
  void make_room() {
    if (2 * (num_groups + 1) <= groups.size()) return;
    std::vector<Group> old(std::max(kFirstCapacity, 2 * groups.size()));
    std::swap(old, groups);
    for (const Group& group : old) {
      if (group.size == 0) continue;
      size_t i = group.hash;
      while (groups[i & (groups.size() - 1)].size != 0) ++i;
      groups[i & (groups.size() - 1)] = group;
    }
  }

  std::array<std::atomic<CanonicalType*>, kChunks> chunks{};
  std::mutex mutex;  // guards what follows, and the making of types
  uint32_t count = 0;
  std::vector<Group> groups;  // a power of two
  size_t num_groups = 0;
  uint64_t seed = 0;
};

TypeRegistry::TypeRegistry() : state_(std::make_unique<State>()) {
  // Addresses are random enough, and need no system call.
  state_->seed = static_cast<uint64_t>(std::bit_cast<uintptr_t>(state_.get())) * 0x9e3779b97f4a7c15;
}

TypeRegistry::~TypeRegistry() {
  for (auto& chunk : state_->chunks) delete[] chunk.load(std::memory_order_relaxed);
}

Result<TypeId> TypeRegistry::intern(std::span<const SubType> group) {
  State& state = *state_;
  if (group.empty()) return TypeId(0);  // takes no id
  const size_t hash = state.hash(group);

  const std::lock_guard lock(state.mutex);
  state.make_room();
  State::Group& place = state.find(hash, group);
  if (place.size != 0) return TypeId(place.first);
  if (group.size() > kMaxTypeIds - state.count) {
    return Error(ErrorKind::limit_exceeded,
                 "more than " + std::to_string(kMaxTypeIds) + " different types in an engine");
  }

  const uint32_t first = state.count;
  for (uint32_t i = 0; i < group.size(); ++i) {
    CanonicalType& type = state.make(first + i);
    type = CanonicalType{group[i], {}};
    for_each_val_type(type.definition.composite,
                      [&](ValType& val_type) { val_type = to_canonical(val_type, first); });
    if (type.definition.supertype) {
      const HeapType super = to_canonical(*type.definition.supertype, first);
      CHECK(number(super.id()) < first + i);
      type.definition.supertype = super;
      const std::vector<TypeId>& inherited = state.at(number(super.id())).supertypes;
      if (inherited.size() > limits::kMaxSubtypingDepth) {
        return Error(
            ErrorKind::limit_exceeded,
            "a type with more than " + std::to_string(limits::kMaxSubtypingDepth) + " supertypes");
      }
      type.supertypes.reserve(inherited.size() + 1);
      type.supertypes = inherited;
    }
    type.supertypes.push_back(TypeId(first + i));
  }
  // Only now the ids are taken: after an error they will be used again.
  state.count += static_cast<uint32_t>(group.size());
  place = {hash, first, static_cast<uint32_t>(group.size())};
  ++state.num_groups;
  return TypeId(first);
}

Result<TypeId> TypeRegistry::intern(const FuncType& type) {
  SubType sub_type;
  sub_type.composite.func = type;
  return intern(std::span<const SubType>(&sub_type, 1));
}

const CanonicalType& TypeRegistry::operator[](TypeId id) const {
  return state_->at(number(id));
}

const FuncType& TypeRegistry::func_type(TypeId id) const {
  const CompositeType& composite = (*this)[id].definition.composite;
  CHECK(composite.kind == CompositeType::Kind::func);
  return composite.func;
}

bool TypeRegistry::is_func(TypeId id) const {
  return (*this)[id].definition.composite.kind == CompositeType::Kind::func;
}

bool TypeRegistry::is_subtype(TypeId sub, TypeId super) const {
  if (sub == super) return true;
  const size_t depth = (*this)[super].supertypes.size();
  const std::vector<TypeId>& chain = (*this)[sub].supertypes;
  return chain.size() > depth && chain[depth - 1] == super;
}

bool TypeRegistry::is_subtype(HeapType sub, HeapType super) const {
  if (sub == super) return true;
  if (sub.is_concrete() && super.is_concrete()) return is_subtype(sub.id(), super.id());
  if (sub.is_abstract() && super.is_abstract()) {
    return is_abstract_subtype(sub.abstract(), super.abstract());
  }
  if (sub.is_concrete()) {
    const CompositeType::Kind kind = (*this)[sub.id()].definition.composite.kind;
    return is_abstract_subtype(abstract_of(kind), super.abstract());
  }
  // Below a defined type are only its own subtypes and the bottom types.
  if (sub.abstract() == AbstractHeapType::bot) return true;
  return sub.abstract() ==
         (is_func(super.id()) ? AbstractHeapType::nofunc : AbstractHeapType::none);
}

bool TypeRegistry::is_subtype(ValType sub, ValType super) const {
  if (sub == super || sub == ValType::bot) return true;
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.nullable() && !super.nullable()) return false;
  return is_subtype(sub.heap_type(), super.heap_type());
}

std::string TypeRegistry::to_string(ValType type) const {
  switch (type.kind()) {
    case ValType::Kind::bot: return "bot";
    case ValType::Kind::i32: return "i32";
    case ValType::Kind::i64: return "i64";
    case ValType::Kind::f32: return "f32";
    case ValType::Kind::f64: return "f64";
    case ValType::Kind::v128: return "v128";
    case ValType::Kind::i8: return "i8";
    case ValType::Kind::i16: return "i16";
    case ValType::Kind::ref: break;
  }
  const HeapType heap_type = type.heap_type();
  const std::string prefix = type.nullable() ? "(ref null " : "(ref ";
  if (heap_type.is_concrete()) return prefix + std::to_string(number(heap_type.id())) + ")";
  if (heap_type.is_rec_relative()) {
    return prefix + "rec." + std::to_string(heap_type.rec_position()) + ")";
  }
  static constexpr const char* kNames[] = {
#define HEAP_TYPE(name, code, text, reference) text,
#include "wasm/heap_types.def"
      "bot"};
  static constexpr const char* kShort[] = {
#define HEAP_TYPE(name, code, text, reference) reference,
#include "wasm/heap_types.def"
      "(ref null bot)"};
  const auto index = static_cast<size_t>(heap_type.abstract());
  return type.nullable() ? kShort[index] : prefix + kNames[index] + ")";
}

}  // namespace swoop

#include "api/wasm_c_api/module.h"

#include "api/wasm_c_api/store.h"
#include "api/wasm_c_api/types.h"
#include "api/wasm_c_api/vector.h"

#include <cstring>
#include <span>

using namespace swoop::wasm_c_api;

namespace swoop::wasm_c_api {
namespace {

// What serialized modules begin with; the numbers are little-endian. The first byte and the last
// are changed by those who think that this is text.
struct SerializedHeader {
  static constexpr char kMagic[8] = {'\xff', 's', 'w', 'o', 'o', 'p', '1', '\n'};

  char magic[8];
  uint64_t size;      // of the binary, which follows
  uint64_t checksum;  // of the binary
};
static_assert(sizeof(SerializedHeader) == 24);

// FNV-1a. Against accidents, not against people: what is read is validated as any module is.
uint64_t checksum_of(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100'0000'01b3;
  return hash;
}

std::span<const uint8_t> bytes_of(const wasm_byte_vec_t* vector) {
  if (vector == nullptr || vector->data == nullptr) return {};
  return {reinterpret_cast<const uint8_t*>(vector->data), vector->size};
}

std::shared_ptr<const CompiledModule> compile(wasm_store_t& store,
                                              std::span<const uint8_t> binary) {
  auto compiled = std::make_shared<CompiledModule>();
  auto module = Module::compile(store.store.shared_engine(), binary);
  if (!module.ok()) return nullptr;
  compiled->module = *std::move(module);
  compiled->bytes.reset(static_cast<uint8_t*>(std::malloc(binary.size())));
  if (compiled->bytes == nullptr) return nullptr;
  std::memcpy(compiled->bytes.get(), binary.data(), binary.size());
  compiled->size = binary.size();
  return compiled;
}

wasm_module_t* make_module(wasm_store_t& store, std::span<const uint8_t> binary) {
  std::shared_ptr<const CompiledModule> compiled = compile(store, binary);
  if (compiled == nullptr) return nullptr;
  return new_handle(new wasm_module_t(&store, std::move(compiled)));
}

/// The type of an import or export.
wasm_externtype_t* make_externtype(const Module& module, swoop::ExternKind kind, uint32_t index) {
  const TypeRegistry& types = module.engine().types();
  const ModuleInfo& info = module.info();
  switch (kind) {
    case ExternKind::func:
      return make_functype(types, types.func_type(info.funcs[FuncIdx(index)].type));
    case ExternKind::global: return make_globaltype(types, info.globals[GlobalIdx(index)].type);
    case ExternKind::table: {
      const TableType& type = info.tables[TableIdx(index)].type;
      return make_tabletype(types, type, type.limits.min);
    }
    case ExternKind::memory: {
      const MemoryType& type = info.memories[MemoryIdx(index)].type;
      return make_memorytype(type, type.limits.min);
    }
    case ExternKind::tag: break;
  }
  return make_tagtype();
}

}  // namespace
}  // namespace swoop::wasm_c_api

wasm_module_t* wasm_module_new(wasm_store_t* handle, const wasm_byte_vec_t* binary) {
  wasm_store_t* const store = as<wasm_store_t>(handle);
  return store == nullptr ? nullptr : make_module(*store, bytes_of(binary));
}

bool wasm_module_validate(wasm_store_t* handle, const wasm_byte_vec_t* binary) {
  wasm_store_t* const store = as<wasm_store_t>(handle);
  return store != nullptr &&
         swoop::Module::compile(store->store.shared_engine(), bytes_of(binary)).ok();
}

void wasm_module_imports(const wasm_module_t* handle, wasm_importtype_vec_t* out) {
  if (out == nullptr) return;
  const wasm_module_t* const object = as<wasm_module_t>(handle);
  make_vector(*out, object == nullptr ? 0 : object->compiled->module->info().imports.size());
  for (size_t i = 0; i < out->size; ++i) {
    const swoop::Module& module = *object->compiled->module;
    const swoop::Import& import = module.info().imports[i];
    out->data[i] = make_importtype(import.module, import.name,
                                   make_externtype(module, import.kind, import.index));
  }
}

void wasm_module_exports(const wasm_module_t* handle, wasm_exporttype_vec_t* out) {
  if (out == nullptr) return;
  const wasm_module_t* const object = as<wasm_module_t>(handle);
  make_vector(*out, object == nullptr ? 0 : object->compiled->module->info().exports.size());
  for (size_t i = 0; i < out->size; ++i) {
    const swoop::Module& module = *object->compiled->module;
    const swoop::Export& exported = module.info().exports[i];
    out->data[i] =
        make_exporttype(exported.name, make_externtype(module, exported.kind, exported.index));
  }
}

void wasm_module_serialize(const wasm_module_t* handle, wasm_byte_vec_t* out) {
  if (out == nullptr) return;
  const wasm_module_t* const object = as<wasm_module_t>(handle);
  if (object == nullptr) return wasm_byte_vec_new_empty(out);
  const CompiledModule& compiled = *object->compiled;
  wasm_byte_vec_new_uninitialized(out, sizeof(SerializedHeader) + compiled.size);
  if (out->data == nullptr) return;
  SerializedHeader header;
  std::memcpy(header.magic, SerializedHeader::kMagic, sizeof(header.magic));
  header.size = compiled.size;
  header.checksum = checksum_of({compiled.bytes.get(), compiled.size});
  std::memcpy(out->data, &header, sizeof(header));
  std::memcpy(out->data + sizeof(header), compiled.bytes.get(), compiled.size);
}

wasm_module_t* wasm_module_deserialize(wasm_store_t* handle, const wasm_byte_vec_t* serialized) {
  wasm_store_t* const store = as<wasm_store_t>(handle);
  const std::span<const uint8_t> bytes = bytes_of(serialized);
  SerializedHeader header;
  if (store == nullptr || bytes.size() < sizeof(header)) return nullptr;
  std::memcpy(&header, bytes.data(), sizeof(header));
  const std::span<const uint8_t> binary = bytes.subspan(sizeof(header));
  if (std::memcmp(header.magic, SerializedHeader::kMagic, sizeof(header.magic)) != 0 ||
      header.size != binary.size() || header.checksum != checksum_of(binary)) {
    return nullptr;
  }
  return make_module(*store, binary);
}

wasm_shared_module_t* wasm_module_share(const wasm_module_t* handle) {
  const wasm_module_t* const object = as<wasm_module_t>(handle);
  if (object == nullptr) return nullptr;
  return new wasm_shared_module_t{wasm_shared_module_t::kKind, object->compiled};
}

void wasm_shared_module_delete(wasm_shared_module_t* handle) {
  delete as<wasm_shared_module_t>(handle);
}

wasm_module_t* wasm_module_obtain(wasm_store_t* store_handle, const wasm_shared_module_t* handle) {
  wasm_store_t* const store = as<wasm_store_t>(store_handle);
  const wasm_shared_module_t* const shared = as<wasm_shared_module_t>(handle);
  if (store == nullptr || shared == nullptr ||
      &shared->compiled->module->engine() != &store->store.engine()) {
    return nullptr;
  }
  return new_handle(new wasm_module_t(store, shared->compiled));
}

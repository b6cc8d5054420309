// What modules import and export. Spec: exec/runtime#external-instances.
#pragma once

#include "runtime/function.h"
#include "runtime/global.h"
#include "runtime/memory.h"
#include "runtime/store_object.h"
#include "runtime/table.h"
#include "wasm/module.h"
#include "wasm/type_registry.h"

#include <string>
#include <variant>

namespace swoop {

/// An exception tag: an identity with a type. Two tags of one type are different tags.
struct Tag : StoreObject {
  explicit Tag(const TagType& t) : type(t) {}
  TagType type;
};

/// One entity of a store. Pointers are never null and belong to the store.
using Extern = std::variant<Func, Table*, Memory*, Global*, Tag*>;

/// Whether `provided` may stand for the import. Spec: exec/modules#import-matching,
/// valid/matching#external-types.
bool matches_import(const TypeRegistry& types, const ModuleInfo& module, const Import& import,
                    const Extern& provided);

/// The type for messages: "func (i32, i32) -> i32", "memory 1..2", "global mut i64", ...
std::string describe_import(const TypeRegistry& types, const ModuleInfo& module,
                            const Import& import);
std::string describe(const TypeRegistry& types, const Extern& provided);
std::string describe(const TypeRegistry& types, const FuncType& type);

}  // namespace swoop

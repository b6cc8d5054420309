// The previews of WASI, told apart by the name of the module that functions are imported from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace swoop::wasi {

enum class Version : uint8_t {
  unstable,  // preview 0, "wasi_unstable"
  preview1,  // "wasi_snapshot_preview1"
};

/// The import module's name.
std::string_view to_string(Version version);
/// Nothing for names that are not of WASI. A module may import both.
std::optional<Version> version_of(std::string_view import_module_name);

}  // namespace swoop::wasi

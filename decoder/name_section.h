// Names for people, from the custom section "name". Spec: appendix/custom#name-section.
#pragma once

#include "wasm/module.h"

#include <cstdint>
#include <span>

namespace swoop {

/// Reads the names of the module and of functions. What is wrong ends the reading, never the
/// module: names read before it are kept. Function indices are as the section gives them, known or
/// not, ascending.
void read_name_section(std::span<const uint8_t> contents, NameSection& names);

}  // namespace swoop

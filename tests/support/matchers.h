// Matchers for results.
#pragma once

#include "base/error.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <string_view>

namespace swoop {

/// A Result with an error of this kind, at this offset, whose message begins with the text.
MATCHER_P3(Fails, kind, offset, text, "") {
  if (arg.ok()) {
    *result_listener << "succeeds";
    return false;
  }
  const Error& error = arg.error();
  *result_listener << to_string(error.kind) << " at " << error.offset << ": " << error.message;
  return error.kind == kind && error.offset == static_cast<size_t>(offset) &&
         std::string_view(error.message).starts_with(text);
}

MATCHER(Succeeds, "") {
  if (arg.ok()) return true;
  const Error& error = arg.error();
  *result_listener << to_string(error.kind) << " at " << error.offset << ": " << error.message;
  return false;
}

}  // namespace swoop

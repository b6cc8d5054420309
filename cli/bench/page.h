// The page of `swoop bench --html`: one file that needs nothing else.
#pragma once

#include "cli/bench/machine.h"
#include "cli/bench/rounds.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace swoop::cli::bench {

struct PageData {
  Machine machine;
  std::string command;  // how it was measured
  std::string
      reference;  // the engine that others are set against: the first, or a better known one
  nlohmann::ordered_json functions;  // by file: body bytes, microseconds, code bytes of each
};

/// HTML with its style, its script and the figures in it. The charts are drawn by the script; the
/// table is there without it.
std::string make_page(const std::vector<Row>& rows, const PageData& data);

}  // namespace swoop::cli::bench

// What `swoop bench` says: for people, for programs and for spreadsheets.
#pragma once

#include "cli/bench/rounds.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace swoop::cli::bench {

/// One object for each row. Fields are stable; others may be added. Where there is no figure it is
/// null; "error" is there only if there was one.
nlohmann::ordered_json to_json(const std::vector<Row>& rows);

/// The same as comma-separated values, with a line of names.
std::string to_csv(const std::vector<Row>& rows);

/// A table; with several engines and programs also geometric means relative to the first engine.
std::string to_text(const std::vector<Row>& rows);

/// Names of files for people: the last part, or the folder's where that tells them apart, or all.
std::vector<std::string> short_names(const std::vector<std::string>& files);

}  // namespace swoop::cli::bench

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace smelt::serve::internal {

/// Values for the `${names}` of a template.
using TemplateValues = std::map<std::string, Json, std::less<>>;

/// Puts values in place of `${names}`, line by line, so that a later complaint names the line of the template. Where a
/// name is all of a YAML value, the value keeps its type; within quotes it is escaped; anywhere else, as in SQL, its
/// plain text is put in.
/// Errors: kConfigValueInvalid with file and line for names without a value, with the nearest that has one, and for a
/// list, map or text of several lines where only a text fits.
Result<std::string> FillIn(std::string_view text, const TemplateValues& values, const std::string& file);

/// The part of a text that is under `key:` at the left margin, with as many empty lines before it as it stands deep in
/// the file; empty without one. For reading it before the rest is valid YAML.
std::string SectionOf(std::string_view text, std::string_view key);

}  // namespace smelt::serve::internal

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"

namespace smelt {

/// Parses YAML like ConfigNode::ParseYaml, with plain scalars as YAML 1.1 and PyYAML read them: yes, no, on and off are
/// booleans, 010 is eight, 1:30 is ninety, 1_000 is a thousand, 0o10 and 1e3 are texts. What dbt reads is read so.
/// Dates and times stay texts: JSON has none. Of a key that stands twice in a map the last value counts; `duplicates`,
/// if it is given, gets a complaint about each. Errors: those of ConfigNode::ParseYaml.
Result<ConfigNode> ParseYaml11(std::string_view text, std::string file, std::vector<Error>* duplicates = nullptr);

/// Whether the node is a scalar without quotes, whose form says what it is.
bool IsPlainScalar(const ConfigNode& node);

}  // namespace smelt

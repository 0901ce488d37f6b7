#pragma once

#include <string>

#include "base/json_fwd.h"

namespace smelt::transform::jinja {

/// JSON as PyYAML's safe_dump writes it: block style, texts quoted where they would read back as something else. Long
/// texts stay on one line.
std::string YamlText(const Json& json, bool sort_keys);

}  // namespace smelt::transform::jinja

#pragma once

#include "base/config.h"
#include "transform/internal/jinja/value.h"

namespace smelt::transform::jinja {

/// What a node of ParseYaml11 (base/yaml_1_1.h) is to a template: as its JSON, but dates and times are those of
/// `modules.datetime`, and .inf and .nan are numbers, as PyYAML makes them. Keys are texts.
/// Errors: kJinjaLimit for a date that no calendar has.
Result<Value> YamlValue(const ConfigNode& node);

}  // namespace smelt::transform::jinja

#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace smelt::transform {

/// The parts of a relation's name for which something holds: that they are quoted, that they are shown.
struct NameParts {
  bool database = true;
  bool schema = true;
  bool identifier = true;
  bool operator==(const NameParts&) const = default;
};

/// `base` with what a `quoting:` of dbt_project.yml, of a node or of a source says: {"identifier": false}.
NameParts ReadQuoting(const Json& quoting, NameParts base = {});

/// The name in double quotes, those within it doubled.
std::string QuotedName(std::string_view name);

}  // namespace smelt::transform

#pragma once

#include <string>

#include "base/error.h"

namespace smelt::engine {

/// Whether new tables may have the property, with that value, whoever makes them.
/// Errors: kDeltaUnsupported (smelt knows no such property; the hint is one of a similar name), kDeltaInvalidTable,
/// kSqlSyntax (a value that means nothing).
Status CheckTableProperty(const std::string& name, const std::string& value);

}  // namespace smelt::engine

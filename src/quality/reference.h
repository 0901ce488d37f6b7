#pragma once

#include <string>

#include "base/json.h"

namespace smelt::quality {

/// docs/reference/expectations.md, written from the descriptors of the expectations.
std::string ExpectationReference();

/// docs/schemas/suite.schema.json: the JSON Schema of a suite file, written from the same descriptors.
Json SuiteSchema();

}  // namespace smelt::quality

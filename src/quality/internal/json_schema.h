#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace smelt::quality {

/// A JSON Schema (draft 2020-12, and the keywords of the drafts before it that differ) to hold documents against.
/// Formats are not checked, as `jsonschema` does not by default. References reach within the schema. Immutable,
/// thread-safe.
class JsonSchema {
 public:
  /// Errors: kQualityNotApplicable for a reference that leads nowhere or a pattern that cannot be matched.
  static Result<std::shared_ptr<const JsonSchema>> Compile(Json schema);
  virtual ~JsonSchema() = default;

  /// Whether a document fits. Errors: kQualityNotApplicable for one nested too deeply.
  virtual Result<bool> Fits(const Json& document) const = 0;
};

}  // namespace smelt::quality

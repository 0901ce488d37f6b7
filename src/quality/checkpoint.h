#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "quality/result.h"
#include "quality/suite.h"
#include "quality/validate.h"

namespace smelt::quality {

/// One validation of a checkpoint: a suite and what it is checked against.
struct CheckpointValidation {
  std::string name;
  Suite suite;
  Target target;
  Json variables = Json::object();                  ///< values for `$PARAMETER` names
  std::optional<ResultOptions> result_format = {};  ///< as in ValidateOptions
};

/// What a checkpoint wants done with the results.
struct CheckpointAction {
  std::string name;
  std::string type;     ///< "store_validation_result", "UpdateDataDocsAction" … as written
  bool stores = false;  ///< it appends the results to quality.results
  std::string note;     ///< why smelt leaves it out; empty when it does not
};

/// A Great Expectations checkpoint. A value.
struct Checkpoint {
  std::string name;
  std::vector<CheckpointValidation> validations;
  std::vector<CheckpointAction> actions;
  std::string file;
};

/// Reads a checkpoint file, YAML of Great Expectations 0.x or JSON of 1.x, with the suites and validation definitions
/// that it names: they are looked for beside its folder, in `expectations` and `validation_definitions`. A suite is
/// checked against the table that it names itself, else against what the data asset is in great_expectations.yml (a
/// table, or one file that its batch definition matches), else against the table or file that has the asset's name.
/// Errors: kConfigSyntax, kConfigKeyUnknown, kConfigKeyMissing, kConfigValueInvalid, with file and line;
/// kStoreNotFound; those of LoadSuite.
Result<Checkpoint> LoadCheckpoint(const std::string& path);

/// The outcome of a checkpoint: success, statistics, the validation results by name and what became of the actions.
/// `results` are in the order of the validations.
Json CheckpointJson(const Checkpoint& checkpoint, const std::vector<SuiteResult>& results);

}  // namespace smelt::quality

#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "quality/internal/expectation.h"

namespace smelt::quality {

/// What is wrong with a kwarg's value, as the end of a sentence ("has to be a list of strings"); nothing when it fits.
/// Null fits every kwarg that is not required.
std::optional<std::string> KwargProblem(const Kwarg& kwarg, const Json& value);

/// An edge between the intervals of a partition: a number, or an infinity as JSON of Python or YAML writes it
/// ("Infinity", "-inf", ".inf"). Nothing when it is neither.
std::optional<double> BinEdge(const Json& value);

/// What a kwarg takes, for people: "a list of column names".
std::string KwargTypeText(const Kwarg& kwarg);

/// The same as a JSON Schema.
Json KwargTypeSchema(const Kwarg& kwarg);

}  // namespace smelt::quality

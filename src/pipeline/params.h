#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"

namespace smelt::pipeline {

enum class ParamType { kText, kInteger, kNumber, kBoolean, kDate, kList };

/// "text", "integer", "number", "boolean", "date", "list".
std::string_view ParamTypeText(ParamType type);

/// A variable of a pipeline whose type is known.
struct Param {
  std::string name{};
  ParamType type = ParamType::kText;
  std::string description{};
  Json fallback{};               ///< its value when none is given; null: it must be given
  Json choices = Json::array();  ///< the only values allowed; empty: any
};

/// Whether a value fits a param, as it is or read from its text: "7" is an integer, "2018-05-24" a date. Returns the
/// value in the param's type. Errors: kUsage, naming the param, what it wants and what it got.
Result<Json> FitParam(const Param& param, const Json& value);

/// The values of all params: those of `given`, else their defaults. Names in `given` that are no params stay as they
/// are. Errors: kUsage for a value that does not fit or is missing.
Result<Json> BindParams(const std::vector<Param>& params, const Json& given);

}  // namespace smelt::pipeline

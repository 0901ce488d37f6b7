#include "pipeline/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/clock.h"

namespace smelt::pipeline {
namespace {

constexpr std::array<std::string_view, 6> kTypeTexts = {"text", "integer", "number", "boolean", "date", "list"};

/// A value in the type of a param, or null where it has none.
Json Convert(ParamType type, const Json& value) {
  const Json read = value.is_string() ? JsonOrDiscarded(value.get<std::string>()) : value;
  switch (type) {
    case ParamType::kText:
      if (value.is_string()) return value;
      return value.is_primitive() && !value.is_null() ? Json(JsonText(value)) : Json();
    case ParamType::kInteger: return read.is_number_integer() ? read : Json();
    case ParamType::kNumber: return read.is_number() ? read : Json();
    case ParamType::kBoolean: return read.is_boolean() ? read : Json();
    case ParamType::kDate: {
      constexpr std::size_t kDateSize = 10;
      const bool date = value.is_string() && value.get<std::string>().size() == kDateSize &&
                        ParseTimestampMicros(value.get<std::string>()).has_value();
      return date ? value : Json();
    }
    case ParamType::kList: return read.is_array() ? read : Json();
  }
  return {};
}

}  // namespace

std::string_view ParamTypeText(ParamType type) {
  return kTypeTexts.at(static_cast<std::size_t>(type));
}

Result<Json> FitParam(const Param& param, const Json& value) {
  Json converted = Convert(param.type, value);
  if (converted.is_null()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the param '{}' is a {}, which {} is not", param.name,
                                                     ParamTypeText(param.type), JsonText(value)))
                    .Hint(param.type == ParamType::kDate ? "write it as 2018-05-24" : "give a value of this type"));
  }
  if (!param.choices.empty() && std::ranges::find(param.choices, converted) == param.choices.end()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("the param '{}' cannot be {}", param.name, JsonText(converted)))
                    .Hint(fmt::format("choose one of {}", JsonText(param.choices))));
  }
  return converted;
}

Result<Json> BindParams(const std::vector<Param>& params, const Json& given) {
  Json values = given;
  for (const Param& param : params) {
    const auto found = given.find(param.name);
    if (found == given.end() && param.fallback.is_null()) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("the param '{}' has no value", param.name))
                      .Hint(fmt::format("add --param {}=…{}", param.name,
                                        param.description.empty() ? "" : " (" + param.description + ")")));
    }
    SMELT_ASSIGN(values[param.name], FitParam(param, found == given.end() ? param.fallback : *found));
  }
  return values;
}

}  // namespace smelt::pipeline

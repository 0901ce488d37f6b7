#include "pipeline/internal/param_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "pipeline/internal/definition_keys.h"

namespace smelt::pipeline::internal {
namespace {

constexpr std::array<ParamType, 6> kTypes = {ParamType::kText,    ParamType::kInteger, ParamType::kNumber,
                                             ParamType::kBoolean, ParamType::kDate,    ParamType::kList};

/// The type that a default has by itself.
ParamType TypeOf(const Json& value) {
  if (value.is_boolean()) return ParamType::kBoolean;
  if (value.is_number_integer()) return ParamType::kInteger;
  if (value.is_number()) return ParamType::kNumber;
  if (value.is_array()) return ParamType::kList;
  return FitParam({.name = "", .type = ParamType::kDate}, value) ? ParamType::kDate : ParamType::kText;
}

Result<ParamType> ReadType(const ConfigNode& node) {
  SMELT_ASSIGN(const std::string word, node.AsString());
  std::vector<std::string_view> words;
  for (const ParamType type : kTypes) {
    if (ParamTypeText(type) == word) return type;
    words.push_back(ParamTypeText(type));
  }
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no type of a param", word))
                  .Hint(fmt::format("use one of: {}", fmt::join(words, ", "))));
}

/// A value that the file gives for the param must fit it.
Result<Json> ReadValue(const Param& param, const ConfigNode& node) {
  auto value = FitParam(param, node.ToJson());
  if (value) return value;
  return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, value.error().message()).Hint(value.error().hint()));
}

Result<Param> ReadParam(const std::string& name, const ConfigNode& node) {
  Param param{.name = name};
  if (!node.is_map()) {
    param.fallback = node.ToJson();
    if (!param.fallback.is_null()) param.type = TypeOf(param.fallback);
    return param;
  }
  SMELT_TRY(node.AllowKeys(std::vector<std::string_view>(kParamKeys.begin(), kParamKeys.end())));
  SMELT_ASSIGN(param.description, node.StringOr("description", ""));
  const auto fallback = node.Find("default");
  if (const auto type = node.Find("type")) {
    SMELT_ASSIGN(param.type, ReadType(*type));
  } else if (fallback) {
    param.type = TypeOf(fallback->ToJson());
  }
  if (const auto choices = node.Find("choices")) {
    Json values = Json::array();
    for (const ConfigNode& choice : choices->items()) {
      SMELT_ASSIGN(Json value, ReadValue(param, choice));
      values.push_back(std::move(value));
    }
    param.choices = std::move(values);
    if (param.choices.empty()) {
      return Fail(choices->ErrorHere(ErrorCode::kConfigValueInvalid, "'choices' must be a list of values"));
    }
  }
  if (fallback && !fallback->is_null()) {
    SMELT_ASSIGN(param.fallback, ReadValue(param, *fallback));
  }
  return param;
}

}  // namespace

Result<std::vector<Param>> ReadParams(const ConfigNode& root) {
  std::vector<Param> params;
  const auto node = root.Find("params");
  if (!node) return params;
  if (!node->is_map()) {
    return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, "'params' must be a map of names and defaults")
                    .Hint("write it as `params: {day: {type: date}}`"));
  }
  for (const std::string& name : node->keys()) {
    SMELT_ASSIGN(Param param, ReadParam(name, *node->Find(name)));
    params.push_back(std::move(param));
  }
  return params;
}

}  // namespace smelt::pipeline::internal

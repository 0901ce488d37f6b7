#include "notify/internal/config_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace smelt::notify::internal {

Result<std::string> Choice(const ConfigNode& node, std::string_view key, std::string_view fallback,
                           std::span<const std::string_view> choices) {
  SMELT_ASSIGN(const std::string text, node.StringOr(key, std::string(fallback)));
  if (std::ranges::find(choices, text) != choices.end()) return text;
  const std::string nearest = NearestWord(text, {choices.begin(), choices.end()});
  return Fail(node.Find(key)
                  ->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no value of '{}'", text, key))
                  .Hint(nearest.empty()
                            ? fmt::format("use {}", fmt::join(choices, ", "))
                            : fmt::format("did you mean '{}'? It takes {}", nearest, fmt::join(choices, ", "))));
}

Result<std::string> Choice(const ConfigNode& node, std::string_view key, std::string_view fallback,
                           std::initializer_list<std::string_view> choices) {
  return Choice(node, key, fallback, std::span(choices.begin(), choices.size()));
}

Result<SecretSource> ParseSecret(const ConfigNode& node, const std::string& folder) {
  if (!node.is_map()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a secret does not stand in this file")
                    .Hint("name where it is: {env: VARIABLE} or {file: PATH}"));
  }
  SMELT_TRY(node.AllowKeys({"env", "file"}));
  SecretSource source{.place = node};
  SMELT_ASSIGN(source.environment, node.StringOr("env", ""));
  SMELT_ASSIGN(source.file, node.StringOr("file", ""));
  if (source.environment.empty() == source.file.empty()) {
    return Fail(node.ErrorHere(ErrorCode::kConfigValueInvalid, "a secret comes from one place")
                    .Hint("write either {env: VARIABLE} or {file: PATH}"));
  }
  if (!source.file.empty()) source.file = (std::filesystem::path(folder) / source.file).lexically_normal().string();
  return source;
}

}  // namespace smelt::notify::internal

#include "notify/internal/config_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/secret_source.h"

namespace smelt::notify::internal {

Result<std::string> Choice(const ConfigNode& node, std::string_view key, std::string_view fallback,
                           std::span<const std::string_view> choices) {
  SMELT_ASSIGN(std::string text, node.StringOr(key, std::string(fallback)));
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
  SMELT_ASSIGN(const smelt::SecretSource source, smelt::SecretSource::Parse(node, folder));
  return SecretSource{source.environment, source.file, source.place};
}

}  // namespace smelt::notify::internal

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/config.h"
#include "notify/settings.h"

namespace smelt::notify::internal {

/// The value of `key`, which must be one of `choices`; `fallback` when it is absent.
/// Errors: kConfigValueInvalid, listing them.
Result<std::string> Choice(const ConfigNode& node, std::string_view key, std::string_view fallback,
                           std::span<const std::string_view> choices);
Result<std::string> Choice(const ConfigNode& node, std::string_view key, std::string_view fallback,
                           std::initializer_list<std::string_view> choices);

/// `{env: NAME}` or `{file: PATH}`. Errors: kConfigValueInvalid, also for a secret that stands there in plain text.
Result<SecretSource> ParseSecret(const ConfigNode& node, const std::string& folder);

}  // namespace smelt::notify::internal

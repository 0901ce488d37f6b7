#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "transform/internal/jinja/value.h"

namespace smelt::transform {

class RenderContext;

/// The value that a template sees under `name` because of what it is rendered for: `this`, `model`, `config`,
/// `selected_resources`, …; nothing when there is none. It may refer to `context`.
std::optional<jinja::Value> MakeContextValue(const RenderContext& context, std::string_view name);

/// The names that MakeContextValue knows.
std::vector<std::string_view> ContextValueNames();

}  // namespace smelt::transform

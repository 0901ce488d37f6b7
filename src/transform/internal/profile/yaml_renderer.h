#pragma once

#include <string>

#include "base/config.h"
#include "base/error.h"
#include "base/json.h"
#include "transform/internal/jinja/standard_globals.h"

namespace smelt::transform {

/// Renders the templates in a YAML file that is read before there is a project: they see env_var() and var() only.
/// Confined to one thread.
class YamlRenderer {
 public:
  explicit YamlRenderer(const Json& vars);

  /// The value of a node with the templates in its texts rendered, types kept.
  /// Errors: kJinja…, kDbtVarMissing, at the node.
  Result<Json> Render(const ConfigNode& node) const;
  /// The same, which must be a text, number or boolean, as text.
  Result<std::string> RenderText(const ConfigNode& node) const;

 private:
  Result<Json> RenderScalar(const ConfigNode& node, const std::string& text) const;
  jinja::GlobalTable globals_;
};

}  // namespace smelt::transform

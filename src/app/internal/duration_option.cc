#include "app/internal/duration_option.h"

#include "base/config.h"

namespace smelt::app {

Result<std::int64_t> ReadDuration(const std::string& text, std::string_view option) {
  SMELT_ASSIGN(const ConfigNode node, ConfigNode::ParseYaml(text, std::string(option)));
  return node.AsDurationMs();
}

}  // namespace smelt::app

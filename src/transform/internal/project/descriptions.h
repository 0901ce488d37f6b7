#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/properties.h"

namespace smelt::transform {

/// A text of a properties file with its templates rendered, as a text. Errors: those of RenderYamlText.
Result<std::string> RenderDescription(const ProjectState& project, std::string_view package, const ConfigNode& place,
                                      const std::string& text);

/// Columns with their texts rendered. Errors: as above.
Result<std::vector<Column>> DescribeColumns(const ProjectState& project, std::string_view package,
                                            const ConfigNode& place, const std::vector<ColumnProperties>& columns);

}  // namespace smelt::transform

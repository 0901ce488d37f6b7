#include "transform/internal/project/descriptions.h"

#include <utility>

#include "transform/internal/project/render_context.h"

namespace smelt::transform {

Result<std::string> RenderDescription(const ProjectState& project, std::string_view package, const ConfigNode& place,
                                      const std::string& text) {
  SMELT_ASSIGN(Json value, RenderYamlText(project, package, place, text));
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

Result<std::vector<Column>> DescribeColumns(const ProjectState& project, std::string_view package,
                                            const ConfigNode& place, const std::vector<ColumnProperties>& columns) {
  std::vector<Column> described;
  for (const ColumnProperties& properties : columns) {
    Column column;
    column.name = properties.name;
    SMELT_ASSIGN(column.description, RenderDescription(project, package, place, properties.description));
    SMELT_ASSIGN(column.data_type, RenderDescription(project, package, place, properties.data_type));
    column.granularity = properties.granularity;
    column.quote = properties.quote;
    column.tags = properties.tags;
    column.meta = properties.meta;
    column.constraints = properties.constraints;
    described.push_back(std::move(column));
  }
  return described;
}

}  // namespace smelt::transform

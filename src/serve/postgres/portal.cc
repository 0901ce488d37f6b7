#include "serve/postgres/portal.h"

#include <utility>

#include "serve/postgres/column_labels.h"

namespace smelt::serve::postgres {

std::vector<engine::TypedColumnInfo> ShownColumns(const PreparedText& prepared,
                                                  std::vector<engine::TypedColumnInfo> columns) {
  if (prepared.of_catalog) {
    for (engine::TypedColumnInfo& column : columns) column.type = CatalogType(std::move(column.type));
    return columns;
  }
  if (prepared.command != Command::kEngine) return columns;
  auto names = OutputNames(prepared.part.tokens, columns.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i]) columns[i].name = *std::move(names[i]);
  }
  return columns;
}

void PutRowDescription(const std::vector<engine::TypedColumnInfo>& columns, const std::vector<std::int16_t>& formats,
                       WireBuffer& out) {
  const std::size_t message = out.Begin('T');
  out.PutInt(static_cast<std::int16_t>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const WireType type = WireTypeOf(columns[i].type);
    out.PutText(columns[i].name);
    out.PutInt<std::int32_t>(0);  // of no table
    out.PutInt<std::int16_t>(0);
    out.PutInt(static_cast<std::int32_t>(type.oid));
    out.PutInt(type.size);
    out.PutInt(type.modifier);
    out.PutInt<std::int16_t>(formats.empty() ? 0 : formats.size() == 1 ? formats[0] : formats[i]);
  }
  out.End(message);
}

}  // namespace smelt::serve::postgres

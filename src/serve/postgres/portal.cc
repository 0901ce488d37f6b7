#include "serve/postgres/portal.h"

namespace smelt::serve::postgres {

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

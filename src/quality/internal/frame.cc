#include "quality/internal/frame.h"

#include <strings.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/config.h"

namespace smelt::quality {

const Column* Frame::Find(std::string_view name) const {
  const auto same = [&](const Column& column) {
    return column.name.size() == name.size() && strncasecmp(column.name.data(), name.data(), name.size()) == 0;
  };
  const auto found = std::ranges::find_if(columns_, same);
  return found == columns_.end() ? nullptr : &*found;
}

Result<Column> Frame::Require(std::string_view name) const {
  if (const Column* column = Find(name)) return *column;
  std::vector<std::string_view> names;
  for (const Column& column : columns_) names.push_back(column.name);
  Error error(ErrorCode::kQualityNotApplicable, fmt::format("the column \"{}\" does not exist", name));
  const std::string nearest = NearestWord(name, names);
  if (nearest.empty()) return Fail(std::move(error));
  return Fail(std::move(error).Hint(fmt::format("did you mean \"{}\"?", nearest)));
}

}  // namespace smelt::quality

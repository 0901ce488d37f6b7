#include "serve/dashboards/tile_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "serve/dashboards/internal/time_text.h"
#include "serve/data/row_format.h"

namespace smelt::serve {
Json FreshnessJson(std::optional<std::int64_t> committed_at_ms, const std::optional<std::int64_t>& fresh_for_ms,
                   std::int64_t now_ms) {
  if (!committed_at_ms) return {{"committed_at", nullptr}, {"age_s", nullptr}, {"stale", false}};
  constexpr double kMillis = 1000;
  const std::int64_t age_ms = std::max<std::int64_t>(0, now_ms - *committed_at_ms);
  return {{"committed_at", internal::MillisText(*committed_at_ms)},
          {"age_s", static_cast<double>(age_ms) / kMillis},
          {"stale", fresh_for_ms && age_ms > *fresh_for_ms}};
}

std::optional<std::int64_t> NewestCommit(const std::vector<TableRead>& tables) {
  std::optional<std::int64_t> newest;
  for (const TableRead& table : tables) newest = std::max(newest.value_or(0), table.committed_at_ms);
  return newest;
}

std::string TileJson(const TileAnswer& tile, std::int64_t now_ms) {
  const Answer& answer = tile.answer;
  Json tables = Json::array();
  for (const TableRead& table : answer.tables) {
    tables.push_back({{"table", table.Text()},
                      {"version", table.version},
                      {"committed_at", internal::MillisText(table.committed_at_ms)}});
  }
  Json parameters = Json::array();
  for (const engine::Cell& value : tile.question.parameters) parameters.push_back(value ? Json(*value) : Json());
  const bool travels = !tile.selection.as_of.empty();
  const Json head = {
      {"dashboard", tile.dashboard.name},
      {"tile", tile.tile.name},
      {"columns", ColumnsJson(answer.columns)},
      {"truncated", answer.truncated},
      {"tables", std::move(tables)},
      {"freshness",
       FreshnessJson(travels ? std::nullopt : NewestCommit(answer.tables), tile.dashboard.fresh_for_ms, now_ms)},
      {"quality", tile.quality},
      {"sql", tile.question.sql},
      {"parameters", std::move(parameters)},
      {"as_of", travels ? Json(tile.selection.as_of) : Json()},
      {"computed_at", FormatUtcMicros(answer.computed_at_us)},
      {"ms", answer.ms},
  };
  std::string text = JsonText(head);
  text.pop_back();
  text += ",\"rows\":[";
  text += answer.rows;
  return text + "]}";
}

}  // namespace smelt::serve

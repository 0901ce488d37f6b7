#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "serve/dashboards/definition.h"
#include "serve/dashboards/selection.h"
#include "serve/query_service.h"

namespace smelt::serve {

/// What a tile shows: the answer to its question, and what is to be known of it.
struct TileAnswer {
  const Dashboard& dashboard;
  const Tile& tile;
  const Selection& selection;
  const Question& question;
  const Answer& answer;
  const Json& quality;
};

/// As pages get it. `now_ms` since the epoch is what ages are told by.
std::string TileJson(const TileAnswer& tile, std::int64_t now_ms);

/// {"committed_at", "age_s", "stale"} of the newest of some commits; null where there is none.
Json FreshnessJson(std::optional<std::int64_t> committed_at_ms, const std::optional<std::int64_t>& fresh_for_ms,
                   std::int64_t now_ms);
/// The newest of them.
std::optional<std::int64_t> NewestCommit(const std::vector<TableRead>& tables);

}  // namespace smelt::serve

#include "quality/internal/figure_scan.h"

#include <algorithm>
#include <span>

#include "quality/internal/figures.h"

namespace smelt::quality {
namespace {

/// Aggregates of one query: beyond it, planning grows faster than the work.
constexpr std::size_t kFiguresMax = 600;

}  // namespace

Status FigureScan::Run(engine::Session& session, const std::string& relation, OnFailedFigure on_failed,
                       std::stop_token stop) {
  std::span<const Group> rest = groups_;
  while (!rest.empty()) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the scan was interrupted");
    std::vector<FigureRequest> requests;
    std::size_t figures = 0;
    for (const Group& group : rest) {
      if (!requests.empty() && figures + group.size() > kFiguresMax) break;
      FigureRequest& request = requests.emplace_back();
      for (const auto& [sql, receiver] : group) request.push_back(sql);
      figures += group.size();
    }
    SMELT_ASSIGN(const auto answers, ComputeFigures(session, relation, requests));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i] && on_failed == OnFailedFigure::kFail) return std::unexpected(answers[i].error());
      if (!answers[i]) continue;
      for (std::size_t j = 0; j < rest[i].size(); ++j) {
        if (const Json& value = (*answers[i])[j]; !value.is_null()) rest[i][j].second(value);
      }
    }
    rest = rest.subspan(requests.size());
  }
  return {};
}

}  // namespace smelt::quality

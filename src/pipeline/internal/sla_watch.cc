#include "pipeline/internal/sla_watch.h"

#include <algorithm>
#include <limits>

namespace smelt::pipeline::internal {

SlaWatch::SlaWatch(const Pipeline& pipeline, std::int64_t started_us, const RunOptions& options) {
  const bool is_timely = options.triggered_by == "schedule" && options.scheduled_us > 0 && !pipeline.catchup;
  const std::int64_t from_us = is_timely ? options.scheduled_us : started_us;
  const auto watch = [&](std::size_t task, std::string name, std::int64_t sla_ms) {
    if (sla_ms > 0) watched_.push_back({task, {std::move(name), from_us + sla_ms * 1000}});
  };
  for (std::size_t i = 0; i < pipeline.tasks.size(); ++i) watch(i, pipeline.tasks[i].name, pipeline.tasks[i].sla_ms);
  watch(pipeline.tasks.size(), "", pipeline.sla_ms);
}

void SlaWatch::Settle(std::size_t task) {
  // The run's own stays: it ends when nobody asks any more.
  std::erase_if(watched_, [&](const Watched& one) { return one.task == task && !one.miss.task.empty(); });
}

std::vector<SlaMiss> SlaWatch::TakeMissed(std::int64_t now_us) {
  std::vector<SlaMiss> missed;
  std::erase_if(watched_, [&](const Watched& one) {
    if (one.miss.due_us > now_us) return false;
    missed.push_back(one.miss);
    return true;
  });
  return missed;
}

double SlaWatch::SecondsLeft(std::int64_t now_us) const {
  constexpr double kMicros = 1e6;
  double left = std::numeric_limits<double>::infinity();
  for (const Watched& one : watched_) left = std::min(left, static_cast<double>(one.miss.due_us - now_us) / kMicros);
  return left;
}

}  // namespace smelt::pipeline::internal

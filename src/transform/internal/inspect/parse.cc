#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "transform/inspect.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/parsing/partial_parse.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {
namespace {

struct CountedKind {
  std::string_view type, one, many;
};

constexpr std::array kKinds = {
    CountedKind{"model", "model", "models"},
    CountedKind{"snapshot", "snapshot", "snapshots"},
    CountedKind{"analysis", "analysis", "analyses"},
    CountedKind{"test", "data test", "data tests"},
    CountedKind{"unit_test", "unit test", "unit tests"},
    CountedKind{"seed", "seed", "seeds"},
    CountedKind{"source", "source", "sources"},
    CountedKind{"exposure", "exposure", "exposures"},
    CountedKind{"metric", "metric", "metrics"},
    CountedKind{"saved_query", "saved query", "saved queries"},
    CountedKind{"semantic_model", "semantic model", "semantic models"},
};

}  // namespace

std::string ProjectSummary::Text() const {
  std::string text;
  for (const auto& [type, count] : counts) {
    const auto* kind = std::ranges::find(kKinds, type, &CountedKind::type);
    if (count == 0 || kind == kKinds.end()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, count == 1 ? kind->one : kind->many);
  }
  return text.empty() ? "nothing" : text;
}

Result<ProjectSummary> ParseProject(const InvokeOptions& options) {
  if (auto known = ParseChanges(options)) return *std::move(known);
  const double begin = MonotonicSeconds();
  std::optional<ParseRecord> record = BeginRecord(options, NowMicros());
  SMELT_ASSIGN(auto project, Project::Load(options));
  ManifestLayout layout;
  if (options.write_artefacts) SMELT_TRY(WriteManifest(project->state(), {}, &layout));
  std::map<std::string_view, std::int64_t> counted;
  for (const auto& [id, node] : project->manifest().nodes) ++counted[ResourceTypeText(node.type)];
  counted["source"] = static_cast<std::int64_t>(project->manifest().sources.size());
  for (const auto& [id, described] : project->manifest().described) ++counted[described.type];
  ProjectSummary summary;
  for (const CountedKind& kind : kKinds) summary.counts.emplace_back(kind.type, counted[kind.type]);
  if (record) KeepRecord(*project, layout, summary, *std::move(record));
  summary.seconds = MonotonicSeconds() - begin;
  return summary;
}

}  // namespace smelt::transform

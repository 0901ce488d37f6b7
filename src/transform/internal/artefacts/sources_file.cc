#include "transform/internal/artefacts/sources_file.h"

#include <fmt/format.h>

#include <array>
#include <tuple>

#include "base/file.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/modules/datetime_values.h"

namespace smelt::transform {
namespace {

/// What stands for the newest row of a source that has none.
constexpr std::int64_t kFirstMoment = -62'135'596'800'000'000;  // 0001-01-01

void WriteSource(const SourceTable& source, const SourceFreshness& result, JsonWriter& json) {
  const auto moment = [](std::int64_t micros) { return jinja::DateTime(micros, jinja::Zone::Utc()).IsoText("T"); };
  json.BeginObject();
  json.Key("unique_id").Text(result.unique_id);
  json.Key("max_loaded_at").Text(moment(result.loaded_micros.value_or(kFirstMoment)));
  json.Key("snapshotted_at").Text(moment(result.checked_micros));
  json.Key("max_loaded_at_time_ago_in_s").Number(result.age_seconds);
  json.Key("status").Text(result.verdict);
  json.Key("criteria").Value(source.freshness);
  json.Key("adapter_response").BeginObject();
  json.Key("_message").Text("OK");
  json.EndObject();
  json.Key("timing").BeginList();
  const std::array spans = {std::tuple("compile", result.started_micros, result.started_micros),
                            std::tuple("execute", result.started_micros, result.finished_micros)};
  for (const auto& [name, begin, end] : spans) {
    json.BeginObject();
    json.Key("name").Text(name);
    json.Key("started_at").Text(ArtefactTime(begin));
    json.Key("completed_at").Text(ArtefactTime(end));
    json.EndObject();
  }
  json.EndList();
  json.Key("thread_id").Text(fmt::format("Thread-{}", result.thread));
  json.Key("execution_time").Number(result.step.seconds);
  json.EndObject();
}

}  // namespace

Status WriteSourcesFile(const ProjectState& project, const FreshnessResults& results, const std::string& path) {
  JsonWriter json;
  BeginArtefact(project, "sources/v3", json);
  json.EndObject();
  json.Key("results").BeginList();
  for (const SourceFreshness& result : results.sources) {
    if (!result.error) WriteSource(project.manifest.sources.at(result.unique_id), result, json);
  }
  json.EndList();
  json.Key("elapsed_time").Number(results.seconds);
  json.EndObject();
  if (path.empty()) return WriteArtefact(project, "sources.json", json);
  return WriteWholeFile(path, json.text());
}

}  // namespace smelt::transform

#include "serve/dashboards/quality_verdicts.h"

#include <algorithm>

namespace smelt::serve {
namespace {

constexpr std::string_view kNewest = R"(
with newest as (
  select table_name, suite, max(validated_at) as validated_at from quality.results group by table_name, suite
)
select table_name, max(validated_at) as validated_at, max(table_version) as table_version,
  count(*) as checks, count(*) filter (not success) as failed,
  count(*) filter (not success and severity = 'error') as errors
from quality.results join newest using (table_name, suite, validated_at)
group by table_name order by table_name)";

}  // namespace

std::string_view VerdictText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUnknown: return "unknown";
    case Verdict::kPassed: return "passed";
    case Verdict::kWarned: return "warned";
    case Verdict::kFailed: return "failed";
  }
  return {};
}

Result<Verdicts> ReadVerdicts(engine::Engine& engine, QueryService& queries, const std::stop_token& stop) {
  Verdicts verdicts;
  SMELT_ASSIGN(const auto version, engine.TableVersion("quality", "results"));
  if (!version) return verdicts;
  const Identity self{.name = "smelt", .shown_by = "server", .reads_only = true};
  SMELT_ASSIGN(const AnswerPtr answer, queries.Ask(self, {.sql = std::string(kNewest)}, stop));
  for (const Json& row : answer->Rows()) {
    TableVerdict verdict{.validated_at = row[1].get<std::string>(),
                         .version = row[2].is_null() ? -1 : row[2].get<std::int64_t>(),
                         .checks = row[3].get<std::int64_t>(),
                         .failed = row[4].get<std::int64_t>()};
    const bool has_errors = row[5].get<std::int64_t>() > 0;
    verdict.verdict = has_errors ? Verdict::kFailed : verdict.failed > 0 ? Verdict::kWarned : Verdict::kPassed;
    if (row[0].is_string()) verdicts[row[0].get<std::string>()] = verdict;
  }
  return verdicts;
}

Json QualityJson(const Verdicts& verdicts, const std::vector<std::string>& tables) {
  Verdict worst = Verdict::kUnknown;
  Json list = Json::array();
  for (const std::string& table : tables) {
    const auto found = verdicts.find(table);
    if (found == verdicts.end()) continue;
    const TableVerdict& verdict = found->second;
    worst = std::max(worst, verdict.verdict);
    list.push_back({{"table", table},
                    {"verdict", VerdictText(verdict.verdict)},
                    {"validated_at", verdict.validated_at},
                    {"version", verdict.version < 0 ? Json() : Json(verdict.version)},
                    {"checks", verdict.checks},
                    {"failed", verdict.failed}});
  }
  return {{"verdict", VerdictText(worst)}, {"tables", std::move(list)}};
}

}  // namespace smelt::serve

#include "quality/internal/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/id.h"
#include "base/version.h"
#include "quality/internal/results_table.h"
#include "quality/internal/table_name.h"
#include "quality/internal/target.h"

namespace smelt::quality {
namespace {

/// To be raised whenever figures come to mean something else.
constexpr int kKeptFormat = 1;
/// Unexpected rows, and bytes of all that is kept of an expectation: a result has no room for more.
constexpr std::size_t kSampleMax = kUnexpectedListMax;
constexpr std::size_t kKeptBytesMax = 64 << 10;

std::string Text(const Json& json) {
  return JsonText(json);
}

/// The row of table_growth. Nothing when it cannot be had.
struct Growth {
  std::optional<std::string> obstacle;
  std::int64_t files = 0;
  bool rearranged = false;
  std::string table_id, from_commit, commit;
  std::int64_t version = -1;
  bool same_definition = false;
};

std::string Arguments(const TableName& name, std::int64_t from, std::optional<std::int64_t> to) {
  return fmt::format("({}, {}{})", engine::QuoteLiteral(name.sql()), from, to ? fmt::format(", {}", *to) : "");
}

std::optional<Growth> GrowthOf(engine::Session& session, const std::string& arguments) {
  const auto found = session.Query(
      "select obstacle, files, rearranged, table_id, from_commit, commit, version, same_definition from "
      "table_growth" +
      arguments);
  if (!found || found->rows.empty()) return std::nullopt;
  const auto text = [&](std::size_t column) { return found->Text(0, column).value_or(""); };
  return Growth{.obstacle = found->Text(0, 0),
                .files = found->Int(0, 1).value_or(0),
                .rearranged = text(2) == "true",
                .table_id = text(3),
                .from_commit = text(4),
                .commit = text(5),
                .version = found->Int(0, 6).value_or(-1),
                .same_definition = text(7) == "true"};
}

std::optional<std::string> SettingsOf(engine::Session& session) {
  constexpr std::array kNames = {"Calendar",
                                 "TimeZone",
                                 "default_collation",
                                 "ieee_floating_point_ops",
                                 "integer_division",
                                 "old_implicit_casting",
                                 "preserve_insertion_order"};
  std::vector<std::string> terms;
  for (const char* name : kNames) terms.push_back(fmt::format("concat('{0}=', current_setting('{0}'))", name));
  const auto found = session.Query(fmt::format("select concat_ws(';', {})", fmt::join(terms, ", ")));
  return found ? found->Text() : std::nullopt;
}

std::string VersionAppId(std::string_view suite, std::string_view table) {
  return fmt::format("smelt.kept/{}/{}", suite, table);
}

std::string IdentityAppId(std::string_view suite, std::string_view table) {
  return fmt::format("smelt.kept.identity/{}/{}", suite, table);
}

/// Tells the figures of one validation from others that quality.results has of the same version.
std::int64_t IdentityOf(std::string_view table_id, std::string_view commit, std::string_view run_id,
                        std::int64_t validated_at_us) {
  return Fingerprint(Text(Json::array({table_id, commit, run_id, validated_at_us})));
}

/// The figures of the validation that has this identity, by key.
std::map<std::string, KeptFigures> ReadKept(engine::Session& session, std::string_view suite, const TableName& name,
                                            std::int64_t version, std::int64_t identity, const Growth& growth) {
  std::map<std::string, KeptFigures> kept;
  const auto rows = session.Query(fmt::format(
      "select details, run_id, epoch_us(validated_at) from quality.results where suite = {} and table_name = {} and "
      "table_version = {}",
      engine::QuoteLiteral(suite), engine::QuoteLiteral(name.text()), version));
  if (!rows || growth.from_commit.empty()) return kept;
  for (std::size_t i = 0; i < rows->rows.size(); ++i) {
    const std::int64_t of_row =
        IdentityOf(growth.table_id, growth.from_commit, rows->Text(i, 1).value_or(""), rows->Int(i, 2).value_or(0));
    if (of_row != identity) continue;
    const Json details = JsonOrDiscarded(rows->Text(i).value_or(""));
    if (!details.is_object()) continue;
    const Json one = details.value(Json::json_pointer("/meta/smelt/kept"), Json());
    if (!one.is_object()) continue;
    const Json figures = one.value("figures", Json()), sample = one.value("sample", Json());
    if (!figures.is_array() || !sample.is_array()) continue;
    kept[one.value("of", "")] = {figures.get<std::vector<Json>>(), sample};
  }
  return kept;
}

/// Whether it costs less to read what came and what went than all that is there.
bool ChangesAreFew(engine::Session& session, const TableName& name, const std::string& arguments) {
  constexpr std::int64_t kWorthwhileShare = 4;
  const auto counted = session.Query(fmt::format(
      "select (select count(*) from table_arrivals{0}) + (select count(*) from table_departures{0}), (select "
      "count(*) from {1})",
      arguments, name.sql()));
  return counted && counted->Int(0, 0).value_or(0) * kWorthwhileShare <= counted->Int(0, 1).value_or(0);
}

/// What an earlier validation kept of a version that the table has only been added to since.
std::optional<Baseline> FindBaseline(engine::Engine& engine, engine::Session& session, std::string_view suite,
                                     const Target& target, const Frame& frame) {
  const TableName name = *ParseTableName(target.table);
  const auto from = engine.TxnVersion(kResultsSchema, kResultsTable, VersionAppId(suite, name.text()));
  const auto identity = engine.TxnVersion(kResultsSchema, kResultsTable, IdentityAppId(suite, name.text()));
  if (!from || !*from || !identity || !*identity) return std::nullopt;
  const std::string arguments = Arguments(name, **from, target.version);
  const auto growth = GrowthOf(session, arguments);
  if (!growth) return std::nullopt;
  const bool has_removals = growth->obstacle.has_value();
  if (has_removals && !(growth->same_definition && ChangesAreFew(session, name, arguments))) return std::nullopt;
  // A session of its own: that of a transaction may see results of before, and must not keep others from writing some.
  const auto reader = engine.Connect();
  if (!reader) return std::nullopt;
  auto kept = ReadKept(**reader, suite, name, **from, **identity, *growth);
  if (kept.empty()) return std::nullopt;
  const std::string added = (has_removals ? "table_arrivals" : "table_additions") + arguments;
  const auto empty = session.Query("select * from " + added + " limit 0");
  if (!empty) return std::nullopt;
  const auto same = [](const Column& a, const engine::ResultColumn& b) { return a.name == b.name && a.type == b.type; };
  if (!std::ranges::equal(frame.columns(), empty->columns, same)) return std::nullopt;
  std::optional<Frame> removed;
  if (has_removals) removed = FrameOf("table_departures" + arguments, frame.schema(), empty->columns);
  return Baseline{.from = **from,
                  .to = target.version,
                  .added = FrameOf(added, frame.schema(), empty->columns),
                  .removed = std::move(removed),
                  .rearranged = growth->rearranged || has_removals,
                  .kept = std::move(kept)};
}

}  // namespace

std::string KeptKey(const ExpectationConfig& config, const ResultOptions& options, std::string_view settings) {
  return ContentHash(Text(
      Json::array({kKeptFormat, kSmeltVersion, config.type, config.kwargs, settings, static_cast<int>(options.format),
                   options.partial_unexpected_count, options.unexpected_index_column_names,
                   options.include_unexpected_rows, options.exclude_unexpected_values})));
}

std::optional<Standing> FindStanding(engine::Engine& engine, engine::Session& session, std::string_view suite,
                                     const Target& target, const Frame& frame, bool uses_kept) {
  const auto name = ParseTableName(target.table);
  if (!target.file.empty() || !name || engine.options().lake.empty()) return std::nullopt;
  const auto kind = session.FindRelation("", name->schema, name->table);
  if (!kind || *kind != engine::RelationKind::kTable) return std::nullopt;
  if (!target.version && !session.in_transaction()) return std::nullopt;
  // Without a version to begin at, it tells no more than where the table stands.
  const auto growth = GrowthOf(session, Arguments(*name, target.version.value_or(-1), target.version));
  const auto settings = SettingsOf(session);
  if (!growth || !settings) return std::nullopt;
  Standing standing{.of = {.table_id = growth->table_id,
                           .commit = target.version ? growth->commit : "",
                           .base_version = growth->version},
                    .settings = *settings};
  if (uses_kept) standing.baseline = FindBaseline(engine, session, suite, target, frame);
  return standing;
}

Json KeptJson(std::string key, KeptFigures figures) {
  if (figures.sample.size() > kSampleMax) return {};
  Json kept = {{"of", std::move(key)}, {"figures", std::move(figures.figures)}, {"sample", std::move(figures.sample)}};
  // Text that is not UTF-8 or holds a zero does not come back as it was.
  try {
    const std::string text = JsonText(kept);
    if (text.size() > kKeptBytesMax || text.contains("\\u0000")) return {};
  } catch (const Json::exception&) {
    return {};
  }
  return kept;
}

void CompleteKept(engine::Session& session, SuiteResult& result) {
  if (!result.kept_of || !result.kept_of->commit.empty()) return;
  const auto name = ParseTableName(result.table);
  // The transaction's rows are those of the version that follows the one it added to, and of no later one.
  const bool follows = result.table_version && *result.table_version == result.kept_of->base_version + 1;
  std::optional<Growth> growth;
  if (name && follows) growth = GrowthOf(session, Arguments(*name, *result.table_version, result.table_version));
  if (growth && growth->table_id == result.kept_of->table_id) result.kept_of->commit = growth->commit;
  if (!result.kept_of->commit.empty()) return;
  result.kept_of.reset();
  for (ExpectationResult& one : result.results) one.kept = nullptr;
}

std::vector<engine::TxnMark> KeptMarks(const SuiteResult& result) {
  const bool keeps = std::ranges::any_of(result.results, [](const auto& one) { return !one.kept.is_null(); });
  if (!keeps || !result.kept_of || !result.table_version) return {};
  const std::int64_t identity =
      IdentityOf(result.kept_of->table_id, result.kept_of->commit, result.run_id, result.validated_at_us);
  return {{VersionAppId(result.suite, result.table), *result.table_version},
          {IdentityAppId(result.suite, result.table), identity}};
}

std::string Continued(const Part& part, const Json& kept) {
  if (!kept.is_string()) return part.sql;
  const std::string before = fmt::format("CAST({} AS {})", engine::QuoteLiteral(kept.get<std::string>()), part.type);
  switch (part.merge) {
    case Part::Merge::kSum: return fmt::format("coalesce({0} + {1}, {1})", part.sql, before);
    case Part::Merge::kLeast: return fmt::format("least({}, {})", part.sql, before);
    case Part::Merge::kGreatest: return fmt::format("greatest({}, {})", part.sql, before);
  }
  return part.sql;
}

}  // namespace smelt::quality

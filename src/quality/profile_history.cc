#include "quality/profile_history.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/table_name.h"

namespace smelt::quality {
namespace {

constexpr std::string_view kCreateHistory = R"(
create schema if not exists quality;
create table if not exists quality.profiles (
  table_name varchar, version bigint, committed_at timestamptz, profiled_at timestamptz, column_name varchar,
  metric varchar, value double, noise double, detail varchar))";

/// The deviation of a share of `count` values; never nothing, for none of a few proves little.
double NoiseOfShare(double part, double count) {
  if (count <= 0) return 0;
  const double share = (part + 1) / (count + 2);
  return std::sqrt(share * (1 - share) / count);
}

Json MixOf(const ColumnProfile& column) {
  Json counts = Json::object();
  for (const ValueCount& one : column.top) counts[one.value] = one.count;
  return counts;
}

void AddColumn(const ColumnProfile& column, double rows, std::vector<ProfileMetric>& metrics) {
  const auto add = [&](const char* metric, double value, double noise, std::string detail = {}) {
    if (std::isfinite(value)) metrics.push_back({column.name, metric, value, noise, std::move(detail)});
  };
  if (rows == 0) return;
  const auto nulls = static_cast<double>(column.nulls);
  const double values = rows - nulls;
  add("null_rate", nulls / rows, NoiseOfShare(nulls, rows));
  if (values == 0) return;
  const auto distinct = static_cast<double>(column.distinct);
  // Estimated counts stray by themselves.
  constexpr double kEstimate = 0.05;
  add("distinct_rate", distinct / values, column.distinct_exact ? 0 : kEstimate * distinct / values);
  if (column.kind == engine::TypeKind::kBoolean && column.mean) {
    add("true_rate", *column.mean, NoiseOfShare(*column.mean * values, values));
  }
  if (column.is_number() && column.mean) {
    const double deviation = column.stddev.value_or(0) / std::sqrt(values);
    add("mean", *column.mean, deviation);
    if (column.stddev) add("stddev", *column.stddev, *column.stddev / std::sqrt(2 * values));
    constexpr std::array<const char*, 7> kNames = {nullptr, "p05", nullptr, "p50", nullptr, "p95", nullptr};
    for (std::size_t i = 0; i < column.quantiles.size(); ++i) {
      if (kNames.at(i) != nullptr) add(kNames.at(i), column.quantiles[i], deviation);
    }
  }
  constexpr std::int64_t kCategoriesMax = 50;
  const bool is_category = column.kind == engine::TypeKind::kText || column.kind == engine::TypeKind::kBoolean;
  if (column.top_is_all && is_category && column.distinct <= kCategoriesMax) {
    add("mix", distinct, 0, JsonText(MixOf(column)));
  }
}

Result<std::int64_t> CommittedAt(engine::Session& session, const TableProfile& profile) {
  SMELT_ASSIGN(const engine::ResultTable answer,
               session.Query(fmt::format("select epoch_us(timestamp) from table_history({}) where version = {}",
                                         engine::QuoteLiteral(profile.table), *profile.version)));
  return answer.Int().value_or(profile.profiled_at_us);
}

std::string RowSql(const TableProfile& profile, std::int64_t committed_at_us, const ProfileMetric& one) {
  const auto text = [](const std::string& value) { return value.empty() ? "null" : engine::QuoteLiteral(value); };
  return fmt::format("({}, {}, make_timestamptz({}), make_timestamptz({}), {}, {}, {}::double, {}::double, {})",
                     engine::QuoteLiteral(profile.table), *profile.version, committed_at_us, profile.profiled_at_us,
                     text(one.column), engine::QuoteLiteral(one.metric), one.value, one.noise, text(one.detail));
}

Result<bool> HasHistory(engine::Engine& engine) {
  SMELT_ASSIGN(const auto version, engine.TableVersion("quality", "profiles"));
  return version.has_value();
}

}  // namespace

std::vector<ProfileMetric> MetricsOf(const TableProfile& profile) {
  std::vector<ProfileMetric> metrics;
  const auto rows = static_cast<double>(profile.rows);
  metrics.push_back({"", "rows", rows, 0, ""});
  Json columns = Json::array();
  for (const ColumnProfile& column : profile.columns) columns.push_back(Json::array({column.name, column.type}));
  metrics.push_back({"", "schema", static_cast<double>(profile.columns.size()), 0, JsonText(columns)});
  for (const ColumnProfile& column : profile.columns) AddColumn(column, rows, metrics);
  return metrics;
}

Result<bool> StoreProfile(engine::Session& session, const TableProfile& profile) {
  if (profile.table.empty() || !profile.version) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} has no versions to keep profiles of", profile.label))
                    .Hint("profiles are kept of tables of the lake, not of views and files"));
  }
  SMELT_ASSIGN(const std::int64_t committed_at_us, CommittedAt(session, profile));
  SMELT_TRY(session.Execute(kCreateHistory));
  SMELT_ASSIGN(const engine::ResultTable stored,
               session.Query(fmt::format("select count(*) from quality.profiles where table_name = {} and version = {} "
                                         "and committed_at = make_timestamptz({})",
                                         engine::QuoteLiteral(profile.table), *profile.version, committed_at_us)));
  if (stored.Int().value_or(0) > 0) return false;
  std::string rows;
  for (const ProfileMetric& one : MetricsOf(profile)) {
    rows += (rows.empty() ? "" : ",\n") + RowSql(profile, committed_at_us, one);
  }
  SMELT_TRY(session.Execute("insert into quality.profiles values " + rows));
  return true;
}

Result<std::vector<StoredProfile>> LoadProfiles(engine::Engine& engine, engine::Session& session,
                                                const std::string& table) {
  std::vector<StoredProfile> profiles;
  SMELT_ASSIGN(const bool exists, HasHistory(engine));
  if (!exists) return profiles;
  SMELT_ASSIGN(const engine::ResultTable rows,
               session.Query(fmt::format("select version, epoch_us(committed_at), column_name, metric, value, noise, "
                                         "detail from quality.profiles where table_name = {} qualify row_number() over "
                                         "(partition by version, committed_at, column_name, metric order by "
                                         "profiled_at) = 1 order by committed_at, version",
                                         engine::QuoteLiteral(table))));
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const std::int64_t version = rows.Int(i, 0).value_or(0);
    const std::int64_t committed_at_us = rows.Int(i, 1).value_or(0);
    if (profiles.empty() || profiles.back().version != version || profiles.back().committed_at_us != committed_at_us) {
      profiles.push_back({version, committed_at_us, {}});
    }
    profiles.back().metrics.push_back({rows.Text(i, 2).value_or(""), rows.Text(i, 3).value_or(""),
                                       rows.Real(i, 4).value_or(0), rows.Real(i, 5).value_or(0),
                                       rows.Text(i, 6).value_or("")});
  }
  return profiles;
}

Result<std::vector<std::string>> ProfiledTables(engine::Engine& engine, engine::Session& session) {
  std::vector<std::string> tables;
  SMELT_ASSIGN(const bool exists, HasHistory(engine));
  if (!exists) return tables;
  SMELT_ASSIGN(const engine::ResultTable rows,
               session.Query("select distinct table_name from quality.profiles order by table_name"));
  for (std::size_t i = 0; i < rows.rows.size(); ++i) tables.push_back(rows.Text(i).value_or(""));
  return tables;
}

}  // namespace smelt::quality

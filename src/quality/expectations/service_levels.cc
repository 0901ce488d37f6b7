#include <array>
#include <optional>

#include <fmt/format.h>

#include "quality/expectations/expectations.h"
#include "quality/internal/literal.h"
#include "quality/internal/range.h"
#include "quality/internal/table_name.h"

/// What is expected of a table as time goes by, and of its references to another one. These expectations are smelt's
/// own. Times without a zone are UTC.
namespace smelt::quality {
namespace {

constexpr std::string_view kNowUtc = "(now() at time zone 'UTC')";

Error BadAge() {
  return Error(ErrorCode::kQualityNotApplicable,
               R"(max_age has to be {"count": a number, "period": "minute", "hour" or "day"})");
}

/// {"count": 12, "period": "hour"}, as sources of dbt have it, in microseconds.
std::optional<std::int64_t> MicrosOf(const Json& age) {
  constexpr std::int64_t kMinute = 60'000'000;
  const Json count = age.value("count", Json());
  const Json period = age.value("period", Json());
  if (age.size() != 2 || !count.is_number_integer() || count < 0 || count > 1'000'000) return std::nullopt;
  const std::int64_t unit = period == "minute" ? kMinute
                            : period == "hour" ? 60 * kMinute
                            : period == "day"  ? 24 * 60 * kMinute
                                               : 0;
  if (unit == 0) return std::nullopt;
  return count.get<std::int64_t>() * unit;
}

Result<Column> ColumnOfTimes(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  if (column.is_temporal()) return column;
  return Fail(ErrorCode::kQualityNotApplicable,
              fmt::format("column \"{}\" is of type {}, which is no date or timestamp", column.name, column.type));
}

Result<Check> Recent(const Call& call) {
  SMELT_ASSIGN(const Column column, ColumnOfTimes(call));
  const auto micros = MicrosOf(call.Value("max_age"));
  if (!micros) return Fail(BadAge());
  const std::string newest = call.Over("max(" + column.sql + ")");
  return FigureCheck{{JsonSql(newest, column.kind),
                      fmt::format("to_json(coalesce(epoch_us({}) >= epoch_us(now()) - {}, false))", newest, *micros)},
                     JudgeObserved};
}

Result<Check> VolumePerPeriod(const Call& call) {
  SMELT_ASSIGN(const Column column, ColumnOfTimes(call));
  SMELT_ASSIGN(const Range range, RangeOf(call));
  SMELT_ASSIGN(const std::string in_range, InRange("smelt_rows", range, NumberColumn("smelt_rows")));
  const std::string per = call.Text("per");
  const Json& given = call.Value("periods");
  const std::int64_t periods = given.is_number_integer() ? given.get<std::int64_t>() : 1;
  if (periods < 1 || periods > 1'000) return Fail(ErrorCode::kQualityNotApplicable, "periods has to be from 1 to 1000");
  const std::string present = fmt::format("date_trunc('{}', {})", per, kNowUtc);
  const std::string begin = fmt::format("{} - interval '{} {}'", present, periods, per);
  // A timestamp with a zone is the same instant in UTC.
  const std::string moment = column.type.contains("ZONE") ? fmt::format("({} at time zone 'UTC')", column.sql)
                                                          : fmt::format("CAST({} AS TIMESTAMP)", column.sql);
  const std::string figure = fmt::format(
      "(select to_json(list(json_array(CAST(smelt_period AS VARCHAR), smelt_rows, {0}) order by smelt_period)) from "
      "(select smelt_period, count(smelt_moment) as smelt_rows from (select unnest(generate_series({1}, {2} - interval "
      "'1 {3}', interval '1 {3}')) as smelt_period) left join (select date_trunc('{3}', {4}) as smelt_moment {5}) on "
      "smelt_moment = smelt_period group by smelt_period))",
      in_range, begin, present, per, moment,
      call.From(fmt::format("{0} >= {1} and {0} < {2}", moment, begin, present)));
  return FigureCheck{{figure}, [](const std::vector<Json>& figures) {
                       Judgement judgement{true, {{"observed_value", Json::array()}}};
                       for (const Json& period : figures[0]) {
                         judgement.success = judgement.success && period[2] == true;
                         judgement.result["observed_value"].push_back({{"period", period[0]}, {"rows", period[1]}});
                       }
                       return judgement;
                     }};
}

Result<Check> InOtherTable(const Call& call) {
  SMELT_ASSIGN(Column column, call.GetColumn());
  const auto other = ParseTableName(call.Text("other_table_name"), call.frame().schema());
  if (!other) {
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("\"{}\" is not the name of a table of the lake", call.Text("other_table_name")));
  }
  const std::string key = engine::QuoteIdentifier(call.Text("other_column", column.name));
  const std::string sql = column.sql;
  RowCheck check = ValueCheck(std::move(column), std::string(kDerived));
  check.derived = fmt::format("{} in (select smelt_other.{} from {} as smelt_other where smelt_other.{} is not null)",
                              sql, key, other->sql(), key);
  return check;
}

}  // namespace

std::vector<Expectation> ServiceLevelExpectations() {
  std::vector<Kwarg> volume = RangeKwargs();
  volume.insert(volume.begin(),
                {{"column", KwargKind::kColumn, true, "The column of dates or timestamps that tells a row's period."},
                 {"per", KwargKind::kText, true, "The length of a period.", {"hour", "day", "week", "month"}},
                 {"periods", KwargKind::kNumber, false, "How many periods, the last complete ones; 1 by default."}});
  return {
      {"expect_column_max_to_be_recent",
       "The greatest value, a date or timestamp, is no older than the age. A table without rows is not recent.",
       Domain::kFigures,
       {{"column", KwargKind::kColumn, true, "The column of dates or timestamps."},
        {"max_age", KwargKind::kObject, true, "The age: a `count` and a `period` of minute, hour or day."}},
       R"({"column": "loaded_at", "max_age": {"count": 12, "period": "hour"}})",
       Recent},
      {"expect_table_volume_to_be_between",
       "In each of the last complete periods, before the present one, came a number of rows between the bounds.",
       Domain::kFigures, std::move(volume),
       R"({"column": "order_date", "per": "day", "min_value": 100, "max_value": 900})", VolumePerPeriod},
      {"expect_column_values_to_be_in_other_table",
       "Every value is one of a column of another table: a reference leads somewhere.",
       Domain::kRows,
       {{"column", KwargKind::kColumn, true, "The column that refers to the other table."},
        {"other_table_name", KwargKind::kTable, true, "`schema.table`, or a table of the same schema."},
        {"other_column", KwargKind::kText, false, "The column there; the one of the same name by default."}},
       R"({"column": "customer_id", "other_table_name": "silver.customers"})",
       InOtherTable},
  };
}

}  // namespace smelt::quality

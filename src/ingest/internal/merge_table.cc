#include "ingest/internal/merge_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ingest/internal/insert_rows.h"
#include "ingest/internal/quarantine.h"

namespace smelt::ingest {
namespace {

constexpr std::string_view kStagedRows = "staged_rows";
/// Temporary tables of the session.
constexpr std::string_view kStaged = "temp.main.smelt_staged", kJudged = "temp.main.smelt_judged",
                           kFiles = "temp.main.smelt_files";

std::string Quoted(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + engine::QuoteIdentifier(name);
  return list;
}

std::string Literals(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + engine::QuoteLiteral(text);
  return list;
}

/// "t.a = s.a and t.b = s.b".
std::string SameKey(const std::vector<std::string>& key) {
  std::string condition;
  for (const std::string& name : key) {
    const std::string column = engine::QuoteIdentifier(name);
    condition += fmt::format("{}t.{} = s.{}", condition.empty() ? "" : " and ", column, column);
  }
  return condition;
}

}  // namespace

std::string MergeTable::Target() const {
  return TableName(table_.schema, table_.name);
}

std::string MergeTable::HeldTable() const {
  return TableName(kHeld, table_.name);
}

/// Of the table, in its order.
std::string MergeTable::ColumnNames() const {
  std::string list;
  for (const engine::SourceColumn& column : CsvRows::ColumnsOf(table_)) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", engine::QuoteIdentifier(column.name));
  }
  return list;
}

Result<std::int64_t> MergeTable::CountOf(const std::string& query) {
  SMELT_ASSIGN(const engine::ResultTable result, session_.Query(query));
  return result.Int().value_or(0);
}

Status MergeTable::CreateIfMissing() {
  std::string columns;
  for (const engine::SourceColumn& column : CsvRows::ColumnsOf(table_)) {
    columns +=
        fmt::format("{}{} {}", columns.empty() ? "" : ", ", engine::QuoteIdentifier(column.name), column.SqlType());
  }
  const std::string partitions =
      table_.partition_by.empty() ? "" : fmt::format(" partitioned by ({})", Quoted(table_.partition_by));
  SMELT_TRY(session_.Execute(fmt::format("create schema if not exists {}", engine::QuoteIdentifier(table_.schema))));
  SMELT_TRY(session_.Execute(fmt::format("create table if not exists {} ({}){}", Target(), columns, partitions)));
  if (table_.references.empty()) return {};
  SMELT_TRY(session_.Execute(fmt::format("create schema if not exists {}", kHeld)));
  return session_.Execute(
      fmt::format("create table if not exists {} ({}, file_hash varchar, missing varchar, held_since timestamptz)",
                  HeldTable(), columns));
}

Result<std::string> MergeTable::Missing(std::string_view row) const {
  std::string cases;
  for (const Reference& reference : table_.references) {
    const std::size_t dot = reference.table.find('.');
    const std::string schema = reference.table.substr(0, dot), name = reference.table.substr(dot + 1);
    std::string given, same, shown;
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
      const std::string column = fmt::format("{}.{}", row, engine::QuoteIdentifier(reference.columns[i]));
      given += fmt::format("{}{} is not null", i == 0 ? "" : " and ", column);
      same += fmt::format("{}p.{} = {}", i == 0 ? "" : " and ", engine::QuoteIdentifier(reference.key[i]), column);
      shown += fmt::format("{}{} || {}::varchar", i == 0 ? "" : " || ', ' || ",
                           engine::QuoteLiteral(reference.columns[i] + " "), column);
    }
    SMELT_ASSIGN(const auto there, session_.FindRelation("", schema, name));
    const std::string exists =
        there ? fmt::format("exists (select 1 from {} p where {})", TableName(schema, name), same) : "false";
    cases += fmt::format("when {} and not {} then {} || {} ", given, exists,
                         engine::QuoteLiteral("no row of " + reference.table + " has "), shown);
  }
  return cases.empty() ? std::string("null::varchar") : fmt::format("case {}end", cases);
}

std::string MergeTable::IsTooOld(std::string_view row) const {
  if (table_.held_ms_max == 0) return "false";
  constexpr std::int64_t kMicrosPerMilli = 1'000;
  const std::int64_t oldest = stamp_.ingestion_micros - table_.held_ms_max * kMicrosPerMilli;
  return fmt::format("{}.held_since <= '{}'::timestamptz", row, FormatUtcMicros(oldest));
}

Result<bool> MergeTable::HasReleasable() {
  if (table_.references.empty()) return false;
  SMELT_ASSIGN(const auto there, session_.FindRelation("", kHeld, table_.name));
  if (!there) return false;
  SMELT_ASSIGN(const std::string missing, Missing("h"));
  SMELT_ASSIGN(const std::int64_t found,
               CountOf(fmt::format("select count(*) from (select 1 from {} h where {} or {} is null limit 1)",
                                   HeldTable(), IsTooOld("h"), missing)));
  return found > 0;
}

Status MergeTable::Take(engine::RowSource& rows, const std::vector<InputFile>& files) {
  session_.Offer(std::string(kStagedRows), rows);
  // The source is read by one thread, in its order.
  const Status read =
      session_.Execute(fmt::format("create or replace temp table smelt_staged as select *, row_number() over () as "
                                   "smelt_arrival from smelt_rows({})",
                                   engine::QuoteLiteral(kStagedRows)));
  session_.Withdraw(std::string(kStagedRows));
  SMELT_TRY(read);
  SMELT_TRY(session_.Execute("create or replace temp table smelt_files (source_file varchar, file_hash varchar)"));
  std::string values;
  for (const InputFile& file : files) {
    values += fmt::format("{}({}, {})", values.empty() ? "" : ", ", engine::QuoteLiteral(file.file.name),
                          engine::QuoteLiteral(file.stamp.hash));
  }
  return values.empty() ? Status() : session_.Execute(fmt::format("insert into {} values {}", kFiles, values));
}

Status MergeTable::Renumber(const std::map<std::int64_t, std::int64_t>& lines) {
  std::string values;
  for (const auto& [read, line] : lines) values += fmt::format("{}({}, {})", values.empty() ? "" : ", ", read, line);
  return session_.Execute(fmt::format(
      "update {0} set source_line = lines.line from (values {1}) lines(read, line) where source_line = lines.read",
      kStaged, values));
}

Status MergeTable::Judge() {
  counts_ = {};
  const std::string columns = ColumnNames();
  std::string candidates = fmt::format(
      "select {}, smelt_arrival, false as smelt_waited, false as smelt_too_old, file_hash from {} left join {} "
      "using (source_file)",
      columns, kStaged, kFiles);
  if (!table_.references.empty()) {
    // What an unfinished load of the same files has held is read again with them.
    candidates += fmt::format(
        " union all select {}, 0 as smelt_arrival, true as smelt_waited, {} as smelt_too_old, file_hash from {} h "
        "where file_hash not in (select file_hash from {})",
        columns, IsTooOld("h"), HeldTable(), kFiles);
  }
  SMELT_ASSIGN(const std::string missing, Missing("c"));
  SMELT_TRY(session_.Execute(
      fmt::format("create or replace temp table smelt_judged as select c.*, {} as smelt_missing from ({}) c", missing,
                  candidates)));
  SMELT_ASSIGN(
      const engine::ResultTable counted,
      session_.Query(fmt::format("select count(*) filter (not smelt_waited and smelt_missing is not null), "
                                 "count(*) filter (smelt_waited and (smelt_missing is null or smelt_too_old)), "
                                 "count(*) filter (smelt_missing is null), "
                                 "count(*) filter (smelt_too_old and smelt_missing is not null) from {}",
                                 kJudged)));
  counts_.held = counted.Int(0, 0).value_or(0);
  counts_.released = counted.Int(0, 1).value_or(0);
  counts_.duplicates = counted.Int(0, 2).value_or(0);  // until those merged are known
  counts_.given_up = counted.Int(0, 3).value_or(0);
  return {};
}

Status MergeTable::CommitHeld(engine::CommitNotes notes, const std::vector<std::string>& replaced) {
  session_.Annotate(kHeld, table_.name, std::move(notes));
  return session_.Transaction([&]() -> Status {
    if (!replaced.empty()) {
      SMELT_TRY(
          session_.Execute(fmt::format("delete from {} where file_hash in ({})", HeldTable(), Literals(replaced))));
    } else {
      SMELT_TRY(session_.Execute(
          fmt::format("delete from {} where (file_hash, source_line) in (select (file_hash, source_line) from {} "
                      "where not smelt_waited and smelt_missing is not null)",
                      HeldTable(), kJudged)));
    }
    return session_.Execute(
        fmt::format("insert into {} select {}, file_hash, smelt_missing, '{}'::timestamptz from {} "
                    "where not smelt_waited and smelt_missing is not null",
                    HeldTable(), ColumnNames(), FormatUtcMicros(stamp_.ingestion_micros), kJudged));
  });
}

Status MergeTable::CommitGivenUp(engine::CommitNotes notes) {
  std::string raw;
  const std::string delimiter(1, table_.format.delimiter);
  for (const Column& column : table_.columns) {
    const std::string value = engine::QuoteIdentifier(column.name) + "::varchar";
    raw += fmt::format(
        "{0}case when {1} is null then '' when contains({1}, {2}) or regexp_matches({1}, '[\"\\r\\n]') "
        "then '\"' || replace({1}, '\"', '\"\"') || '\"' else {1} end",
        raw.empty() ? "" : ", ", value, engine::QuoteLiteral(delimiter));
  }
  const std::string name = TableName(kQuarantine, table_.name);
  const std::string given_up = fmt::format("from {} where smelt_too_old and smelt_missing is not null", kJudged);
  SMELT_ASSIGN(const bool there, UpgradeQuarantine(session_, table_.name));
  session_.Annotate(kQuarantine, table_.name, std::move(notes));
  return session_.Transaction([&]() -> Status {
    if (!there) SMELT_TRY(CreateForRows(session_, kQuarantine, table_.name, RejectRows::Columns()));
    SMELT_TRY(
        session_.Execute(fmt::format("delete from {} where rule = 'reference' and (file_hash, line) in (select "
                                     "(file_hash, source_line) {})",
                                     name, given_up)));
    return session_.Execute(fmt::format(
        "insert into {} (source, source_file, file_hash, line, rule, category, message, raw_text, run_id, "
        "ingestion_timestamp, ingest_date) select {}, source_file, file_hash, source_line, 'reference', '{}', "
        "smelt_missing, concat_ws({}, {}), {}, '{}'::timestamptz, date '{}' {}",
        name, engine::QuoteLiteral(stamp_.source), CategoryOf("reference"), engine::QuoteLiteral(delimiter), raw,
        engine::QuoteLiteral(stamp_.run_id), FormatUtcMicros(stamp_.ingestion_micros), stamp_.ingest_date(), given_up));
  });
}

Status MergeTable::CommitMerged(engine::CommitNotes notes) {
  std::string values_of_table, values_of_row;
  for (const Column& column : table_.columns) {
    const std::string name = engine::QuoteIdentifier(column.name);
    values_of_table += (values_of_table.empty() ? "t." : ", t.") + name;
    values_of_row += (values_of_row.empty() ? "s." : ", s.") + name;
  }
  std::string newer = "true", order = "smelt_arrival desc";
  if (!table_.newest_by.empty()) {
    const std::string column = engine::QuoteIdentifier(table_.newest_by);
    newer = fmt::format("(t.{0} is null or s.{0} >= t.{0})", column);
    order = fmt::format("{} desc nulls last, {}", column, order);
  }
  const std::string merge = fmt::format(
      "merge into {} t using (select {} from {} where smelt_missing is null "
      "qualify row_number() over (partition by {} order by {}) = 1) s on {} "
      "when matched and {} and ({}) is distinct from ({}) then update set * when not matched then insert *",
      Target(), ColumnNames(), kJudged, Quoted(table_.key), order, SameKey(table_.key), newer, values_of_row,
      values_of_table);
  std::int64_t merged = 0;
  SMELT_TRY(session_.Transaction([&]() -> Status {
    SMELT_ASSIGN(merged, CountOf(merge));
    notes.info["rows_merged"] = merged;
    notes.info["rows_duplicate"] = counts_.duplicates - merged;
    notes.info["rows_held"] = counts_.held;
    notes.info["rows_released"] = counts_.released;
    notes.info["rows_given_up"] = counts_.given_up;
    session_.Annotate(table_.schema, table_.name, std::move(notes));
    return {};
  }));
  counts_.merged = merged;
  counts_.duplicates -= merged;
  return {};
}

/// What a load that was cut off had given up, and another one has merged since, leaves quarantine.
Status MergeTable::TakeBackGivenUp() {
  SMELT_ASSIGN(const auto there, session_.FindRelation("", kQuarantine, table_.name));
  if (!there) return {};
  return session_.Execute(
      fmt::format("delete from {} where rule = 'reference' and (file_hash, line) in (select (file_hash, source_line) "
                  "from {} where smelt_waited and smelt_missing is null)",
                  TableName(kQuarantine, table_.name), kJudged));
}

Status MergeTable::DropReleased() {
  if (counts_.released == 0) return {};
  if (table_.held_ms_max > 0 && counts_.released > counts_.given_up) SMELT_TRY(TakeBackGivenUp());
  return session_.Execute(
      fmt::format("delete from {} where (source_file, source_line, file_hash) in "
                  "(select (source_file, source_line, file_hash) from {} where smelt_waited and (smelt_missing is null "
                  "or smelt_too_old))",
                  HeldTable(), kJudged));
}

}  // namespace smelt::ingest

#include "transform/internal/run/input_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace smelt::transform {
namespace {

/// Of more than one row in so many, all are read as well.
constexpr std::int64_t kWorthwhileShare = 4;

std::string TableSql(const std::string& table) {
  const std::size_t dot = table.find('.');
  return engine::QuoteIdentifier(table.substr(0, dot)) + "." + engine::QuoteIdentifier(table.substr(dot + 1));
}

/// Whether a table's rows are worth being looked for: few beside what is there.
bool AreFew(const NodeRun& run, const std::string& table, std::int64_t rows) {
  const std::size_t dot = table.find('.');
  const auto all = run.run.engine.TableRows(table.substr(0, dot), table.substr(dot + 1));
  return all && *all && rows * kWorthwhileShare <= **all;
}

/// Rows that came and rows that went; nothing when they are many, or not to be had.
std::optional<TableDifference> DifferenceByRows(const NodeRun& run, const std::string& table,
                                                const std::string& arguments) {
  const std::string came = "from table_arrivals" + arguments, went = "from table_departures" + arguments;
  const auto counted = run.session.Query(fmt::format("select (select count(*) {}), (select count(*) {})", came, went));
  if (!counted) return std::nullopt;
  const std::int64_t added = counted->Int(0, 0).value_or(0), removed = counted->Int(0, 1).value_or(0);
  if (!AreFew(run, table, added + removed)) return std::nullopt;
  return TableDifference{.added = added == 0 ? "" : "select * " + came,
                         .removed = removed == 0 ? "" : "select * " + went};
}

TableDifference FindDifference(const NodeRun& run, const std::string& table, const TablePast& since, std::int64_t now) {
  const std::string arguments = fmt::format("({}, {}, {})", engine::QuoteLiteral(TableSql(table)), since.version, now);
  const auto growth =
      run.session.Query("select obstacle is null, same_definition, from_commit, files from table_growth" + arguments);
  if (!growth || growth->Text(0, 2) != since.commit) return {};
  const std::string before = fmt::format("select * from {} at (version => {})", TableSql(table), since.version);
  TableDifference difference{.added = std::nullopt, .removed = before, .before = before};  // all may be others
  if (growth->Text(0, 0) == "true") {
    difference.removed = "";
    if (growth->Int(0, 3) == 0) difference.added = "";
    const std::string added = "from table_additions" + arguments;
    const auto counted = run.session.Query("select count(*) " + added);
    if (!difference.added && counted && AreFew(run, table, counted->Int().value_or(0))) {
      difference.added = "select * " + added;
    }
  } else if (growth->Text(0, 1) == "true") {
    if (auto rows = DifferenceByRows(run, table, arguments)) {
      difference.added = std::move(rows->added);
      difference.removed = std::move(rows->removed);
    }
  }
  return difference;
}

}  // namespace

std::optional<TestPast> InputHistory::Note(engine::Session& session, const InputState& inputs) {
  TestPast past{.definition = inputs.definition, .tables = {}};
  for (const auto& [table, version] : inputs.versions) {
    auto one = PastOf(session, table, version);
    if (!one) return std::nullopt;
    past.tables[table] = *std::move(one);
  }
  return past;
}

std::optional<FailuresNow> InputHistory::Failures(NodeRun& run, const InputState& inputs, const TestPast& past) {
  if (past.definition != inputs.definition || past.tables.size() != inputs.versions.size()) return std::nullopt;
  TableDifferences differences;
  for (const auto& [table, version] : inputs.versions) {
    const auto since = past.tables.find(table);
    if (since == past.tables.end()) return std::nullopt;
    differences[LowerAscii(table)] = DifferenceOf(run, table, since->second, version);
  }
  const auto functions = Functions(run.session);
  if (!functions) return std::nullopt;
  const auto queries = FollowDifferences(run.session, run.compiled, differences, *functions, trees_);
  if (!queries || !*queries) return std::nullopt;
  const auto are_empty = [&](const std::vector<std::string>& texts) {
    return std::ranges::all_of(texts, [&](const std::string& text) {
      const auto found = run.session.Query(fmt::format("select 1 from (\n{}\n) as difference limit 1", text));
      return found && found->rows.empty();
    });
  };
  if (!are_empty((*queries)->barred)) return std::nullopt;
  if (past.failures == 0 && are_empty((*queries)->found)) return FailuresNow();
  if (!(*queries)->exact || run.node.config.limit || !are_empty((*queries)->barred_for_count)) return std::nullopt;
  FailuresNow failures{.count = past.failures};
  for (const std::string& text : (*queries)->found) {
    const auto counted = run.session.Query(fmt::format("select count(*) from (\n{}\n) as difference", text));
    if (!counted) return std::nullopt;
    const std::int64_t more = counted->Int().value_or(0);
    failures.count += more;
    if (more > 0) failures.newest += (failures.newest.empty() ? "" : " union all ") + ("(" + text + ")");
  }
  return failures;
}

std::optional<std::set<std::string>> InputHistory::Functions(engine::Session& session) {
  const std::lock_guard guard(lock_);
  if (!functions_) {
    if (auto found = ScalarFunctions(session)) functions_ = *std::move(found);
  }
  return functions_;
}

std::optional<TablePast> InputHistory::PastOf(engine::Session& session, const std::string& table,
                                              std::int64_t version) {
  const std::pair key(table, version);
  {
    const std::lock_guard guard(lock_);
    if (const auto known = pasts_.find(key); known != pasts_.end()) return known->second;
  }
  std::optional<TablePast> past;
  if (version >= 0) {
    const auto found = session.Query(
        fmt::format("select commit from table_growth({}, -1, {})", engine::QuoteLiteral(TableSql(table)), version));
    if (found && found->Text()) past = TablePast{.version = version, .commit = *found->Text()};
  }
  const std::lock_guard guard(lock_);
  return pasts_[key] = std::move(past);
}

TableDifference InputHistory::DifferenceOf(const NodeRun& run, const std::string& table, const TablePast& since,
                                           std::int64_t now) {
  const std::string key = fmt::format("{} {} {} {}", table, since.version, since.commit, now);
  {
    const std::lock_guard guard(lock_);
    if (const auto known = differences_.find(key); known != differences_.end()) return known->second;
  }
  TableDifference difference = FindDifference(run, table, since, now);
  const std::lock_guard guard(lock_);
  return differences_[key] = std::move(difference);
}

}  // namespace smelt::transform
